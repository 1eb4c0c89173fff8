"""An effect was done and its reply is withheld: our own team is told of both, in one note."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import update

from domain.messages import Author, Direction, MessageStatus
from domain.modes import AgentMode
from graphs.purchase_order.nodes.message_dispatcher import message_dispatcher
from storage.models import Approval, Conversation, Message
from storage.pauses import Pauses
from tests.unit.graphs.purchase_order.scene import NODES, Scene, ScriptedReader, a_greeting, a_yes, an_offer, walk


async def a_person_takes_over(scene: Scene) -> None:
    await scene.hand_to("person")


async def it_ends(scene: Scene) -> None:
    async with scene.database.session() as session:
        await session.execute(update(Conversation).values(is_active=False, ended_at=scene.now, end_reason="resolved"))


@pytest.mark.parametrize("mode", [AgentMode.AUTO, AgentMode.ASSIST])
@pytest.mark.parametrize(
    ("shut", "why"),
    [(a_person_takes_over, "A person has taken the conversation over."), (it_ends, "The conversation has ended.")],
)
async def test_one_note_says_what_was_done_and_what_was_not_said(
    scene_on_both: Scene, shut: Callable[[Scene], Awaitable[None]], why: str, mode: AgentMode
) -> None:
    scene = scene_on_both
    scene.reader = ScriptedReader(an_offer(), a_yes())
    await scene.answer("20 sacos a 17900")
    said = await scene.said()
    await scene.hear("Confirmo P00001")
    state = await walk(scene, await scene.claim(), *NODES[:4])
    state["turn"] |= {"mode": mode}
    await shut(scene)
    state |= await message_dispatcher(state, scene.services)

    assert await scene.said() == said
    [note] = await scene.notes()
    assert note.startswith("Done, and the supplier was not told: P00001 is confirmed in Odoo.")
    assert why in note
    assert state["reply"][0] in note
    assert await scene.rows(Approval) == [], "nobody is asked for words that nobody may say"
    assert {message.status for message in await scene.rows(Message) if message.direction == "inbound"} == {"read"}


async def test_a_reply_without_effect_is_told_to_the_team_too(scene: Scene) -> None:
    scene.reader = ScriptedReader(a_greeting())
    await scene.hear("Hola")
    state = await walk(scene, await scene.claim(), *NODES[:4])
    await scene.hand_to("person")
    await message_dispatcher(state, scene.services)
    [note] = await scene.notes()
    assert note.startswith("Not sent to the supplier: A person has taken the conversation over.")
    assert state["reply"][0] in note


async def test_shadow_that_came_after_the_effect_is_told_of_it(scene: Scene) -> None:
    scene.reader = ScriptedReader(an_offer())
    await scene.hear("20 sacos a 17900")
    state = await walk(scene, await scene.claim(), *NODES[:4])
    state["turn"] |= {"mode": AgentMode.SHADOW}
    await message_dispatcher(state, scene.services)
    assert await scene.said() == []
    assert (await scene.notes())[0].startswith("Done, and the supplier was not told: P00001 is sent in Odoo.")


async def test_during_a_pause_the_reply_waits_in_the_outbox(scene: Scene) -> None:
    """Delivery sends nothing while paused; on resume the supplier has its answer."""
    scene.reader = ScriptedReader(an_offer())
    await scene.hear("20 sacos a 17900")
    state = await walk(scene, await scene.claim(), *NODES[:4])
    async with scene.database.session() as session:
        await Pauses(session).pause(None, by="cli")
    await message_dispatcher(state, scene.services)
    [reply] = await scene.outgoing()
    assert (reply.private, reply.status) == (False, "queued")


async def test_what_a_person_of_ours_said_is_told_from_what_the_agent_said(scene: Scene) -> None:
    scene.reader = ScriptedReader(a_greeting())
    await scene.answer("Hola")
    [first, *_] = await scene.rows(Message)
    async with scene.database.session() as session:
        for author, text in ((Author.PERSON, "Le llamo mañana."), (Author.AGENT, "nota")):
            session.add(
                Message(
                    conversation_id=first.conversation_id,
                    channel=first.channel,
                    direction=Direction.OUTBOUND,
                    status=MessageStatus.SENT,
                    author=author,
                    private=author is Author.AGENT,
                    content=text,
                    timestamp=scene.now,
                    delivery_key=text,
                )
            )
    result = await scene.answer("Gracias")
    shown = [(message["type"], message.get("name")) for message in result["messages"]]
    assert shown == [("human", None), ("ai", None), ("ai", "person"), ("human", None), ("ai", None)]
    assert result["messages"][2]["content"] == "Le llamo mañana."

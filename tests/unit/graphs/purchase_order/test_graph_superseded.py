"""The world changes while a turn runs: before anything binding was begun the turn starts over, afterwards it goes through."""

from typing import Any

import pytest
from sqlalchemy import update

from domain.messages import MessageStatus
from domain.understanding import Intent, Understanding
from graphs.purchase_order.nodes.intent_classifier import intent_classifier
from graphs.purchase_order.nodes.message_reader import message_reader
from graphs.purchase_order.nodes.order_handler import order_handler
from storage.models import Message, Operation, Turn
from storage.models.turn import TurnStatus
from storage.turns import Turns
from tests.unit.graphs.purchase_order.scene import (
    NODES,
    QUIET,
    Held,
    Scene,
    ScriptedReader,
    a_greeting,
    an_offer,
    flour,
    walk,
)
from tools.odoo.port import OdooUnavailable


class InterruptedReader(ScriptedReader):
    """Stand-in for a model that takes its time: while it reads, `meanwhile` happens."""

    def __init__(self, meanwhile: Any, *readings: Understanding) -> None:
        super().__init__(*readings)
        self.meanwhile = meanwhile

    async def read(self, messages: Any, context: Any) -> Understanding:
        reading = await super().read(messages, context)
        if len(self.asked) == 1:
            await self.meanwhile()
        return reading


async def test_sorry_20_not_200(scene_on_both: Scene) -> None:
    scene = scene_on_both

    async def corrects() -> None:
        await scene.hear("perdón, 20, no 200")

    reader = scene.reader = InterruptedReader(corrects, an_offer(flour("200")), an_offer(flour("20")))
    turn_id = await scene.hear("200 sacos a 17900")
    held = await scene.claim()
    first = await scene.run(held)

    assert (first["status"], first.get("reply")) == ("superseded", [])
    assert await scene.orders() == []
    [turn] = await scene.rows(Turn)
    assert (turn.id, turn.status, turn.plan, turn.understanding) == (turn_id, "collecting", None, None)
    assert turn.due_at == scene.now + QUIET
    assert {message.turn_id for message in await scene.rows(Message)} == {turn_id}
    assert await scene.outgoing() == []

    second = await scene.run(await scene.claim())

    assert second["status"] == "done"
    assert reader.asked[1][0] == ("200 sacos a 17900", "perdón, 20, no 200")
    [order] = await scene.orders()
    assert [line.quantity for line in order.lines] == [20]
    assert len(await scene.outgoing()) == 1


async def test_words_that_come_after_a_binding_step_began_make_a_turn_of_their_own(scene: Scene) -> None:
    scene.reader = ScriptedReader(an_offer(), a_greeting())
    await scene.hear("20 sacos a 17900")
    held = await scene.claim()
    scene.odoo.lost_answers = ["create_rfq"]
    with pytest.raises(OdooUnavailable):
        await scene.run(held)
    later = await scene.hear("¿llegó?")
    assert later != held.turn_id

    again = await give_back_and_claim(scene, held)
    result = await scene.run(again)

    assert (again.turn_id, result["status"]) == (held.turn_id, "done")
    assert len(await scene.orders()) == 1
    [operation] = await scene.rows(Operation)
    assert operation.status == "done"
    assert (await scene.turn(later)).status == "collecting"
    assert (await scene.run(await scene.claim()))["turn"]["id"] == later


async def give_back_and_claim(scene: Scene, held: Held) -> Held:
    async with scene.database.session() as session:
        await Turns(session).give_back(
            held.turn_id, held.attempt, error="boom", retry_at=scene.now, max_attempts=5, now=scene.now
        )
    return await scene.claim()


async def test_a_person_who_takes_over_before_the_effect_stops_it(scene: Scene) -> None:
    async def takes_over() -> None:
        await scene.hand_to("person")

    scene.reader = InterruptedReader(takes_over, an_offer())
    await scene.hear("20 sacos a 17900")
    result = await scene.run(await scene.claim())
    assert result["status"] == "superseded"
    assert await scene.orders() == []
    assert await scene.rows(Operation) == []
    [turn] = await scene.rows(Turn)
    assert turn.status == TurnStatus.COLLECTING
    with pytest.raises(AssertionError, match="no turn is due"):
        await scene.claim()
    await scene.hand_to("bot")
    assert (await scene.run(await scene.claim()))["status"] == "done"


async def test_a_person_who_takes_over_a_harmless_turn_gets_its_reply_as_a_note(scene: Scene) -> None:
    async def takes_over() -> None:
        await scene.hand_to("person")

    scene.reader = InterruptedReader(takes_over, a_greeting())
    result = await scene.answer("Hola")
    [draft] = await scene.outgoing()
    assert (result["status"], draft.private, draft.status) == ("done", True, "queued")
    assert [message["type"] for message in result["messages"]] == ["human"], "what nobody was told is not in the transcript"


@pytest.mark.parametrize("reading", [a_greeting(), Understanding(intent=Intent.MODIFY_ORDER)], ids=["reply", "approval"])
async def test_words_taken_back_while_they_are_read_are_not_answered(scene: Scene, reading: Understanding) -> None:
    async def takes_back() -> None:
        await withdraw_all(scene)

    scene.reader = InterruptedReader(takes_back, reading)
    result = await scene.answer("Hola")
    assert result["status"] == "done"
    assert [message for message in await scene.outgoing() if not message.private] == []
    [turn] = await scene.rows(Turn)
    assert turn.status == "done"
    assert {message.status for message in await scene.rows(Message) if message.direction == "inbound"} == {"withdrawn"}


async def test_words_taken_back_after_the_effect_are_told_of_it(scene: Scene) -> None:
    scene.reader = ScriptedReader(an_offer())
    await scene.hear("20 sacos a 17900")
    held = await scene.claim()
    state = await walk(scene, held, message_reader, intent_classifier, order_handler)
    await withdraw_all(scene)
    for node in NODES[3:]:
        state |= await node(state, scene.services)
    [reply] = await scene.outgoing()
    assert (reply.private, "P00001" in reply.content) == (False, True)


async def test_a_turn_all_of_whose_words_were_taken_back_ends_quietly(scene: Scene) -> None:
    reader = scene.reader = ScriptedReader(a_greeting())
    await scene.hear("Hola")
    await withdraw_all(scene)
    result = await scene.run(await scene.claim())
    assert (result["status"], reader.asked, await scene.outgoing()) == ("done", [], [])


async def withdraw_all(scene: Scene) -> None:
    async with scene.database.session() as session:
        await session.execute(update(Message).values(status=MessageStatus.WITHDRAWN))

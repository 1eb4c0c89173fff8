"""Modes: shadow watches, assist proposes, auto acts; a supplier's own mode can only be stricter."""

import pytest
from sqlalchemy import update

from domain.modes import AgentMode
from domain.orders import OrderState
from domain.understanding import Intent, Understanding
from storage.models import Approval, Operation, Supplier
from tests.unit.graphs.purchase_order.scene import Scene, ScriptedReader, a_greeting, a_question, a_yes, an_offer

CONVERSATION = [a_greeting(), an_offer(), a_question(None), Understanding(intent=Intent.CANCEL_ORDER)]


async def test_shadow_touches_nothing_and_speaks_to_our_own_people_only(scene: Scene) -> None:
    scene.mode = AgentMode.SHADOW
    scene.reader = ScriptedReader(*CONVERSATION)
    replies = [(await scene.answer("…"))["reply"] for _ in CONVERSATION]
    assert all(replies), "the draft is there to be looked at"
    assert await scene.orders() == []
    assert scene.odoo.calls == []
    assert await scene.rows(Operation) == []
    assert await scene.rows(Approval) == []
    outgoing = await scene.outgoing()
    assert len(outgoing) >= len(CONVERSATION)
    assert {(message.private, message.status) for message in outgoing} == {(True, "queued")}


async def test_assist_proposes_what_auto_would_do_and_withholds_each_reply(scene: Scene) -> None:
    scene.reader = ScriptedReader(an_offer(), a_yes())
    await scene.answer("20 sacos a 17900")
    sent_in_auto = len(await scene.outgoing())
    scene.mode = AgentMode.ASSIST

    result = await scene.answer("Confirmo P00001")

    assert (await scene.orders())[0].state is OrderState.SENT
    assert len(await scene.rows(Operation)) == 1
    [approval] = await scene.rows(Approval)
    assert (approval.kind, approval.status) == ("confirm_purchase_order", "open")
    assert approval.proposal["step"]["rule"] == "assist_mode"
    assert approval.proposal["step"]["arguments"] == {"order_id": 1}, "what is approved is what will be done"
    assert result["plan"]["steps"][0]["verdict"] == "propose"
    assert {message.private for message in (await scene.outgoing())[sent_in_auto:]} == {True}


async def test_assist_still_reads_for_the_supplier(scene: Scene) -> None:
    scene.reader = ScriptedReader(an_offer(), a_question())
    await scene.answer("20 sacos a 17900")
    scene.mode = AgentMode.ASSIST
    [text] = (await scene.answer("¿Y mi orden?"))["reply"]
    assert "P00001" in text


@pytest.mark.parametrize(
    ("installation", "own", "counts"),
    [
        (AgentMode.AUTO, "shadow", "shadow"),
        (AgentMode.AUTO, "assist", "assist"),
        (AgentMode.AUTO, None, "auto"),
        (AgentMode.AUTO, "auto", "auto"),
        (AgentMode.ASSIST, "auto", "assist"),
        (AgentMode.SHADOW, "auto", "shadow"),
        (AgentMode.ASSIST, "shadow", "shadow"),
    ],
)
async def test_a_suppliers_own_mode_counts_where_it_is_stricter(
    scene: Scene, installation: AgentMode, own: str | None, counts: str
) -> None:
    scene.mode = installation
    scene.reader = ScriptedReader(a_greeting(), an_offer())
    await scene.answer("Hola")
    async with scene.database.session() as session:
        await session.execute(update(Supplier).values(mode=own))
    result = await scene.answer("20 sacos a 17900")
    assert result["turn"]["mode"] == counts
    assert len(await scene.orders()) == (1 if counts == "auto" else 0)
    assert len(await scene.rows(Approval)) == (1 if counts == "assist" else 0)
    assert (await scene.outgoing())[-1].private is (counts != "auto")

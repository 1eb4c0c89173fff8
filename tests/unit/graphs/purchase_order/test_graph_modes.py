"""Modes: shadow watches, assist proposes, auto acts; a supplier's own mode can only be stricter."""

import pytest
from sqlalchemy import update

from domain.modes import AgentMode
from domain.orders import OrderState
from domain.understanding import Intent, Understanding
from storage.models import Approval, Operation, Supplier
from tests.unit.graphs.purchase_order.scene import (
    MILL,
    NODES,
    STRANGER,
    Scene,
    ScriptedReader,
    a_greeting,
    a_question,
    a_yes,
    an_offer,
    walk,
)
from tools.odoo.port import OdooUnavailable

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
    approval, reply = await scene.rows(Approval)
    assert (approval.kind, approval.status) == ("confirm_purchase_order", "open")
    assert (reply.kind, reply.status, reply.proposal["parts"]) == ("reply", "open", result["reply"])
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
    asked = [approval.kind for approval in await scene.rows(Approval) if approval.turn_id == result["turn"]["id"]]
    assert asked == (["create_purchase_quote", "reply"] if counts == "assist" else [])
    assert (await scene.outgoing())[-1].private is (counts != "auto")


async def test_shadow_does_not_carry_out_what_was_approved_before_it(scene: Scene) -> None:
    scene.mode, scene.reader = AgentMode.ASSIST, ScriptedReader(an_offer())
    await scene.answer("20 sacos a 17900")
    effect, _ = await scene.asked()
    await scene.decide(effect.id)
    scene.mode = AgentMode.SHADOW
    result = await scene.run(await scene.claim())
    assert result["status"] == "done"
    assert (await scene.orders(), scene.odoo.calls, await scene.rows(Operation)) == ([], [], [])
    assert await scene.said() == []
    assert [approval.id for approval in await scene.asked()] == [effect.id + 1], "nothing new is asked"
    assert f"Approval {effect.id} was not carried out: In shadow mode" in (await scene.notes())[-1]


async def test_shadow_tries_everything_a_supplier_may_say_and_touches_nothing(scene: Scene) -> None:
    """A plan of auto mode, an order to confirm, an unknown contact: whatever there is to be touched."""
    scene.reader = ScriptedReader(an_offer())
    await scene.answer("20 sacos a 17900")
    before = (len(await scene.said()), list(scene.odoo.calls), len(await scene.rows(Operation)))
    scene.mode = AgentMode.SHADOW
    tries = [a_yes(), a_yes("P00007"), a_yes(needs_human=True), an_offer(), a_question()]
    tries += [Understanding(intent=intent) for intent in Intent]
    for reading in tries:
        scene.reader = ScriptedReader(reading)
        for sender in (MILL, STRANGER):
            assert (await scene.answer("…", sender=sender))["status"] == "done"
    assert (len(await scene.said()), list(scene.odoo.calls), len(await scene.rows(Operation))) == before
    # Who somebody is has to be settled in any mode, else there would be no use in watching.
    assert {approval.kind for approval in await scene.rows(Approval)} == {"link_supplier"}
    assert (await scene.orders())[0].state is OrderState.SENT


@pytest.mark.parametrize("stricter", [AgentMode.ASSIST, AgentMode.SHADOW])
async def test_a_step_that_the_mode_no_longer_allows_becomes_a_proposal(scene_on_both: Scene, stricter: AgentMode) -> None:
    scene = scene_on_both
    scene.reader = ScriptedReader(an_offer())
    await scene.hear("20 sacos a 17900")
    await walk(scene, await scene.claim(), *NODES[:2])
    scene.mode = stricter
    result = await scene.run(await scene.claim())
    assert result["status"] == "done"
    assert (await scene.orders(), scene.odoo.calls, await scene.rows(Operation), await scene.said()) == ([], [], [], [])
    [step] = result["plan"]["steps"]
    assert (step["verdict"], step["rule"]) == ("propose", f"{stricter}_mode")
    asked = [approval.kind for approval in await scene.asked()]
    assert asked == (["create_purchase_quote", "reply"] if stricter is AgentMode.ASSIST else [])


async def test_what_a_person_was_asked_is_not_done_by_a_later_attempt_in_a_freer_mode(scene: Scene) -> None:
    scene.reader = ScriptedReader(an_offer())
    await scene.hear("20 sacos a 17900")
    await walk(scene, await scene.claim(), *NODES[:2])
    scene.mode = AgentMode.ASSIST
    await walk(scene, await scene.claim(), *NODES[:3])
    scene.mode = AgentMode.AUTO
    await scene.run(await scene.claim())
    assert await scene.orders() == []
    [approval] = await scene.asked()
    await scene.decide(approval.id)
    await scene.run(await scene.claim())
    assert len(await scene.orders()) == 1


@pytest.mark.parametrize("stricter", [AgentMode.ASSIST, AgentMode.SHADOW])
async def test_what_was_begun_in_a_freer_mode_is_finished_and_told_as_the_stricter_one_wants(
    scene: Scene, stricter: AgentMode
) -> None:
    scene.reader = ScriptedReader(an_offer())
    await scene.hear("20 sacos a 17900")
    scene.odoo.lost_answers = ["create_rfq"]
    with pytest.raises(OdooUnavailable):
        await scene.run(await scene.claim())
    scene.mode = stricter
    result = await scene.run(await scene.claim())
    assert result["status"] == "done"
    [operation] = await scene.rows(Operation)
    assert operation.status == "done"
    assert len(await scene.orders()) == 1
    assert await scene.said() == []
    assert "P00001" in "".join(await scene.notes())

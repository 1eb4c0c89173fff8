"""What a person decides is what happens: once, as it was proposed, and only as long as the world is as it was then."""

from typing import Any

import pytest
from sqlalchemy import update

from domain.modes import AgentMode
from domain.orders import OrderState
from domain.policy import PolicyLimits
from domain.understanding import Intent, Understanding
from storage.approvals import AlreadyDecided
from storage.decisions import CannotBeEdited, ConversationEnded
from storage.models import ContactPoint, Conversation, Message, Operation, Turn
from storage.pauses import Pauses
from tests.unit.graphs.purchase_order.scene import (
    Scene,
    ScriptedReader,
    a_greeting,
    a_yes,
    an_offer,
    flour,
)
from tools.odoo.port import OdooUnavailable


async def run_next(scene: Scene) -> dict[str, Any]:
    return await scene.run(await scene.claim())


async def nothing_is_due(scene: Scene) -> None:
    with pytest.raises(AssertionError, match="no turn is due"):
        await scene.claim()


async def an_order_too_dear(scene: Scene) -> int:
    """In auto mode: the order is open, and confirming it waits for a person. Answers the approval."""
    scene.limits = PolicyLimits(confirm_limit={})
    scene.reader = ScriptedReader(an_offer(), a_yes(), a_greeting())
    await scene.answer("20 sacos a 17900")
    result = await scene.answer("Confirmo P00001")
    assert result["plan"]["steps"][0]["rule"] == "over_confirm_limit"
    [approval] = await scene.asked()
    return approval.id


class TestReplies:
    async def test_nothing_is_said_until_a_person_says_so_and_then_once(self, scene_on_both: Scene) -> None:
        scene = scene_on_both
        scene.mode, scene.reader = AgentMode.ASSIST, ScriptedReader(a_greeting())
        [text] = (await scene.answer("Hola"))["reply"]
        [approval] = await scene.asked("reply")
        [note] = await scene.notes()
        assert text in note
        assert f"approvals approve {approval.id}" in note
        assert await scene.said() == []

        for _ in range(2):
            assert (await scene.decide(approval.id)).status == "approved"

        assert await scene.said() == [text]
        reply = (await scene.outgoing())[-1]
        assert (reply.status, reply.turn_id, reply.seq, reply.channel) == ("queued", approval.turn_id, 1, "whatsapp")
        assert reply.chatwoot_conversation_id == 501
        await nothing_is_due(scene)

    async def test_other_words_go_out_instead_cut_for_the_channel(self, scene: Scene) -> None:
        scene.mode, scene.reader = AgentMode.ASSIST, ScriptedReader(a_greeting())
        await scene.answer("Hola")
        [approval] = await scene.asked()
        await scene.decide(approval.id, "edit", edit={"text": "Buenos días. " + "Una frase más. " * 100})
        said = await scene.said()
        assert len(said) == 2
        assert said[0].startswith("Buenos días.")
        assert all(len(part) <= 1000 for part in said)

    async def test_edited_parts_keep_their_order(self, scene: Scene) -> None:
        scene.mode, scene.reader = AgentMode.ASSIST, ScriptedReader(a_greeting())
        await scene.answer("Hola")
        [approval] = await scene.asked()
        await scene.decide(approval.id, "edit", edit={"parts": ["uno", "dos", "tres"]})
        assert await scene.said() == ["uno", "dos", "tres"]

    @pytest.mark.parametrize(
        "edit", [{}, {"parts": []}, {"text": " "}, {"parts": "uno"}, {"text": "a", "parts": ["b"]}, {"x": 1}]
    )
    async def test_an_edit_without_words_changes_nothing(self, scene: Scene, edit: dict[str, Any]) -> None:
        scene.mode, scene.reader = AgentMode.ASSIST, ScriptedReader(a_greeting())
        await scene.answer("Hola")
        [approval] = await scene.asked()
        with pytest.raises(CannotBeEdited):
            await scene.decide(approval.id, "edit", edit=edit)
        assert len(await scene.asked()) == 1
        assert await scene.said() == []

    async def test_rejected_words_are_not_said_and_the_team_sees_why(self, scene: Scene) -> None:
        scene.mode, scene.reader = AgentMode.ASSIST, ScriptedReader(a_greeting())
        await scene.answer("Hola")
        [approval] = await scene.asked()
        await scene.decide(approval.id, "reject", note="Rosa llama por teléfono.")
        with pytest.raises(AlreadyDecided):
            await scene.decide(approval.id)
        assert await scene.said() == []
        assert "Rosa llama por teléfono." in (await scene.notes())[-1]

    async def test_nothing_is_said_in_a_conversation_that_has_ended(self, scene: Scene) -> None:
        scene.mode, scene.reader = AgentMode.ASSIST, ScriptedReader(a_greeting())
        await scene.answer("Hola")
        [approval] = await scene.asked()
        await end_all(scene)
        with pytest.raises(ConversationEnded):
            await scene.decide(approval.id)
        assert await scene.said() == []
        assert (await scene.decide(approval.id, "reject")).status == "rejected"

    async def test_a_turn_tried_again_asks_once(self, scene: Scene) -> None:
        scene.mode, scene.reader = AgentMode.ASSIST, ScriptedReader(an_offer())
        await scene.hear("20 sacos a 17900")
        held = await scene.claim()
        await scene.run(held)
        assert (await scene.run(held))["status"] == "stale"
        assert [approval.kind for approval in await scene.asked()] == ["create_purchase_quote", "reply"]


class TestEffects:
    async def test_from_offer_to_confirmation_with_a_person_at_each_step(self, scene_on_both: Scene) -> None:
        scene = scene_on_both
        scene.mode, scene.reader = AgentMode.ASSIST, ScriptedReader(an_offer(), a_yes())
        await scene.answer("20 sacos a 17900")
        effect, holding = await scene.asked()
        await scene.decide(holding.id)
        await scene.decide(effect.id)
        await scene.decide(effect.id)
        assert await scene.orders() == [], "the run does it, not the decision"

        result = await run_next(scene)
        assert result["turn"]["kind"] == "decision"
        assert (await scene.orders())[0].state is OrderState.SENT
        await nothing_is_due(scene)
        [reply] = await scene.asked()
        assert (reply.kind, reply.proposal["parts"]) == ("reply", result["reply"])
        await scene.decide(reply.id)
        assert "P00001" in (await scene.said())[-1]

        await scene.answer("Confirmo P00001")
        await scene.decide((await scene.asked("confirm_purchase_order"))[0].id)
        await run_next(scene)
        assert (await scene.orders())[0].state is OrderState.CONFIRMED
        assert scene.odoo.calls == ["create_rfq", "send_rfq", "confirm_order"]

    async def test_the_answer_goes_out_by_itself_in_auto_mode(self, scene: Scene) -> None:
        approval = await an_order_too_dear(scene)
        assert f"approvals approve {approval}" in (await scene.notes())[-1]
        await scene.decide(approval)
        await run_next(scene)
        assert (await scene.orders())[0].state is OrderState.CONFIRMED
        assert "quedó confirmada" in (await scene.said())[-1]
        reply = (await scene.outgoing())[-1]
        assert (reply.channel, reply.chatwoot_conversation_id, reply.contact_point_id) == ("whatsapp", 501, 1)

    async def test_what_was_rejected_is_not_done(self, scene: Scene) -> None:
        approval = await an_order_too_dear(scene)
        said = await scene.said()
        await scene.decide(approval, "reject", note="Sin presupuesto.")
        await nothing_is_due(scene)
        assert (await scene.orders())[0].state is OrderState.SENT
        assert await scene.said() == said
        assert "Sin presupuesto." in (await scene.notes())[-1]

    async def test_an_effect_cannot_be_edited(self, scene: Scene) -> None:
        approval = await an_order_too_dear(scene)
        with pytest.raises(CannotBeEdited):
            await scene.decide(approval, "edit", edit={"arguments": {"order_id": 2}})
        assert len(await scene.asked()) == 1

    @pytest.mark.parametrize("change", ["price", "quantity", "the line, not the amount"])
    async def test_an_order_that_changed_since_is_asked_about_again(self, scene: Scene, change: str) -> None:
        approval = await an_order_too_dear(scene)
        said = await scene.said()
        await scene.decide(approval)
        a_person_changes(scene, change)
        await run_next(scene)
        assert (await scene.orders())[0].state is OrderState.SENT
        assert [operation.action for operation in await scene.rows(Operation)] == ["create_purchase_quote"]
        assert await scene.said() == said, "the supplier is told nothing new"
        [again] = await scene.asked()
        assert f"Approval {approval} was not carried out: P00001 has changed since." in (await scene.notes())[-1]

        await scene.decide(again.id)
        await run_next(scene)
        assert (await scene.orders())[0].state is OrderState.CONFIRMED
        assert await scene.asked() == []

    async def test_an_order_cancelled_since_is_not_confirmed(self, scene: Scene) -> None:
        approval = await an_order_too_dear(scene)
        said = await scene.said()
        await scene.decide(approval)
        await scene.odoo.cancel_order(1, partner_id=1)
        await run_next(scene)
        assert (await scene.orders())[0].state is OrderState.CANCELLED
        assert (await scene.asked(), await scene.said()) == ([], said)
        assert "P00001 was cancelled." in (await scene.notes())[-1]

    async def test_an_order_a_person_confirmed_since_is_told_as_it_is(self, scene: Scene) -> None:
        approval = await an_order_too_dear(scene)
        await scene.decide(approval)
        await scene.odoo.confirm_order(1, partner_id=1)
        await run_next(scene)
        assert scene.odoo.calls.count("confirm_order") == 1
        assert (await scene.said())[-1] == "La orden P00001 ya está confirmada; no hace falta nada más."

    async def test_words_that_came_since_are_read_before_anything_is_done(self, scene: Scene) -> None:
        approval = await an_order_too_dear(scene)
        await scene.decide(approval)
        decision = (await scene.rows(Turn))[-1]
        held = await scene.claim()
        assert held.turn_id == decision.id
        await scene.hear("perdón, mejor no")
        await scene.run(held)
        assert (await scene.orders())[0].state is OrderState.SENT
        [again] = await scene.asked()
        assert again.question == "The supplier has written again."
        assert (await run_next(scene))["status"] == "done", "and the new words are answered"

    async def test_a_second_order_is_not_opened_beside_one_that_came_since(self, scene: Scene) -> None:
        scene.mode, scene.reader = AgentMode.ASSIST, ScriptedReader(an_offer(), an_offer(flour("30")))
        await scene.answer("20 sacos a 17900")
        await scene.answer("30 sacos a 17900")
        first, second = await scene.asked("create_purchase_quote")
        await scene.decide(first.id)
        await scene.decide(second.id)
        await run_next(scene)
        await run_next(scene)
        assert [order.name for order in await scene.orders()] == ["P00001"]
        assert f"Approval {second.id} was not carried out: P00001 is open by now" in "".join(await scene.notes())

    async def test_a_lost_answer_is_looked_up_not_asked_again(self, scene_on_both: Scene) -> None:
        scene = scene_on_both
        await scene.decide(await an_order_too_dear(scene))
        scene.odoo.lost_answers = ["confirm_order"]
        held = await scene.claim()
        with pytest.raises(OdooUnavailable):
            await scene.run(held)
        result = await run_next(scene)
        assert (result["status"], await scene.asked()) == ("done", [])
        assert (await scene.orders())[0].state is OrderState.CONFIRMED
        assert "quedó confirmada" in (await scene.said())[-1]
        assert len([text for text in await scene.said() if "quedó confirmada" in text]) == 1

    async def test_what_was_approved_is_done_and_told_to_the_team_while_a_person_has_the_conversation(
        self, scene: Scene
    ) -> None:
        await scene.decide(await an_order_too_dear(scene))
        said = await scene.said()
        held = await scene.claim()
        await scene.hand_to("person")
        await scene.run(held)
        assert (await scene.orders())[0].state is OrderState.CONFIRMED
        assert await scene.said() == said
        note = (await scene.notes())[-1]
        assert "Done, and the supplier was not told: P00001 is confirmed in Odoo." in note
        assert "quedó confirmada" in note

    async def test_nothing_is_done_for_a_contact_that_anybody_may_be_by_now(self, scene: Scene) -> None:
        approval = await an_order_too_dear(scene)
        said = await scene.said()
        await scene.decide(approval)
        async with scene.database.session() as session:
            await session.execute(update(ContactPoint).values(user_identifier="contact:501", verified=False))
        await run_next(scene)
        assert (await scene.orders())[0].state is OrderState.SENT
        assert await scene.said() == said
        assert f"Approval {approval} was not carried out" in (await scene.notes())[-1]

    async def test_a_pause_holds_what_was_approved(self, scene: Scene) -> None:
        await scene.decide(await an_order_too_dear(scene))
        async with scene.database.session() as session:
            await Pauses(session).pause(None, by="cli")
        await nothing_is_due(scene)
        async with scene.database.session() as session:
            await Pauses(session).resume(None, by="cli")
        await run_next(scene)
        assert (await scene.orders())[0].state is OrderState.CONFIRMED

    @pytest.mark.parametrize(
        "reading",
        [a_yes("P00007"), a_yes(needs_human=True, reason="Otra cuenta bancaria."), Understanding(intent=Intent.CANCEL_ORDER)],
        ids=["other order", "needs a person", "no tool"],
    )
    async def test_approving_what_the_agent_could_not_do_only_closes_it(self, scene: Scene, reading: Understanding) -> None:
        scene.reader = ScriptedReader(an_offer(), reading)
        await scene.answer("20 sacos a 17900")
        await scene.answer("…")
        [approval] = await scene.asked()
        assert f"close it with «po-agent approvals approve {approval.id}»" in (await scene.notes())[-1]
        await scene.decide(approval.id)
        await nothing_is_due(scene)
        assert (await scene.orders())[0].state is OrderState.SENT


class TestVoid:
    async def test_what_a_superseded_plan_asked_is_asked_anew(self, scene: Scene) -> None:
        change = Understanding(intent=Intent.MODIFY_ORDER, also=(Intent.NEW_QUOTE,), lines=(flour("200"),))
        scene.reader = ScriptedReader(change, change.model_copy(update={"lines": (flour("20"),)}))
        await scene.hear("200 sacos")
        held = await scene.claim()
        await scene.hear("perdón, 20")
        assert (await scene.run(held))["status"] == "superseded"
        assert await scene.asked() == [], "nobody can approve what was taken back"
        await run_next(scene)
        [approval] = await scene.asked()
        assert approval.proposal["step"]["facts"]["lines"][0]["quantity"] == "20"

    async def test_a_message_erased_with_its_conversation_takes_the_approval_along(self, scene_on_both: Scene) -> None:
        scene = scene_on_both
        scene.mode, scene.reader = AgentMode.ASSIST, ScriptedReader(a_greeting())
        await scene.answer("Hola")
        async with scene.database.session() as session:
            await session.delete(await session.get_one(Conversation, (await scene.rows(Message))[0].conversation_id))
        assert await scene.asked() == []


async def end_all(scene: Scene) -> None:
    async with scene.database.session() as session:
        await session.execute(update(Conversation).values(is_active=False, ended_at=scene.now, end_reason="resolved"))


def a_person_changes(scene: Scene, what: str) -> None:
    """In Odoo, past the port: a buyer edits the order's line."""
    book = scene.odoo._book
    [order] = book.orders
    [line] = order.lines
    changed = {
        "price": {"unit_price": line.unit_price + 1},
        "quantity": {"quantity": line.quantity + 1},
        "the line, not the amount": {"quantity": line.quantity / 2, "unit_price": line.unit_price * 2},
    }[what]
    scene.odoo._book = book.with_order(order.model_copy(update={"lines": (line.model_copy(update=changed),)}))

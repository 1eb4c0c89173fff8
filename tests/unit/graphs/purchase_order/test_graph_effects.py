"""Effects on Odoo that fail, are lost or are refused; and people who are asked once, however often a turn is tried."""

from decimal import Decimal

import pytest
from sqlalchemy import update

from domain.orders import OrderState
from domain.policy import PolicyLimits
from domain.understanding import Intent, Understanding
from graphs.purchase_order.nodes.intent_classifier import intent_classifier
from graphs.purchase_order.nodes.message_reader import message_reader
from graphs.purchase_order.nodes.order_handler import order_handler
from storage.models import Approval, Message, Operation, OrderRecord
from tests.unit.graphs.purchase_order.scene import Scene, ScriptedReader, a_question, a_yes, an_offer, flour, walk
from tools.odoo.port import OdooUnavailable


async def broken_off(scene: Scene, lost: str) -> None:
    scene.odoo.lost_answers = [lost]
    with pytest.raises(OdooUnavailable):
        await scene.run(await scene.claim())


@pytest.mark.parametrize("lost", ["create_rfq", "send_rfq"])
async def test_an_rfq_whose_answer_was_lost_is_there_once(scene_on_both: Scene, lost: str) -> None:
    scene = scene_on_both
    scene.reader = ScriptedReader(an_offer())
    await scene.hear("20 sacos a 17900")
    await broken_off(scene, lost)
    [operation] = await scene.rows(Operation)
    assert (operation.status, operation.result) == ("started", None)
    assert await scene.rows(OrderRecord) == []

    result = await scene.run(await scene.claim())

    assert result["status"] == "done"
    [order] = await scene.orders()
    assert order.state is OrderState.SENT
    [operation] = await scene.rows(Operation)
    assert (operation.status, operation.attempt) == ("done", 1)
    [record] = await scene.rows(OrderRecord)
    assert (record.odoo_id, record.opened_by) == (order.order_id, "agent")
    assert len(await scene.outgoing()) == 1


async def test_a_confirmation_whose_answer_was_lost_is_told_as_done(scene: Scene) -> None:
    scene.reader = ScriptedReader(an_offer(), a_yes())
    await scene.answer("20 sacos a 17900")
    await scene.hear("Confirmo P00001")
    await broken_off(scene, "confirm_order")
    result = await scene.run(await scene.claim())
    assert "quedó confirmada" in result["reply"][0]
    assert [operation.status for operation in await scene.rows(Operation)] == ["done", "done"]


async def test_an_effect_whose_words_were_taken_back_meanwhile_is_finished_and_told(scene: Scene) -> None:
    scene.reader = ScriptedReader(an_offer(), a_yes())
    await scene.answer("20 sacos a 17900")
    await scene.hear("Confirmo P00001")
    await broken_off(scene, "confirm_order")
    async with scene.database.session() as session:
        await session.execute(update(Message).where(Message.status == "received").values(status="withdrawn"))
    result = await scene.run(await scene.claim())
    assert "quedó confirmada" in result["reply"][0]
    assert [operation.status for operation in await scene.rows(Operation)] == ["done", "done"]
    assert "quedó confirmada" in (await scene.outgoing())[-1].content


@pytest.mark.parametrize("reading", [an_offer(), a_yes(), a_question(None)], ids=["offer", "yes", "question"])
async def test_while_odoo_is_away_the_turn_fails_and_can_be_tried_again(scene: Scene, reading: Understanding) -> None:
    reader = scene.reader = ScriptedReader(reading)
    await scene.hear("…")
    scene.odoo.outage = OdooUnavailable("down")
    for _ in range(3):
        with pytest.raises(OdooUnavailable):
            await scene.run(await scene.claim())
    assert await scene.rows(Operation) == []
    assert await scene.outgoing() == []
    scene.odoo.outage = None
    assert (await scene.run(await scene.claim()))["status"] == "done"
    assert len(reader.asked) == 1
    assert len(await scene.outgoing()) == 1


async def test_what_odoo_refuses_is_told_honestly_and_to_our_own_people(scene: Scene) -> None:
    """Odoo keeps two decimals of a quantity; policy knows nothing of that, Odoo refuses."""
    scene.reader = ScriptedReader(an_offer(flour("1.005")))
    result = await scene.answer("1,005 sacos a 17900")
    assert await scene.orders() == []
    [operation] = await scene.rows(Operation)
    assert operation.status == "refused"
    assert operation.result is not None
    assert operation.result["refused"] == "invalid_input"
    reply, note = await scene.outgoing()
    assert (reply.private, note.private) == (False, True)
    assert result["reply"] == [reply.content]
    assert "Una persona de compras lo revisará" in reply.content
    assert "1.005" in note.content
    assert "1.005" not in reply.content


async def test_an_order_cancelled_in_odoo_between_plan_and_step_is_refused(scene: Scene) -> None:
    scene.reader = ScriptedReader(an_offer(), a_yes())
    await scene.answer("20 sacos a 17900")
    await scene.hear("Confirmo P00001")
    await walk(scene, await scene.claim(), message_reader, intent_classifier)
    await scene.odoo.cancel_order(1, partner_id=1)
    result = await scene.run(await scene.claim())
    assert result["status"] == "done"
    assert "confirmada" not in result["reply"][0]
    assert (await scene.rows(Operation))[-1].status == "refused"


async def test_a_second_approval_in_odoo_is_told_as_such(scene: Scene) -> None:
    scene.odoo.approval_amount = Decimal(1)
    scene.reader = ScriptedReader(an_offer(), a_yes())
    await scene.answer("20 sacos a 17900")
    result = await scene.answer("Confirmo P00001")
    assert "Falta la aprobación interna" in result["reply"][0]
    assert (await scene.orders())[0].state is OrderState.TO_APPROVE


async def test_a_person_is_asked_once_however_often_the_turn_is_tried(scene_on_both: Scene) -> None:
    scene = scene_on_both
    scene.limits = PolicyLimits(confirm_limit={"CLP": Decimal(1)})
    both = a_yes(also=(Intent.BILLING_QUESTION,))
    scene.reader = ScriptedReader(an_offer(), both)
    await scene.answer("20 sacos a 17900")
    await scene.hear("Confirmo P00001, ¿y el pago?")
    for _ in range(3):
        await walk(scene, await scene.claim(), message_reader, intent_classifier, order_handler, order_handler)
    result = await scene.run(await scene.claim())

    assert result["status"] == "done"
    confirm, pay = await scene.rows(Approval)
    assert (confirm.kind, confirm.status, pay.kind) == ("confirm_purchase_order", "open", "tell_person")
    assert confirm.proposal["step"]["arguments"] == {"order_id": 1}
    assert confirm.proposal["step"]["rule"] == "over_confirm_limit"
    assert confirm.proposal["understanding"]["intent"] == "confirm_order"
    assert (await scene.orders())[0].state is OrderState.SENT
    [text] = result["reply"]
    assert "Una persona de compras" in text

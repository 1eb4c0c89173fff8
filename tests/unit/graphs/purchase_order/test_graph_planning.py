"""What the planner adds to policy: which order is meant, and what the facts are."""

from decimal import Decimal
from typing import Any

import pytest

from domain.orders import OrderState, RfqItem
from domain.policy import PolicyLimits
from storage.models import Approval, OrderRecord
from tests.unit.graphs.purchase_order.scene import Scene, ScriptedReader, a_question, a_yes, an_offer, flour
from tools.odoo.port import OrderNotFound


async def a_persons_order(scene: Scene, key: str) -> None:
    items = [RfqItem(product_id=101, quantity=Decimal(5), unit_price=Decimal(17900), currency="CLP")]
    await scene.odoo.create_rfq(partner_id=1, items=items, key=key)


def rules(result: dict[str, Any]) -> list[str]:
    return [step["rule"] for step in result["plan"]["steps"]]


@pytest.mark.parametrize("ending", ["received", "billed", "cancelled"])
async def test_an_order_that_ended_in_odoo_stands_in_no_further_offers_way(scene: Scene, ending: str) -> None:
    scene.reader = ScriptedReader(an_offer(), a_yes(), an_offer(flour("30")))
    await scene.answer("20 sacos a 17900")
    if ending == "cancelled":
        await scene.odoo.cancel_order(1, partner_id=1)
    else:
        await scene.answer("Confirmo P00001")
        await scene.odoo.mark_received(1, partner_id=1)
    if ending == "billed":
        await scene.odoo.create_bill(1, partner_id=1)
    scene.reader = ScriptedReader(an_offer(flour("30")))

    result = await scene.answer("30 sacos a 17900")

    assert rules(result) == ["complete_offer"]
    assert "P00002" in result["reply"][0]
    states = {record.name: record.state for record in await scene.rows(OrderRecord)}
    assert states == {"P00001": ending, "P00002": "sent"}


async def test_a_further_offer_while_an_order_is_open_goes_to_a_person(scene: Scene) -> None:
    scene.reader = ScriptedReader(an_offer(), an_offer(flour("30")))
    await scene.answer("20 sacos a 17900")
    assert rules(await scene.answer("30 sacos a 17900")) == ["order_open"]
    assert len(await scene.orders()) == 1


async def test_an_order_that_is_gone_from_odoo_does_not_block_its_supplier_for_ever(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.reader = ScriptedReader(an_offer(), an_offer(flour("30")))
    await scene.answer("20 sacos a 17900")

    async def deleted(**_: Any) -> Any:
        raise OrderNotFound

    with monkeypatch.context() as without:
        without.setattr(scene.odoo, "get_order_status", deleted)
        without.setattr(scene.odoo, "list_orders", no_orders)
        result = await scene.answer("30 sacos a 17900")

    assert result["status"] == "done"
    assert "P00002" in result["reply"][0]
    states = {record.name: record.state for record in await scene.rows(OrderRecord)}
    assert states == {"P00001": "cancelled", "P00002": "sent"}


async def no_orders(**_: Any) -> list[Any]:
    return []


async def test_a_persons_own_order_is_spoken_of_but_not_confirmed(scene: Scene) -> None:
    await a_persons_order(scene, "one")
    scene.reader = ScriptedReader(a_question(None), a_yes())
    assert "P00001" in (await scene.answer("¿Y mi orden?"))["reply"][0]
    assert rules(await scene.answer("Confirmo")) == ["order_of_a_person"]
    assert (await scene.orders())[0].state is OrderState.DRAFT


async def test_of_two_open_orders_the_one_named_is_meant(scene: Scene) -> None:
    await a_persons_order(scene, "one")
    await a_persons_order(scene, "two")
    scene.reader = ScriptedReader(a_question("P00001"), a_yes("P00002"), a_yes("P00099"))
    assert "P00001" in (await scene.answer("¿P00001?"))["reply"][0]
    assert rules(await scene.answer("Confirmo P00002")) == ["order_of_a_person"]
    [approval] = await scene.rows(Approval)
    assert approval.proposal["step"]["arguments"] == {"order_id": 2}
    assert rules(await scene.answer("Confirmo P00099")) == ["no_open_order"]


async def test_confirming_an_order_that_ended_is_answered_with_its_state(scene: Scene) -> None:
    scene.reader = ScriptedReader(an_offer(), a_yes(), a_question(), a_yes())
    await scene.answer("20 sacos a 17900")
    await scene.answer("Confirmo P00001")
    await scene.odoo.mark_received(1, partner_id=1)
    await scene.answer("¿llegó?")
    result = await scene.answer("Confirmo P00001")
    assert result["reply"] == ["La orden P00001 ya está recibida; no hace falta nada más."]


async def test_naming_another_order_than_the_open_one_confirms_neither(scene: Scene) -> None:
    scene.reader = ScriptedReader(an_offer(), a_yes("P00007"))
    await scene.answer("20 sacos a 17900")
    assert rules(await scene.answer("Confirmo P00007")) == ["other_order"]
    assert (await scene.orders())[0].state is OrderState.SENT


@pytest.mark.parametrize(
    ("offer", "rule", "asks"),
    [
        (an_offer(flour(product="cemento")), "product_in_doubt", "• cemento"),
        (an_offer(flour(product="harina")), "product_in_doubt", "Harina"),
        (an_offer(flour(price=None)), "price_missing", "precio unitario"),
        (an_offer(flour("0")), "implausible_lines", "cantidad"),
        (an_offer(confidence=0.5), "not_sure", "escribir de nuevo"),
        (an_offer().model_copy(update={"lines": ()}), "not_sure", "escribir de nuevo"),
    ],
)
async def test_an_incomplete_offer_is_asked_back(scene: Scene, offer: Any, rule: str, asks: str) -> None:
    scene.reader = ScriptedReader(offer)
    result = await scene.answer("…")
    assert rules(result) == [rule]
    assert asks in result["reply"][0]
    assert await scene.orders() == []
    assert await scene.rows(Approval) == []


async def test_the_limits_given_are_the_ones_that_count(scene: Scene) -> None:
    scene.limits = PolicyLimits(price_tolerance=Decimal(0))
    scene.reader = ScriptedReader(an_offer(flour(price="17900.01")), a_yes())
    await scene.answer("20 sacos a 17900,01")
    assert rules(await scene.answer("Confirmo P00001")) == ["price_above_list"]
    assert (await scene.orders())[0].state is OrderState.SENT


async def test_what_the_reader_is_told(scene: Scene) -> None:
    """The open order as Odoo words it, our last words, and the supplier's own date, not the server's."""
    reader = scene.reader = ScriptedReader(an_offer(), a_question())
    await scene.answer("20 sacos a 17900")
    scene.now = scene.now.replace(hour=2)  # 23:02 of the day before in Santiago
    await scene.answer("¿Y?")
    _, context = reader.asked[1]
    assert context.open_order is not None
    assert (context.open_order.ref, context.open_order.state) == ("P00001", "sent")
    assert context.open_order.lines[0].quantity == 20
    assert context.last_agent_message is not None
    assert context.last_agent_message.startswith("Registramos su cotización como P00001")
    assert context.today.isoformat() == "2026-11-22"
    assert context.channel == "whatsapp"

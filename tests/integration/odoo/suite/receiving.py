"""Goods that come: all or in parts, once, and never more than was ordered."""

import asyncio
from decimal import Decimal

import pytest

from domain.errors import ImpossibleTransition, InvalidInput
from domain.goods import Product
from domain.orders import OrderState
from domain.receipts import Lot, Receipt
from tests.integration.odoo.suite.bench import FARM, MILL, NUTS, ON_ONE_ORDER, Bench
from tools.odoo.port import LotsMissing, OdooRefused, OrderNotFound


class Receiving:
    """See the module."""

    @pytest.mark.parametrize("name", ["receive", "bill"])
    @pytest.mark.parametrize("sent", [False, True])
    async def test_nothing_is_received_or_billed_before_confirmation(self, bench: Bench, name: str, sent: bool) -> None:
        order = await bench.rfq()
        if sent:
            order = await bench.manager.send_rfq(order.order_id, partner_id=order.partner_id)
        with pytest.raises(ImpossibleTransition):
            await ON_ONE_ORDER[name](bench.manager, order.order_id, order.partner_id)
        assert await bench.now(order) == order

    async def test_goods_come_in_parts(self, bench: Bench) -> None:
        order = await bench.confirmed(bench.item("HAR", "10"), bench.item("SEM", "4", "19500"))
        flour, semolina = (line.line_id for line in order.lines)
        whose = {"partner_id": order.partner_id}

        async def receive(quantities: dict[int, Decimal] | None) -> tuple[OrderState, list[Decimal]]:
            shown = await bench.manager.mark_received(order.order_id, quantities=quantities, **whose)
            assert shown == await bench.now(order)
            return shown.state, [line.received for line in shown.lines]

        assert await receive({flour: Decimal("2.5")}) == (OrderState.CONFIRMED, [Decimal("2.5"), 0])
        assert await receive({flour: Decimal("7.5"), semolina: Decimal(1)}) == (OrderState.CONFIRMED, [10, 1])
        assert await receive(None) == (OrderState.RECEIVED, [10, 4])
        assert await receive(None) == (OrderState.RECEIVED, [10, 4])

    async def test_all_at_once_and_the_stock_grows(self, bench: Bench) -> None:
        async def on_hand() -> Decimal:
            listed = await bench.manager.list_products(partner_id=bench.partner[MILL])
            return next(product.on_hand for product in listed if product.sku == "HAR")

        before = await on_hand()
        order = await bench.confirmed(bench.item("HAR", "3"), bench.item("HAR", "4", "17000"))
        received = await bench.manager.mark_received(order.order_id, partner_id=order.partner_id)
        assert received.state is OrderState.RECEIVED
        assert await on_hand() == before + 7

    async def test_four_receipts_of_everything_at_once_count_once(self, bench: Bench) -> None:
        order = await bench.confirmed(bench.item("HAR", "6"))
        await asyncio.gather(
            *(bench.manager.mark_received(order.order_id, partner_id=order.partner_id) for _ in range(4)),
            return_exceptions=True,
        )
        assert [line.received for line in (await bench.now(order)).lines] == [6]

    @pytest.mark.parametrize("quantity", ["10.01", "0", "-1"])
    async def test_no_more_than_is_open_and_no_less_than_something(self, bench: Bench, quantity: str) -> None:
        order = await bench.confirmed(bench.item("HAR", "10"), bench.item("SEM", "1"))
        with pytest.raises(InvalidInput):
            await bench.manager.mark_received(
                order.order_id,
                partner_id=order.partner_id,
                quantities={order.lines[1].line_id: Decimal(1), order.lines[0].line_id: Decimal(quantity)},
            )
        assert await bench.now(order) == order

    async def test_another_orders_line_cannot_be_received(self, bench: Bench) -> None:
        order, other = await bench.confirmed(), await bench.confirmed()
        with pytest.raises(InvalidInput):
            await bench.manager.mark_received(
                order.order_id, partner_id=order.partner_id, quantities={other.lines[0].line_id: Decimal(1)}
            )
        assert (await bench.now(other)).lines[0].received == 0

    # -- planned, then carried out

    async def test_a_plan_changes_nothing_and_is_carried_out_once(self, bench: Bench) -> None:
        order = await bench.confirmed(bench.item("HAR", "10"), bench.item("SEM", "4"))
        whose = {"partner_id": order.partner_id}
        flour = order.lines[0].line_id
        plan = await bench.manager.plan_receipt(order.order_id, quantities={flour: Decimal(3)}, **whose)
        assert await bench.now(order) == order
        assert [(line.line_id, line.before, line.after) for line in plan.lines] == [(flour, 0, 3)]
        assert [(move.line_id, move.quantity) for move in plan.moves] == [(flour, 3)]
        stored = Receipt.from_json(plan.to_json())
        for _ in range(3):
            booked = await bench.manager.carry_out_receipt(stored, **whose)
            assert [line.received for line in booked.lines] == [3, 0]
        # The next delivery has a picking of its own; the first plan does not reach it.
        second = await bench.manager.plan_receipt(order.order_id, quantities={flour: Decimal(3)}, **whose)
        assert set(second.picking_ids).isdisjoint(plan.picking_ids)
        await bench.manager.carry_out_receipt(second, **whose)
        assert [line.received for line in (await bench.manager.carry_out_receipt(stored, **whose)).lines] == [6, 0]

    async def test_a_plan_carried_out_four_times_at_once(self, bench: Bench) -> None:
        order = await bench.confirmed(bench.item("HAR", "10"))
        plan = await bench.manager.plan_receipt(
            order.order_id, partner_id=order.partner_id, quantities={order.lines[0].line_id: Decimal(4)}
        )
        await asyncio.gather(
            *(bench.manager.carry_out_receipt(plan, partner_id=order.partner_id) for _ in range(4)), return_exceptions=True
        )
        assert [line.received for line in (await bench.now(order)).lines] == [4]

    async def test_a_service_is_planned_and_booked_once(self, bench: Bench) -> None:
        order = await bench.confirmed(bench.item("FLE", "5", "45000"), bench.item("HAR", "2"))
        whose = {"partner_id": order.partner_id}
        quantities = {order.lines[0].line_id: Decimal(2), order.lines[1].line_id: Decimal(1)}
        plan = await bench.manager.plan_receipt(order.order_id, quantities=quantities, **whose)
        for _ in range(2):
            booked = await bench.manager.carry_out_receipt(plan, **whose)
            assert [line.received for line in booked.lines] == [2, 1]

    async def test_the_rest_is_given_up(self, bench: Bench) -> None:
        order = await bench.confirmed(bench.item("HAR", "5"), bench.item("SEM", "2"))
        settled = await bench.received(order, "2", None, backorder=False)
        # Odoo itself calls that received in full.
        assert (settled.state, [line.received for line in settled.lines]) == (OrderState.CONFIRMED, [2, 0])
        with pytest.raises(OdooRefused, match="no open receipt"):
            await bench.received(order)
        assert await bench.now(order) == settled

    async def test_a_little_more_than_ordered_may_come_and_no_more_than_that(self, bench: Bench) -> None:
        order = await bench.confirmed(bench.item("HAR", "100"))
        share = Decimal("0.05")
        for quantity in ("105.01", "200"):
            with pytest.raises(InvalidInput):
                await bench.received(order, quantity, over_share=share)
        assert await bench.now(order) == order
        await bench.received(order, "40")
        with pytest.raises(InvalidInput):
            await bench.received(order, "65.5", over_share=share)
        received = await bench.received(order, "65", over_share=share)
        assert (received.state, received.lines[0].received) == (OrderState.RECEIVED, 105)

    async def test_a_plan_is_for_its_supplier_and_its_order(self, bench: Bench) -> None:
        order, other = await bench.confirmed(), await bench.confirmed()
        plan = await bench.manager.plan_receipt(order.order_id, partner_id=order.partner_id)
        theirs = plan.model_copy(update={"order_id": other.order_id})
        for receipt, partner in ((plan, NUTS), (theirs, MILL)):
            with pytest.raises(OrderNotFound):
                await bench.manager.carry_out_receipt(receipt, partner_id=bench.partner[partner])
        assert (await bench.now(order), await bench.now(other)) == (order, other)

    async def test_a_plan_of_an_order_that_was_cancelled_since(self, bench: Bench) -> None:
        order = await bench.confirmed()
        plan = await bench.manager.plan_receipt(order.order_id, partner_id=order.partner_id)
        cancelled = await bench.manager.cancel_order(order.order_id, partner_id=order.partner_id)
        with pytest.raises(ImpossibleTransition):
            await bench.manager.carry_out_receipt(plan, partner_id=order.partner_id)
        assert await bench.now(order) == cancelled

    async def test_with_nothing_open_there_is_nothing_to_plan(self, bench: Bench) -> None:
        order = await bench.confirmed()
        received = await bench.received(order)
        plan = await bench.manager.plan_receipt(order.order_id, partner_id=order.partner_id)
        assert (plan.lines, plan.moves) == ((), ())
        assert await bench.manager.carry_out_receipt(plan, partner_id=order.partner_id) == received

    async def test_boxes_are_booked_as_boxes(self, bench: Bench) -> None:
        async def eggs() -> Product:
            listed = await bench.manager.list_products(partner_id=bench.partner[FARM])
            return next(product for product in listed if product.sku == "HUE")

        before = await eggs()
        order = await bench.confirmed(
            bench.item("HUE", "5", "3000"), bench.item("HUE", "7", "260", unit="unidad"), partner=FARM
        )
        waited = await eggs()
        assert (waited.incoming - before.incoming, waited.forecast - before.forecast) == (67, 67)
        booked = await bench.received(order, "1.5", "7")
        assert [line.received for line in booked.lines] == [Decimal("1.5"), 7]
        after = await eggs()
        assert (after.on_hand - before.on_hand, after.incoming - before.incoming) == (25, 42)
        assert after.forecast == waited.forecast

    # -- lots

    async def test_goods_with_lots_do_not_come_without(self, bench: Bench) -> None:
        order = await bench.confirmed(bench.item("HUE", "1"), bench.item("CUA", "5"), bench.item("BAL", "2"), partner=FARM)
        eggs, rennet, scales = (line.line_id for line in order.lines)

        async def plan(quantities: dict[int, int] | None, lots: dict[int, list[Lot]]) -> Receipt:
            given = {line: Decimal(quantity) for line, quantity in quantities.items()} if quantities else None
            return await bench.manager.plan_receipt(order.order_id, partner_id=order.partner_id, quantities=given, lots=lots)

        with pytest.raises(LotsMissing, match=f"Line {rennet} .Cuajo. needs lot numbers"):
            await plan(None, {})
        with pytest.raises(LotsMissing, match=f"Line {scales} .Balanza. needs serial numbers"):
            await plan(None, {rennet: [lot("L1", 5)]})
        for quantities, lots in (
            ({rennet: 5}, {rennet: [lot("L1", 4)]}),
            ({rennet: 5}, {rennet: [lot("L1", 3), lot("L1", 2)]}),
            ({scales: 2}, {scales: [lot("S1", 2)]}),
            ({eggs: 1}, {eggs: [lot("L1", 12)]}),
        ):
            with pytest.raises(InvalidInput) as caught:
                await plan(quantities, lots)
            assert not isinstance(caught.value, LotsMissing)
        planned = await plan(None, {rennet: [lot("L1", 3), lot("L2", 2)], scales: [lot("S1", 1), lot("S2", 1)]})
        assert {move.line_id: [one.name for one in move.lots] for move in planned.moves} == {
            eggs: [],
            rennet: ["L1", "L2"],
            scales: ["S1", "S2"],
        }
        assert await bench.now(order) == order


def lot(name: str, quantity: int) -> Lot:
    return Lot(name=name, quantity=Decimal(quantity))

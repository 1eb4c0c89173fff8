"""Bills: of what came, once, and whose they are."""

import asyncio
from datetime import date
from decimal import Decimal

import pytest

from domain.bills import Bill
from domain.errors import ImpossibleTransition
from domain.orders import OrderState
from tests.integration.odoo.suite.bench import MILL, NUTS, QUIET, Bench


class Billing:
    """See the module."""

    async def test_what_came_is_billed_and_nothing_twice(self, bench: Bench) -> None:
        order = await bench.confirmed(bench.item("HAR", "10"), bench.item("SEM", "5", "19500"))
        whose = {"partner_id": order.partner_id}
        with pytest.raises(ImpossibleTransition, match="nothing to bill"):
            await bench.manager.create_bill(order.order_id, **whose)
        await bench.manager.mark_received(order.order_id, quantities={order.lines[0].line_id: Decimal(4)}, **whose)
        first = await bench.manager.create_bill(order.order_id, **whose)
        assert (first.state, first.currency) == ("draft", "CLP")
        assert first == await bench.manager.create_bill(order.order_id, **whose)
        assert (await bench.now(order)).state is OrderState.CONFIRMED, "goods are to come"

        assert (await bench.manager.mark_received(order.order_id, **whose)).state is OrderState.RECEIVED
        second = await bench.manager.create_bill(order.order_id, **whose)
        assert second.bill_id != first.bill_id
        assert second == await bench.manager.create_bill(order.order_id, **whose)
        billed = await bench.now(order)
        assert billed.state is OrderState.BILLED
        assert [line.billed for line in billed.lines] == [10, 5]
        assert first.amount_total + second.amount_total == pytest.approx(billed.amount_total, abs=1)
        assert (await bench.manager.mark_received(order.order_id, **whose)) == billed
        assert (await bench.manager.confirm_order(order.order_id, **whose)) == billed

    async def test_four_bills_at_once_are_one(self, bench: Bench) -> None:
        order = await bench.confirmed()
        await bench.manager.mark_received(order.order_id, partner_id=order.partner_id)
        bills = await asyncio.gather(
            *(bench.manager.create_bill(order.order_id, partner_id=order.partner_id) for _ in range(4))
        )
        assert len({bill.bill_id for bill in bills}) == 1
        assert bills[0].amount_total > 0

    async def test_a_service_is_billed_without_a_receipt(self, bench: Bench) -> None:
        order = await bench.confirmed(bench.item("FLE", "2", "45000"))
        assert (await bench.manager.create_bill(order.order_id, partner_id=order.partner_id)).amount_total >= 90000
        assert (await bench.now(order)).state is OrderState.BILLED

    async def test_a_service_can_be_received_by_hand(self, bench: Bench) -> None:
        order = await bench.confirmed(bench.item("FLE", "2", "45000"), bench.item("HAR", "1"))
        received = await bench.manager.mark_received(order.order_id, partner_id=order.partner_id)
        assert (received.state, [line.received for line in received.lines]) == (OrderState.RECEIVED, [2, 1])

    async def test_a_suppliers_bills_from_draft_to_paid(self, bench: Bench) -> None:
        order = await bench.confirmed(bench.item("HAR", "10"), partner=QUIET)
        await bench.received(order, "4")
        first = await bench.manager.create_bill(order.order_id, partner_id=order.partner_id)
        await bench.received(order)
        second = await bench.manager.create_bill(order.order_id, partner_id=order.partner_id)

        async def bills(partner: str = QUIET, **more: int) -> list[Bill]:
            return await bench.manager.list_bills(partner_id=bench.partner[partner], **more)

        assert (await bills())[:2] == [second, first]
        assert await bills(limit=1) == [second]
        assert (first.state, first.orders, first.amount_due) == ("draft", (order.name,), first.amount_total)
        assert (first.name, first.due_date) == (None, None)

        await bench.people.post_bill(
            first.bill_id, ref=f"F-{order.name}", bill_date=date(2026, 11, 20), due_date=date(2026, 12, 20)
        )
        posted = (await bills())[1]
        assert (posted.state, posted.payment_state, posted.ref) == ("posted", "not_paid", f"F-{order.name}")
        assert (posted.bill_date, posted.due_date) == (date(2026, 11, 20), date(2026, 12, 20))
        assert posted.name
        await bench.people.pay_bill(first.bill_id)
        paid = (await bills())[1]
        assert paid.payment_state in ("paid", "in_payment")
        assert (paid.amount_due, paid.amount_total) == (0, first.amount_total)
        assert not {bill.bill_id for bill in await bills(NUTS)} & {first.bill_id, second.bill_id}
        assert await bills(MILL) != await bills(QUIET)

"""Changing an order: what was agreed stays, what is asked for becomes, once, and nothing that cannot be undone."""

import asyncio
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from domain.errors import ImpossibleTransition, InvalidInput
from domain.orders import LineChange, Order, OrderState, RfqItem
from tests.integration.odoo.suite.bench import FARM, Bench, change, new_key

CHRISTMAS, NEW_YEAR = date(2031, 12, 24), date(2031, 12, 31)


def told(order: Order) -> list[tuple[str | None, Decimal, Decimal, date | None]]:
    return [(line.sku, line.quantity, line.unit_price, line.planned_date) for line in order.lines]


class Changing:
    """See the module."""

    @pytest.mark.parametrize("confirm", [False, True])
    async def test_a_new_quantity_leaves_price_date_and_discount_as_agreed(self, bench: Bench, confirm: bool) -> None:
        make = bench.confirmed if confirm else bench.rfq
        order = await make(bench.item("HAR", "5", "9999"), planned_date=CHRISTMAS)
        await bench.people.discount(order.lines[0].line_id, Decimal(2))
        # 120 would reach another tier of the price list, too.
        changed = await bench.change(order, change(order.lines[0].line_id, quantity="120"))
        assert told(changed) == [("HAR", Decimal(120), Decimal(9999), CHRISTMAS)]
        assert changed.lines[0].discount == 2
        assert changed.lines[0].net_price == Decimal("9799.02")
        assert changed == await bench.now(order)

    @pytest.mark.parametrize("confirm", [False, True])
    async def test_quantity_price_and_date_of_one_line_and_no_other(self, bench: Bench, confirm: bool) -> None:
        make = bench.confirmed if confirm else bench.rfq
        order = await make(bench.item("HAR", "5", "9999"), bench.item("SEM", "2", "100"), planned_date=CHRISTMAS)
        first = change(order.lines[0].line_id, quantity="7.5", price="8888.5", day=NEW_YEAR)
        changed = await bench.change(order, first)
        assert told(changed) == [
            ("HAR", Decimal("7.5"), Decimal("8888.5"), NEW_YEAR),
            ("SEM", Decimal(2), Decimal(100), CHRISTMAS),
        ]
        assert changed.planned_date == CHRISTMAS, "the day of the first line to come"
        assert changed.state is order.state
        assert await bench.change(order, first) == changed, "the same again changes nothing"

    async def test_a_new_price_is_what_is_paid(self, bench: Bench) -> None:
        order = await bench.rfq(bench.item("HAR", "10", "10000"))
        await bench.people.discount(order.lines[0].line_id, Decimal(10))
        changed = await bench.change(order, change(order.lines[0].line_id, price="9500"))
        assert (changed.lines[0].unit_price, changed.lines[0].discount) == (Decimal(9500), 0)
        assert changed.amount_untaxed == 95000

    async def test_what_is_waited_for_follows(self, bench: Bench) -> None:
        order = await bench.confirmed(bench.item("HAR", "10"), bench.item("SEM", "10"))
        await bench.received(order, "4", "4")
        more, fewer = (line.line_id for line in order.lines)
        changed = await bench.change(order, change(more, quantity="12"), change(fewer, quantity="6", day=NEW_YEAR))
        assert [(line.quantity, line.received) for line in changed.lines] == [(12, 4), (6, 4)]
        received = await bench.received(changed)
        assert (received.state, [line.received for line in received.lines]) == (OrderState.RECEIVED, [12, 6])

    async def test_what_has_come_bounds_what_can_be_taken_back(self, bench: Bench) -> None:
        order = await bench.confirmed(bench.item("HAR", "10"))
        partly = await bench.received(order, "4")
        line = order.lines[0].line_id
        for too_few in ("3.99", "0"):
            with pytest.raises(InvalidInput):
                await bench.change(order, change(line, quantity=too_few))
        assert await bench.now(order) == partly
        settled = await bench.change(order, change(line, quantity="4"))
        assert (settled.state, settled.lines[0].quantity) == (OrderState.RECEIVED, 4)

    async def test_a_line_taken_off_an_rfq_is_gone(self, bench: Bench) -> None:
        order = await bench.rfq(bench.item("HAR"), bench.item("SEM"))
        off = change(order.lines[0].line_id, quantity="0")
        for _ in range(2):
            changed = await bench.change(order, off)
            assert [line.sku for line in changed.lines] == ["SEM"]

    async def test_a_line_taken_off_a_confirmed_order_stands_at_nothing(self, bench: Bench) -> None:
        order = await bench.confirmed(bench.item("HAR"), bench.item("SEM", "2", "19500"))
        off = change(order.lines[0].line_id, quantity="0")
        for _ in range(2):
            changed = await bench.change(order, off)
            assert [(line.sku, line.quantity) for line in changed.lines] == [("HAR", 0), ("SEM", 2)]
        assert changed.state is OrderState.CONFIRMED
        assert changed.amount_untaxed == 39000
        received = await bench.received(order)
        assert (received.state, [line.received for line in received.lines]) == (OrderState.RECEIVED, [0, 2])

    @pytest.mark.parametrize("confirm", [False, True])
    async def test_a_delivery_is_split(self, bench: Bench, confirm: bool) -> None:
        make = bench.confirmed if confirm else bench.rfq
        order = await make(bench.item("HAR", "10", "9999"), planned_date=CHRISTMAS)
        rest = bench.item("HAR", "6", "9999", planned_date=NEW_YEAR)
        key = new_key()
        for _ in range(2):
            changed = await bench.change(order, change(order.lines[0].line_id, quantity="4"), add=(rest,), key=key)
            assert told(changed) == [
                ("HAR", Decimal(4), Decimal(9999), CHRISTMAS),
                ("HAR", Decimal(6), Decimal(9999), NEW_YEAR),
            ]
        if confirm:
            received = await bench.received(changed)
            assert (received.state, [line.received for line in received.lines]) == (OrderState.RECEIVED, [4, 6])

    async def test_what_is_added_comes_in_its_unit_and_on_the_orders_day(self, bench: Bench) -> None:
        order = await bench.rfq(bench.item("HUE", "5", "3000"), partner=FARM, planned_date=CHRISTMAS)
        added = (bench.item("HUE", "24", "260", unit="Unidad"), bench.item("CUA", "1", "5000"))
        changed = await bench.change(order, add=added, key=new_key())
        assert [(line.quantity, line.unit, line.unit_price, line.planned_date) for line in changed.lines] == [
            (5, "caja de 12", 3000, CHRISTMAS),
            (24, "unidad", 260, CHRISTMAS),
            (1, "frasco", 5000, CHRISTMAS),
        ]

    async def test_four_additions_at_once_with_one_key_are_one(self, bench: Bench) -> None:
        order = await bench.rfq()
        key = new_key()
        await asyncio.gather(
            *(bench.change(order, add=(bench.item("SEM", "3"), bench.item("SEM", "4")), key=key) for _ in range(4)),
            return_exceptions=True,
        )
        assert [line.quantity for line in (await bench.now(order)).lines] == [10, 3, 4]

    async def test_another_key_adds_once_more_and_none_to_another_order(self, bench: Bench) -> None:
        order, other = await bench.rfq(), await bench.rfq()
        key = new_key()
        for one in (key, key + "_1", key):
            changed = await bench.change(order, add=(bench.item("SEM"),), key=one)
        assert [line.sku for line in changed.lines] == ["HAR", "SEM", "SEM"]
        with pytest.raises(InvalidInput):
            await bench.change(other, add=(bench.item("SEM"),), key=key)
        assert await bench.now(other) == other

    @pytest.mark.parametrize(
        ("why", "changes", "added"),
        [
            ("no such line", lambda ids: [change(999_999, quantity="1")], {}),
            ("another order's line", lambda ids: [change(ids[2], quantity="1")], {}),
            ("another order's line taken off", lambda ids: [change(ids[2], quantity="0")], {}),
            ("one line twice", lambda ids: [change(ids[0], quantity="1"), change(ids[0], price="5")], {}),
            ("nothing left", lambda ids: [change(ids[0], quantity="0"), change(ids[1], quantity="0")], {}),
            ("a quantity that Odoo would round", lambda ids: [change(ids[0], quantity="2.555")], {}),
            ("another currency", lambda ids: [change(ids[0], quantity="3")], {"currency": "USD"}),
            ("an archived product", lambda ids: [change(ids[0], quantity="3")], {"sku": "CEB"}),
            ("a foreign unit", lambda ids: [change(ids[0], quantity="3")], {"unit": "kg"}),
            ("too fine an addition", lambda ids: [change(ids[0], quantity="3")], {"quantity": "0.001"}),
        ],
    )
    async def test_what_cannot_be_changes_nothing(
        self, bench: Bench, why: str, changes: Callable[[list[int]], list[LineChange]], added: dict[str, str]
    ) -> None:
        order, other = await bench.rfq(bench.item("HAR"), bench.item("SEM")), await bench.rfq()
        ids = [line.line_id for line in (*order.lines, *other.lines)]
        items: tuple[RfqItem, ...] = (bench.item(**added),) if added else ()
        with pytest.raises(InvalidInput) as caught:
            await bench.change(order, *changes(ids), add=items, key=new_key())
        assert not isinstance(caught.value, ImpossibleTransition)
        assert await bench.now(order) == order
        assert await bench.now(other) == other

    async def test_additions_need_a_key(self, bench: Bench) -> None:
        order = await bench.rfq()
        with pytest.raises(InvalidInput, match="key"):
            await bench.change(order, add=(bench.item("SEM"),))
        assert await bench.now(order) == order

    async def test_a_cancelled_a_locked_and_a_billed_order_stay_as_they_are(self, bench: Bench) -> None:
        cancelled, locked, billed = await bench.rfq(), await bench.confirmed(), await bench.confirmed()
        await bench.manager.cancel_order(cancelled.order_id, partner_id=cancelled.partner_id)
        await bench.people.lock(locked.order_id)
        await bench.received(billed)
        await bench.manager.create_bill(billed.order_id, partner_id=billed.partner_id)
        for order, why in ((cancelled, "cancelled"), (locked, "confirmed and locked"), (billed, "billed")):
            before = await bench.now(order)
            with pytest.raises(ImpossibleTransition, match=f"{order.name} is {why}"):
                await bench.change(order, change(order.lines[0].line_id, quantity="11"))
            assert await bench.now(order) == before

    async def test_a_price_that_was_billed_is_a_persons_to_correct(self, bench: Bench) -> None:
        order = await bench.confirmed(bench.item("HAR", "10"), bench.item("SEM", "10"))
        await bench.received(order, "4", None)
        await bench.manager.create_bill(order.order_id, partner_id=order.partner_id)
        flour, semolina = (line.line_id for line in order.lines)
        with pytest.raises(InvalidInput, match="bill"):
            await bench.change(order, change(flour, price="1"), change(semolina, price="1"))
        changed = await bench.change(order, change(flour, quantity="5"), change(semolina, price="1"))
        assert [(line.quantity, line.unit_price) for line in changed.lines] == [(5, 17900), (10, 1)]

    async def test_while_it_waits_for_approval(self, bench: Bench) -> None:
        await bench.set_approval_amount(Decimal(1))
        try:
            order = await bench.confirmed(bench.item("HAR", "10"))
            changed = await bench.change(order, change(order.lines[0].line_id, quantity="8"))
            assert (changed.state, changed.lines[0].quantity) == (OrderState.TO_APPROVE, 8)
            await bench.approve(order.order_id)
            assert (await bench.received(order)).lines[0].received == 8
        finally:
            await bench.set_approval_amount(None)

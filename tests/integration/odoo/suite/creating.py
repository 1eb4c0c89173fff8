"""How RFQs come to be: as asked, once per key, or not at all."""

import asyncio
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.errors import InvalidInput
from domain.orders import OrderState, RfqItem
from tests.integration.odoo.suite.bench import GONE, MILL, NUTS, Bench, new_key
from tools.odoo.port import OrderNotFound


class Creating:
    """See the module."""

    async def test_an_rfq_is_what_was_asked_for(self, bench: Bench) -> None:
        order = await bench.manager.create_rfq(
            partner_id=bench.partner[MILL],
            items=[bench.item("HAR", "12.5", "17850"), bench.item("SEM", "4", "19500", unit="Saco")],
            key=new_key(),
            planned_date=date(2031, 12, 24),
        )
        assert re.fullmatch(r"P\d{5}", order.name)
        assert (order.state, order.currency, order.planned_date) == (OrderState.DRAFT, "CLP", date(2031, 12, 24))
        assert order.partner_id == bench.partner[MILL]
        assert [(line.product, line.sku, line.quantity, line.unit, line.unit_price) for line in order.lines] == [
            ("Harina", "HAR", Decimal("12.5"), "saco", Decimal(17850)),
            ("Sémola", "SEM", Decimal(4), "saco", Decimal(19500)),
        ]
        assert order.amount_untaxed == Decimal("12.5") * 17850 + 4 * 19500
        assert order.amount_total > order.amount_untaxed
        assert await bench.now(order) == order

    async def test_cents_of_a_dollar_are_kept(self, bench: Bench) -> None:
        order = await bench.rfq(bench.item("NUE", "120.25", "7.85", currency="USD"), partner=NUTS)
        assert (order.currency, order.lines[0].unit_price, order.amount_untaxed) == ("USD", Decimal("7.85"), Decimal("943.96"))

    async def test_an_agreed_price_is_kept_against_the_price_list(self, bench: Bench) -> None:
        order = await bench.rfq(bench.item("HAR", "100", "17900"), bench.item("HAR", "5", "9999"))
        assert [line.unit_price for line in order.lines] == [Decimal(17900), Decimal(9999)]
        confirmed = await bench.manager.confirm_order(order.order_id, partner_id=order.partner_id)
        assert [line.unit_price for line in confirmed.lines] == [Decimal(17900), Decimal(9999)]

    async def test_the_same_key_answers_the_same_order_as_it_stands_now(self, bench: Bench) -> None:
        key = new_key()
        first = await bench.rfq(bench.item("HAR", "5", "17900"), key=key)
        await bench.manager.confirm_order(first.order_id, partner_id=first.partner_id)
        again = await bench.rfq(bench.item("SEM", "50", "1"), key=key)
        assert again == await bench.now(first)
        assert (again.order_id, again.state) == (first.order_id, OrderState.CONFIRMED)
        assert [(line.sku, line.quantity) for line in again.lines] == [("HAR", Decimal(5))]

    async def test_four_creations_at_once_with_one_key_make_one_order(self, bench: Bench) -> None:
        before = await bench.manager.list_orders(partner_id=bench.partner[MILL], limit=1000)
        key = new_key()
        orders = await asyncio.gather(*(bench.rfq(bench.item(), bench.item("SEM"), key=key) for _ in range(4)))
        after = await bench.manager.list_orders(partner_id=bench.partner[MILL], limit=1000)
        assert len({order.order_id for order in orders}) == 1
        assert all(len(order.lines) == 2 for order in orders)
        assert len(after) == len(before) + 1

    async def test_keys_that_look_alike_make_different_orders(self, bench: Bench) -> None:
        key = new_key()
        orders = [await bench.rfq(key=key + end) for end in ("", "_1", "_l1", "1")]
        assert len({order.order_id for order in orders}) == 4

    async def test_a_key_never_answers_another_suppliers_order(self, bench: Bench) -> None:
        key = new_key()
        order = await bench.rfq(key=key)
        with pytest.raises(OrderNotFound):
            await bench.rfq(bench.item("NUE", "1", "1"), partner=NUTS, key=key)
        assert await bench.now(order) == order

    @pytest.mark.parametrize(
        ("why", "change"),
        [
            ("no items", {"items": []}),
            ("mixed currencies", {"items": [{}, {"currency": "USD"}]}),
            ("unknown currency", {"items": [{"currency": "QQQ"}]}),
            ("unknown product", {"items": [{}, {"product_id": 999_999}]}),
            ("archived product", {"items": [{"sku": "CEB"}]}),
            ("foreign unit", {"items": [{"unit": "kg"}]}),
            ("a quantity that Odoo would round", {"items": [{"quantity": "2.555"}]}),
            ("unknown partner", {"partner_id": 999_999}),
            ("archived partner", {"partner": GONE}),
            ("a key with a dot", {"key": "a.b"}),
            ("a long key", {"key": "k" * 61}),
            ("no key", {"key": ""}),
        ],
    )
    async def test_what_cannot_be_ordered_is_refused_and_leaves_nothing(
        self, bench: Bench, why: str, change: dict[str, Any]
    ) -> None:
        def item(fields: dict[str, Any]) -> RfqItem:
            made = bench.item(**{name: value for name, value in fields.items() if name != "product_id"})
            return made.model_copy(update={k: v for k, v in fields.items() if k == "product_id"})

        partner_id = change.get("partner_id") or bench.partner[change.get("partner", MILL)]
        key = change.get("key", new_key())
        with pytest.raises(InvalidInput):
            await bench.manager.create_rfq(
                partner_id=partner_id, items=[item(fields) for fields in change.get("items", [{}])], key=key
            )
        if re.fullmatch(r"\w{1,60}", key):
            assert (await bench.rfq(key=key)).lines[0].sku == "HAR", "the key was used up by what was refused"

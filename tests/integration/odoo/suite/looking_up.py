"""Suppliers, products, prices and rates, as they are found."""

from datetime import date
from decimal import Decimal

import pytest

from domain.errors import NotFound
from tests.integration.odoo.suite.bench import CUSTOMER, FARM, GONE, MILL, NUTS, QUIET, UNMARKED, Bench, change


class LookingUp:
    """See the module."""

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ({"phone": "+56961230101"}, [MILL]),
            ({"email": " VENTAS@molino.example "}, [MILL]),
            ({"phone": "+56961230103"}, [MILL]),
            ({"email": "rosa@molino.example"}, [MILL]),
            ({"phone": "+56961230101", "email": "rosa@molino.example"}, [MILL]),
            ({"phone": "+56961230101", "email": "pedidos@frutos.example"}, [MILL, NUTS]),
            ({"phone": "+56961230106"}, [UNMARKED]),
            ({"phone": "+56961230105"}, []),
            ({"phone": "+56961230104"}, []),
            ({"email": "fin@cerrado.example"}, []),
            ({"phone": "+5696123010"}, []),
            ({"phone": "%"}, []),
            ({}, []),
        ],
    )
    async def test_suppliers_are_found_by_what_they_write_from(
        self, bench: Bench, asked: dict[str, str], found: list[str]
    ) -> None:
        partners = await bench.manager.find_partners(**asked)
        assert [partner.name for partner in partners] == found
        assert [partner.partner_id for partner in partners] == [bench.partner[name] for name in found]

    async def test_a_customer_becomes_a_supplier_by_an_order(self, bench: Bench) -> None:
        await bench.rfq(partner=CUSTOMER)
        try:
            assert [one.name for one in await bench.manager.find_partners(phone="+56961230105")] == [CUSTOMER]
        finally:
            await self.forget_orders_of(bench, CUSTOMER)

    async def forget_orders_of(self, bench: Bench, partner: str) -> None:
        """Where the data outlives a test, undo what others would trip over."""

    async def test_a_partner(self, bench: Bench) -> None:
        mill = await bench.manager.get_partner(bench.partner[MILL])
        assert mill.to_json() == {
            "partner_id": bench.partner[MILL],
            "name": MILL,
            "phone": "+56961230101",
            "email": "ventas@molino.example",
            "lang": "es_CL",
        }
        quiet = await bench.manager.get_partner(bench.partner[QUIET])
        assert (quiet.phone, quiet.email) == (None, None)
        for missing in (999_999, bench.partner[GONE]):
            with pytest.raises(NotFound):
                await bench.manager.get_partner(missing)

    async def test_products_are_those_of_the_price_list_and_those_ordered_before(self, bench: Bench) -> None:
        listed = await bench.manager.list_products(partner_id=bench.partner[NUTS])
        assert [(p.sku, p.unit, p.list_price, p.currency) for p in listed] == [("NUE", "kg", Decimal("7.85"), "USD")]
        assert listed[0].on_hand >= Decimal("64.5")

        of_mill = {p.sku: p for p in await bench.manager.list_products(partner_id=bench.partner[MILL])}
        assert (of_mill["HAR"].list_price, of_mill["HAR"].vendor_code) == (Decimal(17900), "MSC-025")
        assert (of_mill["HAR"].vendor_name, of_mill["HAR"].name) == ("Panadera", "Harina")
        assert of_mill["SEM"].vendor_code is None
        assert {"NUE", "CEB", "AFR"}.isdisjoint(of_mill)

        draft = await bench.rfq(bench.item("AFR", "2", "8900"), partner=QUIET)
        assert await bench.manager.list_products(partner_id=draft.partner_id) == [], "a draft orders nothing"
        await bench.manager.confirm_order(draft.order_id, partner_id=draft.partner_id)
        [bran] = await bench.manager.list_products(partner_id=draft.partner_id)
        assert (bran.sku, bran.list_price, bran.currency) == ("AFR", Decimal(8900), "CLP")

    async def test_what_a_vendor_asks_for(self, bench: Bench) -> None:
        listed = {p.sku: p for p in await bench.manager.list_products(partner_id=bench.partner[FARM])}
        eggs = listed["HUE"]
        assert (eggs.unit, eggs.base_unit, eggs.min_quantity, eggs.lead_days) == ("caja de 12", "unidad", 5, 7)
        assert {unit.name: unit.factor for unit in eggs.units} == {"caja de 12": 12, "unidad": 1}
        assert [(tier.min_quantity, tier.price) for tier in eggs.tiers] == [(5, 3000), (50, 2800)], "in one currency"
        assert [eggs.price_for(Decimal(q)) for q in ("4.99", "5", "49", "50", "1000")] == [None, 3000, 3000, 2800, 2800]
        assert {sku: product.tracking for sku, product in listed.items()} == {"HUE": "none", "CUA": "lot", "BAL": "serial"}
        of_mill = {p.sku: p for p in await bench.manager.list_products(partner_id=bench.partner[MILL])}
        assert [(t.min_quantity, t.price) for t in of_mill["HAR"].tiers] == [(0, 17900), (100, 16800)]
        assert (of_mill["HAR"].unit, of_mill["HAR"].base_unit) == ("saco", "saco")

    async def test_what_was_paid_before_newest_first(self, bench: Bench) -> None:
        wanted = [bench.product["HAR"], bench.product["SEM"]]

        async def past(partner: str = MILL, **more: int) -> list[tuple[str, Decimal, Decimal, str, str]]:
            found = await bench.manager.past_prices(partner_id=bench.partner[partner], product_ids=wanted, **more)
            return [(price.order, price.unit_price, price.quantity, price.currency, price.unit) for price in found]

        first = await bench.rfq(bench.item("HAR", "3", "11111"))
        second = await bench.confirmed(
            bench.item("HAR", "5", "10000"), bench.item("SEM", "1", "2"), bench.item("FLE", "1", "9")
        )
        await bench.people.discount(second.lines[0].line_id, Decimal(5))
        assert first.name not in {order for order, *_ in await past()}, "a draft paid nothing"
        await bench.manager.confirm_order(first.order_id, partner_id=first.partner_id)
        assert (await past(limit=3)) == [
            (first.name, 11111, 3, "CLP", "saco"),
            (second.name, 2, 1, "CLP", "saco"),
            (second.name, 9500, 5, "CLP", "saco"),
        ]
        await bench.manager.cancel_order(first.order_id, partner_id=first.partner_id)
        assert first.name not in {order for order, *_ in await past()}
        assert second.name not in {order for order, *_ in await past(NUTS)}
        found = await bench.manager.past_prices(partner_id=bench.partner[MILL], product_ids=[bench.product["FLE"]], limit=1)
        assert [(one.product_id, one.order) for one in found] == [(bench.product["FLE"], second.name)]
        assert await bench.manager.past_prices(partner_id=bench.partner[MILL], product_ids=[]) == []

    async def test_a_line_at_nothing_paid_nothing(self, bench: Bench) -> None:
        order = await bench.confirmed(bench.item("HAR", "3", "1"), bench.item("SEM", "3", "1"))
        await bench.change(order, change(order.lines[0].line_id, quantity="0"))
        found = await bench.manager.past_prices(partner_id=bench.partner[MILL], product_ids=[bench.product["HAR"]], limit=1000)
        assert order.name not in {price.order for price in found}

    async def test_what_currencies_are_worth(self, bench: Bench) -> None:
        rates = await bench.manager.exchange_rates(["USD", "CLP", "CLF", "QQQ"], on=date(2026, 11, 20))
        assert rates[bench.company_currency] == 1
        assert set(rates) == {"USD", "CLP"}, "Odoo knows the UF and has no rate of it"
        assert rates["USD"] / rates["CLP"] > 700
        assert await bench.manager.exchange_rates([], on=date(2026, 11, 20)) == {}

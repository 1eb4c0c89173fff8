"""What every adapter of `OdooOrderManager` must do. The in-memory one and the one on a real Odoo 19 run the very same tests.

Faked: nothing here. `Bench` says how a back end is furnished with `SEED` and how a person plays his part in it.
"""

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.errors import ImpossibleTransition, InvalidInput, NotFound
from domain.orders import Order, OrderState, RfqItem
from tools.odoo.port import OdooForbidden, OdooOrderManager, OdooUnavailable, OrderNotFound
from tools.odoo.seed import OdooSeed, SeedPartner, SeedPrice, SeedProduct

MILL, NUTS, ROSA, GONE, CUSTOMER, UNMARKED, QUIET = "Molino", "Frutos", "Rosa", "Cerrado", "Cliente", "Sin marca", "Callado"

SEED = OdooSeed(
    rates={"CLP": Decimal(1), "USD": Decimal(945)},
    partners=(
        SeedPartner(partner_id=1, name=MILL, phone="+56961230101", email="ventas@molino.example", lang="es_CL"),
        SeedPartner(partner_id=2, name=NUTS, phone="+56961230102", email="pedidos@frutos.example", lang="pt_BR"),
        SeedPartner(partner_id=3, name=ROSA, phone="+56961230103", email="rosa@molino.example", parent_id=1, is_supplier=False),
        SeedPartner(partner_id=4, name=GONE, phone="+56961230104", email="fin@cerrado.example", active=False),
        SeedPartner(partner_id=5, name=CUSTOMER, phone="+56961230105", email="yo@cliente.example", is_supplier=False),
        SeedPartner(partner_id=6, name=UNMARKED, phone="+56961230106", email="hola@sinmarca.example", is_supplier=False),
        SeedPartner(partner_id=7, name=QUIET),
    ),
    products=(
        SeedProduct(
            product_id=1,
            name="Harina",
            sku="HAR",
            unit="saco",
            on_hand=Decimal(38),
            prices=(
                SeedPrice(partner_id=1, price=Decimal(17900), currency="CLP", vendor_code="MSC-025", vendor_name="Panadera"),
                SeedPrice(partner_id=1, price=Decimal(16800), currency="CLP", min_quantity=Decimal(100)),
            ),
        ),
        SeedProduct(
            product_id=2,
            name="Sémola",
            sku="SEM",
            unit="saco",
            prices=(SeedPrice(partner_id=1, price=Decimal(19500), currency="CLP"),),
        ),
        SeedProduct(
            product_id=3,
            name="Nueces",
            sku="NUE",
            unit="kg",
            on_hand=Decimal("64.5"),
            prices=(
                SeedPrice(partner_id=2, price=Decimal("7.85"), currency="USD"),
                SeedPrice(partner_id=6, price=Decimal(8), currency="USD"),
            ),
        ),
        SeedProduct(product_id=4, name="Flete", sku="FLE", unit="viaje", service=True),
        SeedProduct(product_id=5, name="Afrecho", sku="AFR", unit="saco"),
        SeedProduct(
            product_id=6,
            name="Cebada",
            sku="CEB",
            unit="saco",
            active=False,
            prices=(SeedPrice(partner_id=1, price=Decimal(9000), currency="CLP"),),
        ),
    ),
)


@dataclass
class Bench:
    """One back end, furnished with `SEED`. Ids are the back end's own, by name of partner and SKU of product."""

    manager: OdooOrderManager
    partner: Mapping[str, int]
    product: Mapping[str, int]
    approve: Callable[[int], Awaitable[None]]
    set_approval_amount: Callable[[Decimal | None], Awaitable[None]]
    locked_out: OdooOrderManager
    unreachable: OdooOrderManager

    def item(self, sku: str = "HAR", quantity: str = "10", price: str = "17900", **more: Any) -> RfqItem:
        fields = {"currency": "CLP", **more}
        return RfqItem(product_id=self.product[sku], quantity=Decimal(quantity), unit_price=Decimal(price), **fields)

    async def rfq(self, *items: RfqItem, partner: str = MILL, key: str = "") -> Order:
        return await self.manager.create_rfq(
            partner_id=self.partner[partner], items=items or [self.item()], key=key or new_key()
        )

    async def confirmed(self, *items: RfqItem, partner: str = MILL) -> Order:
        order = await self.rfq(*items, partner=partner)
        return await self.manager.confirm_order(order.order_id, partner_id=self.partner[partner])

    async def now(self, order: Order) -> Order:
        return await self.manager.get_order_status(order_id=order.order_id, partner_id=order.partner_id)


def new_key() -> str:
    return f"t_{uuid.uuid4().hex}"


ON_ONE_ORDER: dict[str, Callable[[OdooOrderManager, int, int], Awaitable[object]]] = {
    "send": lambda odoo, order, partner: odoo.send_rfq(order, partner_id=partner),
    "confirm": lambda odoo, order, partner: odoo.confirm_order(order, partner_id=partner),
    "receive": lambda odoo, order, partner: odoo.mark_received(order, partner_id=partner),
    "bill": lambda odoo, order, partner: odoo.create_bill(order, partner_id=partner),
    "cancel": lambda odoo, order, partner: odoo.cancel_order(order, partner_id=partner),
    "status": lambda odoo, order, partner: odoo.get_order_status(order_id=order, partner_id=partner),
}

ANY_CALL: dict[str, Callable[[OdooOrderManager], Awaitable[object]]] = {
    **{name: lambda odoo, call=call: call(odoo, 1, 1) for name, call in ON_ONE_ORDER.items()},
    "create": lambda odoo: odoo.create_rfq(
        partner_id=1,
        items=[RfqItem(product_id=1, quantity=Decimal(1), unit_price=Decimal(1), currency="CLP")],
        key="never_made",
    ),
    "list": lambda odoo: odoo.list_orders(partner_id=1),
    "find": lambda odoo: odoo.find_partners(phone="+56961230101"),
    "partner": lambda odoo: odoo.get_partner(1),
    "products": lambda odoo: odoo.list_products(partner_id=1),
    "check": lambda odoo: odoo.check(),
}


class PortSuite:
    """Subclass it where a fixture `bench` furnishes a back end."""

    # -- creating

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

    # -- sending, confirming, cancelling

    async def test_sent_confirmed_and_both_again(self, bench: Bench) -> None:
        order = await bench.rfq()
        whose = {"partner_id": order.partner_id}
        assert (await bench.manager.send_rfq(order.order_id, **whose)).state is OrderState.SENT
        assert (await bench.manager.send_rfq(order.order_id, **whose)).state is OrderState.SENT
        assert (await bench.manager.confirm_order(order.order_id, **whose)).state is OrderState.CONFIRMED
        assert (await bench.manager.confirm_order(order.order_id, **whose)).state is OrderState.CONFIRMED
        assert (await bench.manager.send_rfq(order.order_id, **whose)).state is OrderState.CONFIRMED

    async def test_four_confirmations_at_once(self, bench: Bench) -> None:
        order = await bench.rfq()
        answers = await asyncio.gather(
            *(bench.manager.confirm_order(order.order_id, partner_id=order.partner_id) for _ in range(4))
        )
        assert {answer.state for answer in answers} == {OrderState.CONFIRMED}

    async def test_a_cancelled_order_stays_cancelled(self, bench: Bench) -> None:
        order = await bench.rfq()
        for _ in range(2):
            cancelled = await bench.manager.cancel_order(order.order_id, partner_id=order.partner_id)
            assert cancelled.state is OrderState.CANCELLED
        for name in ("send", "confirm", "receive", "bill"):
            with pytest.raises(ImpossibleTransition):
                await ON_ONE_ORDER[name](bench.manager, order.order_id, order.partner_id)
        assert await bench.now(order) == cancelled

    async def test_a_confirmed_order_may_be_cancelled_until_something_came(self, bench: Bench) -> None:
        order = await bench.confirmed()
        cancelled = await bench.manager.cancel_order(order.order_id, partner_id=order.partner_id)
        assert cancelled.state is OrderState.CANCELLED
        order = await bench.confirmed()
        [line] = order.lines
        await bench.manager.mark_received(order.order_id, partner_id=order.partner_id, quantities={line.line_id: Decimal(1)})
        with pytest.raises(ImpossibleTransition):
            await bench.manager.cancel_order(order.order_id, partner_id=order.partner_id)
        assert (await bench.now(order)).state is OrderState.CONFIRMED

    async def test_two_step_approval(self, bench: Bench) -> None:
        await bench.set_approval_amount(Decimal(1))
        try:
            order = await bench.rfq()
            for _ in range(2):
                waiting = await bench.manager.confirm_order(order.order_id, partner_id=order.partner_id)
                assert waiting.state is OrderState.TO_APPROVE
            for name in ("receive", "bill"):
                with pytest.raises(ImpossibleTransition):
                    await ON_ONE_ORDER[name](bench.manager, order.order_id, order.partner_id)
            await bench.approve(order.order_id)
            assert (await bench.now(order)).state is OrderState.CONFIRMED
            assert (await bench.confirmed(bench.item("HAR", "1", "0"))).state is OrderState.CONFIRMED, "below the amount"
        finally:
            await bench.set_approval_amount(None)

    # -- receiving

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

    # -- billing

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

    # -- whose order it is

    @pytest.mark.parametrize("name", ON_ONE_ORDER)
    async def test_another_suppliers_order_does_not_exist(self, bench: Bench, name: str) -> None:
        order = await bench.rfq()
        for partner_id in (bench.partner[NUTS], bench.partner[ROSA], 999_999):
            with pytest.raises(OrderNotFound):
                await ON_ONE_ORDER[name](bench.manager, order.order_id, partner_id)
        with pytest.raises(OrderNotFound):
            await ON_ONE_ORDER[name](bench.manager, 999_999, order.partner_id)
        assert await bench.now(order) == order

    async def test_an_order_by_reference(self, bench: Bench) -> None:
        order = await bench.rfq()
        find = bench.manager.get_order_status
        assert await find(name=f" {order.name.lower()} ", partner_id=order.partner_id) == order
        for wrong in ("P%", "P____", order.name[:-1], "", order.name + "\\"):
            with pytest.raises(OrderNotFound):
                await find(name=wrong, partner_id=order.partner_id)
        with pytest.raises(OrderNotFound):
            await find(name=order.name, partner_id=bench.partner[NUTS])
        with pytest.raises(InvalidInput):
            await find(partner_id=order.partner_id)
        with pytest.raises(InvalidInput):
            await find(name=order.name, order_id=order.order_id, partner_id=order.partner_id)

    async def test_a_contacts_order_counts_as_the_companys(self, bench: Bench) -> None:
        order = await bench.rfq(partner=ROSA)
        seen = await bench.manager.get_order_status(order_id=order.order_id, partner_id=bench.partner[MILL])
        assert (seen.order_id, seen.partner_id) == (order.order_id, bench.partner[MILL])
        assert (await bench.manager.list_orders(partner_id=bench.partner[MILL], limit=1))[0].order_id == order.order_id

    async def test_the_newest_orders_come_first(self, bench: Bench) -> None:
        assert await bench.manager.list_orders(partner_id=bench.partner[CUSTOMER]) == []
        made = [await bench.rfq(partner=QUIET) for _ in range(3)]
        assert await bench.manager.list_orders(partner_id=bench.partner[QUIET]) == made[::-1]
        assert await bench.manager.list_orders(partner_id=bench.partner[QUIET], limit=2) == made[:0:-1]

    # -- looking up

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

    # -- when Odoo will not or cannot

    @pytest.mark.parametrize("name", ANY_CALL)
    async def test_a_rejected_login_is_final(self, bench: Bench, name: str) -> None:
        with pytest.raises(OdooForbidden) as caught:
            await ANY_CALL[name](bench.locked_out)
        assert not caught.value.retryable

    @pytest.mark.parametrize("name", ANY_CALL)
    async def test_an_odoo_that_is_down_may_be_asked_again(self, bench: Bench, name: str) -> None:
        with pytest.raises(OdooUnavailable) as caught:
            await ANY_CALL[name](bench.unreachable)
        assert caught.value.retryable

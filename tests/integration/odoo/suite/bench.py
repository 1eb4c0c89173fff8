"""What the port's suite works with: the seed, the bench, and the parts that people play. Nothing is faked here."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from domain.goods import ProductUnit
from domain.orders import LineChange, Order, RfqItem
from tools.odoo.port import OdooOrderManager
from tools.odoo.seed import OdooSeed, SeedPartner, SeedPrice, SeedProduct

MILL, NUTS, ROSA, GONE, CUSTOMER, UNMARKED, QUIET = "Molino", "Frutos", "Rosa", "Cerrado", "Cliente", "Sin marca", "Callado"
#: Sells goods with lots, in boxes, and with conditions.
FARM = "Granja"
#: Has no orders but those of the one test that counts them.
SELDOM = "Rara vez"

_BOX = ProductUnit(name="caja de 12", factor=Decimal(12))

SEED = OdooSeed(
    rates={"CLP": Decimal(1), "USD": Decimal(945)},
    buyer="agent@buyer.example",
    buyer_email="agent@buyer.example",
    partners=(
        SeedPartner(partner_id=1, name=MILL, phone="+56961230101", email="ventas@molino.example", lang="es_CL"),
        SeedPartner(partner_id=2, name=NUTS, phone="+56961230102", email="pedidos@frutos.example", lang="pt_BR"),
        SeedPartner(partner_id=3, name=ROSA, phone="+56961230103", email="rosa@molino.example", parent_id=1, is_supplier=False),
        SeedPartner(partner_id=4, name=GONE, phone="+56961230104", email="fin@cerrado.example", active=False),
        SeedPartner(partner_id=5, name=CUSTOMER, phone="+56961230105", email="yo@cliente.example", is_supplier=False),
        SeedPartner(partner_id=6, name=UNMARKED, phone="+56961230106", email="hola@sinmarca.example", is_supplier=False),
        SeedPartner(partner_id=7, name=QUIET),
        SeedPartner(partner_id=8, name=FARM),
        SeedPartner(partner_id=9, name=SELDOM),
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
        SeedProduct(
            product_id=7,
            name="Huevos",
            sku="HUE",
            unit="unidad",
            packagings=(_BOX,),
            on_hand=Decimal(30),
            prices=(
                SeedPrice(
                    partner_id=8,
                    price=Decimal(3000),
                    currency="CLP",
                    unit=_BOX.name,
                    min_quantity=Decimal(5),
                    lead_days=7,
                ),
                SeedPrice(partner_id=8, price=Decimal(2800), currency="CLP", unit=_BOX.name, min_quantity=Decimal(50)),
                SeedPrice(partner_id=8, price=Decimal(3), currency="USD", unit=_BOX.name, min_quantity=Decimal(60)),
            ),
        ),
        SeedProduct(
            product_id=8,
            name="Cuajo",
            sku="CUA",
            unit="frasco",
            tracking="lot",
            prices=(SeedPrice(partner_id=8, price=Decimal(5000), currency="CLP"),),
        ),
        SeedProduct(
            product_id=9,
            name="Balanza",
            sku="BAL",
            unit="pieza",
            tracking="serial",
            prices=(SeedPrice(partner_id=8, price=Decimal(90000), currency="CLP"),),
        ),
    ),
)


class People(Protocol):
    """What people do in Odoo's own pages, and see there."""

    async def lock(self, order_id: int) -> None:
        """Close an order against changes."""
        ...

    async def discount(self, line_id: int, percent: Decimal) -> None:
        """Give a line a discount."""
        ...

    async def take_off_all(self, order_id: int) -> None:
        """Leave an RFQ without a line."""
        ...

    async def post_bill(self, bill_id: int, *, ref: str, bill_date: date, due_date: date) -> None:
        """Make a draft bill valid."""
        ...

    async def pay_bill(self, bill_id: int) -> None:
        """Pay a posted bill in full."""
        ...

    async def notes(self, order_id: int) -> list[str]:
        """The agent's notes at an order as people read them, oldest first."""
        ...


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
    people: People
    company_currency: str

    def item(self, sku: str = "HAR", quantity: str = "10", price: str = "17900", **more: Any) -> RfqItem:
        fields = {"currency": "CLP", **more}
        return RfqItem(product_id=self.product[sku], quantity=Decimal(quantity), unit_price=Decimal(price), **fields)

    async def rfq(self, *items: RfqItem, partner: str = MILL, key: str = "", planned_date: date | None = None) -> Order:
        return await self.manager.create_rfq(
            partner_id=self.partner[partner], items=items or [self.item()], key=key or new_key(), planned_date=planned_date
        )

    async def confirmed(self, *items: RfqItem, partner: str = MILL, planned_date: date | None = None) -> Order:
        order = await self.rfq(*items, partner=partner, planned_date=planned_date)
        return await self.manager.confirm_order(order.order_id, partner_id=self.partner[partner])

    async def change(self, order: Order, *changes: LineChange, add: tuple[RfqItem, ...] = (), key: str = "") -> Order:
        return await self.manager.change_order(
            order.order_id, partner_id=order.partner_id, changes=changes, additions=add, key=key
        )

    async def received(self, order: Order, *quantities: str | None, **more: Any) -> Order:
        """Receive so much of each line (None: nothing of it), or all that is open."""
        given = {line.line_id: Decimal(q) for line, q in zip(order.lines, quantities, strict=False) if q is not None}
        return await self.manager.mark_received(order.order_id, partner_id=order.partner_id, quantities=given or None, **more)

    async def now(self, order: Order) -> Order:
        return await self.manager.get_order_status(order_id=order.order_id, partner_id=order.partner_id)


def new_key() -> str:
    return f"t_{uuid.uuid4().hex}"


def change(line_id: int, quantity: str | None = None, price: str | None = None, day: date | None = None) -> LineChange:
    return LineChange(
        line_id=line_id,
        quantity=None if quantity is None else Decimal(quantity),
        unit_price=None if price is None else Decimal(price),
        planned_date=day,
    )


ON_ONE_ORDER: dict[str, Callable[[OdooOrderManager, int, int], Awaitable[object]]] = {
    "send": lambda odoo, order, partner: odoo.send_rfq(order, partner_id=partner),
    "change": lambda odoo, order, partner: odoo.change_order(order, partner_id=partner, changes=[change(1, quantity="3")]),
    "confirm": lambda odoo, order, partner: odoo.confirm_order(order, partner_id=partner),
    "plan": lambda odoo, order, partner: odoo.plan_receipt(order, partner_id=partner),
    "receive": lambda odoo, order, partner: odoo.mark_received(order, partner_id=partner),
    "bill": lambda odoo, order, partner: odoo.create_bill(order, partner_id=partner),
    "cancel": lambda odoo, order, partner: odoo.cancel_order(order, partner_id=partner),
    "note": lambda odoo, order, partner: odoo.post_note(order, partner_id=partner, text="x", key="never_kept"),
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
    "bills": lambda odoo: odoo.list_bills(partner_id=1),
    "past": lambda odoo: odoo.past_prices(partner_id=1, product_ids=[1]),
    "rates": lambda odoo: odoo.exchange_rates(["USD"], on=date(2026, 1, 1)),
    "find": lambda odoo: odoo.find_partners(phone="+56961230101"),
    "partner": lambda odoo: odoo.get_partner(1),
    "products": lambda odoo: odoo.list_products(partner_id=1),
    "check": lambda odoo: odoo.check(),
}

"""A case of each kind that passes, to be spoilt by one fact at a time; and strategies that make any of them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.goods import PastPrice, PriceTier, Product, ProductUnit
from domain.orders import Order, OrderLine, OrderState
from domain.policy import (
    BillingCase,
    CancellationCase,
    ChangeCase,
    ConfirmationCase,
    DispatchCase,
    Offer,
    QuoteCase,
    ReceiptCase,
    StartCase,
    Wanted,
)
from domain.understanding import Intent, OfferedLine, Understanding

#: A Monday.
TODAY = date(2026, 11, 23)
AGREED = date(2026, 11, 30)

FLOUR = OrderLine(
    line_id=1, product_id=10, product="Harina 25 kg", quantity=Decimal(20), unit="saco", unit_price=Decimal(10_000)
)
FREIGHT = OrderLine(line_id=2, product_id=90, product="Flete", quantity=Decimal(1), unit="Unidad", unit_price=Decimal(30_000))
ORDER = Order(
    order_id=5,
    name="P00005",
    partner_id=3,
    state=OrderState.SENT,
    currency="CLP",
    amount_untaxed=Decimal(200_000),
    amount_total=Decimal(238_000),
    lines=(FLOUR,),
    planned_date=AGREED,
)
GOODS = Product(
    product_id=10,
    name="Harina 25 kg",
    unit="saco",
    base_unit="saco",
    units=(ProductUnit(name="saco", factor=Decimal(1)), ProductUnit(name="pallet", factor=Decimal(40))),
    list_price=Decimal(10_000),
    currency="CLP",
    tiers=(
        PriceTier(min_quantity=Decimal(0), price=Decimal(10_000)),
        PriceTier(min_quantity=Decimal(100), price=Decimal(9_000)),
    ),
    lead_days=3,
    on_hand=Decimal(10),
    forecast=Decimal(10),
)
PAID = PastPrice(
    product_id=10,
    order="P00001",
    unit_price=Decimal(10_000),
    currency="CLP",
    unit="saco",
    quantity=Decimal(20),
    date=TODAY - timedelta(days=30),
)
ACCEPTED = Understanding(intent=Intent.CONFIRM_ORDER, order_ref="P00005", confidence=0.95)
OFFERED = OfferedLine(product="Harina", quantity=Decimal(20), unit="saco", unit_price=Decimal(10_000), currency="CLP")

CONFIRMATION = ConfirmationCase(
    reading=ACCEPTED,
    partner_id=3,
    order=ORDER,
    opened_by_agent=True,
    today=TODAY,
    products=(GOODS,),
    past=(PAID,),
    rates={"CLP": Decimal(1), "USD": Decimal(900), "CLF": Decimal(40_000)},
    earlier_orders=1,
    agreed_date=AGREED,
)
QUOTE = QuoteCase(
    reading=Understanding(intent=Intent.NEW_QUOTE, lines=(OFFERED,), confidence=0.95),
    partner_id=3,
    order=None,
    today=TODAY,
    offers=(Offer(line=OFFERED, product=GOODS),),
)
CHANGE = ChangeCase(
    reading=Understanding(intent=Intent.MODIFY_ORDER, delivery_date=AGREED + timedelta(days=1), confidence=0.95),
    partner_id=3,
    order=ORDER,
    opened_by_agent=True,
    today=TODAY,
    products=(GOODS,),
    past=(PAID,),
    rates=CONFIRMATION.rates,
)
CANCELLATION = CancellationCase(
    reading=Understanding(intent=Intent.CANCEL_ORDER, confidence=0.95),
    partner_id=3,
    order=ORDER,
    opened_by_agent=True,
    today=TODAY,
)
DISPATCH = DispatchCase(
    reading=Understanding(intent=Intent.DELIVERY_UPDATE, delivery_date=AGREED, confidence=0.95),
    partner_id=3,
    order=ORDER.model_copy(update={"state": OrderState.CONFIRMED}),
    today=TODAY,
    agreed_date=AGREED,
)
BILLING = BillingCase(
    reading=Understanding(intent=Intent.BILLING_QUESTION, confidence=0.95),
    partner_id=3,
    order=None,
    today=TODAY,
    texts=("¿Cuándo pagan la factura 1203?",),
)
START = StartCase(
    partner_id=3,
    wanted=(Wanted(product_id=10, quantity=Decimal(20)),),
    wanted_date=AGREED,
    by_person=False,
    products=(GOODS,),
    past=(PAID,),
    today=TODAY,
    now=datetime(2026, 11, 23, 15, 0, tzinfo=UTC),
    timezone="America/Santiago",
)
RECEIPT = ReceiptCase(order=ORDER.model_copy(update={"state": OrderState.CONFIRMED}))

GOOD_CASES = (CONFIRMATION, QUOTE, CHANGE, CANCELLATION, DISPATCH, BILLING, START, RECEIPT)


def order(**changes: Any) -> Order:
    return ORDER.model_copy(update=changes)


def line(**changes: Any) -> Order:
    """The order with its one line changed; Odoo's sum is kept true."""
    changed = FLOUR.model_copy(update=changes)
    return order(lines=(changed,), amount_untaxed=changed.quantity * changed.net_price)


def goods(**changes: Any) -> tuple[Product, ...]:
    return (GOODS.model_copy(update=changes),)


def listed(price: str, currency: str = "CLP", unit: str = "saco") -> tuple[Product, ...]:
    tier = PriceTier(min_quantity=Decimal(0), price=Decimal(price))
    return goods(list_price=Decimal(price), tiers=(tier,), currency=currency, unit=unit)


def paid(price: str, *, days_ago: int = 30, quantity: str = "20", currency: str = "CLP", unit: str = "saco") -> PastPrice:
    changes = {"unit_price": Decimal(price), "quantity": Decimal(quantity), "currency": currency, "unit": unit}
    return PAID.model_copy(update=changes | {"date": TODAY - timedelta(days=days_ago)})

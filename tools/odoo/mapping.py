"""Odoo's records as our values. Both adapters fold states here, so that they cannot differ.

Odoo's floats become Decimals by their shortest text, not their binary value: 0.1 is 0.1. Odoo's five states of an order do
not tell whether goods came or were billed, so those are read off the lines; `receipt_status` is not used, because Odoo
calls it `full` when 2 of 5 came and nobody waits for the rest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from domain.orders import Order, OrderLine, OrderState
from tools.odoo.port import Bill, Partner

Record = Mapping[str, Any]

#: `done` is how Odoo before 19 calls a confirmed order that was locked.
_CONFIRMED = {"purchase", "done"}

_PLAIN = {
    "draft": OrderState.DRAFT,
    "sent": OrderState.SENT,
    "to approve": OrderState.TO_APPROVE,
    "cancel": OrderState.CANCELLED,
}


@dataclass(frozen=True)
class LineProgress:
    """How far one line is. `by_hand`: nothing goes through the warehouse (a service), a person books what was received."""

    quantity: Decimal
    received: Decimal
    billed: Decimal
    by_hand: bool = False

    @property
    def arrived(self) -> bool:
        """Whether all that was ordered has come."""
        return self.received >= self.quantity

    @property
    def done(self) -> bool:
        """Arrived; or a service that was billed in full, which is often the only trace of it."""
        return self.arrived or (self.by_hand and self.billed >= self.quantity)


def fold_state(state: str, lines: Iterable[LineProgress], *, invoiced: bool) -> OrderState:
    """Our state of an order. `invoiced`: nothing is left to bill and a bill exists, in draft or posted.

    Odoo's `invoice_status` turns `invoiced` as soon as a draft bill covers what was received, and back when that bill is
    cancelled. An order of which a part was received and billed is still `confirmed`: goods are to come.
    """
    if state not in _CONFIRMED:
        return _PLAIN[state]
    ordered = [line for line in lines if line.quantity > 0]
    if ordered and invoiced and all(line.done for line in ordered):
        return OrderState.BILLED
    if ordered and all(line.arrived for line in ordered):
        return OrderState.RECEIVED
    return OrderState.CONFIRMED


def decimal(value: float) -> Decimal:
    """A Decimal of Odoo's float, without the noise of binary sums (six places are finer than Odoo keeps)."""
    number = Decimal(str(round(value, 6)))
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number


def local_date(moment: str | bool | None, zone: ZoneInfo) -> date | None:
    """The day of one of Odoo's UTC timestamps (`2026-12-24 15:00:00`; False for none) in `zone`."""
    if not moment:
        return None
    return datetime.fromisoformat(str(moment)).replace(tzinfo=UTC).astimezone(zone).date()


def to_order(
    record: Record, lines: Iterable[Record], products: Mapping[int, Record], *, partner_id: int, zone: ZoneInfo
) -> Order:
    """An order as shown to `partner_id`; notes, sections and down payments (lines without product) are left out."""
    goods = [line for line in lines if line["product_id"]]
    progress = [
        LineProgress(
            quantity=decimal(line["product_qty"]),
            received=decimal(line["qty_received"]),
            billed=decimal(line["qty_invoiced"]),
            by_hand=line["qty_received_method"] != "stock_moves",
        )
        for line in goods
    ]
    return Order(
        order_id=record["id"],
        name=record["name"],
        partner_id=partner_id,
        state=fold_state(record["state"], progress, invoiced=record["invoice_status"] == "invoiced"),
        currency=record["currency_id"][1],
        amount_untaxed=decimal(record["amount_untaxed"]),
        amount_total=decimal(record["amount_total"]),
        lines=tuple(_to_line(line, products.get(line["product_id"][0])) for line in goods),
        planned_date=local_date(record["date_planned"], zone),
    )


def to_partner(record: Record) -> Partner:
    """A `res.partner`."""
    return Partner(
        partner_id=record["id"],
        name=record["name"] or "",
        phone=record["phone_sanitized"] or None,
        email=record["email_normalized"] or None,
        lang=record["lang"] or None,
    )


def to_bill(record: Record) -> Bill:
    """An `account.move`."""
    return Bill(
        bill_id=record["id"],
        state=record["state"],
        amount_total=decimal(record["amount_total"]),
        currency=record["currency_id"][1],
    )


def _to_line(line: Record, product: Record | None) -> OrderLine:
    return OrderLine(
        line_id=line["id"],
        product_id=line["product_id"][0],
        product=product["display_name"] if product else line["product_id"][1],
        sku=(product["default_code"] if product else None) or None,
        quantity=decimal(line["product_qty"]),
        unit=line["unit"][1] if line["unit"] else "",
        unit_price=decimal(line["price_unit"]),
        received=decimal(line["qty_received"]),
        billed=decimal(line["qty_invoiced"]),
    )

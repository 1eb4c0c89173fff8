"""Odoo's records as our values. Both adapters fold states here, so that they cannot differ.

Odoo's floats become Decimals by their shortest text, not their binary value: 0.1 is 0.1. Odoo's five states of an order do
not tell whether goods came or were billed, so those are read off the lines; `receipt_status` is not used, because Odoo
calls it `full` when 2 of 5 came and nobody waits for the rest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from domain.bills import Bill
from domain.orders import Order, OrderLine, OrderState
from domain.partners import Partner

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
    at = utc(moment)
    return at.astimezone(zone).date() if at else None


def utc(moment: str | bool | None) -> datetime | None:
    """One of Odoo's timestamps, aware."""
    return datetime.fromisoformat(str(moment)).replace(tzinfo=UTC) if moment else None


def noon(day: date, zone: ZoneInfo) -> str:
    """Odoo's timestamp of noon in `zone`: in no other zone in use there is it another day."""
    return datetime.combine(day, time(12), zone).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def to_order(record: Record, *, partner_id: int, zone: ZoneInfo, portal: str | None = None) -> Order:
    """An order, read with its lines, as shown to `partner_id`; `portal` is the address that its page begins with.

    Notes, sections and down payments (lines without product) are left out.
    """
    goods = [line for line in record["order_line"] if line["product_id"]]
    progress = [
        LineProgress(
            quantity=decimal(line["product_qty"]),
            received=decimal(line["qty_received"]),
            billed=decimal(line["qty_invoiced"]),
            by_hand=line["qty_received_method"] != "stock_moves",
        )
        for line in goods
    ]
    buyer = record["user_id"] or {}
    return Order(
        order_id=record["id"],
        name=record["name"],
        partner_id=partner_id,
        state=fold_state(record["state"], progress, invoiced=record["invoice_status"] == "invoiced"),
        currency=record["currency_id"]["name"],
        amount_untaxed=decimal(record["amount_untaxed"]),
        amount_total=decimal(record["amount_total"]),
        lines=tuple(_to_line(line, zone) for line in goods),
        planned_date=local_date(record["date_planned"], zone),
        buyer=buyer.get("name") or None,
        buyer_email=buyer.get("email") or None,
        portal_url=f"{portal}{record['access_url']}?access_token={record['access_token']}" if portal else None,
        confirmed_at=utc(record["date_approve"]) if record["state"] in _CONFIRMED else None,
        locked=bool(record.get("locked")) or record["state"] == "done",
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
    """An `account.move`, read with the orders of its lines. Dates say something once it is posted: Odoo fills drafts in."""
    posted = record["state"] == "posted"
    orders = {line["purchase_order_id"]["name"] for line in record["invoice_line_ids"] if line["purchase_order_id"]}
    return Bill(
        bill_id=record["id"],
        state=record["state"],
        amount_total=decimal(record["amount_total"]),
        currency=record["currency_id"]["name"],
        # Before it is posted a bill is called `/` (Odoo 14), or nothing.
        name=record["name"] if record["name"] and record["name"] != "/" else None,
        ref=record["ref"] or None,
        payment_state=record["payment_state"] or "not_paid",
        amount_due=decimal(record["amount_residual"]),
        bill_date=day(record["invoice_date"]) if posted else None,
        due_date=day(record["invoice_date_due"]) if posted else None,
        orders=tuple(sorted(orders)),
    )


def day(value: str | bool) -> date | None:
    """One of Odoo's days (`2026-12-24`; False for none)."""
    return date.fromisoformat(str(value)) if value else None


def _to_line(line: Record, zone: ZoneInfo) -> OrderLine:
    product, unit = line["product_id"], line.get("product_uom_id") or line.get("product_uom")
    return OrderLine(
        line_id=line["id"],
        product_id=product["id"],
        product=product["display_name"],
        sku=product["default_code"] or None,
        quantity=decimal(line["product_qty"]),
        unit=unit["display_name"] if unit else "",
        unit_price=decimal(line["price_unit"]),
        received=decimal(line["qty_received"]),
        billed=decimal(line["qty_invoiced"]),
        planned_date=local_date(line["date_planned"], zone),
        discount=decimal(line.get("discount", 0.0)),
    )

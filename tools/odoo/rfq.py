"""Creating an RFQ so that the same key never makes two: Odoo's `load` with external ids.

Why not search and then create: four parallel calls make four orders, and a call that timed out here commits there all the
same. `load` finds a record by its external id inside one transaction, and PostgreSQL turns the losers of a race away. But it
also overwrites what it finds, even a confirmed order, so the key is looked up before every `load`, and lines have external
ids of their own, or a second `load` would append them again.

Odoo picks the wrong price tier when it fills a price in, so prices, units, currency and dates are always sent, and what came
out is compared with what was asked.
"""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from random import uniform
from typing import Any

from domain.errors import InvalidInput, NotFound
from domain.orders import Order, RfqItem
from tools.odoo.errors import is_conflict
from tools.odoo.mapping import Record
from tools.odoo.orders import of_partner, read_order, unit_field, vendor_field
from tools.odoo.port import OdooRefused, OdooUnavailable
from tools.odoo.rules import check_digits, check_key, one_currency
from tools.odoo.transport import OdooTransport

_MODULE = "purchase_agent"
_ATTEMPTS = 4


def create_rfq(
    odoo: OdooTransport,
    *,
    partner_id: int,
    items: Sequence[RfqItem],
    key: str,
    origin: str,
    planned_date: date | None,
) -> Order:
    """See `OdooOrderManager.create_rfq`. Blocks, up to a few timeouts long."""
    check_key(key)
    currency = one_currency(items)
    made_before = _look_up(odoo, key)
    if made_before is not None:
        return read_order(odoo, made_before, partner_id=partner_id)
    fields, rows = _request(odoo, partner_id, items, key, origin, currency, planned_date)
    order = read_order(odoo, _load(odoo, key, fields, rows), partner_id=partner_id)
    _compare(order, items, currency, planned_date)
    return order


def _look_up(odoo: OdooTransport, key: str) -> int | None:
    for _ in range(_ATTEMPTS):
        try:
            _model, record_id = odoo.call("ir.model.data", "check_object_reference", _MODULE, key)
        except OdooRefused as refusal:
            # Only this answer means absent. Taking another failure for it would let `load` overwrite an order.
            if "External ID not found" in refusal.detail:
                return None
            raise
        if record_id:
            return int(record_id)
        # The id without a record to it: Odoo's cache of ids runs ahead of the transaction that makes the order, and stays
        # behind if that one fails. A moment later it is settled.
        time.sleep(0.15)
    # Still so: it failed, or this user may not see the order. `load` heeds both: it asks the table, and has no more rights.
    return None


def _load(odoo: OdooTransport, key: str, fields: list[str], rows: list[list[str]]) -> int:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            answer = odoo.call("purchase.order", "load", fields, rows)
        except OdooUnavailable:
            answer = None
            if attempt == _ATTEMPTS:
                raise
        if answer and answer["ids"]:
            return int(answer["ids"][0])
        refusal = "; ".join(str(message.get("message")) for message in answer["messages"]) if answer else ""
        if answer and not is_conflict(refusal):
            raise OdooRefused(refusal)
        time.sleep(uniform(0.1, 0.4) * attempt)  # noqa: S311 (jitter, no secret)
        found = _look_up(odoo, key)
        if found is not None:
            return found
    raise OdooUnavailable("Other transactions were always first.")


def _request(
    odoo: OdooTransport,
    partner_id: int,
    items: Sequence[RfqItem],
    key: str,
    origin: str,
    currency: str,
    planned_date: date | None,
) -> tuple[list[str], list[list[str]]]:
    if not odoo.call("res.partner", "search_count", [("id", "=", partner_id)]):
        raise NotFound(f"Partner {partner_id}.")
    units = _units(odoo, partner_id, items)
    check_digits(items, odoo.fields("purchase.order.line")["product_qty"]["digits"][1])
    head = {
        "id": f"{_MODULE}.{key}",
        "partner_id/.id": str(partner_id),
        "origin": origin or key,
        "currency_id/.id": str(_currency_id(odoo, currency)),
    }
    rows: list[list[str]] = []
    for number, (item, unit_id) in enumerate(zip(items, units, strict=True), start=1):
        line = {
            # A hyphen, which no key has: the lines of key `a` can never be taken for an order with key `a_1`.
            "order_line/id": f"{_MODULE}.{key}-{number}",
            "order_line/product_id/.id": str(item.product_id),
            "order_line/product_qty": f"{item.quantity:f}",
            f"order_line/{unit_field(odoo, 'purchase.order.line')}/.id": str(unit_id),
            "order_line/price_unit": f"{item.unit_price:f}",
        }
        if planned_date:
            # `load` reads times in the user's time zone; at noon no other zone in use there makes it another day.
            line["order_line/date_planned"] = f"{planned_date.isoformat()} 12:00:00"
        rows.append([*(head.values() if number == 1 else [""] * len(head)), *line.values()])
    return [*head, *line], rows


def _currency_id(odoo: OdooTransport, currency: str) -> int:
    # Odoo keeps every currency, most of them inactive; an order in an inactive one is accepted.
    found: list[int] = odoo.call("res.currency", "search", [("name", "=", currency)], context={"active_test": False})
    if not found:
        raise InvalidInput(f"Odoo knows no currency {currency}.")
    return found[0]


def _units(odoo: OdooTransport, partner_id: int, items: Sequence[RfqItem]) -> list[int]:
    """The unit's id for each item: by name among those the product is bought in, else the one of the price list."""
    more = ["uom_ids"] if "uom_ids" in odoo.fields("product.product") else []
    products: dict[int, Record] = {
        record["id"]: record
        for record in odoo.call(
            "product.product",
            "search_read",
            [("id", "in", [item.product_id for item in items]), ("purchase_ok", "=", True)],
            fields=["product_tmpl_id", "uom_id", *more],
        )
    }
    for item in items:
        if item.product_id not in products:
            raise InvalidInput(f"There is no product {item.product_id} that may be bought.")
    unit = unit_field(odoo, "product.supplierinfo")
    listed: dict[int, Any] = {}
    for seller in odoo.call(
        "product.supplierinfo",
        "search_read",
        [
            ("product_tmpl_id", "in", [p["product_tmpl_id"][0] for p in products.values()]),
            *of_partner(partner_id, vendor_field(odoo)),
        ],
        fields=["product_tmpl_id", unit],
        order="sequence, min_qty, id",
    ):
        if seller[unit]:
            listed.setdefault(seller["product_tmpl_id"][0], seller[unit])
    return [_unit(odoo, item, products[item.product_id], listed) for item in items]


def _unit(odoo: OdooTransport, item: RfqItem, product: Record, listed: dict[int, Any]) -> int:
    usual = listed.get(product["product_tmpl_id"][0]) or product["uom_id"]
    choices = {usual[1]: usual[0], product["uom_id"][1]: product["uom_id"][0]}
    if item.unit is None or item.unit == usual[1]:
        return int(usual[0])
    if product.get("uom_ids"):
        packagings = odoo.call("uom.uom", "read", product["uom_ids"], ["display_name"])
        choices |= {record["display_name"]: record["id"] for record in packagings}
    for name, unit_id in choices.items():
        if name.casefold() == item.unit.casefold():
            return int(unit_id)
    raise InvalidInput(f"Product {item.product_id} is bought in {', '.join(choices)}, not in {item.unit!r}.")


def _compare(order: Order, items: Sequence[RfqItem], currency: str, planned_date: date | None) -> None:
    asked: Counter[tuple[int, Decimal, Decimal]] = Counter((i.product_id, i.quantity, i.unit_price) for i in items)
    made = Counter((line.product_id, line.quantity, line.unit_price) for line in order.lines)
    if asked != made or order.currency != currency or (planned_date and order.planned_date != planned_date):
        raise OdooRefused(f"{order.name} came out differently from what was asked: check the draft.")

"""Reading purchase orders from a real Odoo, always on behalf of one supplier.

The supplier's condition is part of every search, never a check afterwards. An order placed with a contact or address of a
company counts as that company's.
"""

from typing import Any

from domain.orders import Order
from tools.odoo.mapping import Record, to_order
from tools.odoo.port import OrderNotFound
from tools.odoo.transport import OdooTransport

_ORDER_FIELDS = [
    "name",
    "state",
    "currency_id",
    "amount_untaxed",
    "amount_total",
    "date_planned",
    "invoice_status",
]
_LINE_FIELDS = [
    "order_id",
    "product_id",
    "product_qty",
    "price_unit",
    "qty_received",
    "qty_received_method",
    "qty_invoiced",
]


def of_partner(partner_id: int, path: str = "partner_id") -> list[Any]:
    """The condition that `path` leads to this partner or to a contact of this company."""
    return ["|", (path, "=", partner_id), (f"{path}.commercial_partner_id", "=", partner_id)]


def read_order(odoo: OdooTransport, order_id: int, *, partner_id: int) -> Order:
    """Raises `OrderNotFound`."""
    found = read_orders(odoo, [("id", "=", order_id)], partner_id=partner_id, limit=1)
    if not found:
        raise OrderNotFound(f"Order {order_id}.")
    return found[0]


def read_orders(odoo: OdooTransport, domain: list[Any], *, partner_id: int, limit: int) -> list[Order]:
    """Newest first."""
    records = odoo.call(
        "purchase.order",
        "search_read",
        [*domain, *of_partner(partner_id)],
        fields=_ORDER_FIELDS,
        order="id desc",
        limit=limit,
    )
    if not records:
        return []
    lines = _read_lines(odoo, [record["id"] for record in records])
    products = _read_products(odoo, lines)
    zone = odoo.timezone()
    return [
        to_order(
            record,
            [line for line in lines if line["order_id"][0] == record["id"]],
            products,
            partner_id=partner_id,
            zone=zone,
        )
        for record in records
    ]


def unit_field(odoo: OdooTransport, model: str) -> str:
    """What a unit of measure is called on order lines and price lists: Odoo 19 renamed it."""
    return "product_uom_id" if "product_uom_id" in odoo.fields(model) else "product_uom"


def vendor_field(odoo: OdooTransport) -> str:
    """What the vendor is called on price lists: it was `name` before it was `partner_id`."""
    return "partner_id" if "partner_id" in odoo.fields("product.supplierinfo") else "name"


def _read_lines(odoo: OdooTransport, order_ids: list[int]) -> list[Record]:
    unit = unit_field(odoo, "purchase.order.line")
    lines = odoo.call(
        "purchase.order.line",
        "search_read",
        [("order_id", "in", order_ids)],
        fields=[*_LINE_FIELDS, unit],
        order="order_id, sequence, id",
    )
    return [{**line, "unit": line[unit]} for line in lines]


def _read_products(odoo: OdooTransport, lines: list[Record]) -> dict[int, Record]:
    ids = sorted({line["product_id"][0] for line in lines if line["product_id"]})
    # A line's own words carry the vendor's code; the product's carry none when asked this way. `read` finds archived ones too.
    records = odoo.call(
        "product.product", "read", ids, ["display_name", "default_code"], context={"display_default_code": False}
    )
    return {record["id"]: record for record in records}

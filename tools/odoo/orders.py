"""Reading purchase orders from a real Odoo, always on behalf of one supplier.

The supplier's condition is part of every search, never a check afterwards. An order placed with a contact or address of a
company counts as that company's. One call reads an order whole.
"""

from typing import Any

from domain.orders import Order
from tools.odoo.mapping import Record, to_order
from tools.odoo.port import OrderNotFound
from tools.odoo.portal import portal_base
from tools.odoo.reading import Ask, Related, only_known, plain, search_nested
from tools.odoo.transport import OdooTransport


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
    records = search_nested(
        odoo,
        "purchase.order",
        [*domain, *of_partner(partner_id)],
        _ask(odoo),
        order="id desc",
        limit=limit,
        # A line's own words carry the vendor's code; the product's carry none when asked this way.
        context={"display_default_code": False},
    )
    zone = odoo.timezone()
    return [to_order(record, partner_id=partner_id, zone=zone, portal=_portal(odoo, record)) for record in records]


def unit_field(odoo: OdooTransport, model: str) -> str:
    """What a unit of measure is called on order lines and price lists: Odoo 19 renamed it."""
    return "product_uom_id" if "product_uom_id" in odoo.fields(model) else "product_uom"


def vendor_field(odoo: OdooTransport) -> str:
    """What the vendor is called on price lists: it was `name` before it was `partner_id`."""
    return "partner_id" if "partner_id" in odoo.fields("product.supplierinfo") else "name"


def _ask(odoo: OdooTransport) -> Ask:
    line = {
        **plain("product_qty", "price_unit", "qty_received", "qty_received_method", "qty_invoiced", "date_planned", "discount"),
        "product_id": Related("product.product", plain("display_name", "default_code")),
        unit_field(odoo, "purchase.order.line"): Related("uom.uom", plain("display_name")),
    }
    order = {
        **plain("name", "state", "amount_untaxed", "amount_total", "date_planned", "date_approve", "invoice_status"),
        **plain("locked", "access_url", "access_token"),
        "currency_id": Related("res.currency", plain("name")),
        "user_id": Related("res.users", plain("name", "email")),
        "order_line": Related("purchase.order.line", only_known(odoo, "purchase.order.line", line)),
    }
    return only_known(odoo, "purchase.order", order)


def _portal(odoo: OdooTransport, record: Record) -> str | None:
    return portal_base(odoo, record["id"]) if record.get("access_token") else None

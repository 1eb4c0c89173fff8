"""Suppliers and what they sell, as a real Odoo lists them.

A supplier is always a company (Odoo's commercial partner), though the number or address that matched may be a contact's. Phones
are compared in Odoo's `phone_sanitized`, because `phone` is kept as typed.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from domain.errors import NotFound
from tools.odoo.mapping import Record, decimal, to_partner
from tools.odoo.orders import of_partner, unit_field, vendor_field
from tools.odoo.port import Partner, Product
from tools.odoo.transport import OdooTransport

_PARTNER_FIELDS = ["name", "phone_sanitized", "email_normalized", "lang", "supplier_rank"]


def find_partners(odoo: OdooTransport, *, phone: str | None, email: str | None) -> list[Partner]:
    """See `OdooOrderManager.find_partners`."""
    asked = [("phone_sanitized", phone)] if phone else []
    asked += [("email_normalized", email.strip().lower())] if email else []
    if not asked:
        return []
    domain: list[Any] = ["|"] * (len(asked) - 1) + [(name, "=", value) for name, value in asked]
    matches = odoo.call("res.partner", "search_read", domain, fields=["commercial_partner_id"])
    companies = sorted({match["commercial_partner_id"][0] for match in matches if match["commercial_partner_id"]})
    records = odoo.call("res.partner", "search_read", [("id", "in", companies)], fields=_PARTNER_FIELDS, order="id")
    return [to_partner(record) for record in records if record["supplier_rank"] > 0 or _sells(odoo, record["id"])]


def get_partner(odoo: OdooTransport, partner_id: int) -> Partner:
    """Raises `NotFound`, also for an archived partner."""
    records = odoo.call("res.partner", "search_read", [("id", "=", partner_id)], fields=_PARTNER_FIELDS)
    if not records:
        raise NotFound(f"Partner {partner_id}.")
    return to_partner(records[0])


def list_products(odoo: OdooTransport, *, partner_id: int) -> list[Product]:
    """See `OdooOrderManager.list_products`; by id."""
    sellers = _sellers(odoo, partner_id)
    lines = odoo.call(
        "purchase.order.line",
        "search_read",
        [
            ("order_id.state", "not in", ["draft", "sent", "to approve", "cancel"]),
            ("product_id", "!=", False),
            *of_partner(partner_id, "order_id.partner_id"),
        ],
        fields=["product_id"],
    )
    stock = ["qty_available"] if "qty_available" in odoo.fields("product.product") else []
    products = odoo.call(
        "product.product",
        "search_read",
        [
            ("purchase_ok", "=", True),
            "|",
            ("id", "in", sorted({line["product_id"][0] for line in lines})),
            ("product_tmpl_id", "in", sorted({seller["product_tmpl_id"][0] for seller in sellers})),
        ],
        fields=["display_name", "default_code", "uom_id", "product_tmpl_id", *stock],
        order="id",
        context={"display_default_code": False},
    )
    ordered_before = {line["product_id"][0] for line in lines}
    listed = [(product, _best_seller(product, sellers)) for product in products]
    return [_to_product(product, seller) for product, seller in listed if seller or product["id"] in ordered_before]


def _sells(odoo: OdooTransport, partner_id: int) -> bool:
    """Whether a partner without Odoo's vendor mark was ever ordered from or has a price list (bills set the mark)."""
    return bool(
        odoo.call("purchase.order", "search_count", of_partner(partner_id))
        or odoo.call("product.supplierinfo", "search_count", of_partner(partner_id, vendor_field(odoo)))
    )


def _sellers(odoo: OdooTransport, partner_id: int) -> list[Record]:
    """The partner's valid price list, the entry for the smallest quantity first."""
    unit = unit_field(odoo, "product.supplierinfo")
    discount = ["discount"] if "discount" in odoo.fields("product.supplierinfo") else []
    names = ["product_tmpl_id", "product_id", "product_name", "product_code", "price", "currency_id", "date_start", "date_end"]
    today = datetime.now(odoo.timezone()).date().isoformat()
    sellers = odoo.call(
        "product.supplierinfo",
        "search_read",
        of_partner(partner_id, vendor_field(odoo)),
        fields=[*names, unit, *discount],
        order="min_qty, sequence, id",
    )
    return [
        {**seller, "unit": seller[unit]}
        for seller in sellers
        if (seller["date_start"] or today) <= today <= (seller["date_end"] or today)
    ]


def _best_seller(product: Record, sellers: Iterable[Record]) -> Record | None:
    """The variant's own entry, else the one for all variants of its template."""
    of_template = [s for s in sellers if s["product_tmpl_id"][0] == product["product_tmpl_id"][0]]
    own = [s for s in of_template if s["product_id"] and s["product_id"][0] == product["id"]]
    shared = [s for s in of_template if not s["product_id"]]
    return next(iter(own + shared), None)


def _to_product(product: Record, seller: Record | None) -> Product:
    unit = (seller and seller["unit"]) or product["uom_id"]
    on_hand = decimal(product.get("qty_available", 0.0))
    common = {"product_id": product["id"], "name": product["display_name"], "sku": product["default_code"] or None}
    if seller is None:
        return Product(**common, unit=unit[1], on_hand=on_hand)
    return Product(
        **common,
        unit=unit[1],
        on_hand=on_hand,
        vendor_name=seller["product_name"] or None,
        vendor_code=seller["product_code"] or None,
        list_price=decimal(seller["price"] * (1 - seller.get("discount", 0.0) / 100)),
        currency=seller["currency_id"][1],
    )

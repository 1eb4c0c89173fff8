"""What a real Odoo says a vendor sells: products with their price list, units and stock, in one call.

A variant's own entry on the price list goes before the one for all variants of its template. Entries count within their dates
only, and a discount on the list is taken off the price. Tiers are those in the currency and unit of the first entry: prices
of different kinds cannot be lined up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.goods import PriceTier, Product, ProductUnit
from tools.odoo.mapping import Record, decimal
from tools.odoo.orders import of_partner, unit_field, vendor_field
from tools.odoo.reading import Ask, Related, only_known, plain, reads_nested, search_nested
from tools.odoo.transport import OdooTransport

_STOCK = ("qty_available", "virtual_available", "incoming_qty")


@dataclass(frozen=True)
class ListedProduct:
    """A product as the agent speaks of it, and the ids of its units by their names (the usual one first).

    `on_list`: the vendor's price list has it. `sold_by_active`: there by this very partner, which is not archived.
    """

    product: Product
    unit_ids: dict[str, int]
    on_list: bool
    sold_by_active: bool


def list_products(odoo: OdooTransport, *, partner_id: int) -> list[Product]:
    """See `OdooOrderManager.list_products`; by id."""
    sells = of_partner(partner_id, f"seller_ids.{vendor_field(odoo)}")
    bought = [("order_id.state", "in", ["purchase", "done"]), *of_partner(partner_id, "order_id.partner_id")]
    if reads_nested(odoo) and "purchase_order_line_ids" in odoo.fields("product.product"):
        domain = ["|", *sells, ("purchase_order_line_ids", "any", bought)]
    else:
        domain = ["|", *sells, ("id", "in", _bought(odoo, bought))]
    found = read_products(odoo, domain, partner_id=partner_id)
    # Listed by an entry that is not in force, or another variant's, it may still be one that was bought before.
    unlisted = [one.product.product_id for one in found if not one.on_list]
    before = set(_bought(odoo, [("product_id", "in", unlisted), *bought])) if unlisted else set()
    return [one.product for one in found if one.on_list or one.product.product_id in before]


def read_products(odoo: OdooTransport, domain: list[Any], *, partner_id: int) -> list[ListedProduct]:
    """Products that may be bought, as this vendor sells them; archived ones are left out."""
    records = search_nested(
        odoo,
        "product.product",
        [("purchase_ok", "=", True), *domain],
        _ask(odoo),
        context={"display_default_code": False},
    )
    today = datetime.now(odoo.timezone()).date().isoformat()
    vendor = vendor_field(odoo)
    return [_listed(record, _sellers(record, partner_id, vendor, today), partner_id, vendor) for record in records]


def _bought(odoo: OdooTransport, domain: list[Any]) -> list[int]:
    lines = odoo.call("purchase.order.line", "search_read", [("product_id", "!=", False), *domain], fields=["product_id"])
    return sorted({line["product_id"][0] for line in lines})


def _ask(odoo: OdooTransport) -> Ask:
    # One unit holds `factor` of its reference on 19; before, `factor` was the other way round.
    size = "factor_inv" if "factor_inv" in odoo.fields("uom.uom") else "factor"
    unit = Related("uom.uom", plain("display_name", size))
    seller = {
        **plain("product_id", "product_name", "product_code", "price", "min_qty", "sequence", "delay", "discount"),
        **plain("date_start", "date_end"),
        vendor_field(odoo): Related("res.partner", plain("commercial_partner_id", "active")),
        "currency_id": Related("res.currency", plain("name")),
        unit_field(odoo, "product.supplierinfo"): unit,
    }
    product = {
        **plain("display_name", "default_code", "tracking", "use_expiration_date", *_STOCK),
        "uom_id": unit,
        "uom_ids": unit,
        "seller_ids": Related("product.supplierinfo", only_known(odoo, "product.supplierinfo", seller)),
    }
    return only_known(odoo, "product.product", product)


def _sellers(product: Record, partner_id: int, vendor: str, today: str) -> list[Record]:
    """The vendor's entries in force, the one for the smallest quantity first."""
    entries = [
        seller
        for seller in product["seller_ids"]
        if partner_id in (seller[vendor]["id"], seller[vendor]["commercial_partner_id"])
        and (seller["date_start"] or today) <= today <= (seller["date_end"] or today)
    ]
    own = [seller for seller in entries if seller["product_id"] == product["id"]]
    shared = [seller for seller in entries if not seller["product_id"]]
    return sorted(own or shared, key=lambda seller: (seller["min_qty"], seller["sequence"], seller["id"]))


def _listed(record: Record, sellers: list[Record], partner_id: int, vendor: str) -> ListedProduct:
    base = record["uom_id"]
    usual = (_unit(sellers[0]) if sellers else None) or base
    units = {
        unit["display_name"]: unit for unit in (usual, base, *record.get("uom_ids", ()), *filter(None, map(_unit, sellers)))
    }
    on_hand, forecast, incoming = (decimal(record.get(name, 0.0)) for name in _STOCK)
    product = Product(
        product_id=record["id"],
        name=record["display_name"],
        sku=record["default_code"] or None,
        unit=usual["display_name"],
        base_unit=base["display_name"],
        units=tuple(ProductUnit(name=name, factor=_size(unit) / _size(base)) for name, unit in units.items()),
        on_hand=on_hand,
        forecast=forecast,
        incoming=incoming,
        tracking=record.get("tracking") or "none",
        uses_expiry=bool(record.get("use_expiration_date")),
        **_as_sold(sellers),
    )
    return ListedProduct(
        product,
        {name: unit["id"] for name, unit in units.items()},
        on_list=bool(sellers),
        sold_by_active=any(one[vendor]["id"] == partner_id and one[vendor]["active"] for one in sellers),
    )


def _as_sold(sellers: list[Record]) -> dict[str, Any]:
    if not sellers:
        return {}
    first = sellers[0]
    alike = [one for one in sellers if one["currency_id"] == first["currency_id"] and _unit(one) == _unit(first)]
    tiers = _tiers(alike)
    return {
        "vendor_name": first["product_name"] or None,
        "vendor_code": first["product_code"] or None,
        "list_price": tiers[0].price,
        "currency": first["currency_id"]["name"],
        "tiers": tiers,
        "min_quantity": tiers[0].min_quantity,
        "lead_days": first["delay"],
    }


def _tiers(sellers: Iterable[Record]) -> tuple[PriceTier, ...]:
    prices: dict[Decimal, Decimal] = {}
    for seller in sellers:
        price = decimal(seller["price"] * (1 - seller.get("discount", 0.0) / 100))
        prices.setdefault(decimal(seller["min_qty"]), price)
    return tuple(PriceTier(min_quantity=quantity, price=price) for quantity, price in prices.items())


def _unit(seller: Record) -> Any:
    return seller.get("product_uom_id") or seller.get("product_uom")


def _size(unit: Record) -> Decimal:
    return decimal(unit["factor_inv"] if "factor_inv" in unit else unit["factor"])

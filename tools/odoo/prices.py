"""What was paid before, and what currencies are worth, as a real Odoo knows it."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from domain.goods import PastPrice
from tools.odoo.mapping import decimal, local_date
from tools.odoo.orders import of_partner, unit_field
from tools.odoo.reading import Related, only_known, plain, reads_nested, search_nested
from tools.odoo.transport import OdooTransport

#: The UF is in Odoo's list of currencies as CLF, and once more as UF where the Chilean localisation is installed.
OTHER_NAMES = {"CLF": "UF"}

_PRECISION = 10


def past_prices(odoo: OdooTransport, *, partner_id: int, product_ids: Sequence[int], limit: int) -> list[PastPrice]:
    """See `OdooOrderManager.past_prices`."""
    model, unit = "purchase.order.line", unit_field(odoo, "purchase.order.line")
    ask = {
        **plain("product_id", "price_unit", "discount", "product_qty"),
        "order_id": Related("purchase.order", plain("name", "date_approve", "date_order")),
        "currency_id": Related("res.currency", plain("name")),
        unit: Related("uom.uom", plain("display_name")),
    }
    bought = [
        ("product_id", "in", list(product_ids)),
        ("product_qty", ">", 0),
        ("order_id.state", "in", ["purchase", "done"]),
        *of_partner(partner_id, "order_id.partner_id"),
    ]
    # Older releases cannot sort lines by what they take from their order.
    order = "date_approve desc, id desc" if reads_nested(odoo) else "id desc"
    lines = search_nested(odoo, model, bought, only_known(odoo, model, ask), order=order, limit=limit)
    zone = odoo.timezone()
    return [
        PastPrice(
            product_id=line["product_id"],
            order=line["order_id"]["name"],
            unit_price=decimal(line["price_unit"] * (1 - line.get("discount", 0.0) / 100)),
            currency=line["currency_id"]["name"],
            unit=line[unit]["display_name"] if line[unit] else "",
            quantity=decimal(line["product_qty"]),
            date=day,
        )
        for line in lines
        if (day := local_date(line["order_id"]["date_approve"] or line["order_id"]["date_order"], zone))
    ]


def exchange_rates(odoo: OdooTransport, currencies: Sequence[str], *, on: date) -> Mapping[str, Decimal]:
    """See `OdooOrderManager.exchange_rates`."""
    names = {*currencies, *(OTHER_NAMES[name] for name in currencies if name in OTHER_NAMES)}
    fields = only_known(odoo, "res.currency", plain("name", "rate", "rate_ids", "is_current_company_currency"))
    known = odoo.call(
        "res.currency",
        "search_read",
        [("name", "in", sorted(names))],
        fields=list(fields),
        context={"active_test": False, "date": on.isoformat()},
    )
    # Without any rate of its own Odoo counts a currency one to one, which is right of the company's currency alone.
    rates = {one["name"]: one["rate"] for one in known if one["rate_ids"] or one.get("is_current_company_currency")}
    found = {name: rates.get(name) or rates.get(OTHER_NAMES.get(name, "")) for name in currencies}
    return {name: _worth(rate) for name, rate in found.items() if rate}


def _worth(rate: float) -> Decimal:
    """Odoo's rate is how many of a currency one of the company's buys; the other way round, without the noise of floats."""
    worth = Decimal(1) / Decimal(repr(rate))
    return Decimal(f"{worth:.{_PRECISION}g}")

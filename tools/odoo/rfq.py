"""Creating an RFQ so that the same key never makes two (`loading.py`), and adding lines to an order likewise.

Lines have external ids of their own, or a second `load` would append them again.

Odoo picks the wrong price tier when it fills a price in, so prices, units, currency and dates are always sent, and what came
out is compared with what was asked.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from weakref import WeakKeyDictionary

from domain.errors import InvalidInput, NotFound
from domain.orders import Order, RfqItem
from tools.odoo.loading import external_id, load, look_up
from tools.odoo.orders import read_order, unit_field
from tools.odoo.port import OdooRefused
from tools.odoo.portal import new_token
from tools.odoo.products import ListedProduct, read_products
from tools.odoo.rules import check_digits, check_key, one_currency
from tools.odoo.sending import check_sent, mark_sent, post_sent
from tools.odoo.transport import OdooTransport

#: Ids of currencies by their codes: they never change.
_currencies: WeakKeyDictionary[OdooTransport, dict[str, int]] = WeakKeyDictionary()


def create_rfq(
    odoo: OdooTransport,
    *,
    partner_id: int,
    items: Sequence[RfqItem],
    key: str,
    origin: str,
    planned_date: date | None,
    send: bool,
) -> Order:
    """See `OdooOrderManager.create_rfq`. Blocks, up to a few timeouts long."""
    check_key(key)
    currency = one_currency(items)
    made_before = look_up(odoo, key)
    if made_before is not None:
        order = read_order(odoo, made_before, partner_id=partner_id)
        return mark_sent(odoo, order) if send else order
    planned = [item if item.planned_date else item.model_copy(update={"planned_date": planned_date}) for item in items]
    products = products_of(odoo, planned, partner_id=partner_id)
    _check_partner(odoo, partner_id, products.values())
    head = {
        "id": external_id(key),
        "partner_id/.id": str(partner_id),
        "origin": origin or key,
        "currency_id/.id": str(_currency_id(odoo, currency)),
        "access_token": new_token(),
    }
    lines = line_rows(odoo, planned, products, key=key)
    fields = [*head, *(f"order_line/{name}" for name in lines[0])]
    rows = [[*(head.values() if number == 0 else [""] * len(head)), *line.values()] for number, line in enumerate(lines)]
    order_id = load(odoo, "purchase.order", key, fields, rows)
    if send:
        post_sent(odoo, order_id)
    order = read_order(odoo, order_id, partner_id=partner_id)
    _compare(order, planned, currency)
    return check_sent(order) if send else order


def products_of(odoo: OdooTransport, items: Sequence[RfqItem], *, partner_id: int) -> dict[int, ListedProduct]:
    """The items' products by id. Raises `InvalidInput` for what cannot be bought, and for too fine a quantity."""
    check_digits([item.quantity for item in items], quantity_digits(odoo))
    wanted = [("id", "in", [item.product_id for item in items])]
    products = {one.product.product_id: one for one in read_products(odoo, wanted, partner_id=partner_id)}
    for item in items:
        if item.product_id not in products:
            raise InvalidInput(f"There is no product {item.product_id} that may be bought.")
    return products


def line_rows(
    odoo: OdooTransport,
    items: Sequence[RfqItem],
    products: Mapping[int, ListedProduct],
    *,
    key: str,
    more: Mapping[str, str] | None = None,
) -> list[dict[str, str]]:
    """The items as `load` takes lines, with what each shall have besides. Raises `InvalidInput` for a foreign unit."""
    dates = sorted(item.planned_date for item in items if item.planned_date)
    rows = []
    for number, item in enumerate(items, start=1):
        rows.append(
            {
                "id": external_id(line_key(key, number)),
                **(more or {}),
                "product_id/.id": str(item.product_id),
                "product_qty": f"{item.quantity:f}",
                f"{unit_field(odoo, 'purchase.order.line')}/.id": str(_unit_id(item, products[item.product_id])),
                "price_unit": f"{item.unit_price:f}",
                # `load` reads times in the user's time zone; at noon no other zone in use there makes it another day. All rows
                # have a date or none has: an empty cell would be taken for "no date".
                **({"date_planned": f"{(item.planned_date or dates[0]).isoformat()} 12:00:00"} if dates else {}),
            }
        )
    return rows


def line_key(key: str, number: int) -> str:
    """The key of one line. A hyphen, which no key has: the lines of key `a` can never be taken for an order with key `a_1`."""
    return f"{key}-{number}"


def quantity_digits(odoo: OdooTransport) -> int:
    """How many decimals of a quantity Odoo keeps."""
    return int(odoo.fields("purchase.order.line")["product_qty"]["digits"][1])


def _check_partner(odoo: OdooTransport, partner_id: int, products: Iterable[ListedProduct]) -> None:
    # Whoever is on the price list of one of them was read along with it.
    if any(product.sold_by_active for product in products):
        return
    if not odoo.call("res.partner", "search_count", [("id", "=", partner_id)]):
        raise NotFound(f"Partner {partner_id}.")


def _currency_id(odoo: OdooTransport, currency: str) -> int:
    known = _currencies.setdefault(odoo, {})
    if currency not in known:
        # Odoo keeps every currency, most of them inactive; an order in an inactive one is accepted.
        found = odoo.call("res.currency", "search", [("name", "=", currency)], context={"active_test": False})
        if not found:
            raise InvalidInput(f"Odoo knows no currency {currency}.")
        known[currency] = found[0]
    return known[currency]


def _unit_id(item: RfqItem, listed: ListedProduct) -> int:
    """By name among the units that the product is bought in, else the usual one."""
    for name, unit_id in listed.unit_ids.items():
        if item.unit is None or name.casefold() == item.unit.casefold():
            return unit_id
    raise InvalidInput(f"Product {item.product_id} is bought in {', '.join(listed.unit_ids)}, not in {item.unit!r}.")


def _compare(order: Order, items: Sequence[RfqItem], currency: str) -> None:
    asked: Counter[tuple[int, Decimal, Decimal]] = Counter((i.product_id, i.quantity, i.unit_price) for i in items)
    made = Counter((line.product_id, line.quantity, line.unit_price) for line in order.lines)
    dates = {item.planned_date for item in items if item.planned_date} - {line.planned_date for line in order.lines}
    if asked != made or order.currency != currency or dates:
        raise OdooRefused(f"{order.name} came out differently from what was asked: look at it in Odoo.")

"""Orders of the in-memory Odoo: made, confirmed, changed, shown.

References count up from P00001, amounts are rounded to the currency, confirming puts the vendor on the price list of a
product that lacked one and opens a picking.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from domain.errors import InvalidInput
from domain.orders import LineChange, Order, OrderLine, RfqItem
from tools.odoo import rules
from tools.odoo.change_rules import line_targets, no_such_line, unknown_lines
from tools.odoo.mapping import LineProgress, fold_state
from tools.odoo.memory_bills import can_be_billed, with_tax
from tools.odoo.memory_book import QUANTITY_DIGITS, Book, BookLine, BookOrder, money, reference, unit_of
from tools.odoo.memory_pickings import with_moves
from tools.odoo.seed import SeedPrice, SeedProduct


def new_order(
    book: Book, items: Sequence[RfqItem], *, key: str, origin: str, partner_id: int, currency: str, planned_date: date | None
) -> BookOrder:
    """A draft RFQ, not yet in the book. Raises what `create_rfq` says."""
    book.partner(partner_id)
    lines = _new_lines(book, items, partner_id=partner_id, planned_date=planned_date)
    if currency not in book.seed.rates:
        raise InvalidInput(f"Odoo knows no currency {currency}.")
    return BookOrder(
        order_id=len(book.orders) + 1,
        key=key,
        origin=origin or key,
        partner_id=partner_id,
        currency=currency,
        planned_date=planned_date,
        lines=tuple(lines),
    )


def confirmed(book: Book, order: BookOrder) -> Book:
    """The order in force, its receipt waited for, its vendor on every product's price list."""
    products = {}
    for line in order.lines:
        product = book.product_of(line)
        if not book.price_list(product, order.partner_id):
            price = SeedPrice(partner_id=order.partner_id, price=line.unit_price, currency=order.currency, unit=line.unit)
            products[line.product_id] = product.model_copy(update={"prices": (*product.prices, price)})
    book = book.with_products(products)
    order = with_moves(book, order.with_(state="purchase", confirmed_at=datetime.now(UTC)))
    return book.with_order(order)


def changed(
    book: Book, order: BookOrder, now: Order, changes: Sequence[LineChange], additions: Sequence[RfqItem], *, key: str
) -> Book:
    """The order with its lines as they shall be. Raises what `change_order` says."""
    if additions:
        rules.check_key(key)
    targets = {target.line_id: target for target in line_targets(now, changes, additions)}
    rules.check_digits([target.quantity for target in targets.values()], QUANTITY_DIGITS)
    for line_id in unknown_lines(now, changes):
        if any(line.line_id == line_id for other in book.orders for line in other.lines):
            raise no_such_line(now, line_id)
    lines = []
    for line in order.lines:
        target = targets.get(line.line_id)
        if target is None:
            lines.append(line)
        elif not target.goes:
            lines.append(line.model_copy(update=target.model_dump(exclude={"goes"})))
    owner = next((other for other in book.orders for line in other.lines if additions and line.added_by == key), None)
    if owner is not None and owner.order_id != order.order_id:
        raise InvalidInput(f"The key {key!r} has added to another order than {now.name}.")
    if owner is None:
        new = _new_lines(book, additions, partner_id=order.partner_id, planned_date=now.planned_date)
        lines += [line.model_copy(update={"added_by": key}) for line in new]
    after = order.with_(lines=tuple(lines))
    if after == order:
        return book
    if order.state == "purchase":
        before = {line.line_id: line.quantity for line in order.lines}
        resized = [line.line_id for line in lines if before.get(line.line_id) != line.quantity]
        after = with_moves(book, after, resized)
    return book.with_order(after)


def shown(book: Book, order: BookOrder, *, partner_id: int) -> Order:
    """The order as the port shows it to its supplier."""
    lines = tuple(_shown_line(book, order, line) for line in order.lines)
    net = sum((money(line.quantity * line.net_price, order.currency) for line in lines), Decimal(0))
    progress = [
        LineProgress(line.quantity, line.received, line.billed, by_hand=book.product_of(line).service) for line in order.lines
    ]
    invoiced = any(entry.order_id == order.order_id for entry in book.bills) and not can_be_billed(book, order)
    dates = [line.planned_date for line in lines if line.planned_date]
    return Order(
        order_id=order.order_id,
        name=reference(order),
        partner_id=partner_id,
        state=fold_state(order.state, progress, invoiced=invoiced),
        currency=order.currency,
        amount_untaxed=net,
        amount_total=with_tax(book, net, order.currency),
        lines=lines,
        planned_date=min(dates) if dates else order.planned_date,
        buyer=book.seed.buyer,
        buyer_email=book.seed.buyer_email,
        confirmed_at=order.confirmed_at if order.state == "purchase" else None,
        locked=order.locked,
    )


def _new_lines(book: Book, items: Sequence[RfqItem], *, partner_id: int, planned_date: date | None) -> list[BookLine]:
    rules.check_digits([item.quantity for item in items], QUANTITY_DIGITS)
    lines = []
    for line_id, item in enumerate(items, start=book.next_line_id):
        product = book.product(item.product_id)
        lines.append(
            BookLine(
                line_id=line_id,
                product_id=item.product_id,
                quantity=item.quantity,
                unit_price=item.unit_price,
                unit=_unit(book, product, item, partner_id),
                planned_date=item.planned_date or planned_date,
            )
        )
    return lines


def _unit(book: Book, product: SeedProduct, item: RfqItem, partner_id: int) -> str | None:
    usual = next((price.unit for price in book.price_list(product, partner_id)), None) or product.unit
    names: Mapping[str, str] = {
        name.casefold(): name for name in (usual, product.unit, *(one.name for one in product.packagings))
    }
    wanted = (item.unit or usual).casefold()
    if wanted not in names:
        raise InvalidInput(f"Product {product.product_id} is bought in {', '.join(names.values())}, not in {item.unit!r}.")
    return names[wanted] if names[wanted] != product.unit else None


def _shown_line(book: Book, order: BookOrder, line: BookLine) -> OrderLine:
    product = book.product_of(line)
    return OrderLine(
        line_id=line.line_id,
        product_id=line.product_id,
        product=product.name,
        sku=product.sku,
        quantity=line.quantity,
        unit=unit_of(product, line),
        unit_price=line.unit_price,
        received=line.received,
        billed=line.billed,
        planned_date=line.planned_date or order.planned_date,
        discount=line.discount,
    )

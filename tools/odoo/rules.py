"""What both adapters refuse before they ask any Odoo, so that they refuse alike."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from domain.errors import ImpossibleTransition, InvalidInput
from domain.orders import Order, OrderState, RfqItem

Quantities = Mapping[int, Decimal]

_BEFORE_CONFIRMATION = frozenset({OrderState.DRAFT, OrderState.SENT, OrderState.TO_APPROVE})


def one_currency(items: Sequence[RfqItem]) -> str:
    """The currency of all items. Raises `InvalidInput` if there are no items, or several currencies."""
    currencies = {item.currency for item in items}
    if len(currencies) != 1:
        raise InvalidInput("An RFQ needs at least one item, and all in one currency.")
    return currencies.pop()


def check_key(key: str) -> None:
    """Raise `InvalidInput` unless `key` can be part of an external id."""
    if not re.fullmatch(r"[a-z0-9_]{1,60}", key):
        raise InvalidInput(f"A key is 1 to 60 lower-case letters, digits and underscores, not {key!r}.")


def check_digits(items: Sequence[RfqItem], digits: int) -> None:
    """Raise `InvalidInput` for a quantity with more decimals than Odoo keeps: it would be rounded without a word."""
    for item in items:
        if item.quantity != round(item.quantity, digits):
            raise InvalidInput(f"Odoo keeps {digits} decimals of a quantity, and {item.quantity} has more.")


def check_one_way_to_find(order_id: int | None, name: str | None) -> None:
    """Raise `InvalidInput` unless exactly one of the two is given."""
    if (order_id is None) == (name is None):
        raise InvalidInput("Give an order's id or its reference, one of the two.")


def check_not_cancelled(order: Order, what: str) -> None:
    """Raise `ImpossibleTransition` on a cancelled order: Odoo's buttons do nothing on it, or revive it."""
    if order.state is OrderState.CANCELLED:
        raise ImpossibleTransition(f"{order.name} is cancelled and cannot be {what}.")


def check_cancellable(order: Order) -> None:
    """Raise `ImpossibleTransition` once goods have come: Odoo 19 would cancel and leave the receipts done."""
    if any(line.received > 0 for line in order.lines):
        raise ImpossibleTransition(f"Goods of {order.name} have been received, so it cannot be cancelled.")


def check_billable(order: Order) -> None:
    """Raise `ImpossibleTransition` before confirmation and after cancellation."""
    if order.state in _BEFORE_CONFIRMATION or order.state is OrderState.CANCELLED:
        raise ImpossibleTransition(f"{order.name} is {order.state}, so it cannot be billed.")


def nothing_to_bill(order: Order) -> ImpossibleTransition:
    """The error for an order of which nothing can be billed yet: Odoo 19 would make an empty bill."""
    return ImpossibleTransition(f"There is nothing to bill on {order.name}: nothing of it has been received.")


def to_receive(order: Order, quantities: Quantities | None) -> dict[int, Decimal]:
    """What to book, by line: all that is open, or `quantities`. Raises `ImpossibleTransition` and `InvalidInput`."""
    if order.state in _BEFORE_CONFIRMATION or order.state is OrderState.CANCELLED:
        raise ImpossibleTransition(f"Goods cannot be received: {order.name} is {order.state}.")
    still_open = {line.line_id: max(line.quantity - line.received, Decimal(0)) for line in order.lines}
    if not any(still_open.values()):
        return {}
    if quantities is None:
        return {line_id: quantity for line_id, quantity in still_open.items() if quantity > 0}
    for line_id, quantity in quantities.items():
        if line_id not in still_open:
            raise InvalidInput(f"{order.name} has no line {line_id}.")
        if not 0 < quantity <= still_open[line_id]:
            raise InvalidInput(f"Line {line_id} of {order.name} has {still_open[line_id]} open, not {quantity}.")
    return dict(quantities)

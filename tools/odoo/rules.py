"""What both adapters refuse before they ask any Odoo, so that they refuse alike."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from domain.errors import ImpossibleTransition, InvalidInput
from domain.orders import Order, OrderState, RfqItem

#: Nothing is received or billed in these.
BEFORE_CONFIRMATION = frozenset({OrderState.DRAFT, OrderState.SENT, OrderState.TO_APPROVE})


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


def check_digits(quantities: Iterable[Decimal], digits: int) -> None:
    """Raise `InvalidInput` for a quantity with more decimals than Odoo keeps: it would be rounded without a word."""
    for quantity in quantities:
        if quantity != round(quantity, digits):
            raise InvalidInput(f"Odoo keeps {digits} decimals of a quantity, and {quantity} has more.")


def check_one_way_to_find(order_id: int | None, name: str | None) -> None:
    """Raise `InvalidInput` unless exactly one of the two is given."""
    if (order_id is None) == (name is None):
        raise InvalidInput("Give an order's id or its reference, one of the two.")


def was_seen(seen: Order, order_id: int, partner_id: int) -> bool:
    """Whether what a caller read just now is this order, of this supplier."""
    return (seen.order_id, seen.partner_id) == (order_id, partner_id)


def check_not_cancelled(order: Order, what: str) -> None:
    """Raise `ImpossibleTransition` on a cancelled order: Odoo's buttons do nothing on it, or revive it."""
    if order.state is OrderState.CANCELLED:
        raise ImpossibleTransition(f"{order.name} is cancelled and cannot be {what}.")


def check_has_goods(order: Order) -> None:
    """Raise `ImpossibleTransition` for an order of nothing: Odoo would confirm it all the same."""
    if not any(line.quantity > 0 for line in order.lines):
        raise ImpossibleTransition(f"There is nothing on {order.name}, so it cannot be confirmed.")


def check_cancellable(order: Order) -> None:
    """Raise `ImpossibleTransition` once goods have come: Odoo 19 would cancel and leave the receipts done."""
    if any(line.received > 0 for line in order.lines):
        raise ImpossibleTransition(f"Goods of {order.name} have been received, so it cannot be cancelled.")


def check_billable(order: Order) -> None:
    """Raise `ImpossibleTransition` before confirmation and after cancellation."""
    if order.state in BEFORE_CONFIRMATION or order.state is OrderState.CANCELLED:
        raise ImpossibleTransition(f"{order.name} is {order.state}, so it cannot be billed.")


def nothing_to_bill(order: Order) -> ImpossibleTransition:
    """The error for an order of which nothing can be billed yet: Odoo 19 would make an empty bill."""
    return ImpossibleTransition(f"There is nothing to bill on {order.name}: nothing of it has been received.")

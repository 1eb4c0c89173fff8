"""What may be booked as received, for both adapters alike."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from domain.errors import ImpossibleTransition, InvalidInput
from domain.orders import Order, OrderLine, OrderState
from domain.receipts import Lot
from tools.odoo.change_rules import no_such_line
from tools.odoo.port import LotsMissing, OdooRefused
from tools.odoo.rules import BEFORE_CONFIRMATION

Quantities = Mapping[int, Decimal]
Lots = Mapping[int, Sequence[Lot]]


def to_receive(order: Order, quantities: Quantities | None, *, over_share: Decimal) -> dict[int, Decimal]:
    """What to book, by line: all that is open, or `quantities`. Raises `ImpossibleTransition` and `InvalidInput`."""
    if order.state in BEFORE_CONFIRMATION or order.state is OrderState.CANCELLED:
        raise ImpossibleTransition(f"Goods cannot be received: {order.name} is {order.state}.")
    if over_share < 0:
        raise InvalidInput("The share by which more may come is not below nothing.")
    lines = {line.line_id: line for line in order.lines}
    for line_id, quantity in (quantities or {}).items():
        if line_id not in lines:
            raise no_such_line(order, line_id)
        if not quantity > 0:
            raise InvalidInput(f"{quantity} of line {line_id} of {order.name} is nothing that can be received.")
    if not any(line.open_quantity for line in order.lines):
        return {}
    if quantities is None:
        return {line.line_id: line.open_quantity for line in order.lines if line.open_quantity}
    for line_id, quantity in quantities.items():
        line = lines[line_id]
        at_most = line.quantity * (1 + over_share) - line.received
        if quantity > at_most:
            raise InvalidInput(
                f"Line {line_id} of {order.name} has {line.open_quantity} open, and {quantity} is more than may come beyond it."
            )
    return dict(quantities)


def check_lots(line: OrderLine, pieces: Decimal, lots: Sequence[Lot], *, tracking: str, uses_expiry: bool, today: date) -> None:
    """Whether the lots given for a line are those it needs; `pieces` is what came, in the product's own unit.

    Raises `LotsMissing` where there are none or without a date, and `InvalidInput` where they do not add up, a serial number
    stands for more than a piece or twice, a lot is expired, or the product knows no lots.
    """
    if tracking == "none":
        if lots:
            raise InvalidInput(f"{line.product} has no lots: leave them away on line {line.line_id}.")
        return
    kind = "serial numbers, one a piece" if tracking == "serial" else "lot numbers"
    if not lots:
        raise LotsMissing(f"Line {line.line_id} ({line.product}) needs {kind}.")
    undated = [lot.name for lot in lots if uses_expiry and lot.expires is None]
    if undated:
        raise LotsMissing(f"Line {line.line_id} ({line.product}) needs the date of expiry of {', '.join(undated)}.")
    if len({lot.name for lot in lots}) < len(lots) or (tracking == "serial" and any(lot.quantity != 1 for lot in lots)):
        raise InvalidInput(f"Line {line.line_id} ({line.product}) takes {kind}, none of them twice.")
    if sum((lot.quantity for lot in lots), Decimal(0)) != pieces:
        raise InvalidInput(f"The {kind} of line {line.line_id} ({line.product}) do not add up to {pieces}.")
    expired = [lot.name for lot in lots if uses_expiry and lot.expires and lot.expires < today]
    if expired:
        raise InvalidInput(f"Of line {line.line_id} ({line.product}), {', '.join(expired)} expired: that is not received.")


def deal_out(lots: Sequence[Lot], pieces: Decimal) -> tuple[tuple[Lot, ...], tuple[Lot, ...]]:
    """The lots of the first so many pieces, and what is left: a delivery may go to several moves."""
    taken: list[Lot] = []
    left: list[Lot] = []
    for lot in lots:
        part = min(lot.quantity, pieces)
        pieces -= part
        taken += [lot.model_copy(update={"quantity": part})] if part else []
        left += [lot.model_copy(update={"quantity": lot.quantity - part})] if part < lot.quantity else []
    return tuple(taken), tuple(left)


def nobody_waits(rest: Decimal, line_id: int) -> OdooRefused:
    """The error for goods that no open receipt is waiting for."""
    return OdooRefused(f"Odoo has no open receipt for {rest} of line {line_id}: someone chose not to wait for it.")


def check_booked(receipt_lines: Mapping[int, Decimal], order: Order, *, waiting: Sequence[str] = ()) -> None:
    """Raise `OdooRefused` unless each line has received at least what it should have. `waiting`: what Odoo asks instead."""
    received = {line.line_id: line.received for line in order.lines}
    for line_id, wanted in receipt_lines.items():
        if received.get(line_id, Decimal(0)) < wanted:
            asks = f"Odoo wants {', '.join(waiting)}" if waiting else "Odoo said nothing"
            raise OdooRefused(f"{order.name}, line {line_id}: not booked as asked; {asks}.")

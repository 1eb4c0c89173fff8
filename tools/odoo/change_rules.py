"""What a change of an order may be, for both adapters alike: what is refused, and what is left to do."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from domain.errors import ImpossibleTransition, InvalidInput
from domain.orders import LineChange, Order, OrderLine, OrderState, RfqItem
from domain.value import Value

_NEGOTIABLE = frozenset({OrderState.DRAFT, OrderState.SENT})


class LineTarget(Value):
    """What one line shall be in the end. `goes`: it is taken off the RFQ. Quantity and price are written together always."""

    line_id: int
    quantity: Decimal
    unit_price: Decimal
    planned_date: date | None
    discount: Decimal
    goes: bool = False

    def is_met_by(self, order: Order) -> bool:
        """Whether the order shows this line so."""
        line = next((line for line in order.lines if line.line_id == self.line_id), None)
        return self.goes if line is None else not self.goes and self == _as_is(line)


def line_targets(order: Order, changes: Sequence[LineChange], additions: Sequence[RfqItem]) -> list[LineTarget]:
    """The lines that are not yet as they shall be; of changes made before, nothing. Raises as `change_order` says."""
    _check_open_to_change(order)
    ids = [change.line_id for change in changes]
    if len(set(ids)) < len(ids):
        raise InvalidInput(f"A line of {order.name} is to be changed twice at once.")
    if any(item.currency != order.currency for item in additions):
        raise InvalidInput(f"{order.name} is in {order.currency}, and so must be what is added to it.")
    lines = {line.line_id: line for line in order.lines}
    targets = {change.line_id: _target(order, lines[change.line_id], change) for change in changes if change.line_id in lines}
    kept = {line_id: targets[line_id].quantity if line_id in targets else line.quantity for line_id, line in lines.items()}
    if not additions and not any(kept.values()):
        raise InvalidInput(f"That would leave nothing of {order.name}: cancel it instead.")
    return [target for target in targets.values() if not target.is_met_by(order)]


def unknown_lines(order: Order, changes: Sequence[LineChange]) -> list[int]:
    """Lines that the order does not have. One to be taken off an RFQ may be gone already; any other is no line of it."""
    unknown = [change for change in changes if change.line_id not in {line.line_id for line in order.lines}]
    for change in unknown:
        if change.quantity != 0 or order.state not in _NEGOTIABLE:
            raise no_such_line(order, change.line_id)
    return [change.line_id for change in unknown]


def no_such_line(order: Order, line_id: int) -> InvalidInput:
    """The error for another order's line, and for none's."""
    return InvalidInput(f"{order.name} has no line {line_id}.")


def _check_open_to_change(order: Order) -> None:
    if order.state in (OrderState.CANCELLED, OrderState.BILLED):
        raise ImpossibleTransition(f"{order.name} is {order.state}, so it cannot be changed.")
    if order.locked:
        raise ImpossibleTransition(f"{order.name} is {order.state} and locked: someone has to unlock it in Odoo first.")


def _target(order: Order, line: OrderLine, change: LineChange) -> LineTarget:
    quantity = line.quantity if change.quantity is None else change.quantity
    price = line.unit_price if change.unit_price is None else change.unit_price
    target = LineTarget(
        line_id=line.line_id,
        quantity=quantity,
        unit_price=price,
        planned_date=change.planned_date or line.planned_date,
        discount=line.discount if change.unit_price is None else Decimal(0),
        goes=quantity == 0 and order.state in _NEGOTIABLE,
    )
    if quantity != line.quantity and quantity < max(line.received, line.billed):
        raise InvalidInput(
            f"Line {line.line_id} of {order.name} cannot go below the {line.received} received and {line.billed} billed of it."
        )
    if (target.unit_price, target.discount) != (line.unit_price, line.discount) and line.billed > 0:
        raise InvalidInput(f"Line {line.line_id} of {order.name} is on a bill already: its price is a person's to correct.")
    return target


def _as_is(line: OrderLine) -> LineTarget:
    return LineTarget(
        line_id=line.line_id,
        quantity=line.quantity,
        unit_price=line.unit_price,
        planned_date=line.planned_date,
        discount=line.discount,
    )

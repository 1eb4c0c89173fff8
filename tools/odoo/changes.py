"""Changing an order in a real Odoo: all lines in one write, each with quantity and price together, then compared.

Odoo computes price, discount and date of a line anew whenever its quantity is written alone, against what was agreed. With the
price in the same write it leaves all three alone. A line's new date reaches the deadline of its receipt, and not the day for
which the warehouse plans it: that is written on the moves.
"""

from collections.abc import Sequence
from typing import Any

from domain.errors import InvalidInput
from domain.orders import LineChange, Order, OrderLine, RfqItem
from tools.odoo.change_rules import LineTarget, line_targets, no_such_line, unknown_lines
from tools.odoo.loading import load, look_up
from tools.odoo.mapping import noon
from tools.odoo.orders import read_order
from tools.odoo.port import OdooRefused
from tools.odoo.rfq import line_key, line_rows, products_of, quantity_digits
from tools.odoo.rules import BEFORE_CONFIRMATION, check_digits, check_key
from tools.odoo.transport import OdooTransport


def change_order(
    odoo: OdooTransport,
    order_id: int,
    *,
    partner_id: int,
    changes: Sequence[LineChange],
    additions: Sequence[RfqItem],
    key: str,
) -> Order:
    """See `OdooOrderManager.change_order`."""
    if additions:
        check_key(key)
    order = read_order(odoo, order_id, partner_id=partner_id)
    targets = line_targets(order, changes, additions)
    check_digits([target.quantity for target in targets], quantity_digits(odoo))
    _check_gone(odoo, order, unknown_lines(order, changes))
    rows = _rows_to_add(odoo, order, additions, key)
    if not targets and not rows:
        return order
    if targets:
        _write(odoo, order, targets)
    if rows:
        load(odoo, "purchase.order.line", line_key(key, 1), list(rows[0]), [list(row.values()) for row in rows])
    changed = read_order(odoo, order_id, partner_id=partner_id)
    _compare(order, changed, targets, additions if rows else ())
    return changed


def _check_gone(odoo: OdooTransport, order: Order, line_ids: list[int]) -> None:
    """A line that was taken off before is nowhere; one that is on another order was never meant."""
    for line_id in odoo.call("purchase.order.line", "search", [("id", "in", line_ids)]) if line_ids else []:
        raise no_such_line(order, line_id)


def _rows_to_add(odoo: OdooTransport, order: Order, additions: Sequence[RfqItem], key: str) -> list[dict[str, str]]:
    """Nothing if they were added before: all were added in one transaction, so the first tells of all."""
    if not additions:
        return []
    made_before = look_up(odoo, line_key(key, 1))
    if made_before is not None:
        if made_before not in {line.line_id for line in order.lines}:
            raise InvalidInput(f"The key {key!r} has added to another order than {order.name}.")
        return []
    planned = [
        item if item.planned_date else item.model_copy(update={"planned_date": order.planned_date}) for item in additions
    ]
    products = products_of(odoo, planned, partner_id=order.partner_id)
    return line_rows(odoo, planned, products, key=key, more={"order_id/.id": str(order.order_id)})


def _write(odoo: OdooTransport, order: Order, targets: list[LineTarget]) -> None:
    zone = odoo.timezone()
    before = {line.line_id: line for line in order.lines}
    commands: list[Any] = []
    for target in targets:
        if target.goes:
            commands.append((2, target.line_id))
            continue
        values: dict[str, Any] = {"product_qty": float(target.quantity), "price_unit": float(target.unit_price)}
        if target.discount != before[target.line_id].discount:
            values["discount"] = float(target.discount)
        if target.planned_date and target.planned_date != before[target.line_id].planned_date:
            values["date_planned"] = noon(target.planned_date, zone)
        commands.append((1, target.line_id, values))
    odoo.call("purchase.order", "write", [order.order_id], {"order_line": commands})
    if order.state not in BEFORE_CONFIRMATION:
        _plan_receipts(odoo, [target for target in targets if _is_moved(target, before[target.line_id])])


def _is_moved(target: LineTarget, before: OrderLine) -> bool:
    return target.planned_date is not None and target.planned_date != before.planned_date


def _plan_receipts(odoo: OdooTransport, targets: list[LineTarget]) -> None:
    zone = odoo.timezone()
    for day in sorted({target.planned_date for target in targets if target.planned_date}):
        lines = [target.line_id for target in targets if target.planned_date == day]
        open_moves = [("purchase_line_id", "in", lines), ("state", "not in", ["done", "cancel"])]
        moves = odoo.call("stock.move", "search", open_moves)
        if moves:
            odoo.call("stock.move", "write", moves, {"date": noon(day, zone)})


def _compare(before: Order, after: Order, targets: list[LineTarget], added: Sequence[RfqItem]) -> None:
    old = {line.line_id for line in before.lines}
    new = sorted((line.product_id, line.quantity, line.unit_price) for line in after.lines if line.line_id not in old)
    asked = sorted((item.product_id, item.quantity, item.unit_price) for item in added)
    missed = [target.line_id for target in targets if not target.is_met_by(after)]
    if missed or new != asked:
        raise OdooRefused(f"{after.name} came out differently from what was asked (lines {missed}): look at it in Odoo.")

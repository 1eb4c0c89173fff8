"""Booking what arrived: Odoo's open receipts of an order, move by move.

Quantities are always written out: an untouched receipt means "everything" on Odoo 19 and "nothing" on 14. What stays open goes
on a backorder without Odoo's question (`skip_backorder`). Odoo's answer to the button is trusted in neither direction: it may
be a wizard that still waits, or a report to print after all was done. `qty_received` of the lines tells.
"""

from decimal import Decimal
from typing import Any

from domain.orders import Order
from tools.odoo.mapping import Record, decimal
from tools.odoo.orders import read_order
from tools.odoo.port import OdooRefused
from tools.odoo.rules import Quantities, to_receive
from tools.odoo.transport import OdooTransport


def receive(odoo: OdooTransport, order_id: int, *, partner_id: int, quantities: Quantities | None) -> Order:
    """See `OdooOrderManager.mark_received`."""
    before = read_order(odoo, order_id, partner_id=partner_id)
    wanted = to_receive(before, quantities)
    if not wanted:
        return before
    lines = odoo.call(
        "purchase.order.line",
        "read",
        sorted(wanted),
        ["product_qty", "product_uom_qty", "qty_received_method"],
    )
    for line in lines:
        if line["qty_received_method"] != "stock_moves":
            received = next(one.received for one in before.lines if one.line_id == line["id"])
            odoo.call("purchase.order.line", "write", [line["id"]], {"qty_received": float(received + wanted[line["id"]])})
    answers = _receive_moves(odoo, [line for line in lines if line["qty_received_method"] == "stock_moves"], wanted)
    after = read_order(odoo, order_id, partner_id=partner_id)
    _compare(before, after, wanted, answers)
    return after


def _receive_moves(odoo: OdooTransport, lines: list[Record], wanted: Quantities) -> list[Any]:
    if not lines:
        return []
    moves = _open_moves(odoo, [line["id"] for line in lines])
    takes: dict[int, Decimal] = {}
    for line in lines:
        rest = wanted[line["id"]]
        for move in moves:
            if move["purchase_line_id"][0] == line["id"] and rest > 0:
                per_unit = _move_units_per_line_unit(line, move)
                take = min(rest, decimal(move["product_uom_qty"]) / per_unit)
                takes[move["id"]] = take * per_unit
                rest -= take
        if rest > 0:
            raise OdooRefused(f"Odoo has no open receipt for {rest} of what is to be booked: someone chose not to wait for it.")
    pickings = {move["picking_id"][0] for move in moves if move["id"] in takes}
    for move in moves:
        if move["picking_id"][0] in pickings:
            _write_done(odoo, move, takes.get(move["id"], Decimal(0)))
    return [
        odoo.call("stock.picking", "button_validate", [picking], context={"skip_backorder": True})
        for picking in sorted(pickings)
    ]


def _open_moves(odoo: OdooTransport, line_ids: list[int]) -> list[Record]:
    order_moves = odoo.call("purchase.order.line", "read", line_ids, ["order_id"])
    moves: list[Record] = odoo.call(
        "stock.move",
        "search_read",
        [
            ("purchase_line_id.order_id", "=", order_moves[0]["order_id"][0]),
            ("picking_id.picking_type_id.code", "=", "incoming"),
            ("state", "not in", ["draft", "done", "cancel"]),
        ],
        fields=["purchase_line_id", "picking_id", "product_uom_qty", "product_qty"],
        order="id",
    )
    return moves


def _move_units_per_line_unit(line: Record, move: Record) -> Decimal:
    """The line may be in boxes and the move in pieces; both tell their quantity in the product's own unit too."""
    per_line_unit = decimal(line["product_uom_qty"]) / decimal(line["product_qty"])
    return per_line_unit * decimal(move["product_uom_qty"]) / decimal(move["product_qty"])


def _write_done(odoo: OdooTransport, move: Record, quantity: Decimal) -> None:
    if "picked" not in odoo.fields("stock.move"):  # before Odoo 17
        values: dict[str, Any] = {"quantity_done": float(quantity)}
    elif quantity > 0:
        values = {"quantity": float(quantity), "picked": True}
    else:
        values = {"picked": False}  # Odoo puts what is not picked on the backorder.
    odoo.call("stock.move", "write", [move["id"]], values)


def _compare(before: Order, after: Order, wanted: Quantities, answers: list[Any]) -> None:
    received = {line.line_id: line.received for line in after.lines}
    for line in before.lines:
        if received.get(line.line_id, Decimal(0)) < line.received + wanted.get(line.line_id, Decimal(0)):
            waiting = [answer.get("res_model") or answer.get("tag") for answer in answers if isinstance(answer, dict)]
            raise OdooRefused(f"{after.name}, line {line.line_id}: not booked as asked; Odoo wants {waiting or 'nothing'}.")

"""Booking what arrived in a real Odoo: planned move by move first, then written as absolute quantities, then validated.

Quantities are always written out: an untouched receipt means "everything" on Odoo 19 and "nothing" on 14. What stays open goes
on a backorder, or is given up, without Odoo's question (`skip_backorder`). Odoo's answer to the button is trusted in neither
direction: it may be a wizard that still waits, or a report to print after all was done. `qty_received` of the lines tells.

A plan that was carried out before finds its pickings done and leaves them alone: writing a quantity on a done move would
change what was received. Lots need a user of group Inventory / User.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.errors import ImpossibleTransition
from domain.orders import Order, OrderLine
from domain.receipts import LineReceipt, Lot, Receipt, ReceiptMove
from tools.odoo.mapping import Record, decimal, noon
from tools.odoo.orders import of_partner, read_order
from tools.odoo.port import OrderNotFound
from tools.odoo.reading import Related, only_known, plain, search_nested
from tools.odoo.receipt_rules import Lots, Quantities, check_booked, check_lots, deal_out, nobody_waits, to_receive
from tools.odoo.transport import OdooTransport


def plan_receipt(
    odoo: OdooTransport,
    order_id: int,
    *,
    partner_id: int,
    quantities: Quantities | None,
    lots: Lots | None,
    backorder: bool,
    over_share: Decimal,
) -> Receipt:
    """See `OdooOrderManager.plan_receipt`."""
    order = read_order(odoo, order_id, partner_id=partner_id)
    wanted = to_receive(order, quantities, over_share=over_share)
    if not wanted:
        return Receipt(order_id=order_id, backorder=backorder)
    records = {record["id"]: record for record in _read_lines(odoo, sorted(wanted))}
    today = datetime.now(odoo.timezone()).date()
    lines: list[LineReceipt] = []
    moves: list[ReceiptMove] = []
    for line in order.lines:
        if line.line_id not in wanted:
            continue
        record, quantity = records[line.line_id], wanted[line.line_id]
        by_hand = record["qty_received_method"] != "stock_moves"
        after = line.received + quantity
        lines.append(LineReceipt(line_id=line.line_id, before=line.received, after=after, by_hand=by_hand))
        if not by_hand:
            given = tuple((lots or {}).get(line.line_id, ()))
            product = record["product_id"]
            check_lots(
                line,
                quantity * _base_units(record),
                given,
                tracking=product.get("tracking") or "none",
                uses_expiry=bool(product.get("use_expiration_date")),
                today=today,
            )
            moves += _moves_for(line, record, quantity, given)
    return Receipt(order_id=order_id, lines=tuple(lines), moves=tuple(moves), backorder=backorder)


def carry_out_receipt(odoo: OdooTransport, receipt: Receipt, *, partner_id: int) -> Order:
    """See `OdooOrderManager.carry_out_receipt`."""
    if not receipt.lines:
        return read_order(odoo, receipt.order_id, partner_id=partner_id)
    states = _picking_states(odoo, receipt, partner_id)
    if "cancel" in states.values():
        raise ImpossibleTransition(f"A receipt of order {receipt.order_id} was cancelled: plan it again.")
    still_open = [picking for picking in receipt.picking_ids if states[picking] != "done"]
    if any(line.by_hand for line in receipt.lines):
        _book_by_hand(odoo, receipt, read_order(odoo, receipt.order_id, partner_id=partner_id))
    answers = [_book(odoo, receipt, picking) for picking in still_open]
    order = read_order(odoo, receipt.order_id, partner_id=partner_id)
    # Of a picking that was done before, a person may have booked less: what was found is answered as it is.
    settled = {move.line_id for move in receipt.moves if move.picking_id not in still_open}
    waiting = [str(answer.get("res_model") or answer.get("tag")) for answer in answers if isinstance(answer, dict)]
    check_booked({line.line_id: line.after for line in receipt.lines if line.line_id not in settled}, order, waiting=waiting)
    return order


def _read_lines(odoo: OdooTransport, line_ids: list[int]) -> list[Record]:
    move = plain("state", "picking_id", "picking_code", "product_uom_qty", "product_qty")
    ask = {
        **plain("product_qty", "product_uom_qty", "qty_received_method"),
        "product_id": Related("product.product", only_known(odoo, "product.product", plain("tracking", "use_expiration_date"))),
        "move_ids": Related("stock.move", only_known(odoo, "stock.move", move)),
    }
    return search_nested(odoo, "purchase.order.line", [("id", "in", line_ids)], ask)


def _moves_for(line: OrderLine, record: Record, quantity: Decimal, lots: tuple[Lot, ...]) -> list[ReceiptMove]:
    """The quantity spread over the line's open moves, in their units; what comes beyond them on the last."""
    moves = [
        move
        for move in record["move_ids"]
        if move["state"] not in ("draft", "done", "cancel") and move["picking_id"] and move["picking_code"] == "incoming"
    ]
    per_base = [decimal(move["product_uom_qty"]) / decimal(move["product_qty"]) for move in moves]
    open_pieces = [decimal(move["product_qty"]) for move in moves]
    base_units = _base_units(record)
    if not moves or min(quantity, line.open_quantity) * base_units > sum(open_pieces):
        raise nobody_waits(quantity, line.line_id)
    made: list[ReceiptMove] = []
    rest = quantity * base_units
    for number, move in enumerate(moves, start=1):
        pieces = rest if number == len(moves) else min(rest, open_pieces[number - 1])
        rest -= pieces
        borne, lots = deal_out(lots, pieces)
        if pieces > 0:
            made.append(
                ReceiptMove(
                    picking_id=move["picking_id"],
                    move_id=move["id"],
                    line_id=line.line_id,
                    quantity=pieces * per_base[number - 1],
                    lots=borne,
                )
            )
    return made


def _picking_states(odoo: OdooTransport, receipt: Receipt, partner_id: int) -> dict[int, str]:
    """The state of each picking. Raises `OrderNotFound` unless all are this supplier's order's."""
    # By the order's lines: the receipt was stored somewhere and comes back from there.
    wanted = [("id", "in", [move.move_id for move in receipt.moves]), ("purchase_line_id.order_id", "=", receipt.order_id)]
    owned = of_partner(partner_id, "purchase_line_id.order_id.partner_id")
    ask = {"picking_id": Related("stock.picking", plain("state"))}
    moves = search_nested(odoo, "stock.move", [*wanted, *owned], ask) if receipt.moves else []
    found = {move["id"] for move in moves}
    if any(move.move_id not in found for move in receipt.moves):
        raise OrderNotFound(f"Order {receipt.order_id}.")
    return {move["picking_id"]["id"]: move["picking_id"]["state"] for move in moves}


def _book_by_hand(odoo: OdooTransport, receipt: Receipt, order: Order) -> None:
    received = {line.line_id: line.received for line in order.lines}
    for line in receipt.lines:
        if line.by_hand and received.get(line.line_id, line.after) < line.after:
            odoo.call("purchase.order.line", "write", [line.line_id], {"qty_received": float(line.after)})


def _book(odoo: OdooTransport, receipt: Receipt, picking_id: int) -> Any:
    """Write what each move of the picking holds, and validate. The answer of Odoo's button."""
    takes = {move.move_id: move for move in receipt.moves if move.picking_id == picking_id}
    ask = {
        "product_id": Related("product.product", plain("uom_id")),
        "move_line_ids": Related("stock.move.line", plain("id")),
    }
    domain = [("picking_id", "=", picking_id), ("state", "not in", ["done", "cancel"])]
    commands = [
        (1, move["id"], _held(odoo, move, takes.get(move["id"]))) for move in search_nested(odoo, "stock.move", domain, ask)
    ]
    moves_field = "move_ids" if "move_ids" in odoo.fields("stock.picking") else "move_lines"
    odoo.call("stock.picking", "write", [picking_id], {moves_field: commands})
    context: dict[str, Any] = {"skip_backorder": True}
    if not receipt.backorder:
        context["picking_ids_not_to_backorder"] = [picking_id]
    return odoo.call("stock.picking", "button_validate", [picking_id], context=context)


def _held(odoo: OdooTransport, move: Record, take: ReceiptMove | None) -> dict[str, Any]:
    has_picked = "picked" in odoo.fields("stock.move")  # since Odoo 17
    if take is None:
        # Odoo puts what is not picked on the backorder.
        return {"picked": False} if has_picked else {"quantity_done": 0.0}
    picked = {"picked": True} if has_picked else {}
    if take.lots:
        # All anew, so that carrying it out again changes nothing. An id that is only unlinked would stay on the picking.
        old = [(2, line["id"]) for line in move["move_line_ids"]]
        return {"move_line_ids": [*old, *(_lot_line(odoo, move, take, lot) for lot in take.lots)], **picked}
    return {"quantity" if has_picked else "quantity_done": float(take.quantity), **picked}


def _lot_line(odoo: OdooTransport, move: Record, take: ReceiptMove, lot: Lot) -> tuple[int, int, dict[str, Any]]:
    known = odoo.fields("stock.move.line")
    values: dict[str, Any] = {
        "product_id": move["product_id"]["id"],
        "product_uom_id": move["product_id"]["uom_id"],
        "picking_id": take.picking_id,
        "lot_name": lot.name,
        "quantity" if "quantity" in known else "qty_done": float(lot.quantity),
    }
    if "picked" in known:
        values["picked"] = True
    if lot.expires and "expiration_date" in known:
        values["expiration_date"] = noon(lot.expires, odoo.timezone())
    return 0, 0, values


def _base_units(record: Record) -> Decimal:
    """How many of the product's own unit one of the line's holds."""
    return decimal(record["product_uom_qty"]) / decimal(record["product_qty"])

"""Receipts of the in-memory Odoo: pickings with a move a line, done at once or in parts, as Odoo 19 does them.

What did not come goes to a new picking (a backorder) under the move's own id, or is given up. A picking that is done stays as
it is.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from domain.errors import ImpossibleTransition
from domain.orders import Order, OrderLine
from domain.receipts import LineReceipt, Lot, Receipt, ReceiptMove
from tools.odoo.memory_book import Book, BookMove, BookOrder, pieces_in, reference, unit_of
from tools.odoo.port import OrderNotFound
from tools.odoo.receipt_rules import Lots, Quantities, check_lots, deal_out, nobody_waits, to_receive
from tools.odoo.seed import SeedProduct


def with_moves(book: Book, order: BookOrder, line_ids: Collection[int] | None = None) -> BookOrder:
    """The order with receipts waiting for what is open of these lines, or of all: more, or less, than before."""
    moves = list(order.moves)
    next_move = max([0, *(move.move_id for other in (*book.orders, order) for move in other.moves)]) + 1
    open_pickings = [move.picking_id for move in moves if move.state == "open"]
    picking = open_pickings[0] if open_pickings else _next_picking(book)
    for line in order.lines:
        if book.product_of(line).service or (line_ids is not None and line.line_id not in line_ids):
            continue
        waiting = [move for move in moves if move.line_id == line.line_id and move.state == "open"]
        missing = max(line.quantity - line.received, Decimal(0)) - sum(move.quantity for move in waiting)
        if missing > 0 and not waiting:
            moves.append(BookMove(move_id=next_move, picking_id=picking, line_id=line.line_id, quantity=missing))
            next_move += 1
        elif missing:
            moves = [_resized(move, missing) if move is waiting[-1] else move for move in moves]
    return order.with_(moves=tuple(moves))


def without_receipts(order: BookOrder) -> BookOrder:
    """The order with nothing waited for any more."""
    return order.with_(moves=tuple(_cancelled(move) if move.state == "open" else move for move in order.moves))


def planned(
    book: Book,
    order: BookOrder,
    now: Order,
    *,
    quantities: Quantities | None,
    lots: Lots | None,
    backorder: bool,
    over_share: Decimal,
) -> tuple[Book, Receipt]:
    """What booking this delivery would do. The book gets the moves of an order that was confirmed before they were kept."""
    wanted = to_receive(now, quantities, over_share=over_share)
    if order.state == "purchase" and not order.moves:
        order = with_moves(book, order)
        book = book.with_order(order)
    lines, moves = [], list[ReceiptMove]()
    for line, shown in zip(order.lines, now.lines, strict=True):
        quantity = wanted.get(line.line_id, Decimal(0))
        if not quantity:
            continue
        product = book.product_of(line)
        before, after = shown.received, shown.received + quantity
        lines.append(LineReceipt(line_id=line.line_id, before=before, after=after, by_hand=product.service))
        if not product.service:
            given = tuple((lots or {}).get(line.line_id, ()))
            moves += _moves_for(order, shown, quantity, given, product, pieces_in(product, unit_of(product, line)))
    return book, Receipt(order_id=order.order_id, lines=tuple(lines), moves=tuple(moves), backorder=backorder)


def carried_out(book: Book, order: BookOrder, receipt: Receipt) -> Book:
    """The goods booked and put on stock, of pickings that are still open."""
    takes = {move.move_id: move for move in receipt.moves}
    if not set(takes) <= {move.move_id for move in order.moves}:
        raise OrderNotFound(f"Order {receipt.order_id}.")
    pickings = {move.picking_id for move in order.moves if move.move_id in takes}
    if any(move.state == "cancelled" for move in order.moves if move.move_id in takes):
        raise ImpossibleTransition(f"A receipt of {reference(order)} was cancelled: plan it again.")
    done = {move.picking_id for move in order.moves if move.state == "done"}
    came: dict[int, Decimal] = {}
    moves: list[BookMove] = []
    rest_picking = _next_picking(book)
    next_move = max(move.move_id for other in book.orders for move in other.moves) + 1 if takes else 1
    for move in order.moves:
        if move.state != "open" or move.picking_id not in pickings - done:
            moves.append(move)
            continue
        take = takes.get(move.move_id)
        rest = move.quantity - (take.quantity if take else 0)
        if take:
            came[move.line_id] = came.get(move.line_id, Decimal(0)) + take.quantity
            moves.append(move.model_copy(update={"quantity": take.quantity, "state": "done"}))
        elif not receipt.backorder:
            moves.append(_cancelled(move))
        if rest > 0 and receipt.backorder:
            kept = {"move_id": next_move if take else move.move_id, "picking_id": rest_picking, "quantity": rest}
            moves.append(move.model_copy(update=kept))
            next_move += 1 if take else 0
    by_hand = {line.line_id: line.after for line in receipt.lines if line.by_hand}
    return _on_stock(book, order.with_(moves=tuple(moves)), came, by_hand)


def _on_stock(book: Book, order: BookOrder, came: Mapping[int, Decimal], by_hand: Mapping[int, Decimal]) -> Book:
    lines, products = [], dict[int, SeedProduct]()
    for line in order.lines:
        quantity = came.get(line.line_id, Decimal(0))
        product = products.get(line.product_id) or book.product_of(line)
        pieces = quantity * pieces_in(product, unit_of(product, line))
        products[line.product_id] = product.model_copy(update={"on_hand": product.on_hand + pieces})
        received = max(line.received + quantity, by_hand.get(line.line_id, Decimal(0)))
        lines.append(line.model_copy(update={"received": received}))
    return book.with_products(products).with_order(order.with_(lines=tuple(lines)))


def _moves_for(
    order: BookOrder, line: OrderLine, quantity: Decimal, lots: tuple[Lot, ...], product: SeedProduct, pieces: Decimal
) -> list[ReceiptMove]:
    check_lots(
        line,
        quantity * pieces,
        lots,
        tracking=product.tracking,
        uses_expiry=product.uses_expiry,
        today=datetime.now(UTC).date(),
    )
    waiting = [move for move in order.moves if move.line_id == line.line_id and move.state == "open"]
    if not waiting or min(quantity, line.open_quantity) > sum(move.quantity for move in waiting):
        raise nobody_waits(quantity, line.line_id)
    made = []
    rest = quantity
    for move in waiting:
        take = rest if move is waiting[-1] else min(rest, move.quantity)
        rest -= take
        borne, lots = deal_out(lots, take * pieces)
        if take > 0:
            made.append(
                ReceiptMove(picking_id=move.picking_id, move_id=move.move_id, line_id=line.line_id, quantity=take, lots=borne)
            )
    return made


def _next_picking(book: Book) -> int:
    return max([0, *(move.picking_id for order in book.orders for move in order.moves)]) + 1


def _resized(move: BookMove, by: Decimal) -> BookMove:
    rest = move.quantity + by
    return move.model_copy(update={"quantity": rest}) if rest > 0 else _cancelled(move)


def _cancelled(move: BookMove) -> BookMove:
    return move.model_copy(update={"state": "cancelled"})

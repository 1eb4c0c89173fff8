"""A receipt before it is booked: which picking, and how much of each move, so that booking it twice books it once.

"Three more came" cannot be repeated safely, "move 17 of picking 5 holds three" can. So a receipt is planned first, which
changes nothing, then recorded, then carried out as often as it takes.
"""

from datetime import date
from decimal import Decimal

from pydantic import Field

from domain.value import Value


class Lot(Value):
    """How much of a delivery bears one lot or serial number, in the product's own unit; of a serial number exactly one."""

    name: str = Field(min_length=1)
    quantity: Decimal = Field(gt=0)
    expires: date | None = None


class ReceiptMove(Value):
    """What one move of a picking shall hold in the end. `quantity` is in the move's unit, the lots in the product's own."""

    picking_id: int
    move_id: int
    line_id: int
    quantity: Decimal
    lots: tuple[Lot, ...] = ()


class LineReceipt(Value):
    """What a line had received when the receipt was planned, and what it will have received then. In the line's unit."""

    line_id: int
    before: Decimal
    after: Decimal
    by_hand: bool = False


class Receipt(Value):
    """A planned receipt of an order; without lines there is nothing to book.

    With `backorder` the rest is still waited for, without it is given up. `by_hand` lines (services) go through no picking.
    """

    order_id: int
    lines: tuple[LineReceipt, ...] = ()
    moves: tuple[ReceiptMove, ...] = ()
    backorder: bool = True

    @property
    def picking_ids(self) -> tuple[int, ...]:
        """The pickings that it touches, and no others."""
        return tuple(sorted({move.picking_id for move in self.moves}))

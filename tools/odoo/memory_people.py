"""What people do in the in-memory Odoo, where there are no pages of its own to do it in: for the sandbox and for tests."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

from domain.errors import ImpossibleTransition
from domain.orders import Order
from tools.odoo import memory_bills, memory_orders
from tools.odoo.memory_book import Book, BookOrder, reference
from tools.odoo.port import OrderNotFound

R = TypeVar("R")


class OnBook(Protocol):
    """Runs a step on the book, and keeps what it makes of it."""

    async def __call__(self, step: Callable[[Book], tuple[Book, R]]) -> R:
        """Raises what the step raises; nothing is kept then."""
        ...


class MemoryPeople:
    """Anybody in the house. All methods raise `OrderNotFound` for orders that are none."""

    def __init__(self, on_book: OnBook) -> None:
        self._on_book = on_book

    async def approve(self, order_id: int) -> Order:
        """The second approval. Raises `ImpossibleTransition` unless it is waited for."""

        def step(book: Book) -> tuple[Book, Order]:
            order = _order(book, order_id)
            if order.state != "to approve":
                raise ImpossibleTransition(f"{reference(order)} does not wait for approval.")
            book = memory_orders.confirmed(book, order)
            return book, memory_orders.shown(book, _order(book, order_id), partner_id=order.partner_id)

        return await self._on_book(step)

    async def lock(self, order_id: int) -> None:
        """Close an order against changes."""
        await self._on_book(lambda book: (book.with_order(_order(book, order_id).with_(locked=True)), None))

    async def discount(self, line_id: int, percent: Decimal) -> None:
        """Give a line a discount."""

        def step(book: Book) -> tuple[Book, None]:
            order = next((one for one in book.orders for line in one.lines if line.line_id == line_id), None)
            if order is None:
                raise OrderNotFound(f"Line {line_id}.")
            lines = (line.model_copy(update={"discount": percent}) if line.line_id == line_id else line for line in order.lines)
            return book.with_order(order.with_(lines=tuple(lines))), None

        await self._on_book(step)

    async def take_off_all(self, order_id: int) -> None:
        """Leave an RFQ without a line."""
        await self._on_book(lambda book: (book.with_order(_order(book, order_id).with_(lines=())), None))

    async def post_bill(self, bill_id: int, *, ref: str, bill_date: date, due_date: date) -> None:
        """Make a draft bill valid. Raises `NotFound`, and `ImpossibleTransition` unless it is a draft."""
        await self._on_book(
            lambda book: (memory_bills.posted(book, bill_id, ref=ref, bill_date=bill_date, due_date=due_date), None)
        )

    async def pay_bill(self, bill_id: int) -> None:
        """Pay a posted bill in full. Raises `NotFound`, and `ImpossibleTransition` unless it is posted."""
        await self._on_book(lambda book: (memory_bills.paid(book, bill_id), None))

    async def notes(self, order_id: int) -> list[str]:
        """What people read at an order, oldest first."""
        return await self._on_book(lambda book: (book, list(_order(book, order_id).notes.values())))


def _order(book: Book, order_id: int) -> BookOrder:
    for order in book.orders:
        if order.order_id == order_id:
            return order
    raise OrderNotFound(f"Order {order_id}.")

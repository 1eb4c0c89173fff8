"""The sandbox's Odoo: the same port, rules and errors as the real one, without a server.

Its data lives in one JSON file, so that a restart finds it; several adapters, also of several processes, may share the file.
Each step is a pure function of the book (`memory_book.py`), run under a lock from reading to storing.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from typing_extensions import override

from domain.bills import Bill
from domain.errors import AgentError
from domain.goods import PastPrice, Product
from domain.orders import LineChange, Order, RfqItem
from domain.partners import Partner
from domain.receipts import Lot, Receipt
from tools.odoo import memory_bills, memory_catalogue, memory_orders, memory_pickings, rules
from tools.odoo.json_file import JsonFile
from tools.odoo.memory_book import Book, BookOrder
from tools.odoo.memory_people import MemoryPeople
from tools.odoo.port import OdooOrderManager, OrderNotFound
from tools.odoo.seed import OdooSeed

R = TypeVar("R")


class InMemoryOdoo(OdooOrderManager):
    """`OdooOrderManager` on a file, or with `path=None` on nothing but memory; `seed` is used while there is no file yet.

    With `approval_amount` (in the company's currency) an order whose total is not below it needs a second approval. While
    `outage` is set, every call raises it.
    """

    def __init__(self, path: Path | None = None, *, seed: OdooSeed, approval_amount: Decimal | None = None) -> None:
        self.outage: AgentError | None = None
        self.approval_amount = approval_amount
        self._book = Book(seed=seed)
        self._file = JsonFile(path, kind=Book, initial=self._book) if path else None
        # The file has a lock of its own, on which threads would queue up; this one lets tasks wait without a thread.
        self._lock = asyncio.Lock()

    @override
    async def create_rfq(
        self,
        *,
        partner_id: int,
        items: Sequence[RfqItem],
        key: str,
        origin: str = "",
        planned_date: date | None = None,
        send: bool = False,
    ) -> Order:
        rules.check_key(key)
        currency = rules.one_currency(items)

        def step(book: Book) -> tuple[Book, Order]:
            made_before = next((order for order in book.orders if order.key == key), None)
            if made_before:
                order = book.order(made_before.order_id, partner_id=partner_id)
            else:
                order = memory_orders.new_order(
                    book,
                    items,
                    key=key,
                    origin=origin,
                    partner_id=partner_id,
                    currency=currency,
                    planned_date=planned_date,
                )
            if send:
                rules.check_not_cancelled(memory_orders.shown(book, order, partner_id=partner_id), "sent")
                order = _sent(order)
            book = book if order is made_before else book.with_order(order)
            return book, memory_orders.shown(book, order, partner_id=partner_id)

        return await self.on_book(step)

    @override
    async def send_rfq(self, order_id: int, *, partner_id: int) -> Order:
        def step(book: Book, order: BookOrder, shown: Order) -> Book:
            rules.check_not_cancelled(shown, "sent")
            return book.with_order(_sent(order)) if order.state == "draft" else book

        return await self._act(step, order_id, partner_id)

    @override
    async def change_order(
        self,
        order_id: int,
        *,
        partner_id: int,
        changes: Sequence[LineChange],
        additions: Sequence[RfqItem] = (),
        key: str = "",
    ) -> Order:
        def step(book: Book, order: BookOrder, shown: Order) -> Book:
            return memory_orders.changed(book, order, shown, changes, additions, key=key)

        return await self._act(step, order_id, partner_id)

    @override
    async def confirm_order(self, order_id: int, *, partner_id: int, seen: Order | None = None) -> Order:
        def step(book: Book, order: BookOrder, shown: Order) -> Book:
            rules.check_not_cancelled(shown, "confirmed")
            if order.state not in ("draft", "sent"):
                return book
            rules.check_has_goods(shown)
            total = shown.amount_total * book.seed.rates[shown.currency]
            if self.approval_amount is not None and total >= self.approval_amount:
                return book.with_order(order.with_(state="to approve"))
            return memory_orders.confirmed(book, order)

        return await self._act(step, order_id, partner_id)

    @override
    async def plan_receipt(
        self,
        order_id: int,
        *,
        partner_id: int,
        quantities: Mapping[int, Decimal] | None = None,
        lots: Mapping[int, Sequence[Lot]] | None = None,
        backorder: bool = True,
        over_share: Decimal = Decimal(0),
    ) -> Receipt:
        def step(book: Book) -> tuple[Book, Receipt]:
            order = book.order(order_id, partner_id=partner_id)
            return memory_pickings.planned(
                book,
                order,
                memory_orders.shown(book, order, partner_id=partner_id),
                quantities=quantities,
                lots=lots,
                backorder=backorder,
                over_share=over_share,
            )

        return await self.on_book(step)

    @override
    async def carry_out_receipt(self, receipt: Receipt, *, partner_id: int) -> Order:
        def step(book: Book, order: BookOrder, shown: Order) -> Book:
            return memory_pickings.carried_out(book, order, receipt) if receipt.lines else book

        return await self._act(step, receipt.order_id, partner_id)

    @override
    async def create_bill(self, order_id: int, *, partner_id: int) -> Bill:
        def step(book: Book) -> tuple[Book, Bill]:
            order = book.order(order_id, partner_id=partner_id)
            shown = memory_orders.shown(book, order, partner_id=partner_id)
            rules.check_billable(shown)
            if memory_bills.can_be_billed(book, order):
                book = memory_bills.billed(book, order)
            bills = memory_bills.bills_of_order(book, order)
            if not bills:
                raise rules.nothing_to_bill(shown)
            return book, bills[-1]

        return await self.on_book(step)

    @override
    async def list_bills(self, *, partner_id: int, limit: int = 20) -> list[Bill]:
        return await self.on_book(lambda book: (book, memory_bills.bills_of_partner(book, partner_id)[:limit]))

    @override
    async def cancel_order(self, order_id: int, *, partner_id: int) -> Order:
        def step(book: Book, order: BookOrder, shown: Order) -> Book:
            if order.state == "cancel":
                return book
            rules.check_cancellable(shown)
            return book.with_order(memory_pickings.without_receipts(order).with_(state="cancel"))

        return await self._act(step, order_id, partner_id)

    @override
    async def get_order_status(self, *, partner_id: int, order_id: int | None = None, name: str | None = None) -> Order:
        rules.check_one_way_to_find(order_id, name)
        wanted = (name or "").strip().casefold()
        for order in await self._orders(partner_id):
            if order.order_id == order_id or order.name.casefold() == wanted:
                return order
        raise OrderNotFound(f"Order {order_id or name}.")

    @override
    async def list_orders(self, *, partner_id: int, limit: int = 20) -> list[Order]:
        return (await self._orders(partner_id))[:limit]

    @override
    async def find_partners(self, *, phone: str | None = None, email: str | None = None) -> list[Partner]:
        return await self.on_book(lambda book: (book, memory_catalogue.partners_with(book, phone=phone, email=email)))

    @override
    async def get_partner(self, partner_id: int) -> Partner:
        return await self.on_book(lambda book: (book, memory_catalogue.to_partner(book.partner(partner_id))))

    @override
    async def list_products(self, *, partner_id: int) -> list[Product]:
        return await self.on_book(lambda book: (book, memory_catalogue.products_of(book, partner_id)))

    @override
    async def past_prices(self, *, partner_id: int, product_ids: Sequence[int], limit: int = 20) -> list[PastPrice]:
        return await self.on_book(
            lambda book: (
                book,
                memory_catalogue.past_prices(book, partner_id=partner_id, product_ids=product_ids, limit=limit),
            )
        )

    @override
    async def exchange_rates(self, currencies: Sequence[str], *, on: date) -> Mapping[str, Decimal]:
        return await self.on_book(lambda book: (book, memory_catalogue.exchange_rates(book, currencies)))

    @override
    async def post_note(self, order_id: int, *, partner_id: int, text: str, key: str) -> None:
        rules.check_key(key)

        def step(book: Book, order: BookOrder, shown: Order) -> Book:
            if key in order.notes:
                return book
            return book.with_order(order.with_(notes={**order.notes, key: text}))

        await self._act(step, order_id, partner_id)

    @override
    async def check(self) -> str:
        return await self.on_book(lambda book: (book, "sandbox"))

    @property
    def people(self) -> MemoryPeople:
        """The parts of people in this Odoo."""
        return MemoryPeople(self.on_book)

    async def approve_order(self, order_id: int) -> Order:
        """A person's second approval. Raises `OrderNotFound`, and `ImpossibleTransition` unless it is waited for."""
        return await self.people.approve(order_id)

    async def _orders(self, partner_id: int) -> list[Order]:
        def step(book: Book) -> tuple[Book, list[Order]]:
            own = book.orders_of(partner_id)
            return book, [memory_orders.shown(book, order, partner_id=partner_id) for order in own]

        return await self.on_book(step)

    async def _act(self, step: Callable[[Book, BookOrder, Order], Book], order_id: int, partner_id: int) -> Order:
        def whole(book: Book) -> tuple[Book, Order]:
            order = book.order(order_id, partner_id=partner_id)
            book = step(book, order, memory_orders.shown(book, order, partner_id=partner_id))
            after = book.order(order_id, partner_id=partner_id)
            return book, memory_orders.shown(book, after, partner_id=partner_id)

        return await self.on_book(whole)

    async def on_book(self, step: Callable[[Book], tuple[Book, R]]) -> R:
        """Run one step on the book, alone, and keep what it makes of it."""
        async with self._lock:
            if self.outage:
                raise self.outage
            if self._file:
                return await asyncio.to_thread(self._file.change, step)
            self._book, result = step(self._book)
            return result


def _sent(order: BookOrder) -> BookOrder:
    return order.with_(state="sent") if order.state == "draft" else order

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

from domain.errors import AgentError, ImpossibleTransition, InvalidInput
from domain.orders import Order, RfqItem
from tools.odoo import rules
from tools.odoo.json_file import JsonFile
from tools.odoo.memory_book import Book, BookOrder
from tools.odoo.port import Bill, OdooOrderManager, OrderNotFound, Partner, Product
from tools.odoo.seed import OdooSeed, SeedPartner, SeedProduct

R = TypeVar("R")

_QUANTITY_DIGITS = 2


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
    ) -> Order:
        rules.check_key(key)
        currency = rules.one_currency(items)

        def step(book: Book) -> tuple[Book, Order]:
            made_before = next((order for order in book.orders if order.key == key), None)
            if made_before:
                return book, book.shown(book.order(made_before.order_id, partner_id=partner_id), partner_id=partner_id)
            book.partner(partner_id)
            for item in items:
                _check_unit(book.product(item.product_id), item)
            rules.check_digits(items, _QUANTITY_DIGITS)
            if currency not in book.seed.rates:
                raise InvalidInput(f"Odoo knows no currency {currency}.")
            order = book.new_order(
                key=key,
                origin=origin or key,
                partner_id=partner_id,
                currency=currency,
                planned_date=planned_date,
                items=list(items),
            )
            return book.with_order(order), book.shown(order, partner_id=partner_id)

        return await self._run(step)

    @override
    async def send_rfq(self, order_id: int, *, partner_id: int) -> Order:
        def step(book: Book, order: BookOrder, shown: Order) -> Book:
            rules.check_not_cancelled(shown, "sent")
            return book.with_order(order.model_copy(update={"state": "sent"})) if order.state == "draft" else book

        return await self._act(step, order_id, partner_id)

    @override
    async def confirm_order(self, order_id: int, *, partner_id: int) -> Order:
        def step(book: Book, order: BookOrder, shown: Order) -> Book:
            rules.check_not_cancelled(shown, "confirmed")
            if order.state not in ("draft", "sent"):
                return book
            total = shown.amount_total * book.seed.rates[shown.currency]
            needs_approval = self.approval_amount is not None and total >= self.approval_amount
            return book.confirmed(order, state="to approve" if needs_approval else "purchase")

        return await self._act(step, order_id, partner_id)

    @override
    async def mark_received(self, order_id: int, *, partner_id: int, quantities: Mapping[int, Decimal] | None = None) -> Order:
        def step(book: Book, order: BookOrder, shown: Order) -> Book:
            wanted = rules.to_receive(shown, quantities)
            return book.received(order, wanted) if wanted else book

        return await self._act(step, order_id, partner_id)

    @override
    async def create_bill(self, order_id: int, *, partner_id: int) -> Bill:
        def step(book: Book) -> tuple[Book, Bill]:
            order = book.order(order_id, partner_id=partner_id)
            shown = book.shown(order, partner_id=partner_id)
            rules.check_billable(shown)
            if book.can_be_billed(order):
                book = book.billed(order)
            bills = book.bills_of(order)
            if not bills:
                raise rules.nothing_to_bill(shown)
            return book, bills[-1]

        return await self._run(step)

    @override
    async def cancel_order(self, order_id: int, *, partner_id: int) -> Order:
        def step(book: Book, order: BookOrder, shown: Order) -> Book:
            if order.state == "cancel":
                return book
            rules.check_cancellable(shown)
            return book.with_order(order.model_copy(update={"state": "cancel"}))

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
        address = (email or "").strip().lower()

        def matches(partner: SeedPartner) -> bool:
            return partner.active and bool((phone and partner.phone == phone) or (address and partner.email == address))

        def step(book: Book) -> tuple[Book, list[Partner]]:
            companies = {partner.parent_id or partner.partner_id for partner in book.seed.partners if matches(partner)}
            found = [p for p in book.seed.partners if p.partner_id in companies and p.active and _is_supplier(book, p)]
            return book, [_to_partner(partner) for partner in sorted(found, key=lambda one: one.partner_id)]

        return await self._run(step)

    @override
    async def get_partner(self, partner_id: int) -> Partner:
        return await self._run(lambda book: (book, _to_partner(book.partner(partner_id))))

    @override
    async def list_products(self, *, partner_id: int) -> list[Product]:
        def step(book: Book) -> tuple[Book, list[Product]]:
            active = sorted((p for p in book.seed.products if p.active), key=lambda product: product.product_id)
            # Whatever was ordered is on the price list, too: confirming puts it there.
            return book, [_to_product(book, p, partner_id) for p in active if book.price_list(p, partner_id)]

        return await self._run(step)

    @override
    async def check(self) -> str:
        return await self._run(lambda book: (book, "sandbox"))

    async def approve_order(self, order_id: int) -> Order:
        """A person's part: the second approval. Raises `OrderNotFound`, and `ImpossibleTransition` unless it is waited for."""

        def step(book: Book) -> tuple[Book, Order]:
            order = next((order for order in book.orders if order.order_id == order_id), None)
            if order is None:
                raise OrderNotFound(f"Order {order_id}.")
            if order.state != "to approve":
                raise ImpossibleTransition(f"P{order_id:05d} does not wait for approval.")
            approved = order.model_copy(update={"state": "purchase"})
            return book.with_order(approved), book.shown(approved, partner_id=order.partner_id)

        return await self._run(step)

    async def _orders(self, partner_id: int) -> list[Order]:
        def step(book: Book) -> tuple[Book, list[Order]]:
            own = [order for order in book.orders if book.belongs(order.partner_id, partner_id)]
            return book, [book.shown(order, partner_id=partner_id) for order in reversed(own)]

        return await self._run(step)

    async def _act(self, step: Callable[[Book, BookOrder, Order], Book], order_id: int, partner_id: int) -> Order:
        def whole(book: Book) -> tuple[Book, Order]:
            order = book.order(order_id, partner_id=partner_id)
            after = step(book, order, book.shown(order, partner_id=partner_id))
            return after, after.shown(after.order(order_id, partner_id=partner_id), partner_id=partner_id)

        return await self._run(whole)

    async def _run(self, step: Callable[[Book], tuple[Book, R]]) -> R:
        async with self._lock:
            if self.outage:
                raise self.outage
            if self._file:
                return await asyncio.to_thread(self._file.change, step)
            self._book, result = step(self._book)
            return result


def _check_unit(product: SeedProduct, item: RfqItem) -> None:
    if item.unit is not None and item.unit.casefold() != product.unit.casefold():
        raise InvalidInput(f"Product {product.product_id} is bought in {product.unit}, not in {item.unit!r}.")


def _is_supplier(book: Book, partner: SeedPartner) -> bool:
    return (
        partner.is_supplier
        or any(book.belongs(order.partner_id, partner.partner_id) for order in book.orders)
        or any(book.price_list(product, partner.partner_id) for product in book.seed.products)
    )


def _to_partner(partner: SeedPartner) -> Partner:
    return Partner(
        partner_id=partner.partner_id, name=partner.name, phone=partner.phone, email=partner.email, lang=partner.lang
    )


def _to_product(book: Book, product: SeedProduct, partner_id: int) -> Product:
    price = book.price_list(product, partner_id)[0]
    return Product(
        product_id=product.product_id,
        name=product.name,
        sku=product.sku,
        vendor_name=price.vendor_name,
        vendor_code=price.vendor_code,
        unit=product.unit,
        list_price=price.price,
        currency=price.currency,
        on_hand=product.on_hand,
    )

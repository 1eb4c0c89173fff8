"""The in-memory Odoo's records, and how each step changes them: values in, new values out, no I/O.

It behaves as a real Odoo 19 was measured to, where the port shows it: references count up from P00001, amounts are rounded to
the currency, a draft bill counts as billed, confirming puts the vendor on the price list of a product that lacked one.
"""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Self

from domain.errors import InvalidInput, NotFound
from domain.orders import Order, OrderLine, RfqItem
from domain.value import Value
from tools.odoo.mapping import LineProgress, fold_state
from tools.odoo.port import Bill, OrderNotFound
from tools.odoo.seed import OdooSeed, SeedPartner, SeedPrice, SeedProduct


class BookLine(Value):
    """A line of an order, in the product's unit."""

    line_id: int
    product_id: int
    quantity: Decimal
    unit_price: Decimal
    received: Decimal = Decimal(0)
    billed: Decimal = Decimal(0)


class BookOrder(Value):
    """A `purchase.order`; `state` is Odoo's word."""

    order_id: int
    key: str
    origin: str
    partner_id: int
    currency: str
    state: str = "draft"
    planned_date: date | None = None
    lines: tuple[BookLine, ...]


class BookBill(Value):
    """A draft bill of an order."""

    bill: Bill
    order_id: int


class Book(Value):
    """All records. Ids are never reused: nothing is deleted."""

    seed: OdooSeed
    orders: tuple[BookOrder, ...] = ()
    bills: tuple[BookBill, ...] = ()

    def partner(self, partner_id: int) -> SeedPartner:
        """Raises `NotFound`, also for an archived partner."""
        for partner in self.seed.partners:
            if partner.partner_id == partner_id and partner.active:
                return partner
        raise NotFound(f"Partner {partner_id}.")

    def belongs(self, record_partner_id: int, partner_id: int) -> bool:
        """Whether a record of one partner counts as the other's: its own, or a contact's of that company."""
        owner = next((p for p in self.seed.partners if p.partner_id == record_partner_id), None)
        return owner is not None and partner_id in (owner.partner_id, owner.parent_id)

    def product(self, product_id: int) -> SeedProduct:
        """An active product, else `InvalidInput`."""
        for product in self.seed.products:
            if product.product_id == product_id and product.active:
                return product
        raise InvalidInput(f"There is no product {product_id} that may be bought.")

    def price_list(self, product: SeedProduct, partner_id: int) -> list[SeedPrice]:
        """The vendor's prices of a product, the one for the smallest quantity first."""
        own = [price for price in product.prices if self.belongs(price.partner_id, partner_id)]
        return sorted(own, key=lambda price: price.min_quantity)

    def order(self, order_id: int, *, partner_id: int) -> BookOrder:
        """Raises `OrderNotFound`."""
        for order in self.orders:
            if order.order_id == order_id and self.belongs(order.partner_id, partner_id):
                return order
        raise OrderNotFound(f"Order {order_id}.")

    def with_order(self, order: BookOrder) -> Self:
        """The book with this order added, or in place of its older self."""
        others = [other for other in self.orders if other.order_id != order.order_id]
        return self.model_copy(update={"orders": tuple(sorted([*others, order], key=lambda one: one.order_id))})

    def with_products(self, products: Mapping[int, SeedProduct]) -> Self:
        """The book with these products in place of their older selves."""
        changed = tuple(products.get(product.product_id, product) for product in self.seed.products)
        return self.model_copy(update={"seed": self.seed.model_copy(update={"products": changed})})

    def new_order(
        self, *, key: str, origin: str, partner_id: int, currency: str, planned_date: date | None, items: list[RfqItem]
    ) -> BookOrder:
        """A draft RFQ, not yet in the book."""
        first_line = sum(len(order.lines) for order in self.orders) + 1
        return BookOrder(
            order_id=len(self.orders) + 1,
            key=key,
            origin=origin,
            partner_id=partner_id,
            currency=currency,
            planned_date=planned_date,
            lines=tuple(
                BookLine(line_id=line_id, product_id=item.product_id, quantity=item.quantity, unit_price=item.unit_price)
                for line_id, item in enumerate(items, start=first_line)
            ),
        )

    def confirmed(self, order: BookOrder, *, state: str) -> Self:
        """The order confirmed or waiting for approval, its vendor on every product's price list."""
        products = {}
        for line in order.lines:
            product = self.product_of(line)
            if not self.price_list(product, order.partner_id):
                price = SeedPrice(partner_id=order.partner_id, price=line.unit_price, currency=order.currency)
                products[line.product_id] = product.model_copy(update={"prices": (*product.prices, price)})
        return self.with_products(products).with_order(order.model_copy(update={"state": state}))

    def received(self, order: BookOrder, quantities: Mapping[int, Decimal]) -> Self:
        """The goods booked and put on stock."""
        lines, products = [], dict[int, SeedProduct]()
        for line in order.lines:
            quantity = quantities.get(line.line_id, Decimal(0))
            product = products.get(line.product_id) or self.product_of(line)
            if not product.service:
                products[line.product_id] = product.model_copy(update={"on_hand": product.on_hand + quantity})
            lines.append(line.model_copy(update={"received": line.received + quantity}))
        return self.with_products(products).with_order(order.model_copy(update={"lines": tuple(lines)}))

    def billed(self, order: BookOrder) -> Self:
        """A new draft bill for all that can be billed."""
        net = sum((self._unbilled(line) * line.unit_price for line in order.lines), Decimal(0))
        lines = tuple(line.model_copy(update={"billed": line.billed + self._unbilled(line)}) for line in order.lines)
        bill = Bill(
            bill_id=len(self.bills) + 1,
            state="draft",
            amount_total=self._with_tax(net, order.currency),
            currency=order.currency,
        )
        book = self.with_order(order.model_copy(update={"lines": lines}))
        return book.model_copy(update={"bills": (*self.bills, BookBill(bill=bill, order_id=order.order_id))})

    def can_be_billed(self, order: BookOrder) -> bool:
        """Whether a bill would have anything on it."""
        return any(self._unbilled(line) > 0 for line in order.lines)

    def bills_of(self, order: BookOrder) -> list[Bill]:
        """Oldest first."""
        return [entry.bill for entry in self.bills if entry.order_id == order.order_id]

    def shown(self, order: BookOrder, *, partner_id: int) -> Order:
        """The order as the port shows it to its supplier."""
        net = sum((_money(line.quantity * line.unit_price, order.currency) for line in order.lines), Decimal(0))
        progress = [
            LineProgress(line.quantity, line.received, line.billed, by_hand=self.product_of(line).service)
            for line in order.lines
        ]
        invoiced = bool(self.bills_of(order)) and not self.can_be_billed(order)
        return Order(
            order_id=order.order_id,
            name=f"P{order.order_id:05d}",
            partner_id=partner_id,
            state=fold_state(order.state, progress, invoiced=invoiced),
            currency=order.currency,
            amount_untaxed=net,
            amount_total=self._with_tax(net, order.currency),
            lines=tuple(self._shown_line(line) for line in order.lines),
            planned_date=order.planned_date,
        )

    def product_of(self, line: BookLine) -> SeedProduct:
        """The product of a line, archived since or not."""
        return next(product for product in self.seed.products if product.product_id == line.product_id)

    def _unbilled(self, line: BookLine) -> Decimal:
        # Odoo's defaults: goods are billed as received, services as ordered.
        return (line.quantity if self.product_of(line).service else line.received) - line.billed

    def _shown_line(self, line: BookLine) -> OrderLine:
        product = self.product_of(line)
        return OrderLine(
            line_id=line.line_id,
            product_id=line.product_id,
            product=product.name,
            sku=product.sku,
            quantity=line.quantity,
            unit=product.unit,
            unit_price=line.unit_price,
            received=line.received,
            billed=line.billed,
        )

    def _with_tax(self, net: Decimal, currency: str) -> Decimal:
        return _money(net * (1 + self.seed.tax_rate), currency)


def _money(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(Decimal(1) if currency == "CLP" else Decimal("0.01"), rounding=ROUND_HALF_UP)

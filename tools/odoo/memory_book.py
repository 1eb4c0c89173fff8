"""The in-memory Odoo's records, and how to find them. What the steps make of them is in the other `memory_*` files.

Values in, new values out, no I/O. They behave as a real Odoo 19 was measured to, where the port shows it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal, Self

from domain.bills import Bill
from domain.errors import InvalidInput, NotFound
from domain.value import Value
from tools.odoo.port import OrderNotFound
from tools.odoo.seed import OdooSeed, SeedPartner, SeedPrice, SeedProduct

#: How many decimals of a quantity Odoo keeps.
QUANTITY_DIGITS = 2


class BookLine(Value):
    """A line of an order; `unit` None is the product's own. `added_by` is the key under which it was added to an order."""

    line_id: int
    product_id: int
    quantity: Decimal
    unit_price: Decimal
    received: Decimal = Decimal(0)
    billed: Decimal = Decimal(0)
    unit: str | None = None
    planned_date: date | None = None
    discount: Decimal = Decimal(0)
    added_by: str | None = None


class BookMove(Value):
    """A `stock.move` of an incoming picking, in its line's unit: what is waited for, or once done what came."""

    move_id: int
    picking_id: int
    line_id: int
    quantity: Decimal
    state: Literal["open", "done", "cancelled"] = "open"


class BookOrder(Value):
    """A `purchase.order`; `state` is Odoo's word. `notes` are internal, by their keys."""

    order_id: int
    key: str
    origin: str
    partner_id: int
    currency: str
    state: str = "draft"
    planned_date: date | None = None
    lines: tuple[BookLine, ...]
    moves: tuple[BookMove, ...] = ()
    confirmed_at: datetime | None = None
    locked: bool = False
    notes: Mapping[str, str] = {}

    def with_(self, **changes: Any) -> Self:
        """A copy with these fields changed."""
        return self.model_copy(update=changes)


class BookBill(Value):
    """A bill of an order."""

    bill: Bill
    order_id: int


class Book(Value):
    """All records. Ids of orders and bills are never reused: none is deleted. `last_line_id` counts lines taken off, too."""

    seed: OdooSeed
    orders: tuple[BookOrder, ...] = ()
    bills: tuple[BookBill, ...] = ()
    last_line_id: int = 0

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

    def product_of(self, line: BookLine) -> SeedProduct:
        """The product of a line, archived since or not."""
        return next(product for product in self.seed.products if product.product_id == line.product_id)

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

    def orders_of(self, partner_id: int) -> list[BookOrder]:
        """Newest first."""
        return [order for order in reversed(self.orders) if self.belongs(order.partner_id, partner_id)]

    def with_order(self, order: BookOrder) -> Self:
        """The book with this order added, or in place of its older self."""
        others = [other for other in self.orders if other.order_id != order.order_id]
        last_line = max([self.next_line_id - 1, *(line.line_id for line in order.lines)])
        orders = tuple(sorted([*others, order], key=lambda one: one.order_id))
        return self.model_copy(update={"orders": orders, "last_line_id": last_line})

    def with_products(self, products: Mapping[int, SeedProduct]) -> Self:
        """The book with these products in place of their older selves."""
        changed = tuple(products.get(product.product_id, product) for product in self.seed.products)
        return self.model_copy(update={"seed": self.seed.model_copy(update={"products": changed})})

    @property
    def next_line_id(self) -> int:
        """The id of the next line of any order."""
        return max([self.last_line_id, *(line.line_id for order in self.orders for line in order.lines)]) + 1


def reference(order: BookOrder) -> str:
    """What people call the order."""
    return f"P{order.order_id:05d}"


def unit_of(product: SeedProduct, line: BookLine) -> str:
    """The unit of a line."""
    return line.unit or product.unit


def pieces_in(product: SeedProduct, unit: str) -> Decimal:
    """How many of the product's own unit one of `unit` holds."""
    return next((one.factor for one in product.packagings if one.name == unit), Decimal(1))


def money(amount: Decimal, currency: str) -> Decimal:
    """Rounded as the currency is."""
    return amount.quantize(Decimal(1) if currency == "CLP" else Decimal("0.01"), rounding=ROUND_HALF_UP)

"""The facts that several judges share: a supplier's words about an order, and goods with what is known of their prices.

What is listed, paid, in stock and worth comes from Odoo, read for this decision; what the words mean from the readers.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from domain.goods import PastPrice, Product
from domain.orders import Order
from domain.policy.limits import PolicyLimits
from domain.policy.rulebook import Case
from domain.understanding import Understanding
from domain.units import convert_price, convert_quantity
from domain.value import Value
from domain.wording import plain

_FREIGHT = frozenset(plain("flete frete freight despacho shipping transporte").split())


def names_freight(words: str) -> bool:
    """Whether words speak of freight."""
    return bool(_FREIGHT & set(plain(words).split()))


class Terms(Value):
    """What one line would bind the company to. `product` is None where Odoo's entry for the goods was not found."""

    name: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    product: Product | None = None

    @property
    def is_freight(self) -> bool:
        """Freight, on a line of its own: it has no list price and no stock, only a limit."""
        return names_freight(self.name)

    @property
    def amount(self) -> Decimal:
        """Net, in the order's currency, unrounded."""
        return self.quantity * self.unit_price

    def price_in_this_unit(self, price: Decimal, unit: str) -> Decimal | None:
        """A price per `unit` as one per this line's unit; None where the units do not tell."""
        return convert_price(price, unit, self.unit, product=self.product) if self.product else None

    def quantity_in(self, unit: str) -> Decimal | None:
        """This line's quantity in another unit of the goods; None where the units do not tell."""
        return convert_quantity(self.quantity, self.unit, unit, product=self.product) if self.product else None


class OrderCase(Case):
    """Words of a supplier about an order. `partner_id` is the supplier who wrote; `today` the company's own date.

    `order` is as Odoo shows it now, `opened_by_agent` whether the agent, and no person, opened it.
    """

    reading: Understanding
    partner_id: int | None
    order: Order | None
    opened_by_agent: bool = False
    today: date

    def shown(self, limits: PolicyLimits) -> dict[str, Any]:
        """Which order it is about. Of another supplier's, nothing."""
        if self.order is None or self.order.partner_id != self.partner_id:
            return {}
        return {
            "order": self.order.name,
            "state": self.order.state,
            "amount": str(self.order.amount_untaxed),
            "currency": self.order.currency,
        }


class GoodsCase(Case, ABC):
    """Goods at a price. `products`: Odoo's entries; `past`: what this supplier was paid before; `rates`: see `domain.money`."""

    products: tuple[Product, ...] = ()
    past: tuple[PastPrice, ...] = ()
    rates: Mapping[str, Decimal] = {}
    today: date

    @property
    @abstractmethod
    def currency(self) -> str:
        """What prices and amounts are in."""

    @property
    @abstractmethod
    def terms(self) -> tuple[Terms, ...]:
        """The lines as they would bind the company."""

    @property
    def amount(self) -> Decimal:
        """The net amount that they would come to."""
        return sum((line.amount for line in self.terms), Decimal(0))

    @property
    def goods(self) -> tuple[Terms, ...]:
        """The lines but for freight."""
        return tuple(line for line in self.terms if not line.is_freight)

    def product(self, product_id: int) -> Product | None:
        """Odoo's entry."""
        return next((product for product in self.products if product.product_id == product_id), None)

    def past_of(self, product_id: int) -> list[PastPrice]:
        """What was paid for it before, in the order given."""
        return [price for price in self.past if price.product_id == product_id]


class OrderGoodsCase(OrderCase, GoodsCase):
    """An order and the goods on it."""

    @property
    def currency(self) -> str:
        """The order's."""
        return self.order.currency if self.order else ""

    @property
    def terms(self) -> tuple[Terms, ...]:
        """The order's lines as they stand; the price is what is paid, after discount."""
        return terms_of(self.order, self)

    @property
    def amount(self) -> Decimal:
        """The greater of what Odoo says and what the lines come to, should they differ."""
        return max(super().amount, self.order.amount_untaxed if self.order else Decimal(0))


def terms_of(order: Order | None, case: GoodsCase) -> tuple[Terms, ...]:
    """The lines of an order as terms."""
    return tuple(
        Terms(
            name=line.product,
            quantity=line.quantity,
            unit=line.unit,
            unit_price=line.net_price,
            product=case.product(line.product_id),
        )
        for line in (order.lines if order else ())
    )

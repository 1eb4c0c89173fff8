"""A change that a supplier asks for, the order it would make, and what follows from it: quantities, net amounts, days."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from domain.goods import Product
from domain.orders import Order, OrderLine
from domain.policy.facts import OrderGoodsCase, Terms, terms_of
from domain.policy.limits import PolicyLimits
from domain.units import convert_price, convert_quantity
from domain.value import Value


class AskedChange(Value):
    """What they want of one line; None: that stays. Quantity and price per `unit`, else the line's.

    `line_id` is None where it is in doubt which line is meant, and of goods that are not on the order. `substitute`: other
    goods in place of the line's; `in_doubt`: words that fit no product, or several.
    """

    name: str
    line_id: int | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    unit_price: Decimal | None = None
    currency: str | None = None
    substitute: Product | None = None
    in_doubt: bool = False


class Delivery(Value):
    """A part of the order and its day."""

    on: date
    quantity: Decimal | None = None


class ChangeCase(OrderGoodsCase):
    """`agreed`: the order as it was when both sides last agreed on it (or when the RFQ was sent), else as it is.

    `deliveries`: two or more where they want to split the delivery. The date they ask for is the reading's.
    """

    changes: tuple[AskedChange, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    agreed: Order | None = None

    @property
    def terms(self) -> tuple[Terms, ...]:
        """The order's lines as they would be after the change. A line taken off is gone."""
        return tuple(after for _, _, after in self.lines() if after.quantity != 0)

    @property
    def goods(self) -> tuple[Terms, ...]:
        """What is otherwise than before, but for freight: the rest was judged when it was agreed."""
        changed = [after for _, before, after in self.lines() if after != before]
        return tuple(terms for terms in changed if terms.quantity != 0 and not terms.is_freight)

    @property
    def amount(self) -> Decimal:
        """The net amount after the change."""
        return sum((line.amount for line in self.terms), Decimal(0))

    @property
    def agreed_amount(self) -> Decimal:
        """The net amount that was agreed."""
        return sum((terms.amount for terms in terms_of(self.baseline, self)), Decimal(0))

    @property
    def order_lines(self) -> tuple[OrderLine, ...]:
        """The lines as they stand."""
        return self.order.lines if self.order else ()

    @property
    def baseline(self) -> Order | None:
        """What differences are measured from."""
        return self.agreed or self.order

    def shown(self, limits: PolicyLimits) -> dict[str, Any]:
        """The order, and what would become of it."""
        return super().shown(limits) | {"consequences": self.consequences()}

    def consequences(self) -> dict[str, Any]:
        """What the change would make of the order: lines, net amounts and days, each before and after."""
        if self.order is None or self.order.partner_id != self.partner_id:
            return {}
        lines = [
            {
                "product": before.name,
                "becomes": after.name,
                "quantity": [str(before.quantity), str(after.quantity)],
                "unit_price": [str(before.unit_price), str(after.unit_price)],
            }
            for _, before, after in self.lines()
            if before != after
        ]
        amount = sum((before.amount for _, before, _ in self.lines()), Decimal(0))
        was_due, will_be_due = self.order.planned_date, self.reading.delivery_date or self.order.planned_date
        return {
            "lines": lines,
            "amount": [str(amount), str(self.amount)],
            "difference": str(self.amount - amount),
            "date": [was_due.isoformat() if was_due else None, will_be_due.isoformat() if will_be_due else None],
            "days_later": (will_be_due - was_due).days if was_due and will_be_due else None,
            "deliveries": [delivery.to_json() for delivery in self.deliveries],
        }

    def line_of(self, change: AskedChange) -> OrderLine | None:
        """The line that is meant."""
        return next((line for line in self.order_lines if line.line_id == change.line_id), None)

    def lines(self) -> Iterator[tuple[OrderLine, Terms, Terms]]:
        """Each line of the order, with its terms before and after."""
        for line, terms in zip(self.order_lines, terms_of(self.order, self), strict=True):
            yield line, terms, self._changed(line, terms)

    def agreed_line(self, line: OrderLine) -> OrderLine:
        """The line as it was agreed; the line itself where that is not known."""
        agreed = self.agreed.lines if self.agreed else ()
        return next((one for one in agreed if one.line_id == line.line_id), line)

    def _changed(self, line: OrderLine, terms: Terms) -> Terms:
        """A line after all that is asked of it. A unit that does not convert is taken as the line's: `other_unit` speaks up."""
        product = terms.product
        for change in self.changes:
            if change.line_id != line.line_id:
                continue
            quantity, price = change.quantity, change.unit_price
            if product is not None and quantity is not None:
                quantity = convert_quantity(quantity, change.unit, line.unit, product=product) or quantity
            if product is not None and price is not None:
                price = convert_price(price, change.unit, line.unit, product=product) or price
            terms = terms.model_copy(
                update={
                    "quantity": terms.quantity if quantity is None else quantity,
                    "unit_price": terms.unit_price if price is None else price,
                    "product": change.substitute or terms.product,
                    "name": change.substitute.name if change.substitute else terms.name,
                }
            )
        return terms

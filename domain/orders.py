"""Orders as the agent speaks of them: an RFQ that becomes a purchase order, is received and billed.

The states are ours, folded from what Odoo shows (`purchase.order.state`, received and billed quantities), because Odoo's
own five states do not tell a received order from a confirmed one. Quantities and prices are Decimals in the line's unit
and the order's currency; a price is per unit, net of tax, as Odoo keeps `price_unit`.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from domain.errors import ImpossibleTransition
from domain.value import Value


class OrderState(StrEnum):
    """Where an order stands."""

    DRAFT = "draft"
    SENT = "sent"
    TO_APPROVE = "to_approve"
    CONFIRMED = "confirmed"
    RECEIVED = "received"
    BILLED = "billed"
    CANCELLED = "cancelled"


#: A supplier has at most one order of the agent's in one of these: the one that is still being dealt with.
ACTIVE_STATES = frozenset({OrderState.DRAFT, OrderState.SENT, OrderState.TO_APPROVE, OrderState.CONFIRMED})

#: The supplier may still accept the order as it stands.
OPEN_FOR_CONFIRMATION = frozenset({OrderState.DRAFT, OrderState.SENT})

#: Steps that a call of ours may take. What a person does in Odoo is taken over as it is found.
TRANSITIONS: dict[OrderState, frozenset[OrderState]] = {
    OrderState.DRAFT: frozenset({OrderState.SENT, OrderState.TO_APPROVE, OrderState.CONFIRMED, OrderState.CANCELLED}),
    OrderState.SENT: frozenset({OrderState.TO_APPROVE, OrderState.CONFIRMED, OrderState.CANCELLED}),
    OrderState.TO_APPROVE: frozenset({OrderState.CONFIRMED, OrderState.CANCELLED}),
    OrderState.CONFIRMED: frozenset({OrderState.RECEIVED, OrderState.BILLED, OrderState.CANCELLED}),
    OrderState.RECEIVED: frozenset({OrderState.BILLED}),
    OrderState.BILLED: frozenset(),
    OrderState.CANCELLED: frozenset(),
}


class RfqItem(Value):
    """One line to be ordered: what goes into Odoo. `product_id` is a `product.product` id.

    The price is always given: Odoo picks the wrong price tier when it fills one in (`docs/odoo.md`). Without a date of its own
    a line is planned for the order's.
    """

    product_id: int
    quantity: Decimal = Field(gt=0)
    unit: str | None = None
    unit_price: Decimal = Field(ge=0)
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    planned_date: date | None = None


class LineChange(Value):
    """What becomes of one line; what is not given stays. Quantity 0 takes the line off.

    The price is what is to be paid per unit: a discount that stood on the line ends with it. In the line's unit and the
    order's currency.
    """

    line_id: int
    quantity: Decimal | None = Field(default=None, ge=0)
    unit_price: Decimal | None = Field(default=None, ge=0)
    planned_date: date | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.quantity is None and self.unit_price is None and self.planned_date is None:
            raise ValueError("say what is to change: quantity, unit_price or planned_date")
        return self


class OrderLine(Value):
    """One line as Odoo shows it. `discount` is in percent, off `unit_price`; people set it in Odoo, we never do."""

    line_id: int
    product_id: int
    product: str
    sku: str | None = None
    quantity: Decimal
    unit: str
    unit_price: Decimal
    received: Decimal = Decimal(0)
    billed: Decimal = Decimal(0)
    planned_date: date | None = None
    discount: Decimal = Decimal(0)

    @property
    def net_price(self) -> Decimal:
        """What is paid per unit: the price less the discount. Unrounded."""
        return self.unit_price * (1 - self.discount / 100)

    @property
    def open_quantity(self) -> Decimal:
        """What has still to come."""
        return max(self.quantity - self.received, Decimal(0))


class Order(Value):
    """An RFQ or purchase order as read from Odoo just now. `name` is the reference that people use (`P00045`).

    `buyer` is the user whom Odoo holds responsible for it, with the address to write to. `portal_url` is the page on which its
    supplier sees it without a login; it exists once the order was sent. `locked`: people closed it against changes; Odoo
    itself stops only the cancelling. `confirmed_at` is aware UTC.
    """

    order_id: int
    name: str
    partner_id: int
    state: OrderState
    currency: str
    amount_untaxed: Decimal
    amount_total: Decimal
    lines: tuple[OrderLine, ...] = ()
    planned_date: date | None = None
    buyer: str | None = None
    buyer_email: str | None = None
    portal_url: str | None = None
    confirmed_at: datetime | None = None
    locked: bool = False


def check_transition(before: OrderState, after: OrderState, *, what: str) -> None:
    """Raise `ImpossibleTransition`, saying what was tried and from which state, unless `before → after` is a step of ours."""
    if after not in TRANSITIONS[before]:
        raise ImpossibleTransition(f"{what}: the order is {before}, so it cannot become {after}.")

"""Vendor bills as Odoo keeps them. The agent makes drafts only; posting and paying are for people."""

from datetime import date
from decimal import Decimal

from domain.value import Value


class Bill(Value):
    """A vendor bill (`account.move`).

    `state` is Odoo's: `draft`, `posted` or `cancel`. `payment_state` too: `not_paid`, `in_payment`, `paid`, `partial`,
    `reversed` and so on; it says something of a posted bill only. `name` is our number for it (a draft has none), `ref` the
    supplier's.
    Amounts in `currency`, with tax; `orders` are the references of the orders that it bills.
    """

    bill_id: int
    state: str
    amount_total: Decimal
    currency: str
    name: str | None = None
    ref: str | None = None
    payment_state: str = "not_paid"
    amount_due: Decimal = Decimal(0)
    bill_date: date | None = None
    due_date: date | None = None
    orders: tuple[str, ...] = ()

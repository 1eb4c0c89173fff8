"""The port to Odoo: what the agent may ask of the book of record, and nothing else.

Every call that touches an order takes the `partner_id` of the supplier it is for, and an order of another partner is as
absent as one that does not exist (`OrderNotFound`): a tool can mix suppliers up only by lying about who it acts for.
Every action reads the state again after acting and answers what Odoo shows, never what was intended: real Odoo answers
True to a confirmation that did nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

from domain.errors import InvalidInput, NotAllowed, NotFound, UpstreamError
from domain.orders import Order, RfqItem
from domain.partners import Partner
from domain.value import Value

__all__ = [
    "Bill",
    "OdooForbidden",
    "OdooOrderManager",
    "OdooRefused",
    "OdooUnavailable",
    "OrderNotFound",
    "Partner",
    "Product",
]


class Product(Value):
    """A product as this vendor sells it. `list_price` is the vendor's listed price per unit, if Odoo has one."""

    product_id: int
    name: str
    sku: str | None = None
    vendor_name: str | None = None
    vendor_code: str | None = None
    unit: str
    list_price: Decimal | None = None
    currency: str | None = None
    on_hand: Decimal = Decimal(0)


class Bill(Value):
    """A vendor bill (`account.move`), in draft unless a person posted it."""

    bill_id: int
    state: str
    amount_total: Decimal
    currency: str


class OrderNotFound(NotFound):
    """There is no such order of this supplier."""

    code = "order_not_found"


class OdooRefused(InvalidInput):
    """Odoo's own rules refused this: a person has to look at it in Odoo."""

    code = "odoo_refused"


class OdooUnavailable(UpstreamError):
    """Odoo did not answer in time or is down: nothing is known to have been done; look up before trying again."""

    code = "odoo_unavailable"


class OdooForbidden(NotAllowed):
    """Odoo rejected the agent's login or rights: check ODOO_DB, ODOO_USERNAME, ODOO_PASSWORD and the user's groups."""

    code = "odoo_forbidden"


class OdooOrderManager(Protocol):
    """Purchasing in Odoo. All methods raise `OdooUnavailable`, `OdooForbidden` and `OdooRefused` as those say."""

    async def create_rfq(
        self,
        *,
        partner_id: int,
        items: Sequence[RfqItem],
        key: str,
        origin: str = "",
        planned_date: date | None = None,
    ) -> Order:
        """Create a draft RFQ, or answer the one that the same `key` made before, as it stands now (idempotent).

        `key` is `[a-z0-9_]{1,60}` and becomes the external id `purchase_agent.<key>`; people see it in `origin` when none is
        given.
        All items share one currency. An item without a unit is in the one that `list_products` shows. Raises `InvalidInput`
        for no items, mixed currencies, unknown or archived products and partners, a unit that the product is not bought in,
        and a quantity finer than Odoo keeps (it would round it); `OrderNotFound` if the key made another partner's order.
        """
        ...

    async def send_rfq(self, order_id: int, *, partner_id: int) -> Order:
        """Mark a draft RFQ as sent (our own channel carried it; Odoo mails nothing). Already sent: answers it as it is."""
        ...

    async def confirm_order(self, order_id: int, *, partner_id: int) -> Order:
        """Confirm a draft or sent RFQ. The answer is `confirmed`, or `to_approve` where Odoo wants a second approval.

        Already confirmed, received or billed: answers it as it is. Raises `ImpossibleTransition` on a cancelled order.
        """
        ...

    async def mark_received(self, order_id: int, *, partner_id: int, quantities: Mapping[int, Decimal] | None = None) -> Order:
        """Receive what is open, or only `quantities` (line id → quantity in the line's unit; the rest stays on backorder).

        Raises `ImpossibleTransition` unless the order is confirmed; nothing left to receive answers it as it is.
        Raises `InvalidInput` for another order's line, and for more than is open: an over-delivery is a person's to accept.
        The answer is `received` once every line has arrived in full. Partial receipts are not idempotent: after
        `OdooUnavailable`, compare `received` of the lines before trying again.
        """
        ...

    async def create_bill(self, order_id: int, *, partner_id: int) -> Bill:
        """Make the draft bill for what was received and is on no bill yet; with nothing new, answer the one that exists.

        Raises `ImpossibleTransition` when there is nothing to bill.
        """
        ...

    async def cancel_order(self, order_id: int, *, partner_id: int) -> Order:
        """Cancel an order of which nothing has been received, else `ImpossibleTransition`. Already cancelled: as it is."""
        ...

    async def get_order_status(self, *, partner_id: int, order_id: int | None = None, name: str | None = None) -> Order:
        """Read one order by id or by reference (give exactly one). Raises `OrderNotFound`."""
        ...

    async def list_orders(self, *, partner_id: int, limit: int = 20) -> list[Order]:
        """The supplier's newest orders, newest first."""
        ...

    async def find_partners(self, *, phone: str | None = None, email: str | None = None) -> list[Partner]:
        """Companies that we buy from with exactly this phone (E.164) or e-mail; a contact's match answers its company."""
        ...

    async def get_partner(self, partner_id: int) -> Partner:
        """Raises `NotFound`."""
        ...

    async def list_products(self, *, partner_id: int) -> list[Product]:
        """What may be ordered of this vendor: products on its price list and those it was ordered from before."""
        ...

    async def check(self) -> str:
        """Log in and read the version, such as `19.0`: for health checks."""
        ...

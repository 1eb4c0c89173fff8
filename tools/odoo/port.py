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

from domain.bills import Bill
from domain.errors import InvalidInput, NotAllowed, NotFound, UpstreamError
from domain.goods import PastPrice, PriceTier, Product, ProductUnit
from domain.orders import LineChange, Order, RfqItem
from domain.partners import Partner
from domain.receipts import Lot, Receipt

__all__ = [
    "Bill",
    "LotsMissing",
    "OdooForbidden",
    "OdooOrderManager",
    "OdooRefused",
    "OdooUnavailable",
    "OrderNotFound",
    "Partner",
    "PastPrice",
    "PriceTier",
    "Product",
    "ProductUnit",
]


class OrderNotFound(NotFound):
    """There is no such order of this supplier."""

    code = "order_not_found"


class LotsMissing(InvalidInput):
    """Goods with lot or serial numbers came without them, or without their dates: say which, line by line."""

    code = "lots_missing"


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
        send: bool = False,
    ) -> Order:
        """Create a draft RFQ, or answer the one that the same `key` made before, as it stands now (idempotent).

        With `send` it is marked as sent, too, as `send_rfq` does, at one call less.

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

    async def change_order(
        self,
        order_id: int,
        *,
        partner_id: int,
        changes: Sequence[LineChange],
        additions: Sequence[RfqItem] = (),
        key: str = "",
    ) -> Order:
        """Change lines of an order, and add lines to it, at the prices and dates given.

        What a change does not name stays as it was. Quantity 0 takes a line off: it is gone from an RFQ, and stands at 0 on a
        confirmed order. The same call again changes nothing more: changes say what shall be, and additions are known by `key`
        (as in `create_rfq`; needed with additions only). Odoo asks for no second approval of a confirmed order that grows:
        that is for the caller to see to. Raises `ImpossibleTransition` on a cancelled, billed or locked order; `InvalidInput`
        for a line of another order or twice the same, a quantity below what was received or billed, a price that is on a
        bill already, an order left with nothing, and what `create_rfq` refuses.
        """
        ...

    async def confirm_order(self, order_id: int, *, partner_id: int, seen: Order | None = None) -> Order:
        """Confirm a draft or sent RFQ. The answer is `confirmed`, or `to_approve` where Odoo wants a second approval.

        `seen` is the order as the caller read it a moment ago: it spares reading it once more before the button is pressed.
        Already confirmed, received or billed: answers it as it is. Raises `ImpossibleTransition` on a cancelled order, and on
        one without goods.
        """
        ...

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
        """Say what booking this delivery would do; nothing is changed.

        `quantities`: line id → quantity that came, in the line's unit; None: all that is open. `lots`: the same lines' lot or
        serial numbers. Without `backorder` the rest of the pickings touched is not waited for. A line may receive more than
        was ordered by `over_share` of it (0.05 is 5 %). Nothing left to receive gives an empty receipt. Raises
        `ImpossibleTransition` unless the order is confirmed; `InvalidInput` for another order's line, a quantity of nothing,
        one beyond the share, and lots that do not add up; `LotsMissing`.
        """
        ...

    async def carry_out_receipt(self, receipt: Receipt, *, partner_id: int) -> Order:
        """Book a planned receipt, touching its pickings and no others, and verify it by what the lines received (idempotent).

        A picking that is done already is left alone. The answer is `received` once every line has arrived in full.
        """
        ...

    async def mark_received(
        self,
        order_id: int,
        *,
        partner_id: int,
        quantities: Mapping[int, Decimal] | None = None,
        lots: Mapping[int, Sequence[Lot]] | None = None,
        backorder: bool = True,
        over_share: Decimal = Decimal(0),
    ) -> Order:
        """Plan a receipt and carry it out, in one: for who cannot keep the plan.

        Not idempotent for a part of what is open: after `OdooUnavailable`, compare `received` of the lines before trying again.
        """
        receipt = await self.plan_receipt(
            order_id,
            partner_id=partner_id,
            quantities=quantities,
            lots=lots,
            backorder=backorder,
            over_share=over_share,
        )
        return await self.carry_out_receipt(receipt, partner_id=partner_id)

    async def create_bill(self, order_id: int, *, partner_id: int) -> Bill:
        """Make the draft bill for what was received and is on no bill yet; with nothing new, answer the one that exists.

        Raises `ImpossibleTransition` when there is nothing to bill.
        """
        ...

    async def list_bills(self, *, partner_id: int, limit: int = 20) -> list[Bill]:
        """The supplier's newest bills in any state, newest first."""
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

    async def past_prices(self, *, partner_id: int, product_ids: Sequence[int], limit: int = 20) -> list[PastPrice]:
        """What this supplier was last paid for these products, newest first; confirmed orders only."""
        ...

    async def exchange_rates(self, currencies: Sequence[str], *, on: date) -> Mapping[str, Decimal]:
        """What one of each currency is worth in the company's own on that day, as Odoo knows it.

        A currency that Odoo does not know, or has no rate of, is absent (Odoo itself would count it one to one). `CLF` is the
        UF, under whichever of its two names Odoo has a rate. A rate may be old: Odoo takes the last one entered.
        """
        ...

    async def post_note(self, order_id: int, *, partner_id: int, text: str, key: str) -> None:
        """Leave an internal note at the order for people: plain text, mailed to nobody, and once per `key` and order.

        Once, unless two calls with one key run at the same moment: then it may stand there twice.
        """
        ...

    async def check(self) -> str:
        """Log in and read the version, such as `19.0`: for health checks."""
        ...

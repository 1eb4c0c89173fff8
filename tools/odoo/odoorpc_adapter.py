"""The port on a real Odoo, over JSON-RPC (odoorpc) or JSON-2: the transport knows which.

Each method runs as one piece on a worker of the transport's bounded pool, so an event loop is never blocked and a cancelled
caller leaves nothing half done. Constructing the adapter connects to nothing.
"""

import threading
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import structlog
from typing_extensions import override

from domain.bills import Bill
from domain.goods import PastPrice, Product
from domain.orders import LineChange, Order, OrderState, RfqItem
from domain.partners import Partner
from domain.receipts import Lot, Receipt
from tools.odoo import bills, notes, partners, prices, products, receipts, rfq
from tools.odoo.changes import change_order
from tools.odoo.circuit_breaker import CircuitState
from tools.odoo.orders import read_order, read_orders
from tools.odoo.port import OdooOrderManager, OdooRefused, OrderNotFound
from tools.odoo.rules import (
    check_cancellable,
    check_has_goods,
    check_not_cancelled,
    check_one_way_to_find,
    was_seen,
)
from tools.odoo.sending import mark_sent
from tools.odoo.transport import OdooConnection, OdooTransport

log = structlog.get_logger(__name__)


class OdooRpcOrderManager(OdooOrderManager):
    """`OdooOrderManager` on a real Odoo (tested with 19 over both protocols). Close it when done."""

    def __init__(self, connection: OdooConnection) -> None:
        self._odoo = OdooTransport(connection)
        # Bills made at once come out right also without it, but leave an empty draft behind for people to wonder about.
        self._billing = threading.Lock()

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
        order = await self._odoo.run(
            rfq.create_rfq,
            self._odoo,
            partner_id=partner_id,
            items=items,
            key=key,
            origin=origin,
            planned_date=planned_date,
            send=send,
        )
        return self._told("create_rfq", order)

    @override
    async def send_rfq(self, order_id: int, *, partner_id: int) -> Order:
        return self._told("send_rfq", await self._odoo.run(self._send, order_id, partner_id))

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
        order = await self._odoo.run(
            change_order,
            self._odoo,
            order_id,
            partner_id=partner_id,
            changes=changes,
            additions=additions,
            key=key,
        )
        return self._told("change_order", order)

    @override
    async def confirm_order(self, order_id: int, *, partner_id: int, seen: Order | None = None) -> Order:
        return self._told("confirm_order", await self._odoo.run(self._confirm, order_id, partner_id, seen))

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
        return await self._odoo.run(
            receipts.plan_receipt,
            self._odoo,
            order_id,
            partner_id=partner_id,
            quantities=quantities,
            lots=lots,
            backorder=backorder,
            over_share=over_share,
        )

    @override
    async def carry_out_receipt(self, receipt: Receipt, *, partner_id: int) -> Order:
        order = await self._odoo.run(receipts.carry_out_receipt, self._odoo, receipt, partner_id=partner_id)
        return self._told("carry_out_receipt", order)

    @override
    async def create_bill(self, order_id: int, *, partner_id: int) -> Bill:
        return await self._odoo.run(self._bill, order_id, partner_id)

    @override
    async def list_bills(self, *, partner_id: int, limit: int = 20) -> list[Bill]:
        return await self._odoo.run(bills.list_bills, self._odoo, partner_id=partner_id, limit=limit)

    @override
    async def cancel_order(self, order_id: int, *, partner_id: int) -> Order:
        return self._told("cancel_order", await self._odoo.run(self._cancel, order_id, partner_id))

    @override
    async def get_order_status(self, *, partner_id: int, order_id: int | None = None, name: str | None = None) -> Order:
        check_one_way_to_find(order_id, name)
        if order_id is not None:
            return await self._odoo.run(read_order, self._odoo, order_id, partner_id=partner_id)
        # `=ilike` ignores case, and takes % and _ for wildcards unless escaped.
        pattern = "".join(f"\\{sign}" if sign in r"\%_" else sign for sign in (name or "").strip())
        found = await self._odoo.run(read_orders, self._odoo, [("name", "=ilike", pattern)], partner_id=partner_id, limit=1)
        if not found:
            raise OrderNotFound(f"Order {name}.")
        return found[0]

    @override
    async def list_orders(self, *, partner_id: int, limit: int = 20) -> list[Order]:
        return await self._odoo.run(read_orders, self._odoo, [], partner_id=partner_id, limit=limit)

    @override
    async def find_partners(self, *, phone: str | None = None, email: str | None = None) -> list[Partner]:
        return await self._odoo.run(partners.find_partners, self._odoo, phone=phone, email=email)

    @override
    async def get_partner(self, partner_id: int) -> Partner:
        return await self._odoo.run(partners.get_partner, self._odoo, partner_id)

    @override
    async def list_products(self, *, partner_id: int) -> list[Product]:
        return await self._odoo.run(products.list_products, self._odoo, partner_id=partner_id)

    @override
    async def past_prices(self, *, partner_id: int, product_ids: Sequence[int], limit: int = 20) -> list[PastPrice]:
        return await self._odoo.run(prices.past_prices, self._odoo, partner_id=partner_id, product_ids=product_ids, limit=limit)

    @override
    async def exchange_rates(self, currencies: Sequence[str], *, on: date) -> Mapping[str, Decimal]:
        return await self._odoo.run(prices.exchange_rates, self._odoo, currencies, on=on)

    @override
    async def post_note(self, order_id: int, *, partner_id: int, text: str, key: str) -> None:
        await self._odoo.run(notes.post_note, self._odoo, order_id, partner_id=partner_id, text=text, key=key)

    @override
    async def check(self) -> str:
        return await self._odoo.run(self._odoo.version)

    @property
    def circuit(self) -> CircuitState:
        """Whether calls pass to Odoo at this moment, for logs and metrics."""
        return self._odoo.circuit

    def close(self) -> None:
        """Take no more calls; those under way end by themselves."""
        self._odoo.close()

    def _send(self, order_id: int, partner_id: int) -> Order:
        return mark_sent(self._odoo, self._read(order_id, partner_id))

    def _confirm(self, order_id: int, partner_id: int, seen: Order | None) -> Order:
        order = seen if seen and was_seen(seen, order_id, partner_id) else self._read(order_id, partner_id)
        check_not_cancelled(order, "confirmed")
        if order.state not in (OrderState.DRAFT, OrderState.SENT):
            return order
        check_has_goods(order)
        # On whatever it has become meanwhile the button does nothing: it acts on drafts and sent RFQs alone.
        self._odoo.call("purchase.order", "button_confirm", [order_id])
        after = self._read(order_id, partner_id)
        check_not_cancelled(after, "confirmed")
        if after.state in (OrderState.DRAFT, OrderState.SENT):
            raise OdooRefused(f"Odoo did not confirm {after.name}: it is {after.state}.")
        return after

    def _cancel(self, order_id: int, partner_id: int) -> Order:
        order = self._read(order_id, partner_id)
        if order.state is OrderState.CANCELLED:
            return order
        check_cancellable(order)
        self._odoo.call("purchase.order", "button_cancel", [order_id])
        after = self._read(order_id, partner_id)
        if after.state is not OrderState.CANCELLED:
            raise OdooRefused(f"Odoo did not cancel {after.name}: it is {after.state}.")
        return after

    def _bill(self, order_id: int, partner_id: int) -> Bill:
        with self._billing:
            bill = bills.create_bill(self._odoo, order_id, partner_id=partner_id)
        log.info("odoo_acted", action="create_bill", order_id=order_id, bill=bill.bill_id, state=bill.state)
        return bill

    def _read(self, order_id: int, partner_id: int) -> Order:
        return read_order(self._odoo, order_id, partner_id=partner_id)

    @staticmethod
    def _told(action: str, order: Order) -> Order:
        log.info("odoo_acted", action=action, order=order.name, state=order.state.value)
        return order

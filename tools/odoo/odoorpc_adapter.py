"""The port on a real Odoo, over JSON-RPC with odoorpc.

Each method runs as one piece on a worker of the transport's bounded pool, so an event loop is never blocked and a cancelled
caller leaves nothing half done. Constructing the adapter connects to nothing.
"""

import threading
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import structlog
from typing_extensions import override

from domain.orders import Order, OrderState, RfqItem
from tools.odoo import bills, catalogue, receipts, rfq
from tools.odoo.orders import read_order, read_orders
from tools.odoo.port import Bill, OdooOrderManager, OdooRefused, OrderNotFound, Partner, Product
from tools.odoo.rules import (
    check_cancellable,
    check_not_cancelled,
    check_one_way_to_find,
)
from tools.odoo.transport import OdooConnection, OdooTransport

log = structlog.get_logger(__name__)


class OdooRpcOrderManager(OdooOrderManager):
    """`OdooOrderManager` on a real Odoo (tested with 19). Close it when done."""

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
    ) -> Order:
        order = await self._odoo.run(
            rfq.create_rfq,
            self._odoo,
            partner_id=partner_id,
            items=items,
            key=key,
            origin=origin,
            planned_date=planned_date,
        )
        return self._told("create_rfq", order)

    @override
    async def send_rfq(self, order_id: int, *, partner_id: int) -> Order:
        return self._told("send_rfq", await self._odoo.run(self._send, order_id, partner_id))

    @override
    async def confirm_order(self, order_id: int, *, partner_id: int) -> Order:
        return self._told("confirm_order", await self._odoo.run(self._confirm, order_id, partner_id))

    @override
    async def mark_received(self, order_id: int, *, partner_id: int, quantities: Mapping[int, Decimal] | None = None) -> Order:
        order = await self._odoo.run(receipts.receive, self._odoo, order_id, partner_id=partner_id, quantities=quantities)
        return self._told("mark_received", order)

    @override
    async def create_bill(self, order_id: int, *, partner_id: int) -> Bill:
        return await self._odoo.run(self._bill, order_id, partner_id)

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
        return await self._odoo.run(catalogue.find_partners, self._odoo, phone=phone, email=email)

    @override
    async def get_partner(self, partner_id: int) -> Partner:
        return await self._odoo.run(catalogue.get_partner, self._odoo, partner_id)

    @override
    async def list_products(self, *, partner_id: int) -> list[Product]:
        return await self._odoo.run(catalogue.list_products, self._odoo, partner_id=partner_id)

    @override
    async def check(self) -> str:
        return await self._odoo.run(self._odoo.version)

    def close(self) -> None:
        """Take no more calls; those under way end by themselves."""
        self._odoo.close()

    def _send(self, order_id: int, partner_id: int) -> Order:
        order = self._read(order_id, partner_id)
        check_not_cancelled(order, "sent")
        if order.state is not OrderState.DRAFT:
            return order
        self._odoo.call(
            "purchase.order",
            "message_post",
            [order_id],
            body="Sent to the supplier by the purchase-order agent.",
            context={"mark_rfq_as_sent": True},
        )
        return self._expect(order_id, partner_id, {OrderState.SENT}, "send")

    def _confirm(self, order_id: int, partner_id: int) -> Order:
        order = self._read(order_id, partner_id)
        check_not_cancelled(order, "confirmed")
        if order.state not in (OrderState.DRAFT, OrderState.SENT):
            return order
        self._odoo.call("purchase.order", "button_confirm", [order_id])
        return self._expect(order_id, partner_id, {OrderState.CONFIRMED, OrderState.TO_APPROVE}, "confirm")

    def _cancel(self, order_id: int, partner_id: int) -> Order:
        order = self._read(order_id, partner_id)
        if order.state is OrderState.CANCELLED:
            return order
        check_cancellable(order)
        self._odoo.call("purchase.order", "button_cancel", [order_id])
        return self._expect(order_id, partner_id, {OrderState.CANCELLED}, "cancel")

    def _bill(self, order_id: int, partner_id: int) -> Bill:
        with self._billing:
            bill = bills.create_bill(self._odoo, order_id, partner_id=partner_id)
        log.info("odoo_acted", action="create_bill", order_id=order_id, bill=bill.bill_id, state=bill.state)
        return bill

    def _read(self, order_id: int, partner_id: int) -> Order:
        return read_order(self._odoo, order_id, partner_id=partner_id)

    def _expect(self, order_id: int, partner_id: int, states: set[OrderState], what: str) -> Order:
        order = self._read(order_id, partner_id)
        if order.state not in states:
            raise OdooRefused(f"Odoo did not {what} {order.name}: it is {order.state}.")
        return order

    @staticmethod
    def _told(action: str, order: Order) -> Order:
        log.info("odoo_acted", action=action, order=order.name, state=order.state.value)
        return order

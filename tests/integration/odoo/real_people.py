"""The parts that people play in a real Odoo 19, through the administrator's hands."""

import asyncio
import html
import re
from datetime import date
from decimal import Decimal
from typing import Any

from tests.integration.odoo.database import OdooDatabase
from tests.integration.odoo.suite.bench import People


class RealPeople(People):
    """See `People`."""

    def __init__(self, database: OdooDatabase) -> None:
        self._database = database
        # Odoo takes orders and draft bills in an inactive currency, and posts none.
        [clp] = database.call("res.currency", "search", [("name", "=", "CLP")], context={"active_test": False})
        database.call("res.currency", "write", [clp], {"active": True})

    async def lock(self, order_id: int) -> None:
        await self._call("purchase.order", "button_lock", [order_id])

    async def discount(self, line_id: int, percent: Decimal) -> None:
        await self._call("purchase.order.line", "write", [line_id], {"discount": float(percent)})

    async def take_off_all(self, order_id: int) -> None:
        lines = await self._call("purchase.order.line", "search", [("order_id", "=", order_id)])
        await self._call("purchase.order.line", "unlink", lines)

    async def post_bill(self, bill_id: int, *, ref: str, bill_date: date, due_date: date) -> None:
        values = {
            "ref": ref,
            "invoice_date": bill_date.isoformat(),
            "invoice_payment_term_id": False,
            "invoice_date_due": due_date.isoformat(),
        }
        await self._call("account.move", "write", [bill_id], values)
        await self._call("account.move", "action_post", [bill_id])

    async def pay_bill(self, bill_id: int) -> None:
        context = {"active_model": "account.move", "active_ids": [bill_id]}
        wizard = await self._call("account.payment.register", "create", {}, context=context)
        await self._call("account.payment.register", "action_create_payments", [wizard], context=context)

    async def notes(self, order_id: int) -> list[str]:
        found = await self._call(
            "mail.message",
            "search_read",
            [
                ("model", "=", "purchase.order"),
                ("res_id", "=", order_id),
                ("message_id", "like", "@purchase-order-agent"),
                ("subtype_id.internal", "=", True),
                ("notified_partner_ids", "=", False),
            ],
            fields=["body"],
            order="id",
        )
        return [html.unescape(re.sub("<[^>]+>", "", message["body"])) for message in found]

    async def _call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        return await asyncio.to_thread(self._database.call, model, method, *args, **kwargs)

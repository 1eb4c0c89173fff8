"""Confirm one of the supplier's orders in Odoo. Policy has said yes before; Odoo may still want a second approval."""

from typing import Annotated

from langchain_core.tools import tool
from pydantic import Field

from domain.orders import Order
from tools.context import Injected, ToolResult
from tools.effects import once


@tool
async def confirm_purchase_order(
    order_id: Annotated[int, Field(description="Odoo id of the order")], context: Injected
) -> ToolResult:
    """Confirm the order. Answers it as Odoo keeps it: confirmed, or waiting for approval."""
    partner_id = context.linked_partner

    async def confirm(_key: str) -> Order:
        return await context.odoo.confirm_order(order_id, partner_id=partner_id)

    return await once(
        context,
        action="confirm_purchase_order",
        request={"partner_id": partner_id, "order_id": order_id},
        effect=confirm,
        # The agent records its orders as it opens them.
        opened_by="person",
    )

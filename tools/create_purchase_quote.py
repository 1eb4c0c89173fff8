"""Open an RFQ in Odoo for what the supplier offered, and mark it as sent: the supplier knows its content already."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from langchain_core.tools import tool
from pydantic import Field

from domain.orders import Order, RfqItem
from domain.value import Value
from tools.context import Injected, ToolResult
from tools.effects import once


class QuoteLine(Value):
    """One product of the offer, matched to Odoo."""

    product_id: int = Field(description="Odoo id of the product")
    quantity: Decimal = Field(gt=0, description="How many units")
    unit_price: Decimal = Field(ge=0, description="Net price of one unit")
    currency: str = Field(description="ISO 4217 code")


@tool
async def create_purchase_quote(
    lines: Annotated[list[QuoteLine], Field(min_length=1, description="What the supplier offers")],
    context: Injected,
    delivery_date: Annotated[date | None, Field(description="When the supplier would deliver, if it said so")] = None,
) -> ToolResult:
    """Open an RFQ with the supplier's offer. Answers the order as Odoo keeps it."""
    partner_id = context.linked_partner
    items = [RfqItem(**line.model_dump()) for line in lines]

    async def open_rfq(key: str) -> Order:
        order = await context.odoo.create_rfq(partner_id=partner_id, items=items, key=key, planned_date=delivery_date)
        return await context.odoo.send_rfq(order.order_id, partner_id=partner_id)

    return await once(
        context,
        action="create_purchase_quote",
        request={
            "partner_id": partner_id,
            "items": [item.to_json() for item in items],
            "delivery_date": delivery_date.isoformat() if delivery_date else None,
        },
        effect=open_rfq,
    )

"""Read how one of the supplier's orders stands, and let our record follow. Reading binds nobody, so no operation is kept."""

from typing import Annotated

from langchain_core.tools import tool
from pydantic import Field

from storage.orders import Orders
from tools.context import Injected, ToolResult
from tools.odoo.port import OrderNotFound


@tool
async def check_order_status(
    name: Annotated[str, Field(description="The order's reference, such as P00045")], context: Injected
) -> ToolResult:
    """Read an order's state, lines and dates. An order of another supplier is answered as if there were none."""
    try:
        order = await context.odoo.get_order_status(partner_id=context.linked_partner, name=name)
    except OrderNotFound as absent:
        return {"refused": absent.code, "reason": str(absent)}
    async with context.database.session() as session:
        await Orders(session).follow(order, supplier_id=context.supplier_id, turn_id=context.turn_id)
    return {"order": order.to_json()}

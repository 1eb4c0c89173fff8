"""One effect on Odoo, once: written down, done, read back, written down.

The key comes from the unit of work. A repeat of something that ended replays its result; a repeat of something of which
nobody knows how it ended does it again through the port, whose actions look before they act.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from domain.errors import InvalidInput
from domain.fault_points import reach
from domain.keys import operation_key
from domain.orders import Order
from storage.operations import Operations
from storage.orders import Orders
from tools.context import ToolContext, ToolResult


async def once(
    context: ToolContext,
    *,
    action: str,
    request: dict[str, Any],
    effect: Callable[[str], Awaitable[Order]],
    opened_by: str = "agent",
) -> ToolResult:
    """Run `effect(key)` under the operation of this turn and step, and follow the order it answers.

    `opened_by` is whose the order is, if it was not recorded before.

    Answers `{"order": …}`, or `{"refused": code, "reason": text}` where Odoo's rules forbade it. Raises `StaleAttempt` and
    `TurnSuperseded` (see `Operations.begin`), and `UpstreamError` when nobody knows what became of it: try again then.
    """
    key = operation_key(conversation_id=context.conversation_id, turn_id=context.turn_id, step=context.step, action=action)
    async with context.database.session() as session:
        operation = await Operations(session).begin(
            key=key, turn_id=context.turn_id, attempt=context.attempt, action=action, request=request
        )
        if operation.result is not None:
            return operation.result
    reach("operations.begun")
    order: Order | None = None
    try:
        order = await effect(key)
        result: ToolResult = {"order": order.to_json()}
    except InvalidInput as refusal:
        result = {"refused": refusal.code, "reason": str(refusal)}
    reach("operations.done_on_odoo")
    async with context.database.session() as session:
        if order is not None:
            await Orders(session).follow(
                order,
                supplier_id=context.supplier_id,
                conversation_id=context.conversation_id,
                opened_by=opened_by,
                turn_id=context.turn_id,
            )
        await Operations(session).finish(
            key=key,
            turn_id=context.turn_id,
            result=result,
            refused=order is None,
            at=context.now(),
        )
    reach("operations.finished")
    return result

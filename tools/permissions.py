"""Which graph may use which tool in which mode: the table, and the one door that holds to it.

Graphs call tools through `use`, never directly; a tool that is not in the table for a graph and mode does not run.
"""

from collections.abc import Mapping
from typing import Any

from langchain_core.tools import BaseTool

from domain.errors import NotAllowed
from domain.modes import AgentMode
from tools.check_order_status import check_order_status
from tools.confirm_purchase_order import confirm_purchase_order
from tools.context import Licence, ToolContext, ToolResult
from tools.create_purchase_quote import create_purchase_quote
from tools.fetch_pending_messages import fetch_pending_messages
from tools.send_reply import send_reply

TOOLS: Mapping[str, BaseTool] = {
    tool.name: tool
    for tool in (
        fetch_pending_messages,
        send_reply,
        create_purchase_quote,
        confirm_purchase_order,
        check_order_status,
    )
}

_READING = frozenset({"fetch_pending_messages", "check_order_status", "send_reply"})

#: The tools that change something in Odoo.
EFFECTS = frozenset({"create_purchase_quote", "confirm_purchase_order"})

#: In shadow and assist nothing is done on Odoo; what is drafted goes to our own people (see `message_dispatcher`).
PERMISSIONS: Mapping[tuple[str, AgentMode], frozenset[str]] = {
    ("purchase_order", AgentMode.SHADOW): _READING,
    ("purchase_order", AgentMode.ASSIST): _READING,
    ("purchase_order", AgentMode.AUTO): _READING | EFFECTS,
}

#: Where a single step may do what `auto` may. A person's approval is no way out of shadow mode; but what was begun in a freer
#: mode is finished in any, since nobody knows whether it was done, and a half-known effect is worse than a known one.
_LICENSED = {Licence.APPROVED: {AgentMode.ASSIST}, Licence.BEGUN: set(AgentMode)}


class ToolNotPermitted(NotAllowed):
    """This graph may not use this tool in this mode: see `tools/permissions.py`."""

    code = "tool_not_permitted"


def is_permitted(tool_name: str, *, graph: str, mode: AgentMode, licence: Licence | None = None) -> bool:
    """Whether the table allows it, or the step's own `licence`."""
    if licence is not None and mode in _LICENSED[licence]:
        mode = AgentMode.AUTO
    return tool_name in PERMISSIONS.get((graph, mode), frozenset())


async def use(tool_name: str, context: ToolContext, **arguments: Any) -> ToolResult:
    """Call a tool for `context`. Raises `ToolNotPermitted`, and whatever the tool raises."""
    if not is_permitted(tool_name, graph=context.graph, mode=context.mode, licence=context.licence):
        raise ToolNotPermitted(f"{context.graph} in {context.mode} mode wanted {tool_name}.")
    result: ToolResult = await TOOLS[tool_name].ainvoke({**arguments, "context": context})
    return result

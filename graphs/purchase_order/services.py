"""What the nodes need from outside, handed to them by whoever builds the graph."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.modes import AgentMode
from domain.policy import PolicyLimits
from domain.understanding import Reader
from storage.engine import Database
from tools.context import Licence, ToolContext
from tools.odoo.port import OdooOrderManager

GRAPH = "purchase_order"


@dataclass(frozen=True, kw_only=True)
class Services:
    """The ports and settings of the graph. One per event loop: the database's pool belongs to a loop."""

    database: Database
    odoo: OdooOrderManager
    reader: Reader
    limits: PolicyLimits
    mode: AgentMode
    now: Callable[[], datetime]
    timezone: str
    quiet: timedelta
    lease: timedelta

    def tool_context(self, turn: dict[str, Any], *, step: int = 0, licence: Licence | None = None) -> ToolContext:
        """Who a tool acts for, taken from the state's `turn` (which `message_reader` filled from the tables)."""
        return ToolContext(
            graph=GRAPH,
            mode=AgentMode(turn["mode"]),
            turn_id=turn["id"],
            attempt=turn["attempt"],
            conversation_id=UUID(turn["conversation_id"]),
            supplier_id=UUID(turn["supplier_id"]),
            partner_id=turn["partner_id"],
            database=self.database,
            odoo=self.odoo,
            now=self.now,
            step=step,
            licence=licence,
        )

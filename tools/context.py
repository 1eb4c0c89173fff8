"""Who a tool acts for. The run makes it from the tables; no model can write any of it.

It is handed to tools as an injected argument, which LangChain keeps out of the schema that a model would see.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from langchain_core.tools import InjectedToolArg
from pydantic_core import CoreSchema, core_schema

from domain.errors import NotAllowed
from domain.modes import AgentMode
from storage.engine import Database
from tools.odoo.port import OdooOrderManager


class SupplierNotLinked(NotAllowed):
    """This contact is not linked to a supplier in Odoo yet, so nothing can be ordered from it or told to it."""

    code = "supplier_not_linked"


class Licence(StrEnum):
    """Why one step may do more than the mode lets the agent do (`tools/permissions.py` says how much more)."""

    APPROVED = "approved"
    BEGUN = "begun"


@dataclass(frozen=True, kw_only=True)
class ToolContext:
    """The turn, attempt and supplier that a tool acts for, and the ports it may use. `step` is the plan's step number.

    `licence`: a person approved the step, or it was begun before the mode became stricter.
    """

    graph: str
    mode: AgentMode
    turn_id: int
    attempt: int
    conversation_id: UUID
    supplier_id: UUID
    partner_id: int | None
    database: Database
    odoo: OdooOrderManager
    now: Callable[[], datetime]
    step: int = 0
    licence: Licence | None = None

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> CoreSchema:
        """LangChain validates a tool's arguments with pydantic: of this one only that it is one."""
        return core_schema.is_instance_schema(cls)

    @property
    def linked_partner(self) -> int:
        """The supplier's Odoo partner. Raise `SupplierNotLinked`."""
        if self.partner_id is None:
            raise SupplierNotLinked
        return self.partner_id


#: How a tool declares it.
Injected = Annotated[ToolContext, InjectedToolArg]

#: What a tool answers: plain JSON.
ToolResult = dict[str, Any]

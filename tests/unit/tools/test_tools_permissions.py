"""Which tool may be used where, as a table written out by hand; and what a model can never say to a tool."""

from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest

from domain.modes import AgentMode
from storage.engine import Database
from tools.context import Licence, ToolContext
from tools.odoo.port import OdooOrderManager
from tools.permissions import PERMISSIONS, TOOLS, ToolNotPermitted, is_permitted, use

YES, NO = True, False

#: tool → (shadow, assist, auto), for the graph `purchase_order`.
TABLE = {
    "fetch_pending_messages": (YES, YES, YES),
    "send_reply": (YES, YES, YES),
    "check_order_status": (YES, YES, YES),
    "create_purchase_quote": (NO, NO, YES),
    "confirm_purchase_order": (NO, NO, YES),
}
MODES = (AgentMode.SHADOW, AgentMode.ASSIST, AgentMode.AUTO)
CASES = [(tool, mode, may) for tool, row in TABLE.items() for mode, may in zip(MODES, row, strict=True)]


class Untouched:
    """Stand-in for database and Odoo: whoever touches it fails the test."""

    def __getattr__(self, name: str) -> Any:
        pytest.fail(f"{name} was reached")


def a_context(mode: AgentMode, *, graph: str = "purchase_order", partner_id: int | None = 1) -> ToolContext:
    return ToolContext(
        graph=graph,
        mode=mode,
        turn_id=1,
        attempt=1,
        conversation_id=UUID(int=1),
        supplier_id=UUID(int=2),
        partner_id=partner_id,
        database=cast(Database, Untouched()),
        odoo=cast(OdooOrderManager, Untouched()),
        now=lambda: datetime(2026, 11, 23, tzinfo=UTC),
    )


def test_the_table_names_every_tool_mode_and_graph() -> None:
    assert set(TABLE) == set(TOOLS)
    assert set(PERMISSIONS) == {("purchase_order", mode) for mode in AgentMode}
    assert {tool for tools in PERMISSIONS.values() for tool in tools} == set(TOOLS)


@pytest.mark.parametrize(("tool", "mode", "may"), CASES)
def test_the_table(tool: str, mode: AgentMode, may: bool) -> None:
    assert is_permitted(tool, graph="purchase_order", mode=mode) is may
    assert not is_permitted(tool, graph="sourcing", mode=mode), "a graph that is not in the table may do nothing"


@pytest.mark.parametrize("tool", TABLE)
def test_an_approval_frees_a_step_in_assist_and_what_was_begun_is_finished_in_any_mode(tool: str) -> None:
    def may(mode: AgentMode, licence: Licence, graph: str = "purchase_order") -> bool:
        return is_permitted(tool, graph=graph, mode=mode, licence=licence)

    assert [may(mode, Licence.APPROVED) for mode in MODES] == [TABLE[tool][0], YES, YES]
    assert [may(mode, Licence.BEGUN) for mode in MODES] == [YES, YES, YES]
    assert not any(may(mode, licence, "sourcing") for mode in MODES for licence in Licence)


@pytest.mark.parametrize(("tool", "mode"), [(tool, mode) for tool, mode, may in CASES if not may])
async def test_what_is_not_permitted_does_not_run(tool: str, mode: AgentMode) -> None:
    arguments: dict[str, dict[str, Any]] = {
        "create_purchase_quote": {"lines": [a_line()]},
        "confirm_purchase_order": {"order_id": 1},
    }
    with pytest.raises(ToolNotPermitted) as refused:
        await use(tool, a_context(mode), **arguments[tool])
    assert not refused.value.retryable
    assert tool in refused.value.detail


@pytest.mark.parametrize("tool", TOOLS)
async def test_another_graph_may_use_none_of_them(tool: str) -> None:
    with pytest.raises(ToolNotPermitted):
        await use(tool, a_context(AgentMode.AUTO, graph="sourcing"))


async def test_a_tool_that_does_not_exist_is_not_permitted() -> None:
    with pytest.raises(ToolNotPermitted):
        await use("cancel_everything", a_context(AgentMode.AUTO))


def a_line() -> dict[str, Any]:
    return {"product_id": 101, "quantity": "20", "unit_price": "17900", "currency": "CLP"}


def field_names(schema: Any) -> set[str]:
    """Every property name anywhere in a JSON schema."""
    if isinstance(schema, list):
        return set().union(*map(field_names, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    own = set(schema.get("properties", {}))
    return own.union(*map(field_names, schema.values())) if schema else own


@pytest.mark.parametrize("name", TOOLS)
def test_a_model_is_offered_no_way_to_say_for_whom_it_acts(name: str) -> None:
    tool = TOOLS[name]
    offered = cast(Any, tool.tool_call_schema).model_json_schema()
    told = {"fetch_pending_messages": set(), "send_reply": {"parts", "notes"}, "check_order_status": {"name"}} | {
        "create_purchase_quote": {"lines", "product_id", "quantity", "unit_price", "currency", "delivery_date"},
        "confirm_purchase_order": {"order_id"},
    }
    assert field_names(offered) == told[name]
    for word in ("supplier", "partner", "thread", "context", "conversation", "turn", "attempt", "mode"):
        assert not [field for field in field_names(offered) if word in field]
    assert tool.description
    assert tool.name == name


@pytest.mark.parametrize("name", TOOLS)
def test_every_tool_lives_in_a_file_of_its_own_name(name: str) -> None:
    assert cast(Any, TOOLS[name]).coroutine.__module__ == f"tools.{name}"


async def test_a_context_in_the_arguments_does_not_count() -> None:
    """Even if a plan carried one: the run's own context is what a tool gets."""
    foreign = a_context(AgentMode.AUTO, partner_id=2)
    planned: dict[str, Any] = {"order_id": 1, "context": foreign}
    with pytest.raises(TypeError):
        await use("confirm_purchase_order", a_context(AgentMode.AUTO), **planned)

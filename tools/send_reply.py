"""Draft the answer of a turn. Nothing is sent here: `message_dispatcher` queues the draft in the commit that ends the turn."""

from typing import Annotated

from langchain_core.tools import tool
from pydantic import Field

from storage.turns import Turns
from tools.context import Injected, ToolResult


@tool
async def send_reply(
    parts: Annotated[list[str], Field(description="What the supplier shall read, one message an entry, in order")],
    context: Injected,
    notes: Annotated[list[str] | None, Field(description="What only our own team shall read")] = None,
) -> ToolResult:
    """Put the reply on the turn. Called again in the same turn, it replaces the draft."""
    draft = [{"content": text, "private": False} for text in parts if text.strip()]
    draft += [{"content": text, "private": True} for text in notes or [] if text.strip()]
    async with context.database.session() as session:
        turn = await Turns(session).held(context.turn_id, context.attempt)
        turn.draft = draft
    return {"draft": draft}

"""What a person orders from the terminal: stop, go on, and give a conversation back to the agent."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import ImpossibleTransition, InvalidInput
from po_agent.database import attached_sessions
from po_agent.settings import Settings
from storage.conversations import Conversations
from storage.models import Pause, Supplier
from storage.models.pause import EVERYTHING
from storage.pauses import Pauses
from storage.suppliers import Suppliers

_BY = "cli"


async def pause(settings: Settings, *, supplier: str | None) -> bool:
    """Stop everything, or one supplier; False if it was stopped. Raises `SupplierNotFound`."""
    async with attached_sessions(settings) as database, database.session() as session:
        supplier_id = _uuid(supplier) if supplier else None
        if supplier_id:
            await Suppliers(session).get(supplier_id)
        return await Pauses(session).pause(supplier_id, by=_BY)


async def resume(settings: Settings, *, supplier: str | None) -> bool:
    """Go on; False if it was not stopped."""
    async with attached_sessions(settings) as database, database.session() as session:
        return await Pauses(session).resume(_uuid(supplier) if supplier else None, by=_BY)


async def pauses(settings: Settings) -> list[dict[str, Any]]:
    """Every pause that holds; `scope` is everything or the id of the supplier, whose name stands beside it."""
    async with attached_sessions(settings) as database, database.session() as session:
        return [
            {"scope": scope, "supplier": name, "since": pause.since.isoformat(timespec="seconds"), "by": pause.by}
            for pause in await Pauses(session).all()
            for scope, name in [await _whose(session, pause)]
        ]


async def _whose(session: AsyncSession, pause: Pause) -> tuple[str, str | None]:
    if pause.scope == EVERYTHING:
        return EVERYTHING, None
    supplier = await session.get(Supplier, UUID(pause.scope))
    return str(UUID(pause.scope)), supplier.name if supplier else "A supplier that was merged into another"


async def conversations(settings: Settings, *, limit: int) -> list[dict[str, Any]]:
    """The active ones, newest first."""
    async with attached_sessions(settings) as database, database.session() as session:
        return [
            {
                "id": str(conversation.id),
                "handled_by": conversation.handled_by,
                "supplier": conversation.supplier.name,
                "supplier_id": str(conversation.supplier_id),
            }
            for conversation in await Conversations(session).newest(active=True, limit=limit)
        ]


async def hand_back(settings: Settings, conversation_id: str) -> None:
    """The agent goes on in a conversation that a person had. Raises `ImpossibleTransition`, `ConversationNotFound`."""
    async with attached_sessions(settings) as database, database.session() as session:
        conversation = await Conversations(session).get(_uuid(conversation_id))
        if not conversation.is_active:
            raise ImpossibleTransition("The conversation has ended; the supplier's next message opens a new one.")
        if not await Conversations(session).hand_to(conversation.id, "bot", actor=_BY):
            raise ImpossibleTransition("The agent has this conversation already.")


def _uuid(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise InvalidInput(f"{given!r} is no id: `po-agent conversations list` shows them.") from None

"""Stops that a person ordered, for everything or for one supplier."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.audit import Audit
from storage.models import Pause, Supplier
from storage.models.pause import EVERYTHING
from storage.upsert import insert_into


def is_paused(supplier_id: Any) -> ColumnElement[bool]:
    """SQL: whether everything, or the supplier in this column, is paused."""
    # SQLite keeps UUIDs without hyphens, and Postgres shows them with: without, both agree.
    plain = func.replace(cast(supplier_id, String), "-", "")
    return select(Pause.scope).where(or_(Pause.scope == EVERYTHING, Pause.scope == plain)).exists()


class Pauses:
    """The repository of pauses. `supplier_id` None means everything."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def pause(self, supplier_id: UUID | None, *, by: str) -> bool:
        """Stop; False if it was stopped already."""
        scope = _scope(supplier_id)
        paused = await self._session.scalar(
            insert_into(self._session, Pause).values(scope=scope, by=by).on_conflict_do_nothing().returning(Pause.scope)
        )
        if paused is None:
            return False
        Audit(self._session).add(actor=by, action="paused", entity="agent", entity_id=scope)
        return True

    async def resume(self, supplier_id: UUID | None, *, by: str) -> bool:
        """Go on; False if it was not stopped. What was written meanwhile is answered now."""
        scope = _scope(supplier_id)
        resumed = await self._session.scalar(delete(Pause).where(Pause.scope == scope).returning(Pause.scope))
        if resumed is None:
            return False
        Audit(self._session).add(actor=by, action="resumed", entity="agent", entity_id=scope)
        return True

    async def all(self) -> list[Pause]:
        """Every pause, the oldest first."""
        return list(await self._session.scalars(select(Pause).order_by(Pause.since)))

    async def holds(self, supplier_id: UUID) -> bool:
        """Whether everything, or this supplier, is paused."""
        query = select(Supplier.id).where(Supplier.id == supplier_id, is_paused(Supplier.id))
        return await self._session.scalar(query) is not None


def _scope(supplier_id: UUID | None) -> str:
    return supplier_id.hex if supplier_id else EVERYTHING

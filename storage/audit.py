"""The audit: what changed or was decided, by whom. It can be added to and read, nothing else."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import AuditEvent


class Audit:
    """Append-only facts, written in the transaction of what they tell of."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(
        self,
        *,
        actor: str,
        action: str,
        entity: str,
        entity_id: object,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        turn_id: int | None = None,
        run_id: UUID | None = None,
    ) -> None:
        """Record one fact. Give ids and states, never a message's text: the audit outlives erasure."""
        self._session.add(
            AuditEvent(
                actor=actor,
                action=action,
                entity=entity,
                entity_id=str(entity_id),
                before=before,
                after=after,
                turn_id=turn_id,
                run_id=run_id,
            )
        )

    async def of(self, entity: str, entity_id: object) -> list[AuditEvent]:
        """Everything about one thing, oldest first."""
        query = (
            select(AuditEvent)
            .where(AuditEvent.entity == entity, AuditEvent.entity_id == str(entity_id))
            .order_by(AuditEvent.id)
        )
        return list(await self._session.scalars(query))

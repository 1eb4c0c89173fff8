"""Approvals: what a person is asked to decide. The row is the truth, wherever it is shown or answered."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.audit import Audit
from storage.models import Approval
from storage.upsert import insert_into


class Approvals:
    """The repository of approvals."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def open_once(
        self,
        *,
        operation_key: str,
        conversation_id: UUID,
        turn_id: int,
        kind: str,
        question: str,
        proposal: dict[str, Any],
    ) -> Approval:
        """Ask, unless this was asked before under the same key: a turn that is tried again asks nobody twice."""
        opened = await self._session.scalar(
            insert_into(self._session, Approval)
            .values(
                operation_key=operation_key,
                conversation_id=conversation_id,
                turn_id=turn_id,
                kind=kind,
                question=question,
                proposal=proposal,
            )
            .on_conflict_do_nothing(index_elements=["operation_key"])
            .returning(Approval.id)
        )
        approval = (await self._session.scalars(select(Approval).where(Approval.operation_key == operation_key))).one()
        if opened:
            Audit(self._session).add(actor="agent", action="asked", entity="approval", entity_id=approval.id, turn_id=turn_id)
        return approval

    async def newest(self, *, status: str | None = None, limit: int = 50) -> list[Approval]:
        """Newest first."""
        query = select(Approval).order_by(Approval.id.desc()).limit(limit)
        if status is not None:
            query = query.where(Approval.status == status)
        return list(await self._session.scalars(query))

"""Approvals: what a person is asked to decide. The row is the truth, wherever it is shown or answered."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import ImpossibleTransition, NotFound
from storage.audit import Audit
from storage.models import Approval
from storage.upsert import insert_into

#: The kind of an approval that asks for words to be sent. The others are named after what they ask for.
REPLY = "reply"


class Choice(StrEnum):
    """What a person may say to an approval."""

    APPROVE = "approve"
    EDIT = "edit"
    REJECT = "reject"


#: Where an approval stands.
APPROVAL_STATUSES = ("open", "approved", "edited", "rejected", "expired")

#: The status that a choice gives.
STATUS_OF = {Choice.APPROVE: "approved", Choice.EDIT: "edited", Choice.REJECT: "rejected"}


class ApprovalNotFound(NotFound):
    """There is no such approval."""

    code = "approval_not_found"


class AlreadyDecided(ImpossibleTransition):
    """This was decided before, and otherwise: nothing has changed."""

    code = "already_decided"


class Approvals:
    """The repository of approvals."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def open_once(
        self,
        *,
        operation_key: str,
        conversation_id: UUID | None,
        turn_id: int | None,
        kind: str,
        question: str,
        proposal: dict[str, Any],
    ) -> Approval:
        """Ask, unless this was asked before under the same key: a turn that is tried again asks nobody twice.

        What expired undecided is asked again, as it stands now.
        """
        asked = {"kind": kind, "question": question, "proposal": proposal, "conversation_id": conversation_id}
        statement = insert_into(self._session, Approval).values(operation_key=operation_key, turn_id=turn_id, **asked)
        opened = await self._session.scalar(
            statement.on_conflict_do_update(
                index_elements=["operation_key"],
                set_=asked | {"status": "open", "decided_at": None, "decided_by": None},
                where=Approval.status == "expired",
            ).returning(Approval.id)
        )
        query = select(Approval).where(Approval.operation_key == operation_key)
        approval = (await self._session.scalars(query.execution_options(populate_existing=True))).one()
        if opened:
            Audit(self._session).add(actor="agent", action="asked", entity="approval", entity_id=approval.id, turn_id=turn_id)
        return approval

    async def get(self, approval_id: int, *, lock: bool = False) -> Approval:
        """Raise `ApprovalNotFound`. Locked, it stays as it is until the transaction ends."""
        approval = await self._session.get(Approval, approval_id, with_for_update=lock or None, populate_existing=True)
        if approval is None:
            raise ApprovalNotFound(str(approval_id))
        return approval

    async def close(
        self, approval: Approval, choice: Choice, *, edit: dict[str, Any] | None, note: str | None, by: str, now: datetime
    ) -> bool:
        """Write a person's decision down; False for the same decision once more. The row must be locked.

        Raises `AlreadyDecided` for another decision than the first.
        """
        if approval.status != "open":
            same = approval.status == STATUS_OF[choice] and (approval.decision or {}).get("edit") == edit
            if not same:
                raise AlreadyDecided(f"Approval {approval.id} is {approval.status} (by {approval.decided_by}).")
            return False
        approval.status, approval.decision = STATUS_OF[choice], {"edit": edit, "note": note}
        approval.decided_by, approval.decided_at = by, now
        Audit(self._session).add(
            actor=by,
            action=approval.status,
            entity="approval",
            entity_id=approval.id,
            before={"status": "open"},
            after={"status": approval.status, "kind": approval.kind},
            turn_id=approval.turn_id,
        )
        return True

    async def expire(self, turn_id: int, *, at: datetime) -> None:
        """What the turn asked is void: it starts over, and asks anew what is still to be asked."""
        await self._expire(Approval.turn_id == turn_id, by="agent", at=at)

    async def expire_replies(self, conversation_id: UUID, *, by: str, at: datetime) -> None:
        """Words that wait for a decision are out of date: somebody else has answered. The conversation must be locked."""
        await self._expire(Approval.conversation_id == conversation_id, Approval.kind == REPLY, by=by, at=at)

    async def _expire(self, *which: ColumnElement[bool], by: str, at: datetime) -> None:
        expired = await self._session.execute(
            update(Approval)
            .where(*which, Approval.status == "open")
            .values(status="expired", decided_at=at, decided_by=by)
            .returning(Approval.id, Approval.turn_id)
        )
        for approval_id, turn_id in expired:
            Audit(self._session).add(actor=by, action="expired", entity="approval", entity_id=approval_id, turn_id=turn_id)

    async def newest(self, *, status: str | None = None, limit: int = 50) -> list[Approval]:
        """Newest first."""
        query = select(Approval).order_by(Approval.id.desc()).limit(limit)
        if status is not None:
            query = query.where(Approval.status == status)
        return list(await self._session.scalars(query))

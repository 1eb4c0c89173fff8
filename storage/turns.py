"""Turns: collected from bursts, claimed by one attempt at a time, and ended once.

Every method that a run or its watcher uses takes the `attempt` it acts for, and a stale one raises `StaleAttempt` or is
told no: that is the fence.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, delete, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, joinedload

from domain.errors import NotFound, StaleAttempt
from domain.messages import Author, Direction, MessageStatus
from domain.tracing import traceparent
from storage.models import Conversation, Message, Operation, Turn
from storage.models.turn import TurnKind, TurnStatus
from storage.pauses import is_paused
from storage.upsert import insert_into

_UNFINISHED = (TurnStatus.COLLECTING, TurnStatus.WAITING, TurnStatus.RUNNING)


class TurnNotFound(NotFound):
    """There is no such turn."""

    code = "turn_not_found"


class Turns:
    """The repository of turns."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def collect(
        self,
        *,
        conversation_id: UUID,
        account_id: int,
        chatwoot_conversation_id: int,
        now: datetime,
        quiet: timedelta,
        cap: timedelta,
    ) -> int:
        """The turn that takes a message arriving now: the burst under way, or a new one. Answers its id.

        Each message puts the turn off until it has been `quiet`, though never beyond `cap` after the first.
        """
        statement = insert_into(self._session, Turn).values(
            conversation_id=conversation_id,
            account_id=account_id,
            chatwoot_conversation_id=chatwoot_conversation_id,
            due_at=now + quiet,
            due_by=now + cap,
            trace=traceparent(),
        )
        due = statement.excluded.due_at
        statement = statement.on_conflict_do_update(
            index_elements=["conversation_id", "account_id", "chatwoot_conversation_id"],
            index_where=text("status = 'collecting'"),
            set_={"due_at": case((due < Turn.due_by, due), else_=Turn.due_by)},
        )
        return int(await self._session.scalar(statement.returning(Turn.id)))

    async def claim(self, *, now: datetime, lease: timedelta) -> Turn | None:
        """Take one turn that is due, for one attempt that lasts `lease`; None if there is none.

        Due is: a burst gone quiet, a retry whose time has come, or a run whose lease ran out. A conversation in a person's
        hands, with a turn running, or with an earlier turn to be retried has to wait.
        """
        other = aliased(Turn)
        blocked = (
            select(other.id)
            .where(
                other.conversation_id == Turn.conversation_id,
                other.id != Turn.id,
                (other.status == TurnStatus.RUNNING) | ((other.status == TurnStatus.WAITING) & (other.id < Turn.id)),
            )
            .exists()
        )
        begun = select(Operation.id).where(Operation.turn_id == Turn.id).exists()
        due = (
            select(Turn.id)
            .join(Conversation)
            .where(
                Turn.status.in_(_UNFINISHED),
                Turn.due_at <= now,
                # What a person decided, and what was begun, is carried through also while a person has the conversation.
                (Conversation.handled_by == "bot") | (Turn.kind == TurnKind.DECISION) | begun,
                ~is_paused(Conversation.supplier_id),
                ~blocked,
            )
            .order_by(Turn.due_at)
            .limit(1)
            .with_for_update(skip_locked=True, of=Turn)
        )
        statement = (
            update(Turn)
            .where(Turn.id == due.scalar_subquery())
            .values(status=TurnStatus.RUNNING, attempt=Turn.attempt + 1, due_at=now + lease, run_id=None)
            .returning(Turn.id)
        )
        try:
            async with self._session.begin_nested():
                claimed = await self._session.scalar(statement)
        except IntegrityError:
            # Another worker began another turn of this conversation in the same instant.
            return None
        return await self.get(claimed) if claimed else None

    async def next_due(self, *, after: datetime) -> datetime | None:
        """When the next unfinished turn becomes due; None if none will."""
        query = select(func.min(Turn.due_at)).where(Turn.status.in_(_UNFINISHED), Turn.due_at > after)
        return await self._session.scalar(query)

    async def begin_now(self, *, conversation_id: UUID, now: datetime, lease: timedelta) -> Turn | None:
        """A turn that runs at once (an SDK caller waits for it); None while another of the conversation runs."""
        turn = Turn(
            conversation_id=conversation_id,
            kind=TurnKind.SUPPLIER,
            status=TurnStatus.RUNNING,
            attempt=1,
            due_at=now + lease,
            due_by=now + lease,
        )
        try:
            async with self._session.begin_nested():
                self._session.add(turn)
                await self._session.flush()
        except IntegrityError:
            return None
        return turn

    async def begin_decision(
        self,
        *,
        conversation_id: UUID,
        account_id: int | None,
        chatwoot_conversation_id: int | None,
        understanding: dict[str, Any],
        plan: dict[str, Any],
        now: datetime,
    ) -> Turn:
        """A turn that carries out what a person decided, due now. It takes no messages, and its plan is made already."""
        turn = Turn(
            conversation_id=conversation_id,
            account_id=account_id,
            chatwoot_conversation_id=chatwoot_conversation_id,
            kind=TurnKind.DECISION,
            status=TurnStatus.WAITING,
            due_at=now,
            due_by=now,
            understanding=understanding,
            plan=plan,
        )
        self._session.add(turn)
        await self._session.flush()
        return turn

    async def get(self, turn_id: int) -> Turn:
        """The turn with its conversation and supplier. Raise `TurnNotFound`."""
        options = [joinedload(Turn.conversation).joinedload(Conversation.supplier)]
        turn = await self._session.get(Turn, turn_id, options=options, populate_existing=True)
        if turn is None:
            raise TurnNotFound(str(turn_id))
        return turn

    async def find(self, turn_id: int) -> Turn | None:
        """The turn alone, None if there is none."""
        return await self._session.get(Turn, turn_id, populate_existing=True)

    async def held(self, turn_id: int, attempt: int) -> Turn:
        """The turn, locked until the transaction ends, if `attempt` still holds it; else raise `StaleAttempt`."""
        turn = await self._session.scalar(
            select(Turn).where(Turn.id == turn_id).with_for_update().execution_options(populate_existing=True)
        )
        if turn is None:
            raise TurnNotFound(str(turn_id))
        if turn.status != TurnStatus.RUNNING or turn.attempt != attempt:
            raise StaleAttempt(f"Turn {turn_id} is {turn.status} in attempt {turn.attempt}, this is attempt {attempt}.")
        return turn

    async def is_held(self, turn_id: int, attempt: int) -> bool:
        """Whether `attempt` still runs."""
        query = select(Turn.id).where(Turn.id == turn_id, Turn.attempt == attempt, Turn.status == TurnStatus.RUNNING)
        return await self._session.scalar(query) is not None

    async def renew(self, turn_id: int, attempt: int, *, until: datetime) -> bool:
        """Keep the lease of a running attempt; False if it is no longer ours."""
        return await self._change(turn_id, attempt, {"due_at": until})

    async def note_run(self, turn_id: int, attempt: int, run_id: UUID, *, trace: str | None = None) -> bool:
        """Remember which run of the LangGraph server carries the attempt, and the trace that tells of it."""
        return await self._change(turn_id, attempt, {"run_id": run_id} | ({"trace": trace} if trace else {}))

    async def give_back(
        self, turn_id: int, attempt: int, *, error: str, retry_at: datetime, max_attempts: int | None, now: datetime
    ) -> TurnStatus | None:
        """End a failed attempt: to be tried again at `retry_at`, or failed for good after `max_attempts` (None: never).

        Answers the new status, or None if the attempt was no longer ours to end.
        """
        last = max_attempts is not None and attempt >= max_attempts
        status = TurnStatus.FAILED if last else TurnStatus.WAITING
        values: dict[str, Any] = {"status": status, "last_error": error[:2000]}
        values |= {"ended_at": now} if last else {"due_at": retry_at}
        return status if await self._change(turn_id, attempt, values) else None

    async def retry(self, turn_id: int, *, now: datetime) -> bool:
        """A person asks for a failed turn to be tried once more; False if it has not failed.

        The count of attempts goes on, for it is the fence: a run of an early attempt may still be alive.
        """
        changed = await self._session.scalar(
            update(Turn)
            .where(Turn.id == turn_id, Turn.status == TurnStatus.FAILED)
            .values(status=TurnStatus.WAITING, due_at=now, ended_at=None)
            .returning(Turn.id)
        )
        return changed is not None

    async def newer_burst(self, turn: Turn) -> Turn | None:
        """The burst that has begun to collect in the same Chatwoot conversation since `turn` was claimed."""
        query = select(Turn).where(
            Turn.conversation_id == turn.conversation_id,
            Turn.account_id == turn.account_id,
            Turn.chatwoot_conversation_id == turn.chatwoot_conversation_id,
            Turn.status == TurnStatus.COLLECTING,
        )
        return await self._session.scalar(query.with_for_update())

    async def has_operations(self, turn_id: int) -> bool:
        """Whether anything binding was begun in this turn."""
        return await self._session.scalar(select(Operation.id).where(Operation.turn_id == turn_id).limit(1)) is not None

    async def start_over(self, turn: Turn, *, now: datetime, quiet: timedelta) -> None:
        """Give a held turn back to collecting, together with what has come in since; understanding and plan are void.

        What a person has answered meanwhile is not asked again, nor in a conversation that has ended: then the turn ends.
        """
        is_active = await self._session.scalar(select(Conversation.is_active).where(Conversation.id == turn.conversation_id))
        if not is_active or await self._answered_by_person(turn):
            turn.status, turn.ended_at = TurnStatus.DONE, now
            await self._session.execute(
                update(Message)
                .where(Message.turn_id == turn.id, Message.status == MessageStatus.RECEIVED)
                .values(status=MessageStatus.READ)
            )
            return
        newer = await self.newer_burst(turn)
        if newer is not None:
            await self._session.execute(update(Message).where(Message.turn_id == newer.id).values(turn_id=turn.id))
            await self._session.execute(delete(Turn).where(Turn.id == newer.id))
        turn.status = TurnStatus.COLLECTING
        turn.understanding = turn.plan = turn.draft = None
        turn.due_at = now + quiet

    async def _answered_by_person(self, turn: Turn) -> bool:
        """Whether a person of ours wrote after the last of the turn's messages."""
        last = select(func.max(Message.id)).where(Message.turn_id == turn.id, Message.direction == Direction.INBOUND)
        query = select(Message.id).where(
            Message.conversation_id == turn.conversation_id,
            Message.author == Author.PERSON,
            Message.id > last.scalar_subquery(),
        )
        return await self._session.scalar(query.limit(1)) is not None

    async def end_collecting(self, conversation_id: UUID, *, at: datetime) -> list[int]:
        """Close the bursts of a conversation that a person has just answered; answers their ids.

        So is a burst that waits to be tried again, unless something binding was begun: then it goes through with its plan.
        """
        begun = select(Operation.id).where(Operation.turn_id == Turn.id).exists()
        retried = (Turn.status == TurnStatus.WAITING) & (Turn.kind == TurnKind.SUPPLIER) & ~begun
        ended = await self._session.scalars(
            update(Turn)
            .where(Turn.conversation_id == conversation_id, (Turn.status == TurnStatus.COLLECTING) | retried)
            .values(status=TurnStatus.DONE, ended_at=at)
            .returning(Turn.id)
        )
        return list(ended)

    async def of_conversation(self, conversation_id: UUID, *, limit: int = 10) -> list[Turn]:
        """Newest first."""
        return await self._list(Turn.conversation_id == conversation_id, limit=limit)

    async def newest(self, *, status: TurnStatus | None = None, limit: int = 50) -> list[Turn]:
        """Newest first."""
        return await self._list(*([Turn.status == status] if status else []), limit=limit)

    async def _list(self, *conditions: ColumnElement[bool], limit: int) -> list[Turn]:
        return list(await self._session.scalars(select(Turn).where(*conditions).order_by(Turn.id.desc()).limit(limit)))

    async def _change(self, turn_id: int, attempt: int, values: dict[str, Any]) -> bool:
        changed = await self._session.scalar(
            update(Turn)
            .where(Turn.id == turn_id, Turn.attempt == attempt, Turn.status == TurnStatus.RUNNING)
            .values(values)
            .returning(Turn.id)
        )
        return changed is not None

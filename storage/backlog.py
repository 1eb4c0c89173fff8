"""How much waits, and for how long: what those who watch over the agent ask of the tables. It only reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from domain.messages import MessageStatus
from storage.models import Approval, Conversation, Message, Pause, Turn, WebhookSetAside
from storage.models.turn import TurnStatus
from storage.pauses import is_paused

_UNFINISHED_TURNS = (TurnStatus.COLLECTING, TurnStatus.WAITING, TurnStatus.RUNNING)

#: What nobody need look at: answered, read, sent. The others are few, and counted.
_OPEN_MESSAGES = (MessageStatus.RECEIVED, MessageStatus.QUEUED, MessageStatus.FAILED)


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """At one moment. `turns` and `messages` by status, without those that are done; `conversations`, active, by handler.

    Times are when the one that has waited longest began to wait, None if none does: a turn since it was due, a message
    since it was queued.
    """

    turns: dict[str, int]
    messages: dict[str, int]
    conversations: dict[str, int]
    open_approvals: int
    webhooks_set_aside: int
    pauses: int
    oldest_due_turn: datetime | None
    oldest_queued_message: datetime | None


async def backlog(session: AsyncSession, *, now: datetime) -> Backlog:
    """All of it. Every status is named, also with 0."""
    turns = select(Turn.status, func.count()).where(Turn.status != TurnStatus.DONE).group_by(Turn.status)
    messages = select(Message.status, func.count()).where(Message.status.in_(_OPEN_MESSAGES)).group_by(Message.status)
    handlers = select(Conversation.handled_by, func.count()).where(Conversation.is_active).group_by(Conversation.handled_by)
    queued = (
        select(func.min(Message.stored_at))
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.status == MessageStatus.QUEUED, ~is_paused(Conversation.supplier_id))
    )
    return Backlog(
        turns=await _counts(session, turns, of=(*_UNFINISHED_TURNS, TurnStatus.FAILED)),
        messages=await _counts(session, messages, of=_OPEN_MESSAGES),
        conversations=await _counts(session, handlers, of=("bot", "person")),
        open_approvals=await _count(session, select(func.count()).where(Approval.status == "open")),
        webhooks_set_aside=await _count(session, select(func.count()).select_from(WebhookSetAside)),
        pauses=await _count(session, select(func.count()).select_from(Pause)),
        oldest_due_turn=await oldest_due_turn(session, now=now),
        oldest_queued_message=await session.scalar(queued),
    )


async def oldest_due_turn(session: AsyncSession, *, now: datetime) -> datetime | None:
    """Since when the longest waiting turn could have been claimed; None if all are. Where the agent rests, none waits."""
    query = (
        select(func.min(Turn.due_at))
        .join(Conversation, Conversation.id == Turn.conversation_id)
        .where(
            Turn.status.in_(_UNFINISHED_TURNS),
            Turn.due_at <= now,
            Conversation.handled_by == "bot",
            ~is_paused(Conversation.supplier_id),
        )
    )
    return await session.scalar(query)


async def oldest_due_message(session: AsyncSession, *, now: datetime) -> datetime | None:
    """Since when the longest waiting message could have been claimed; None if all are.

    One behind an earlier one of its conversation waits rightly.
    """
    earlier = aliased(Message)
    behind = select(earlier.id).where(
        earlier.status == MessageStatus.QUEUED,
        earlier.conversation_id == Message.conversation_id,
        earlier.id < Message.id,
    )
    query = (
        select(func.min(Message.next_attempt_at))
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Message.status == MessageStatus.QUEUED,
            Message.next_attempt_at <= now,
            ~is_paused(Conversation.supplier_id),
            ~behind.exists(),
        )
    )
    return await session.scalar(query)


async def _counts(session: AsyncSession, query: Select[str, int], *, of: Sequence[str]) -> dict[str, int]:
    found = dict((await session.execute(query)).all())
    return {str(status): found.get(status, 0) for status in of}


async def _count(session: AsyncSession, query: Select[int]) -> int:
    return int(await session.scalar(query) or 0)

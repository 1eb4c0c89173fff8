"""Outgoing messages as people see them from the terminal, and how one is sent at once that would wait, or has failed."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from domain.errors import ImpossibleTransition
from domain.messages import TRANSITIONS, Direction, MessageStatus
from po_agent.composition import bridge_settings
from po_agent.database import attached_sessions
from po_agent.settings import Settings
from po_agent.worklists import known_status
from storage.messages import MessageNotFound, Messages
from storage.models import Conversation, Message
from webhook_bridge.delivery import DeliverySettings

#: Those that an outgoing message can have, in the order it comes to them.
STATUSES = tuple(TRANSITIONS[Direction.OUTBOUND])


async def newest_outgoing(settings: Settings, *, status: str | None, limit: int) -> list[dict[str, Any]]:
    """Newest first. Raises `InvalidInput` for a status there is not."""
    query = (
        select(Message)
        .where(Message.direction == Direction.OUTBOUND)
        .options(joinedload(Message.conversation).joinedload(Conversation.supplier))
        .order_by(Message.id.desc())
        .limit(limit)
    )
    if status:
        query = query.where(Message.status == known_status(status, STATUSES))
    async with attached_sessions(settings) as database, database.session() as session:
        return [
            {
                "id": message.id,
                "status": message.status,
                "to": "team (private note)" if message.private else "supplier",
                "supplier": message.conversation.supplier.name,
                "conversation": str(message.conversation_id),
                "channel": message.channel,
                "attempts": message.attempts,
                "next_attempt_at": _next_attempt(message),
                "failure": message.failure or "",
                "content": message.content,
            }
            for message in await session.scalars(query)
        ]


def _next_attempt(message: Message) -> str | None:
    if message.status != MessageStatus.QUEUED or message.next_attempt_at is None:
        return None
    return message.next_attempt_at.isoformat(timespec="seconds")


async def retry_message(settings: Settings, message_id: int) -> datetime:
    """`send_at_once`, in the times that the bridge keeps."""
    times = bridge_settings(settings).delivery
    async with attached_sessions(settings) as database, database.session() as session:
        return await send_at_once(session, message_id, times=times, now=datetime.now(UTC))


async def send_at_once(session: AsyncSession, message_id: int, *, times: DeliverySettings, now: datetime) -> datetime:
    """Send a failed message again, or one that waits sooner; when it will be tried.

    Nothing goes out twice by it: a message that a worker may have at this moment is left alone, and one that an earlier attempt
    may have brought to Chatwoot, or that may have been given a Chatwoot conversation there, is given the time to show. Raises
    `MessageNotFound`, and `ImpossibleTransition` for a message that is not to be sent, may be being sent, or waits for another.
    """
    message = await session.get(Message, message_id, with_for_update={"of": Message}, populate_existing=True)
    if message is None:
        raise MessageNotFound(str(message_id))
    if message.status != MessageStatus.QUEUED:
        await Messages(session).move(message_id, MessageStatus.QUEUED, next_attempt_at=now, failure=None)
        return now
    first = await _first_in_line(session, message)
    if first is not None:
        raise ImpossibleTransition(f"Message {message_id} waits for message {first}, which goes out before it: retry that one.")
    due = message.next_attempt_at or now
    # A claim raises `attempts`, and reaches no further ahead than this.
    if message.attempts > 0 and now < due <= now + times.post_lease:
        raise ImpossibleTransition(
            f"Message {message_id} is being sent now, or may be: it is left alone. "
            f"If it is not in Chatwoot by {due.isoformat(timespec='seconds')}, it is tried again by itself."
        )
    may_be_there = message.outcome_unknown_at is not None or message.chatwoot_conversation_id is None
    message.next_attempt_at = min(due, now + times.readback) if may_be_there else now
    return max(message.next_attempt_at, now)


async def _first_in_line(session: AsyncSession, message: Message) -> int | None:
    """The queued message that `message` waits for, as `Messages.claim_outgoing` has it; None if it is first itself."""
    before = []
    if message.chatwoot_conversation_id is not None:
        before.append(
            and_(
                Message.account_id == message.account_id,
                Message.chatwoot_conversation_id == message.chatwoot_conversation_id,
            )
        )
    if message.contact_point_id is not None:
        # Either may turn out to go to the Chatwoot conversation of the other.
        same_contact = Message.contact_point_id == message.contact_point_id
        is_placed = message.chatwoot_conversation_id is not None
        before.append(and_(same_contact, Message.chatwoot_conversation_id.is_(None)) if is_placed else same_contact)
    query = select(func.min(Message.id)).where(
        Message.status == MessageStatus.QUEUED, Message.id < message.id, or_(false(), *before)
    )
    return await session.scalar(query)

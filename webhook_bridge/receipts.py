"""What Chatwoot tells of our own messages: that it has them, and what became of them."""

from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from domain.messages import Author, Direction, MessageStatus
from storage.messages import Messages
from storage.models import Message
from storage.models.base import utc_now
from storage.outbox import Acceptance, Outbox
from webhook_bridge import metrics
from webhook_bridge.chatwoot.events import MessageStatusChange, OwnEcho
from webhook_bridge.failing import after_failure

log = structlog.get_logger(__name__)


async def accepted(session: AsyncSession, message: Message, chatwoot_message_id: int, *, now: datetime) -> Acceptance:
    """Chatwoot has our message under this id, by its answer, its echo or our reading back. A second one is noticed."""
    acceptance = await Outbox(session).accept(message, chatwoot_message_id=chatwoot_message_id, at=now)
    if acceptance is Acceptance.DUPLICATE:
        # Nobody can take back what a supplier may have read: it is shown, so that people know.
        metrics.duplicates_found()
        log.warning(
            "message is in Chatwoot once more than it should be",
            message=message.id,
            status=message.status,
            chatwoot_message=message.chatwoot_message_id,
            duplicate=chatwoot_message_id,
        )
    return acceptance


async def own_echo(session: AsyncSession, event: OwnEcho) -> str:
    """Chatwoot has our message: it was sent, even if the answer to our call was lost."""
    message = await Messages(session).by_key(event.delivery_key) if event.delivery_key else None
    if message is None:
        return "ignored"
    if event.status == "failed" and message.chatwoot_message_id is not None:
        return "repeated"  # no supplier has read this copy
    return await accepted(session, message, event.chatwoot_message_id, now=utc_now())


async def status_change(session: AsyncSession, event: MessageStatusChange) -> str:
    """Sent, delivered, read or failed: the row follows, forward only."""
    message = await _ours(session, event)
    if message is None:
        return "ignored"
    await session.refresh(message, with_for_update={"of": Message})
    if _is_of_an_earlier_copy(message, event):
        return "repeated"
    # A receipt may overtake both the echo and the answer to our call: then it is what tells us Chatwoot's number.
    acceptance = await accepted(session, message, event.chatwoot_message_id, now=utc_now())
    if acceptance is Acceptance.DUPLICATE:
        return acceptance
    if message.chatwoot_message_id != event.chatwoot_message_id:
        return "repeated"  # of a duplicate that is known
    moved = await Messages(session).move_if_possible(message, MessageStatus(event.status), failure=event.failure)
    if not moved:
        return acceptance if event.status == "sent" else "repeated"
    if event.status == "failed" and message.author == Author.AGENT:
        log.error("message failed on its way to the supplier", message=message.id, error=event.failure)
        await after_failure(session, message, why=event.failure or "The channel did not say why.", now=utc_now())
    return event.status


def _is_of_an_earlier_copy(message: Message, event: MessageStatusChange) -> bool:
    """It failed once, and was queued again by a person: what is told of the copy that failed says nothing of the new one."""
    if message.status == MessageStatus.QUEUED:
        return message.chatwoot_message_id == event.chatwoot_message_id
    return event.status == "failed" and message.chatwoot_message_id not in (None, event.chatwoot_message_id)


async def _ours(session: AsyncSession, event: MessageStatusChange) -> Message | None:
    if event.delivery_key:
        return await Messages(session).by_key(event.delivery_key)
    found = await Messages(session).find(account_id=event.account_id, chatwoot_message_id=event.chatwoot_message_id)
    return found if found and found.direction == Direction.OUTBOUND else None

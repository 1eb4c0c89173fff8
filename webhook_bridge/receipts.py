"""What Chatwoot tells of our own messages: that it has them, and what became of them."""

from sqlalchemy.ext.asyncio import AsyncSession

from domain.messages import Direction, MessageStatus
from storage.messages import Messages
from storage.models import Message
from webhook_bridge.chatwoot.events import MessageStatusChange, OwnEcho


async def own_echo(session: AsyncSession, event: OwnEcho) -> str:
    """Chatwoot has our message: it was sent, even if the answer to our call was lost."""
    message = await Messages(session).by_key(event.delivery_key) if event.delivery_key else None
    if message is None:
        return "ignored"
    # A contact who has the message may already have read it: then this comes late, and changes nothing.
    # What an earlier call is known to have failed with is no failure any more.
    sent = await Messages(session).move_if_possible(
        message, MessageStatus.SENT, chatwoot_message_id=event.chatwoot_message_id, failure=None
    )
    return "sent" if sent else "repeated"


async def status_change(session: AsyncSession, event: MessageStatusChange) -> str:
    """Sent, delivered, read or failed: the row follows, forward only."""
    message = await _ours(session, event)
    if message is None:
        return "ignored"
    # A receipt may overtake both the echo and the answer to our call: then it is what tells us Chatwoot's number.
    moved = await Messages(session).move_if_possible(
        message, MessageStatus(event.status), chatwoot_message_id=event.chatwoot_message_id, failure=event.failure
    )
    return event.status if moved else "repeated"


async def _ours(session: AsyncSession, event: MessageStatusChange) -> Message | None:
    if event.delivery_key:
        return await Messages(session).by_key(event.delivery_key)
    found = await Messages(session).find(account_id=event.account_id, chatwoot_message_id=event.chatwoot_message_id)
    return found if found and found.direction == Direction.OUTBOUND else None

"""Intake: what a webhook means to our tables, in one commit. Nothing foreign is called here.

Chatwoot waits five seconds for the answer and never asks again, so a webhook is acknowledged when, and only when, its
commit is through. Whatever comes twice is stored once: Chatwoot repeats itself, and one message may come by several webhooks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from domain.messages import Author, Direction, MessageStatus
from storage.conversations import Conversations
from storage.engine import Database
from storage.messages import Messages
from storage.models import Message
from storage.suppliers import Suppliers
from storage.turns import Turns
from webhook_bridge.chatwoot.events import (
    ConversationChanged,
    Event,
    Ignored,
    MessageDeleted,
    MessageStatusChange,
    OwnEcho,
    PersonMessage,
    SupplierMessage,
)

log = structlog.get_logger(__name__)


class _Repeated(Exception):
    """The same message was stored by someone else a moment ago: undo our half."""


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Stores events. `account_id` None: any account; `inbox_ids` empty: any inbox (development only)."""

    database: Database
    quiet: timedelta
    cap: timedelta
    now: Callable[[], datetime]
    account_id: int | None = None
    inbox_ids: frozenset[int] = frozenset()

    async def take(self, event: Event) -> str:
        """Store what matters of `event`, and say in a word what was done with it. Raises if it could not be stored."""
        refusal = self._not_for_us(event)
        if refusal:
            return refusal
        try:
            async with self.database.session() as session:
                return await self._store(session, event)
        except _Repeated:
            return "repeated"

    def _not_for_us(self, event: Event) -> str | None:
        account = getattr(event, "account_id", None)
        if self.account_id is not None and account not in (None, self.account_id):
            return "other_account"
        inbox = getattr(event, "inbox_id", None)
        if self.inbox_ids and inbox is not None and inbox not in self.inbox_ids:
            return "other_inbox"
        return None

    async def _store(self, session: AsyncSession, event: Event) -> str:
        match event:
            case SupplierMessage():
                return await self._supplier_message(session, event)
            case PersonMessage():
                return await self._person_message(session, event)
            case OwnEcho():
                return await _own_echo(session, event)
            case MessageStatusChange():
                return await _status_change(session, event)
            case MessageDeleted():
                return await _deleted(session, event)
            case ConversationChanged():
                return await self._conversation_changed(session, event)
            case Ignored():
                return "ignored"

    async def _supplier_message(self, session: AsyncSession, event: SupplierMessage) -> str:
        messages = Messages(session)
        account, message_id = event.account_id, event.chatwoot_message_id
        if await messages.find(account_id=account, chatwoot_message_id=message_id, kind=event.kind):
            return "repeated"
        point = await Suppliers(session).contact_point_of(event.sender, heard_at=event.sent_at)
        conversation = await Conversations(session).active_or_new(point.supplier_id)
        if event.assignee_type == "User":
            # Before the burst is touched, as for a person's words: two that write at once must lock in the same order.
            await Conversations(session).hand_to(conversation.id, "person", actor="chatwoot")
        turn_id = None
        if not event.auto_reply:
            # An automatic answer is kept, but never answered: two automata would talk for ever.
            turn_id = await Turns(session).collect(
                conversation_id=conversation.id,
                account_id=account,
                chatwoot_conversation_id=event.chatwoot_conversation_id,
                now=self.now(),
                quiet=self.quiet,
                cap=self.cap,
            )
        stored = await messages.add_once(
            _row(event, Direction.INBOUND, Author.SUPPLIER)
            | {
                "conversation_id": conversation.id,
                "contact_point_id": point.id,
                "turn_id": turn_id,
                "kind": event.kind,
                "status": MessageStatus.READ if event.auto_reply else MessageStatus.RECEIVED,
                "subject": event.subject,
                "attachments": [attachment.to_json() for attachment in event.attachments],
            }
        )
        if stored is None:
            raise _Repeated
        log.info(
            "message stored",
            message=stored,
            turn=turn_id,
            supplier=str(point.supplier_id),
            conversation=str(conversation.id),
            channel=event.channel,
        )
        return "stored"

    async def _person_message(self, session: AsyncSession, event: PersonMessage) -> str:
        """A person speaks: the agent rests, and what was waiting counts as answered. It opens no conversation."""
        conversation = await Conversations(session).with_message(
            account_id=event.account_id, chatwoot_conversation_id=event.chatwoot_conversation_id
        )
        if conversation is None:
            return "ignored"
        stored = await Messages(session).add_once(
            _row(event, Direction.OUTBOUND, Author.PERSON) | {"conversation_id": conversation.id, "status": MessageStatus.SENT}
        )
        if stored is None:
            return "repeated"
        await Conversations(session).hand_to(conversation.id, "person", actor="person")
        for turn_id in await Turns(session).end_collecting(conversation.id, at=self.now()):
            await Messages(session).mark_read([message.id for message in await Messages(session).of_turn(turn_id)])
        return "stored"

    async def _conversation_changed(self, session: AsyncSession, event: ConversationChanged) -> str:
        account = event.account_id or self.account_id
        if account is None:
            return "ignored"
        conversation = await Conversations(session).with_message(
            account_id=account, chatwoot_conversation_id=event.chatwoot_conversation_id
        )
        if conversation is None:
            return "ignored"
        # Unassigned alone does not give it back: Chatwoot tells of it after nearly every message.
        handler = "person" if event.assignee_type == "User" else "bot" if event.status == "pending" else None
        if handler and await Conversations(session).hand_to(conversation.id, handler, actor="chatwoot"):
            return "handed_over"
        return "ignored"


def _row(event: SupplierMessage | PersonMessage, direction: Direction, author: Author) -> dict[str, object]:
    """The columns that every message of Chatwoot's has."""
    return {
        "channel": event.channel,
        "account_id": event.account_id,
        "chatwoot_conversation_id": event.chatwoot_conversation_id,
        "chatwoot_inbox_id": event.inbox_id,
        "chatwoot_message_id": event.chatwoot_message_id,
        "direction": direction,
        "author": author,
        "content": event.text,
        "timestamp": event.sent_at,
    }


async def _own_echo(session: AsyncSession, event: OwnEcho) -> str:
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


async def _status_change(session: AsyncSession, event: MessageStatusChange) -> str:
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


async def _deleted(session: AsyncSession, event: MessageDeleted) -> str:
    """What the supplier deleted before it was answered is not answered."""
    message = await Messages(session).find(account_id=event.account_id, chatwoot_message_id=event.chatwoot_message_id)
    if message is None or message.direction != Direction.INBOUND:
        return "ignored"
    withdrawn = await Messages(session).move_if_possible(message, MessageStatus.WITHDRAWN)
    return "withdrawn" if withdrawn else "repeated"

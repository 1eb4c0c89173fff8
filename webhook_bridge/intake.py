"""Intake: what a webhook means to our tables, in one commit. Nothing foreign is called here.

Chatwoot waits five seconds for the answer and never asks again, so a webhook is acknowledged when, and only when, its
commit is through. Whatever comes twice is stored once: Chatwoot repeats itself, and one message may come by several webhooks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from domain.fault_points import reach
from domain.messages import Author, Direction, MessageStatus
from storage.chatwoot_conversations import ChatwootState
from storage.conversations import Conversations
from storage.engine import Database
from storage.messages import Messages
from storage.models import Message
from storage.suppliers import Suppliers
from storage.turns import Turns
from storage.usual_message import Stored, UsualMessage, UsualMessages
from webhook_bridge import receipts
from webhook_bridge.chatwoot.events import (
    ConversationChanged,
    Event,
    Ignored,
    MessageDeleted,
    MessageEdited,
    MessageStatusChange,
    OwnEcho,
    PersonMessage,
    SupplierMessage,
)
from webhook_bridge.lives import person_spoke, state_told

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
        if isinstance(event, SupplierMessage) and await self._is_usual(event):
            return "stored"
        try:
            async with self.database.session() as session:
                done = await self._store(session, event)
                reach("intake.before_commit")
            reach("intake.after_commit")
            return done
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

    @cached_property
    def _usual(self) -> UsualMessages:
        return UsualMessages(self.database, now=self.now, quiet=self.quiet, cap=self.cap)

    async def _is_usual(self, event: SupplierMessage) -> bool:
        """Take the short cut, where this message may go there; False, and nothing done, where it may not."""
        if event.auto_reply or event.conversation_status == "resolved":
            return False
        reach("intake.before_commit")
        stored = await self._usual.store(
            UsualMessage(
                sender=event.sender,
                state=_state(event),
                chatwoot_message_id=event.chatwoot_message_id,
                kind=event.kind,
                content=event.text,
                subject=event.subject,
                attachments=[attachment.to_json() for attachment in event.attachments],
                sent_at=event.sent_at,
            )
        )
        if stored is None:
            return False
        reach("intake.after_commit")
        _log_stored(event, stored)
        return True

    async def _store(self, session: AsyncSession, event: Event) -> str:
        match event:
            case SupplierMessage():
                return await self._supplier_message(session, event)
            case PersonMessage():
                return await self._person_message(session, event)
            case OwnEcho():
                return await receipts.own_echo(session, event)
            case MessageStatusChange():
                return await receipts.status_change(session, event)
            case MessageEdited():
                return await _edited(session, event)
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
        if event.conversation_status != "resolved":
            # A supplier's words open a Chatwoot conversation: if it shows as resolved, that came after, and is told by itself.
            # This is before the burst is touched, as for a person's words: two that write at once must lock in the same order.
            await state_told(session, _state(event), conversation=conversation, now=self.now())
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
        _log_stored(event, Stored(stored, turn_id, point.supplier_id, conversation.id))
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
        await person_spoke(session, conversation.id, now=self.now())
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
        state = ChatwootState(
            account_id=account,
            chatwoot_conversation_id=event.chatwoot_conversation_id,
            inbox_id=event.inbox_id,
            status=event.status,
            assignee_type=event.assignee_type,
            assignee_id=event.assignee_id,
            changed_at=event.changed_at or self.now(),
        )
        return await state_told(session, state, conversation=conversation, now=self.now())


def _log_stored(event: SupplierMessage, stored: Stored) -> None:
    log.info(
        "message stored",
        message=stored.message_id,
        turn=stored.turn_id,
        supplier=str(stored.supplier_id),
        conversation=str(stored.conversation_id),
        channel=event.channel,
    )


def _state(event: SupplierMessage) -> ChatwootState:
    return ChatwootState(
        account_id=event.account_id,
        chatwoot_conversation_id=event.chatwoot_conversation_id,
        inbox_id=event.inbox_id,
        status=event.conversation_status,
        assignee_type=event.assignee_type,
        assignee_id=event.assignee_id,
        changed_at=event.state_at,
    )


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


async def _edited(session: AsyncSession, event: MessageEdited) -> str:
    """What was not answered yet is read as it stands now."""
    message = await Messages(session).find(account_id=event.account_id, chatwoot_message_id=event.chatwoot_message_id)
    if message is None or message.direction != Direction.INBOUND or message.content == event.text:
        return "ignored"
    await session.refresh(message, with_for_update={"of": Message})
    if message.status != MessageStatus.RECEIVED:
        return "ignored"
    message.content = event.text
    return "edited"


async def _deleted(session: AsyncSession, event: MessageDeleted) -> str:
    """What the supplier deleted before it was answered is not answered."""
    message = await Messages(session).find(account_id=event.account_id, chatwoot_message_id=event.chatwoot_message_id)
    if message is None or message.direction != Direction.INBOUND:
        return "ignored"
    withdrawn = await Messages(session).move_if_possible(message, MessageStatus.WITHDRAWN)
    return "withdrawn" if withdrawn else "repeated"

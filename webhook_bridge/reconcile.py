"""Reconcile: find in Chatwoot what its webhooks did not tell us, for they are sent once and lost is lost.

Each Chatwoot conversation with recent activity is read, and the ids of all its messages are compared with ours, so that a hole
in the middle is found too. What is missing goes through intake like a webhook would; intake stores nothing twice. So does the
state of each, for who has a conversation is told by webhooks too. Reading needs a user's token: an agent bot may not list
messages.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from storage.engine import Database
from storage.messages import Messages
from webhook_bridge.chatwoot.answers import ConversationState, ListedMessage
from webhook_bridge.chatwoot.client import ChatwootClient
from webhook_bridge.chatwoot.decoding import NotUnderstood
from webhook_bridge.chatwoot.events import PersonMessage, SupplierMessage
from webhook_bridge.chatwoot.listing import events_of_listed
from webhook_bridge.intake import Intake
from webhook_bridge.wake import Wake

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Swept:
    """What a sweep came to: Chatwoot conversations and messages read, messages that were missing or not understood."""

    conversations: int = 0
    messages: int = 0
    found: int = 0
    not_understood: int = 0


class Reconciler:
    """Sweeps one account. Any number of bridges may do so at once."""

    def __init__(
        self,
        *,
        database: Database,
        chatwoot: ChatwootClient,
        intake: Intake,
        account_id: int,
        inbox_ids: frozenset[int],
        lookback: timedelta,
        wake: Wake,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._chatwoot = chatwoot
        self._intake = intake
        self._account_id = account_id
        self._inbox_ids = inbox_ids
        self._lookback = lookback
        self._wake = wake
        self._now = now

    async def sweep(self) -> Swept:
        """Compare everything since the lookback once. Raises the errors of `chatwoot.failures`."""
        swept = Swept()
        since = self._now() - self._lookback
        async for conversation in self._active(since):
            listed = await self._messages(conversation, since)
            found, not_understood = await self._take_missing(conversation, listed)
            if state := conversation.told():
                await self._intake.take(state)
            swept = Swept(
                conversations=swept.conversations + 1,
                messages=swept.messages + len(listed),
                found=swept.found + found,
                not_understood=swept.not_understood + not_understood,
            )
        if swept.found:
            log.warning("webhooks were missing", found=swept.found)
            self._wake.ring()
        return swept

    async def _active(self, since: datetime) -> AsyncIterator[ConversationState]:
        """Chatwoot conversations with activity since then, of inboxes that are heard, the latest first."""
        page = 1
        while conversations := await self._chatwoot.list_conversations(account_id=self._account_id, page=page):
            for conversation in conversations:
                if conversation.last_activity_at < since.timestamp():
                    return
                if not self._inbox_ids or conversation.inbox_id in self._inbox_ids:
                    yield conversation
            page += 1

    async def _messages(self, conversation: ConversationState, since: datetime) -> list[ListedMessage]:
        """Its messages since then, oldest first."""
        listed: list[ListedMessage] = []
        before = None
        while older := await self._chatwoot.list_messages(
            account_id=self._account_id, conversation_id=conversation.id, before=before
        ):
            listed = [*older, *listed]
            before = min(message.id for message in older)
            if older[0].created_at < since:
                break
        return sorted((message for message in listed if message.created_at >= since), key=lambda message: message.id)

    async def _take_missing(self, conversation: ConversationState, listed: list[ListedMessage]) -> tuple[int, int]:
        """Send through intake what we do not have, and what became of what we have."""
        async with self._database.session() as session:
            known = await Messages(session).chatwoot_ids(account_id=self._account_id, chatwoot_conversation_id=conversation.id)
        found = not_understood = 0
        for message in listed:
            try:
                events = events_of_listed(message, conversation)
            except NotUnderstood as error:
                not_understood += 1
                log.error("message in Chatwoot not understood", chatwoot_message=message.id, reason=str(error))
                continue
            for event in events:
                is_new_text = isinstance(event, SupplierMessage | PersonMessage)
                if is_new_text and (message.id, getattr(event, "kind", "created")) in known:
                    continue
                done = await self._intake.take(event)
                found += is_new_text and done == "stored"
        return found, not_understood

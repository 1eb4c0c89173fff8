"""Read a Chatwoot conversation back for a message of ours: Chatwoot may have it though it never said so.

Chatwoot has no idempotency, so the delivery key in the message's attributes is the only proof. A deletion in Chatwoot wipes the
key: a message that people deleted before it was found counts as not there.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from storage.engine import Database
from storage.models import Message
from storage.outbox import Outbox
from webhook_bridge.chatwoot.answers import ListedMessage
from webhook_bridge.chatwoot.client import ChatwootClient

_Read = Callable[..., Awaitable[tuple[ListedMessage, ...]]]

#: Chatwoot's clock and ours may differ by as much.
_CLOCKS_DIFFER = timedelta(minutes=10)


class ReadBack:
    """Finds what is there. Needs a user's token: an agent bot may not list messages."""

    def __init__(self, *, database: Database, chatwoot: ChatwootClient) -> None:
        self._database = database
        self._chatwoot = chatwoot

    async def copies_of(self, message: Message) -> list[int]:
        """Chatwoot's ids of `message`, the oldest first. Raises the errors of `chatwoot.failures`.

        One that failed on its way to the supplier is not among them, for then the message is to be sent anew.
        """
        if message.account_id is None or message.chatwoot_conversation_id is None:
            return []
        async with self._database.session() as session:
            after = await Outbox(session).newest_known_before(message)
        read = partial(
            self._chatwoot.list_messages, account_id=message.account_id, conversation_id=message.chatwoot_conversation_id
        )
        there = _forward(read, after) if after is not None else _backward(read, message.stored_at - _CLOCKS_DIFFER)
        return sorted(
            {
                listed.id
                async for listed in there
                if listed.delivery_key == message.delivery_key
                and listed.status != "failed"
                and listed.id != message.chatwoot_message_id
            }
        )


async def _forward(read: _Read, after: int) -> AsyncIterator[ListedMessage]:
    """All that came after the id `after`."""
    while page := await read(after=after):
        for listed in page:
            yield listed
        after = max(listed.id for listed in page)


async def _backward(read: _Read, since: datetime) -> AsyncIterator[ListedMessage]:
    """From the newest back to what is older than `since`."""
    before: int | None = None
    while page := await read(before=before):
        for listed in page:
            yield listed
        if min(listed.created_at for listed in page) < since:
            return
        before = min(listed.id for listed in page)

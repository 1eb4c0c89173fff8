"""The last look at a Chatwoot conversation before a reply is posted: has a person answered, or taken it over, meanwhile?

What is seen goes through intake like a webhook, so a webhook that was lost or is late is caught up with; whether the agent may
still speak is then read from our own tables (`storage.gate`), as everywhere.
"""

from collections.abc import Awaitable, Callable

import structlog

from webhook_bridge.chatwoot.answers import ConversationState, ListedMessage
from webhook_bridge.chatwoot.client import ChatwootClient
from webhook_bridge.chatwoot.decoding import NotUnderstood
from webhook_bridge.chatwoot.events import Event, PersonMessage, SupplierMessage
from webhook_bridge.chatwoot.failures import ChatwootUnavailable
from webhook_bridge.chatwoot.listing import events_of_listed
from webhook_bridge.chatwoot.transport import read_as

log = structlog.get_logger(__name__)

Hear = Callable[[Event], Awaitable[str]]


class LastLook:
    """Looks, and lets intake hear (`hear`) of what it sees."""

    def __init__(self, *, chatwoot: ChatwootClient, hear: Hear) -> None:
        self._chatwoot = chatwoot
        self._hear = hear

    async def at(self, *, account_id: int, conversation_id: int, heard: bool) -> ConversationState:
        """The Chatwoot conversation now; `heard` False: intake is told nothing. Raises the errors of `chatwoot.failures`."""
        state = await self._chatwoot.get_conversation(account_id=account_id, conversation_id=conversation_id)
        if heard:
            for event in _events(state):
                await self._hear(event)
        return state


def _events(state: ConversationState) -> list[Event]:
    """The last words, if they are not ours, and then the state: who spoke comes before what it led to."""
    told = state.told()
    return [*_last_words(state), *([told] if told else [])]


def _last_words(state: ConversationState) -> list[Event]:
    if not state.last_non_activity_message:
        return []
    try:
        last = read_as(ListedMessage, state.last_non_activity_message)
        events = events_of_listed(last, state)
    except (ChatwootUnavailable, NotUnderstood) as error:
        # It does not keep the reply back: the state tells of a person too.
        log.warning("last message of the Chatwoot conversation not understood", reason=str(error))
        return []
    return [event for event in events if isinstance(event, PersonMessage | SupplierMessage)]

"""What becomes of a claimed message that could not be sent: it waits, is read back later, or is given up.

What Chatwoot had no chance to take (it is down, refuses our token, had too much) costs the message nothing: it waits, however
long that lasts, since nothing may be lost. Only posts that Chatwoot received and did not acknowledge are counted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from domain.errors import AgentError
from storage.engine import Database
from storage.models import Message
from storage.outbox import Outbox
from webhook_bridge import metrics
from webhook_bridge.chatwoot.client import ChatwootClient
from webhook_bridge.chatwoot.failures import (
    ChatwootMisconfigured,
    ChatwootNotFound,
    ChatwootRateLimited,
    ChatwootRejected,
    ChatwootUnavailable,
)
from webhook_bridge.delivery_settings import DeliverySettings
from webhook_bridge.failing import fail

log = structlog.get_logger(__name__)

GONE = "Chatwoot does not have this Chatwoot conversation any more."


@dataclass(frozen=True, kw_only=True)
class Setbacks:
    """Ends claims. A claim that has lost its message (its echo came, or another took it) ends nothing."""

    database: Database
    chatwoot: ChatwootClient
    settings: DeliverySettings
    now: Callable[[], datetime]

    async def unknown(self, claimed: Message, error: AgentError) -> None:
        """It was posted and may be there, or come to be there yet: read back when Chatwoot has had the time."""
        backoff = min(self.settings.backoff * 2 ** (claimed.attempts - 1), self.settings.backoff_most)
        wait = max(self.settings.readback, backoff)
        async with self.database.session() as session:
            present = await Outbox(session).held(claimed)
            if present is None:
                return
            present.next_attempt_at, present.failure = self.now() + wait, str(error)
        metrics.error_seen(error)
        metrics.delivery_ended("retried")
        log.warning("outcome unknown, reading back", wait_seconds=wait.total_seconds(), error=str(error))

    async def not_there(self, claimed: Message, error: AgentError) -> None:
        """This attempt certainly did not bring it there. Raises `error` again if it is none of Chatwoot's."""
        metrics.error_seen(error)
        if isinstance(error, ChatwootNotFound) and await self._is_gone(claimed):
            await self.give_up(claimed, GONE, is_gone=True)
        elif isinstance(error, ChatwootRejected):
            await self.give_up(claimed, str(error))
        elif isinstance(error, ChatwootMisconfigured):
            # A person must act, and may have to be looked for: the log says it again at each try.
            log.error("Chatwoot refuses us: messages wait until that is put right", error=str(error))
            await self._wait(claimed, error, self.settings.backoff_most)
        elif isinstance(error, ChatwootUnavailable | ChatwootRateLimited):
            wait = self._patience(claimed)
            log.warning("message not sent, trying again", wait_seconds=wait.total_seconds(), error=str(error))
            await self._wait(claimed, error, wait)
        else:
            raise error

    async def give_up(self, claimed: Message, why: str, *, is_gone: bool = False) -> None:
        """It is failed, and our team is told; `is_gone`: its Chatwoot conversation is not there any more."""
        async with self.database.session() as session:
            present = await Outbox(session).held(claimed)
            if present is None:
                return
            present.outcome_unknown_at = claimed.outcome_unknown_at
            await fail(session, present, why=why, now=self.now(), is_gone=is_gone)
        metrics.delivery_ended("failed")

    async def _wait(self, claimed: Message, error: AgentError, wait: timedelta) -> None:
        async with self.database.session() as session:
            await Outbox(session).put_back(claimed, until=self.now() + wait, failure=str(error))
        metrics.delivery_ended("rate_limited" if isinstance(error, ChatwootRateLimited) else "retried")

    def _patience(self, claimed: Message) -> timedelta:
        # As long again as it has waited: a short outage is over soon, and a long one is not asked after all the time.
        wait = min(max(self.settings.backoff, self.now() - claimed.timestamp), self.settings.outage_most)
        # A Chatwoot conversation that we asked for may come to be there yet: then it is found, and not opened twice.
        return wait if claimed.chatwoot_conversation_id is not None else max(wait, self.settings.readback)

    async def _is_gone(self, claimed: Message) -> bool:
        """Whether it is the Chatwoot conversation that is not there, and not our address or account that is wrong."""
        account_id, conversation_id = claimed.account_id, claimed.chatwoot_conversation_id
        if account_id is None or conversation_id is None:
            return False
        try:
            await self.chatwoot.list_inboxes(account_id=account_id)
        except AgentError:
            return False
        try:
            await self.chatwoot.get_conversation(account_id=account_id, conversation_id=conversation_id)
        except ChatwootNotFound:
            return True
        except AgentError:
            return False
        return False

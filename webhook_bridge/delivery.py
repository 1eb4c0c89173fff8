"""Delivery: what is queued goes to Chatwoot, in order within each Chatwoot conversation, once.

The order is kept by the claim, which gives no message before its turn. `posting` makes one attempt, `setbacks` says what
becomes of one that failed, and `failing` what follows from a message that will not go.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from domain.fault_points import reach
from domain.tracing import span
from storage.engine import Database
from storage.messages import Messages
from storage.models import Message
from webhook_bridge import metrics
from webhook_bridge.chatwoot.client import ChatwootClient
from webhook_bridge.delivery_settings import DeliverySettings
from webhook_bridge.last_look import Hear, LastLook
from webhook_bridge.opening import Opener
from webhook_bridge.posting import Posting
from webhook_bridge.readback import ReadBack
from webhook_bridge.setbacks import Setbacks
from webhook_bridge.wake import Wake

__all__ = ["DeliverySettings", "DeliveryWorker"]

log = structlog.get_logger(__name__)


class DeliveryWorker:
    """Sends until it is stopped; then finishes what is under way. Any number of workers share one database."""

    def __init__(
        self,
        *,
        database: Database,
        chatwoot: ChatwootClient,
        opener: Opener,
        settings: DeliverySettings,
        wake: Wake,
        now: Callable[[], datetime],
        hear: Hear,
    ) -> None:
        """`hear` is intake's `take`: a look at Chatwoot before a post may find what a webhook did not tell."""
        self._posting = Posting(
            database=database,
            chatwoot=chatwoot,
            opener=opener,
            look=LastLook(chatwoot=chatwoot, hear=hear),
            read_back=ReadBack(database=database, chatwoot=chatwoot),
            setbacks=Setbacks(database=database, chatwoot=chatwoot, settings=settings, now=now),
            now=now,
        )
        self._database = database
        self._settings = settings
        self._wake = wake
        self._bell = wake.listener()
        self._now = now
        self._stopping = False
        self._sending: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Claim and send messages until `stop`."""
        while not self._stopping:
            try:
                while len(self._sending) < self._settings.concurrency and await self._claim_one():
                    pass
            except Exception:
                # A database that is away for a moment must not end the only worker.
                log.exception("claiming messages failed, trying again")
            await self._bell.wait(at_most=self._settings.poll_seconds)

    async def stop(self, *, grace_seconds: float = 10) -> None:
        """Claim nothing more, and wait for what is under way."""
        self._stopping = True
        self._wake.ring()
        if self._sending:
            await asyncio.wait(self._sending, timeout=grace_seconds)

    async def _claim_one(self) -> bool:
        async with self._database.session() as session:
            message = await Messages(session).claim_outgoing(now=self._now(), lease=self._settings.lease)
        if message is None:
            return False
        reach("delivery.claimed")
        task = asyncio.create_task(self._deliver(message))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        task.add_done_callback(lambda _: self._wake.ring())
        return True

    async def _deliver(self, message: Message) -> None:
        whose = {
            "supplier": str(message.conversation.supplier_id),
            "conversation": str(message.conversation_id),
            "turn": message.turn_id,
            "run": str(message.turn.run_id) if message.turn else None,
            "message": message.id,
        }
        trace = message.turn.trace if message.turn else None
        with structlog.contextvars.bound_contextvars(**whose), span("deliver", parent=trace, **whose):
            try:
                chatwoot_message_id = await self._posting.attempt(message)
            except Exception as error:
                metrics.error_seen(error)
                log.exception("sending failed in an unforeseen way, the lease gives it back")
            else:
                if chatwoot_message_id is not None:
                    log.info("message sent", chatwoot_message=chatwoot_message_id, private=message.private)

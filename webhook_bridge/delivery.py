"""Delivery: what is queued goes to Chatwoot, in order within each Chatwoot conversation, once.

Chatwoot has no idempotency, so every message carries its delivery key. When it is not known whether a message arrived (a
time-out, a reset, an error of Chatwoot's), the Chatwoot conversation is read back for that key before anything is sent again.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from domain.errors import AgentError
from domain.fault_points import reach
from domain.messages import MessageStatus
from storage.engine import Database
from storage.messages import Messages
from storage.models import Message
from webhook_bridge.chatwoot.client import ChatwootClient
from webhook_bridge.chatwoot.failures import ChatwootMisconfigured, ChatwootRateLimited, ChatwootUnavailable
from webhook_bridge.opening import Opener
from webhook_bridge.wake import Wake

log = structlog.get_logger(__name__)


class DeliverySettings:
    """How hard to try. Times in seconds; `backoff` doubles from one attempt to the next, up to `backoff_most`."""

    def __init__(
        self,
        *,
        lease_seconds: float = 60,
        max_attempts: int = 10,
        backoff_seconds: float = 2,
        backoff_most_seconds: float = 300,
        concurrency: int = 8,
        poll_seconds: float = 1,
        readback_seconds: float = 30,
        whatsapp_template: str | None = None,
    ) -> None:
        self.lease = timedelta(seconds=lease_seconds)
        self.max_attempts = max_attempts
        self.backoff = timedelta(seconds=backoff_seconds)
        self.backoff_most = timedelta(seconds=backoff_most_seconds)
        self.concurrency = concurrency
        self.poll_seconds = poll_seconds
        self.readback = timedelta(seconds=readback_seconds)
        self.whatsapp_template = whatsapp_template


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
    ) -> None:
        self._database = database
        self._chatwoot = chatwoot
        self._opener = opener
        self._settings = settings
        self._wake = wake
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
            await self._wake.wait(at_most=self._settings.poll_seconds)

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
        with structlog.contextvars.bound_contextvars(
            supplier=str(message.conversation.supplier_id),
            conversation=str(message.conversation_id),
            turn=message.turn_id,
            run=str(message.turn.run_id) if message.turn else None,
            message=message.id,
        ):
            try:
                chatwoot_message_id = await self._already_there(message) or await self._send(message)
            except (ChatwootUnavailable, ChatwootRateLimited) as error:
                await self._later(message, error)
            except ChatwootMisconfigured as error:
                log.error("Chatwoot refuses us: check its address, token and inboxes", error=str(error))
                await self._failed(message, error)
            except AgentError as error:
                await self._failed(message, error)
            except Exception:
                log.exception("sending failed in an unforeseen way, the lease gives it back")
            else:
                await self._sent(message, chatwoot_message_id)

    async def _already_there(self, message: Message) -> int | None:
        """The Chatwoot id of the message if an earlier attempt did reach Chatwoot."""
        if message.attempts <= 1 or message.chatwoot_conversation_id is None or message.account_id is None:
            return None
        listed = await self._chatwoot.list_messages(
            account_id=message.account_id, conversation_id=message.chatwoot_conversation_id
        )
        return next((there.id for there in listed if there.delivery_key == message.delivery_key), None)

    async def _send(self, message: Message) -> int:
        account_id, conversation_id = await self._opener.destination(message)
        reach("delivery.before_post")
        posted = await self._chatwoot.create_message(
            account_id=account_id,
            conversation_id=conversation_id,
            content=message.content,
            delivery_key=message.delivery_key,
            private=message.private,
        )
        reach("delivery.posted")
        return posted.id

    async def _sent(self, message: Message, chatwoot_message_id: int) -> None:
        async with self._database.session() as session:
            present = await session.get_one(Message, message.id)
            # The echo of the message may have told of it before Chatwoot answered.
            await Messages(session).move_if_possible(
                present, MessageStatus.SENT, chatwoot_message_id=chatwoot_message_id, failure=None
            )
        reach("delivery.recorded")
        log.info("message sent", chatwoot_message=chatwoot_message_id, private=message.private)

    async def _later(self, message: Message, error: AgentError) -> None:
        if message.attempts >= self._settings.max_attempts:
            await self._failed(message, error)
            return
        wait = min(self._settings.backoff * 2 ** (message.attempts - 1), self._settings.backoff_most)
        async with self._database.session() as session:
            present = await session.get_one(Message, message.id, with_for_update=True)
            if present.status != MessageStatus.QUEUED:
                return  # its echo has come: Chatwoot has it, whatever our call made of it
            present.next_attempt_at = self._now() + wait
            present.failure = str(error)
        log.warning("message not sent, trying again", wait_seconds=wait.total_seconds(), error=str(error))

    async def _failed(self, message: Message, error: AgentError) -> None:
        async with self._database.session() as session:
            present = await session.get_one(Message, message.id, with_for_update=True)
            if present.status != MessageStatus.QUEUED:
                return  # the same
            await Messages(session).move(present.id, MessageStatus.FAILED, failure=str(error))
        log.error("message failed", error=str(error))

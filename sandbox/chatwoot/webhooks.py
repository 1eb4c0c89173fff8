"""The sender of account webhooks: signed, tried once, five seconds, and what fails is lost for ever.

Payloads are built when their job runs. Up to ten posts are under way at once, so no order is promised
(`lib/webhooks/trigger.rb`, `config/sidekiq.yml`, v4.16.2).
"""

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import httpx
import structlog

from sandbox.chatwoot.faults import WebhookFaults
from sandbox.chatwoot.rails_json import rails_json, sign
from sandbox.chatwoot.records import Subscription

EVENTS = (
    "conversation_created",
    "conversation_status_changed",
    "conversation_updated",
    "message_created",
    "message_updated",
    "contact_created",
    "contact_updated",
    "webwidget_triggered",
    "conversation_typing_on",
    "conversation_typing_off",
)

#: How long a webhook that is to be overtaken waits for another one to overtake it.
_HOLD_SECONDS = 2.0
_STOP_SECONDS = 1.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Delivery:
    """What became of one webhook. `status` is the answer's, or None with `error` set; a dropped one has neither."""

    delivery_id: str
    event: str
    record_id: int | None
    status: int | None = None
    error: str | None = None
    dropped: bool = False


@dataclass(frozen=True)
class _Job:
    event: str
    build: Callable[[], dict[str, Any]]


class WebhookSender:
    """Sends events to all subscriptions. `deliveries` keeps the newest five hundred outcomes."""

    def __init__(
        self, *, subscriptions: Callable[[], Sequence[Subscription]], faults: WebhookFaults, timeout_seconds: float
    ) -> None:
        self._subscriptions = subscriptions
        self._faults = faults
        self._timeout = timeout_seconds
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue()
        self._posts: set[asyncio.Task[None]] = set()
        self._threads = asyncio.Semaphore(10)
        self._sequence = 0
        self._newest_answered: dict[str, int] = {}
        self._answered = asyncio.Condition()
        self._dispatcher: asyncio.Task[None] | None = None
        self._client: httpx.AsyncClient | None = None
        self.deliveries: deque[Delivery] = deque(maxlen=500)
        self._delivered_messages: set[int] = set()

    async def start(self) -> None:
        """Begin to send. Making a client reads certificates from disk, hence the thread."""
        self._client = await asyncio.to_thread(httpx.AsyncClient, timeout=self._timeout, follow_redirects=True)
        self._dispatcher = asyncio.get_running_loop().create_task(self._dispatch())

    async def stop(self) -> None:
        """Give posts under way a moment, then end."""
        if self._dispatcher is not None:
            self._dispatcher.cancel()
            await asyncio.gather(self._dispatcher, return_exceptions=True)
            self._dispatcher = None
        if self._posts:
            _, late = await asyncio.wait(self._posts, timeout=_STOP_SECONDS)
            for post in late:
                post.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def emit(self, event: str, build: Callable[[], dict[str, Any]]) -> None:
        """Queue one event; `build` is called when its job runs, and gives the payload without `event`."""
        self._jobs.put_nowait(_Job(event, build))

    @property
    def pending(self) -> int:
        """Events not yet sent and posts not yet answered."""
        return self._jobs.qsize() + len(self._posts)

    def reached_subscriber(self, message_id: int) -> bool:
        """Whether a subscriber has accepted the `message_created` of this message (since the start)."""
        return message_id in self._delivered_messages

    async def _dispatch(self) -> None:
        while True:
            job = await self._jobs.get()
            try:
                payload = job.build() | {"event": job.event}
            except KeyError:
                # The record was deleted meanwhile: Chatwoot discards such a job (`discard_on DeserializationError`).
                _log.info("sandbox_webhook_discarded", webhook_event=job.event)
                continue
            payload = _with_changes_last(payload)
            for subscription in self._subscriptions():
                if job.event in subscription.subscriptions:
                    self._send(subscription, payload)

    def _send(self, subscription: Subscription, payload: dict[str, Any]) -> None:
        event = payload["event"]
        if self._faults.wants("drop", event):
            self.deliveries.append(Delivery(str(uuid.uuid4()), event, payload.get("id"), dropped=True))
            return
        held = self._faults.wants("reorder", event)
        copies = 2 if self._faults.wants("duplicate", event) else 1
        for _ in range(copies):
            post = asyncio.get_running_loop().create_task(self._post(subscription, payload, held=held))
            self._posts.add(post)
            post.add_done_callback(self._posts.discard)

    async def _post(self, subscription: Subscription, payload: dict[str, Any], *, held: bool) -> None:
        self._sequence += 1
        sequence = self._sequence
        if held:
            await self._wait_to_be_overtaken(sequence, by=self._faults.event)
        client = self._client
        if client is None:
            return
        body = rails_json(payload)
        delivery_id = str(uuid.uuid4())
        event, record_id = payload["event"], payload.get("id")
        async with self._threads:
            timestamp = str(int(time.time()))
            headers = {
                "Content-Type": "application/json",
                "Accept": "application/json",
                "User-Agent": "Ruby",
                "X-Chatwoot-Delivery": delivery_id,
                "X-Chatwoot-Timestamp": timestamp,
                "X-Chatwoot-Signature": sign(subscription.secret, timestamp, body),
            }
            try:
                answer = await client.post(subscription.url, content=body, headers=headers)
            except httpx.HTTPError as error:
                self.deliveries.append(Delivery(delivery_id, event, record_id, error=repr(error)))
                _log.warning("sandbox_webhook_lost", webhook_event=event, record=record_id, error=repr(error))
            else:
                self.deliveries.append(Delivery(delivery_id, event, record_id, status=answer.status_code))
                if not answer.is_success:
                    _log.warning("sandbox_webhook_lost", webhook_event=event, record=record_id, status=answer.status_code)
                elif event == "message_created" and isinstance(record_id, int):
                    self._delivered_messages.add(record_id)
        async with self._answered:
            self._newest_answered[event] = max(sequence, self._newest_answered.get(event, 0))
            self._answered.notify_all()

    async def _wait_to_be_overtaken(self, sequence: int, *, by: str | None) -> None:
        """Until a later webhook (of the event `by`, if given) was answered, or for a while."""

        def overtaken() -> bool:
            answered = self._newest_answered
            return max(answered.values(), default=0) > sequence if by is None else answered.get(by, 0) > sequence

        try:
            async with asyncio.timeout(_HOLD_SECONDS), self._answered:
                await self._answered.wait_for(overtaken)
        except TimeoutError:
            return

    def deliveries_json(self) -> list[dict[str, Any]]:
        """The newest outcomes, oldest first."""
        return [asdict(delivery) for delivery in self.deliveries]


def _with_changes_last(payload: dict[str, Any]) -> dict[str, Any]:
    """Rails puts `changed_attributes` behind `event`."""
    if "changed_attributes" in payload:
        payload["changed_attributes"] = payload.pop("changed_attributes")
    return payload

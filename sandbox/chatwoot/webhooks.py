"""The sender of webhooks: signed, five seconds each, and no order promised, since up to ten are under way at once.

Three kinds, as in v4.16.2: the account's (tried once, what fails is lost for ever), the API inbox's (tried once, then the
message is marked failed) and the agent bot's (its payload is of the moment of the event; 429 and 500 are tried again,
then the conversation is opened to people). The payloads of the first two are built when their job runs.
"""

import asyncio
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import httpx
import structlog

from sandbox.chatwoot.faults import Faults
from sandbox.chatwoot.records import Subscription
from sandbox.chatwoot.webhook_post import Delivery, post_webhook

_MESSAGES = ("message_created", "message_updated")
_CONVERSATIONS = ("conversation_status_changed", "conversation_updated")
_TYPING = ("conversation_typing_on", "conversation_typing_off")

#: What an account webhook may subscribe to.
EVENTS = (
    "conversation_created",
    *_CONVERSATIONS,
    *_MESSAGES,
    "contact_created",
    "contact_updated",
    "webwidget_triggered",
    *_TYPING,
)
API_INBOX_EVENTS = ("conversation_created", *_CONVERSATIONS, *_MESSAGES, "webwidget_triggered", *_TYPING)
AGENT_BOT_EVENTS = ("conversation_opened", "conversation_resolved", *_CONVERSATIONS, *_MESSAGES, "webwidget_triggered")

#: An agent bot's webhook is tried this often where the answer is one of these.
_BOT_ATTEMPTS, _BOT_RETRIED = 3, (429, 500)

#: How long a webhook that is to be overtaken waits for another one to overtake it.
_HOLD_SECONDS = 2.0
_STOP_SECONDS = 1.0
_LOOK_EVERY = 0.05

_log = structlog.get_logger(__name__)

Payload = dict[str, Any]


@dataclass(frozen=True)
class _Job:
    event: str
    build: Callable[[], Payload]
    to: Callable[[Subscription], bool]


class WebhookSender:
    """Sends events to all subscriptions. `deliveries` keeps the newest five hundred outcomes.

    `when_failed` is told of each webhook that failed for good.
    """

    def __init__(
        self,
        *,
        subscriptions: Callable[[], Sequence[Subscription]],
        faults: Faults,
        timeout_seconds: float,
        bot_retry_seconds: float,
        when_failed: Callable[[Delivery, Payload], Awaitable[None]],
    ) -> None:
        self._subscriptions = subscriptions
        self._faults = faults
        self._timeout = timeout_seconds
        self._bot_retry = bot_retry_seconds
        self._when_failed = when_failed
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue()
        self._in_hand = 0
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

    def emit(self, event: str, build: Callable[[], Payload], *, inbox_id: int | None = None) -> None:
        """Queue one event (of this inbox). `build` gives the payload without `event`, now for bots, later for the others."""
        if event in AGENT_BOT_EVENTS and any(row.kind == "agent_bot" for row in self._subscriptions()):
            frozen = build()
            self._jobs.put_nowait(
                _Job(event, lambda: frozen, lambda row: row.kind == "agent_bot" and _wants(row, event, inbox_id))
            )
        self._jobs.put_nowait(_Job(event, build, lambda row: row.kind != "agent_bot" and _wants(row, event, inbox_id)))

    def send_unsigned(self, url: str, payload: Payload) -> None:
        """What a macro or an automation sends: without signature or delivery id."""
        self._send(Subscription(id=0, url=url, secret=""), payload)

    @property
    def pending(self) -> int:
        """Events not yet sent and posts not yet answered."""
        return self._jobs.qsize() + self._in_hand + len(self._posts)

    def reached_subscriber(self, message_id: int) -> bool:
        """Whether a subscriber has accepted the `message_created` of this message (since the start)."""
        return message_id in self._delivered_messages

    async def _dispatch(self) -> None:
        while True:
            job = await self._jobs.get()
            self._in_hand = 1
            while self._faults.down:  # noqa: ASYNC110 - faults are plain data, set from anywhere
                await asyncio.sleep(_LOOK_EVERY)
            try:
                payload = _with_changes_last(job.build() | {"event": job.event})
            except KeyError:
                # The record was deleted meanwhile: Chatwoot discards such a job (`discard_on DeserializationError`).
                _log.info("sandbox_webhook_discarded", webhook_event=job.event)
            else:
                for subscription in filter(job.to, self._subscriptions()):
                    self._send(subscription, payload)
            self._in_hand = 0

    def _send(self, subscription: Subscription, payload: Payload) -> None:
        event, faults = payload["event"], self._faults.webhooks
        delivery_id = str(uuid.uuid4())
        if faults.wants("drop", event):
            lost = Delivery(delivery_id, event, payload.get("id"), dropped=True, kind=subscription.kind)
            self.deliveries.append(lost)
            return
        held = faults.wants("reorder", event)
        late = faults.delay_seconds if faults.wants("delay", event) else 0.0
        self._begin(self._carry(subscription, payload, delivery_id, late=late, held=held))
        if faults.wants("duplicate", event):
            again = delivery_id if faults.duplicate_same_id else str(uuid.uuid4())
            self._begin(self._carry(subscription, payload, again, late=late + faults.duplicate_after_seconds, held=held))

    def _begin(self, carrying: Any) -> None:
        post = asyncio.get_running_loop().create_task(carrying)
        self._posts.add(post)
        post.add_done_callback(self._posts.discard)

    async def _carry(self, subscription: Subscription, payload: Payload, delivery_id: str, *, late: float, held: bool) -> None:
        """All attempts of one webhook."""
        self._sequence += 1
        sequence, event = self._sequence, payload["event"]
        await asyncio.sleep(late)
        if held:
            await self._wait_to_be_overtaken(sequence, by=self._faults.webhooks.event)
        for attempt in range(1, _BOT_ATTEMPTS + 1):
            if self._client is None:
                return
            async with self._threads:
                delivery = await post_webhook(self._client, subscription, payload, delivery_id=delivery_id, attempt=attempt)
            self.deliveries.append(delivery)
            if subscription.kind != "agent_bot" or delivery.status not in _BOT_RETRIED or attempt == _BOT_ATTEMPTS:
                break
            await asyncio.sleep(self._bot_retry)
        if delivery.accepted:
            if event == "message_created" and isinstance(delivery.record_id, int):
                self._delivered_messages.add(delivery.record_id)
        else:
            _log.warning("sandbox_webhook_lost", webhook_event=event, record=delivery.record_id, error=delivery.failure)
            await self._when_failed(delivery, payload)
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


def _wants(subscription: Subscription, event: str, inbox_id: int | None) -> bool:
    if subscription.kind == "account":
        return event in subscription.subscriptions
    events = API_INBOX_EVENTS if subscription.kind == "api_inbox" else AGENT_BOT_EVENTS
    return event in events and inbox_id is not None and subscription.inbox_id in (None, inbox_id)


def _with_changes_last(payload: Payload) -> Payload:
    """Rails puts `changed_attributes` behind `event`."""
    if "changed_attributes" in payload:
        payload["changed_attributes"] = payload.pop("changed_attributes")
    return payload

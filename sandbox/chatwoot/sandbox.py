"""One running stand-in: its store, clock, faults and webhook sender, held together and started by whoever owns it.

A mounted application gets no lifespan, so the owner calls `start()` and `stop()`; run alone under a server the
application's own lifespan does.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.chatwoot.config import ChatwootSandboxConfig
from sandbox.chatwoot.faults import Faults
from sandbox.chatwoot.records import Member, Subscription
from sandbox.chatwoot.store import Store
from sandbox.chatwoot.webhook_post import Delivery
from sandbox.chatwoot.webhooks import EVENTS, WebhookSender


class Clock:
    """The stand-in's time: real, plus what a test has advanced it by (to close WhatsApp's 24-hour window)."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The present time, UTC."""
        return datetime.now(UTC) + self._ahead

    def advance(self, by: timedelta) -> None:
        """Let time pass at once."""
        self._ahead += by


class ChatwootSandbox:
    """The stand-in itself. Everything else in this package is a function of it."""

    def __init__(
        self,
        config: ChatwootSandboxConfig,
        *,
        at_start: "Callable[[ChatwootSandbox], None]" = lambda _: None,
        when_webhook_failed: "Callable[[ChatwootSandbox, Delivery, dict[str, Any]], Awaitable[None]] | None" = None,
    ) -> None:
        self.config = config
        self.clock = Clock()
        self.store = Store(config.path)
        self.faults = Faults()
        self.webhooks = WebhookSender(
            subscriptions=lambda: self.store.all(Subscription),
            faults=self.faults,
            timeout_seconds=config.webhook_timeout_seconds,
            bot_retry_seconds=config.bot_retry_seconds,
            when_failed=self._webhook_failed,
        )
        self.typing: dict[int, Member] = {}
        self.typing_toggles: deque[dict[str, Any]] = deque(maxlen=1000)
        self.user = Member("User", config.user_id, config.user_name, config.user_email)
        self.person = Member("User", config.person_id, config.person_name, config.person_email)
        self.bot = Member("AgentBot", config.bot_id, config.bot_name)
        self._tasks: set[asyncio.Task[None]] = set()
        self._at_start = at_start
        self._when_webhook_failed = when_webhook_failed
        self._started = False
        self._up_again: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Open the store and begin to send webhooks. A second call does nothing."""
        if self._started:
            return
        self._started = True
        await self.store.open()
        await self._subscribe_configured_url()
        await self.webhooks.start()
        self._at_start(self)

    async def stop(self) -> None:
        """End the background work (webhooks on their way get a moment) and close the store."""
        if not self._started:
            return
        self._started = False
        self.come_up_in(None)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.webhooks.stop()
        await self.store.close()

    def go_down(self, *, answer: str, seconds: float | None) -> None:
        """Be down, for a while or (None) until told otherwise. Raise `ValueError` for an answer that is not known."""
        self.faults.update({"down": True, "down_answer": answer})
        self.come_up_in(seconds)

    def come_up_in(self, seconds: float | None) -> None:
        """Be up again after `seconds`, if that was not said otherwise before; None: not by itself."""
        if self._up_again is not None:
            self._up_again.cancel()
            self._up_again = None
        if seconds is not None:
            self._up_again = asyncio.get_running_loop().call_later(seconds, self.faults.update, {"down": False})

    def in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside the answer, as Chatwoot's jobs do; `stop` ends it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def member(self, kind: str | None, member_id: int | None) -> Member | None:
        """The user or bot with this id, or None."""
        for member in (self.user, self.person, self.bot):
            if member.kind == kind and member.id == member_id:
                return member
        return None

    def has_bot(self, inbox_id: int) -> bool:
        """Whether an agent bot is connected to this inbox, so that new Chatwoot conversations begin pending."""
        bots = (row for row in self.store.all(Subscription) if row.kind == "agent_bot")
        return self.config.bot_connected or any(bot.inbox_id in (None, inbox_id) for bot in bots)

    async def _webhook_failed(self, delivery: Delivery, payload: dict[str, Any]) -> None:
        if self._when_webhook_failed is not None:
            await self._when_webhook_failed(self, delivery, payload)

    async def _subscribe_configured_url(self) -> None:
        """Subscription 1 is the configured one, also when URL or secret have changed since the last start."""
        if self.config.webhook_url is None:
            return
        first = self.store.get(Subscription, 1)
        await self.store.save(
            Subscription(
                id=first.id if first else self.store.next_id(Subscription),
                url=self.config.webhook_url,
                name="Purchase-order agent",
                subscriptions=first.subscriptions if first else list(EVENTS),
                secret=self.config.webhook_secret,
            )
        )

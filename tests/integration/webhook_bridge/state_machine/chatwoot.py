"""The sandbox's stand-in for Chatwoot, with its jobs in the test's hands: each webhook and each receipt waits to be let go.

Real: its REST routes, its rules, its payloads and its signatures. Played here: when a job runs, and whether it ever does.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from sandbox.chatwoot.app import make_chatwoot
from sandbox.chatwoot.config import ChatwootSandboxConfig
from sandbox.chatwoot.rails_json import rails_json, sign
from sandbox.chatwoot.records import Contact, Conversation, Message, MessageType
from sandbox.chatwoot.sandbox import ChatwootSandbox
from tests.integration.webhook_bridge.state_machine.stepped_time import Clock

TOKEN, SECRET = "user-token", "webhook-secret"

#: Events that mean something to a bridge; the others would only make the machine's steps longer.
_TELLING = ("message_created", "message_updated", "conversation_status_changed", "conversation_updated")


@dataclass
class Job:
    """A webhook that is to be sent. Its payload is built when the job begins, which may be long before it arrives."""

    number: int
    event: str
    build: Callable[[], dict[str, Any]]
    body: bytes | None = None

    def begin(self) -> bytes | None:
        """The bytes to send; None if its record is gone."""
        if self.body is None:
            try:
                self.body = rails_json(self.build() | {"event": self.event})
            except KeyError:
                return None
        return self.body


class HeldJobs:
    """In the place of the stand-in's webhook sender."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self._count = 0

    @property
    def pending(self) -> int:
        return len(self.jobs)

    def emit(self, event: str, build: Callable[[], dict[str, Any]], **_: Any) -> None:
        if event in _TELLING:
            self._count += 1
            self.jobs.append(Job(self._count, event, build))

    def reached_subscriber(self, _: int) -> bool:
        return False


class SandboxClock:
    """The stand-in's clock is the machine's; no two things of its happen at one time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> Any:
        return self._clock.tick()

    def advance(self, by: timedelta) -> None:
        self._clock.advance(by)


class Chatwoot:
    """One Chatwoot from its first day on."""

    def __init__(self, clock: Clock) -> None:
        config = ChatwootSandboxConfig(webhook_url=None, webhook_secret=SECRET, api_token=TOKEN, receipt_seconds=0)
        self.app = make_chatwoot(config)
        self.sandbox: ChatwootSandbox = self.app.state.sandbox
        self.webhooks = HeldJobs()
        self.receipts: list[Coroutine[Any, Any, None]] = []
        self._clock = clock
        stand_in: Any = self.sandbox
        stand_in.webhooks = self.webhooks
        stand_in.clock = SandboxClock(clock)
        stand_in.in_background = self.receipts.append

    def signed(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._clock.now().timestamp()))
        return {
            "content-type": "application/json",
            "x-chatwoot-timestamp": timestamp,
            "x-chatwoot-signature": sign(SECRET, timestamp, body),
        }

    async def control(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """What people do in Chatwoot, through the stand-in's control routes."""
        far = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=far, base_url="http://chatwoot.test") as client:
            answer = await client.request(method, f"/control{path}", json=body, headers={"api-access-token": TOKEN})
        assert answer.status_code == 200, f"{method} {path} {body}: {answer.status_code} {answer.text}"
        told: dict[str, Any] = answer.json()
        return told

    async def run_receipts(self) -> None:
        """The channels take, deliver and read whatever was given to them."""
        waiting, self.receipts[:] = list(self.receipts), []
        for receipt in waiting:
            await receipt

    def forget_receipts(self) -> None:
        for receipt in self.receipts:
            receipt.close()
        self.receipts.clear()

    def messages(self, message_type: MessageType) -> list[Message]:
        """In the order of their ids."""
        return [message for message in self.sandbox.store.all(Message) if message.message_type is message_type]

    def ours(self) -> list[Message]:
        """What carries a delivery key, public or private."""
        return [m for m in self.messages(MessageType.OUTGOING) if "bridge_message_id" in m.content_attributes]

    def conversations(self) -> list[Conversation]:
        return self.sandbox.store.all(Conversation)

    def contacts(self) -> list[Contact]:
        return self.sandbox.store.all(Contact)

"""What can be made to go wrong: REST answers that fail, come late or never end, and webhooks lost, doubled or swapped.

Failing *after* the work was done matters most: the caller sees an error and the message exists all the same.
"""

import asyncio
import random
from dataclasses import asdict, dataclass, field
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class WebhookFaults:
    """Counts for the next webhooks (of one event, if `event` is set), and rates for all of them."""

    drop: int = 0
    duplicate: int = 0
    reorder: int = 0
    drop_rate: float = 0.0
    duplicate_rate: float = 0.0
    event: str | None = None

    def wants(self, fault: str, event: str) -> bool:
        """Whether this webhook is to suffer `fault` (drop, duplicate or reorder); a count is used up."""
        if self.event is not None and event != self.event:
            return False
        left = int(getattr(self, fault))
        if left > 0:
            setattr(self, fault, left - 1)
            return True
        return random.random() < float(getattr(self, f"{fault}_rate", 0.0))  # noqa: S311 - chance, not secrecy


@dataclass
class Faults:
    """All faults. `answer_next` requests get `answer_status`; `reset_next` lose their connection half-way.

    `fail_after_commit` says whether failures strike after the work was done. Latencies in seconds.
    """

    failure_rate: float = 0.0
    failure_status: int = 500
    answer_next: int = 0
    answer_status: int = 503
    reset_next: int = 0
    fail_after_commit: bool = False
    latency_before_seconds: float = 0.0
    latency_after_seconds: float = 0.0
    fail_deliveries: int = 0
    delivery_error: str = "131026: Message undeliverable"
    webhooks: WebhookFaults = field(default_factory=WebhookFaults)

    def update(self, changes: dict[str, Any]) -> None:
        """Set the named faults. Raise `ValueError` for a name or type that is not known."""
        nested = dict(changes)
        webhooks = nested.pop("webhooks", {})
        if not isinstance(webhooks, dict):
            raise ValueError("webhooks must be an object.")
        for target, values in ((self, nested), (self.webhooks, webhooks)):
            known = asdict(type(target)())  # The types are those of the defaults.
            for name, value in values.items():
                if name not in known or name == "webhooks":
                    raise ValueError(f"There is no fault named {name!r}. Known: {', '.join(sorted(known))}.")
                if not isinstance(value, _accepted(known[name])):
                    raise ValueError(f"{name} must be a {type(known[name]).__name__}.")
        for target, values in ((self, nested), (self.webhooks, webhooks)):
            for name, value in values.items():
                setattr(target, name, value)

    def clear(self) -> None:
        """All well again."""
        self.update(asdict(Faults()))

    def to_json(self) -> dict[str, Any]:
        """All faults as they are set now."""
        return asdict(self)

    def _next_failure(self) -> int | None:
        if self.answer_next > 0:
            self.answer_next -= 1
            return self.answer_status
        if random.random() < self.failure_rate:  # noqa: S311 - chance, not secrecy
            return self.failure_status
        return None


def _accepted(example: object) -> tuple[type, ...]:
    if isinstance(example, float):
        return (int, float)
    return (str, type(None)) if example is None else (type(example),)


class FaultMiddleware:
    """Lets the REST routes suffer the faults that are set. Control routes are outside of it."""

    def __init__(self, app: ASGIApp, *, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await asyncio.sleep(self._faults.latency_before_seconds)
        reset = self._faults.reset_next > 0
        if reset:
            self._faults.reset_next -= 1
        status = None if reset else self._faults._next_failure()
        broken = reset or status is not None
        answer: list[Message] = []
        if not broken or self._faults.fail_after_commit:

            async def hold(message: Message) -> None:
                answer.append(message)

            await self._app(scope, receive, hold)
            await asyncio.sleep(self._faults.latency_after_seconds)
        if reset:
            # Headers that promise a body and an end without one: the server closes the connection half-way.
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        elif status is not None:
            await _failure(status)(scope, receive, send)
        else:
            for message in answer:
                await send(message)


def _failure(status: int) -> Response:
    if status == 429:
        return PlainTextResponse("Retry later\n", status_code=429)
    return JSONResponse({"error": f"The stand-in was told to answer {status}."}, status_code=status)

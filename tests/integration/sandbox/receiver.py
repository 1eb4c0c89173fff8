"""A receiver of webhooks that believes nothing: it verifies each signature over the raw bytes before it parses."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SECRET = "stand-in-secret"


class Receiver:
    """What arrived, in order. `answer` is the status it gives; `delay` the seconds it takes."""

    def __init__(self, secret: str = SECRET) -> None:
        self.events: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        self.delivery_ids: list[str] = []
        self.posts = 0
        self.answer = 200
        self.delay = 0.0
        self._secret = secret
        self.app = Starlette(routes=[Route("/hook", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        self.posts += 1
        body = await request.body()
        timestamp = request.headers["X-Chatwoot-Timestamp"]
        expected = hmac.new(self._secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
        if request.headers["X-Chatwoot-Signature"] != f"sha256={expected}" or abs(time.time() - int(timestamp)) > 300:
            return Response(status_code=401)
        await asyncio.sleep(self.delay)
        if self.answer == 200:
            self.bodies.append(body)
            self.events.append(json.loads(body))
            self.delivery_ids.append(request.headers["X-Chatwoot-Delivery"])
        return Response(status_code=self.answer)

    def named(self, event: str) -> list[dict[str, Any]]:
        """The events of this name, in the order of arrival."""
        return [each for each in self.events if each["event"] == event]

    async def until(self, condition: Callable[[], bool], *, seconds: float = 5.0) -> None:
        """Wait for `condition`; fail, telling what did arrive."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"It never came. Arrived: {[(e['event'], e.get('id')) for e in self.events]}"
            await asyncio.sleep(0.01)

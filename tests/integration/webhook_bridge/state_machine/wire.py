"""Wires from a process to an application in this interpreter: HTTP in earnest, the network played.

An answer that is lost, lost its request's effect never: the application has done what was asked of it, and the caller does
not know. A request that is refused was never seen.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.types import ASGIApp

from tests.integration.webhook_bridge.state_machine.processes import Killed, Process
from tests.integration.webhook_bridge.state_machine.stepped_time import SteppedLoop


@dataclass
class Trouble:
    """What the next requests suffer, in this order. `path` narrows it to requests whose path ends so, and their method."""

    refused: int = 0
    answers_lost: int = 0
    answered_500_after: int = 0
    method: str | None = None
    ending: str = ""

    def take(self, request: httpx.Request) -> str | None:
        if self.method not in (None, request.method) or not request.url.path.endswith(self.ending):
            return None
        for trouble in ("refused", "answers_lost", "answered_500_after"):
            left = int(getattr(self, trouble))
            if left > 0:
                setattr(self, trouble, left - 1)
                return trouble
        return None

    def end(self) -> None:
        self.refused = self.answers_lost = self.answered_500_after = 0


class Wire(httpx.AsyncBaseTransport):
    """The near end is the process that makes it; `is_up` says whether anybody is at the far end."""

    def __init__(self, app: ASGIApp, *, loop: SteppedLoop, trouble: Trouble, is_up: Callable[[], bool] = lambda: True) -> None:
        self._process = Process.present()
        self._far = httpx.ASGITransport(app=app)
        self._loop = loop
        self._trouble = trouble
        self._is_up = is_up

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._process.check()
        trouble = self._trouble.take(request)
        if trouble == "refused" or not self._is_up():
            raise httpx.ConnectError("Nobody answers.", request=request)
        await request.aread()
        # The far end goes on whatever becomes of the near one.
        exchange = Process.nobody(self._loop, self._far.handle_async_request(request))
        response = await asyncio.shield(exchange)
        self._process.check()
        if trouble == "answers_lost" or not self._is_up():
            raise httpx.ReadTimeout("The answer was lost.", request=request)
        if trouble == "answered_500_after":
            return httpx.Response(500, json={"error": "It was done, and then something broke."}, request=request)
        return response


async def ask(app: ASGIApp, process: Process, method: str, path: str, **request: Any) -> httpx.Response | None:
    """Ask an application of a process; None if the process does not live to answer."""
    if process.is_dead:
        return None
    # An error of the application is its answer 500.
    far = httpx.ASGITransport(app=app, raise_app_exceptions=False)

    async def exchange() -> httpx.Response:
        async with httpx.AsyncClient(transport=far, base_url="http://bridge.test") as client:
            return await client.request(method, path, **request)

    try:
        return await process.spawn(exchange())
    except Killed:
        return None

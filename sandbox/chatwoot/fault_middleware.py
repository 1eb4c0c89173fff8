"""Lets the REST routes suffer the faults that are set. Control routes are outside of it."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.chatwoot.faults import HANG, RESET, Faults

_MINUTE = 60.0


class FaultMiddleware:
    """ASGI. `in_background` takes the work that is done after its answer."""

    def __init__(self, app: ASGIApp, *, faults: Faults, in_background: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        self._app = app
        self._faults = faults
        self._in_background = in_background
        self._asked_at: deque[float] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        faults = self._faults
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif faults.down:
            await self._fail(faults.down_answer, scope, receive, send)
        elif self._too_many():
            await self._fail("429", scope, receive, send)
        elif faults.concern(scope["method"], scope["path"]):
            await self._struck(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _struck(self, scope: Scope, receive: Receive, send: Send) -> None:
        faults = self._faults
        await asyncio.sleep(faults.latency_before_seconds)
        if faults.commits_late(scope["method"]):
            work = self._later(scope, await _whole(receive), after=faults.late_commit_seconds)
            self._in_background(work)
            await self._fail(faults.late_commit_answer, scope, receive, send)
            return
        failure = faults.next_failure()
        answer: list[Message] = []
        if failure is None or faults.fail_after_commit:

            async def hold(message: Message) -> None:
                answer.append(message)

            await self._app(scope, receive, hold)
            await asyncio.sleep(faults.latency_after_seconds)
        if failure is not None:
            await self._fail(failure, scope, receive, send)
            return
        for message in answer:
            await send(message)

    async def _later(self, scope: Scope, request: Message, *, after: float) -> None:
        """Do what was asked, when nobody listens any more."""
        await asyncio.sleep(after)

        async def receive() -> Message:
            return request

        async def nobody(_: Message) -> None:
            return None

        await self._app(scope, receive, nobody)

    async def _fail(self, failure: str, scope: Scope, receive: Receive, send: Send) -> None:
        if failure == HANG:
            await _until_gone(receive, at_most=self._faults.hang_seconds)
        if failure in (HANG, RESET):
            # Headers that promise a body and an end without one: the server closes the connection half-way.
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        else:
            await _refusal(int(failure))(scope, receive, send)

    def _too_many(self) -> bool:
        now, limit = time.monotonic(), self._faults.requests_per_minute
        while self._asked_at and now - self._asked_at[0] > _MINUTE:
            self._asked_at.popleft()
        if limit and len(self._asked_at) >= limit:
            return True
        self._asked_at.append(now)
        return False


async def _whole(receive: Receive) -> Message:
    """The whole request as one message."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return {"type": "http.request", "body": body, "more_body": False}


async def _until_gone(receive: Receive, *, at_most: float) -> None:
    """Until the caller hangs up."""
    try:
        async with asyncio.timeout(at_most):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return


def _refusal(status: int) -> Response:
    """What Chatwoot says, or the proxy before it."""
    match status:
        case 429:  # Rack::Attack, without Retry-After.
            return PlainTextResponse("Retry later\n", status_code=429)
        case 502 | 503 | 504:
            page = f"<html><head><title>{status}</title></head><body><center><h1>{status}</h1></center></body></html>"
            return Response(page, status_code=status, media_type="text/html")
        case _:
            return JSONResponse({"error": f"The stand-in was told to answer {status}."}, status_code=status)

"""A reverse proxy before the stand-in Chatwoot: it writes down every request of the product, and can keep an answer back."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

#: The stand-in's place below the product's address, and so the proxy's.
PREFIX = "/sandbox/chatwoot"

_NOT_PASSED_ON = {"host", "content-length", "connection", "transfer-encoding", "date", "server"}


@dataclass
class Recorded:
    """One request as Chatwoot would get it; `path` carries the query; `json` is None without a body."""

    method: str
    path: str
    headers: dict[str, str]
    json: Any


@dataclass
class ChatwootProxy:
    """`target` is the product's address, known only once its port is. `hold_back` answers come `hold_seconds` late."""

    target: str = ""
    hold_back: int = 0
    hold_seconds: float = 0.0
    recorded: list[Recorded] = field(default_factory=list)

    async def pass_on(self, request: Request) -> Response:
        body = await request.body()
        path = request.url.path.removeprefix(PREFIX) + (f"?{request.url.query}" if request.url.query else "")
        self.recorded.append(Recorded(request.method, path, dict(request.headers), await request.json() if body else None))
        headers = {name: value for name, value in request.headers.items() if name not in _NOT_PASSED_ON}
        try:
            async with httpx.AsyncClient(timeout=60) as client:
                answer = await client.request(
                    request.method, f"{self.target}{PREFIX}{path}", content=body or None, headers=headers
                )
        except httpx.TransportError:
            # A connection lost half-way is passed on as one: headers that promise more than comes.
            return Response(b"", headers={"content-length": "1000"})
        if request.method == "POST" and self.hold_back > 0:
            self.hold_back -= 1
            await asyncio.sleep(self.hold_seconds)
        kept = {name: value for name, value in answer.headers.items() if name not in _NOT_PASSED_ON | {"content-encoding"}}
        return Response(answer.content, status_code=answer.status_code, headers=kept)


@contextmanager
def served_proxy() -> Iterator[tuple[ChatwootProxy, str]]:
    """The proxy and its address, served by a thread."""
    proxy = ChatwootProxy()
    app = Starlette(routes=[Route("/{rest:path}", proxy.pass_on, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "The proxy did not start."
        time.sleep(0.01)
    try:
        yield proxy, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}{PREFIX}"
    finally:
        server.should_exit = True
        thread.join()

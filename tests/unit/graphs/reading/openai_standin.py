"""An OpenAI-compatible server on a free port of this machine, which plays the answers that a test gives it, in order.

It speaks the one route the reader uses, `POST /v1/chat/completions`, over real HTTP, and remembers every request. The model
is faked; `langchain-openai`, its client and the wire are real.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

GOOD = {
    "intent": "confirm_order",
    "also": [],
    "order_ref": "P00045",
    "lines": [],
    "delivery_date": None,
    "language": "es",
    "needs_human": False,
    "reason": None,
    "confidence": 0.95,
}


def says(content: str | dict[str, Any], *, refusal: str | None = None, finish: str = "stop") -> Response:
    """A completion with this content."""
    text = content if isinstance(content, str) else json.dumps(content)
    message = {"role": "assistant", "content": None if refusal else text, "refusal": refusal}
    return JSONResponse(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "stand-in",
            "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        }
    )


def fails(status: int, **headers: str) -> Response:
    """An error of the server."""
    return JSONResponse({"error": {"message": "no", "type": "x", "code": "x"}}, status_code=status, headers=headers)


class StandIn:
    """Plays `answers` one by one; the last one goes on for ever. `delay_seconds` comes before each."""

    def __init__(self, *answers: Response, delay_seconds: float = 0) -> None:
        self.requests: list[dict[str, Any]] = []
        self.base_url = ""
        self._answers = list(answers)
        self._delay = delay_seconds

    async def complete(self, request: Request) -> Response:
        self.requests.append(await request.json())
        await asyncio.sleep(self._delay)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["StandIn"]:
        app = Starlette(routes=[Route("/v1/chat/completions", self.complete, methods=["POST"])])
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        listening = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield self
        finally:
            server.should_exit = True
            server.force_exit = True
            await task

"""`GET /health`: this process lives. `GET /ready`: every dependency by name, 503 if one it cannot do without is down."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.errors import AgentError
from webhook_bridge.bridge import Bridge

#: Seconds that a dependency has to answer. Whoever asks for readiness does not wait long.
_PATIENCE = 5.0

#: Without these, nothing can be taken in or answered. The others only delay what is stored safely.
_INDISPENSABLE = {"database", "langgraph", "turns"}


def routes(bridge: Bridge) -> list[Route]:
    """Open to everybody: they tell names and whether each is up, nothing more."""

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_: Request) -> Response:
        checks = bridge.checks()
        answers = await asyncio.gather(*(_answer(check) for check in checks.values()))
        found = dict(zip(checks, answers, strict=True))
        is_ready = all(found[name]["ok"] for name in _INDISPENSABLE & found.keys())
        return JSONResponse({"ready": is_ready, "dependencies": found}, status_code=200 if is_ready else 503)

    return [Route("/health", health), Route("/ready", ready)]


async def _answer(check: Callable[[], Awaitable[object]]) -> dict[str, object]:
    try:
        async with asyncio.timeout(_PATIENCE):
            await check()
    except AgentError as error:
        return {"ok": False, "error": error.code}
    except Exception as error:
        # Whatever a driver raises, it means "down"; only its kind is told, since this page is open.
        return {"ok": False, "error": type(error).__name__}
    return {"ok": True}

"""`GET /health`: this process lives. `GET /ready`: every dependency by name, 503 if one it cannot do without is down.

Both are open to everybody, so an answer is given again for a moment: who asks in a loop must not make us ask Chatwoot, Odoo
and a model's server in a loop.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.errors import AgentError
from webhook_bridge.bridge import Bridge

#: Seconds that a dependency has to answer. Whoever asks for readiness does not wait long.
_PATIENCE = 5.0

#: Seconds for which an answer holds.
_GOOD_FOR = 1.0

#: Without these, nothing can be taken in or answered. The others only delay what is stored safely.
_INDISPENSABLE = {"database", "langgraph", "turns"}


def routes(bridge: Bridge) -> list[Route]:
    """They tell names, whether each is up, and how long what waits has waited; nothing more."""
    asking = asyncio.Lock()
    known: dict[str, dict[str, object]] = {}
    known_until = 0.0

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_: Request) -> Response:
        found = await _asked()
        is_ready = all(found[name]["ok"] for name in _INDISPENSABLE & found.keys())
        return JSONResponse({"ready": is_ready, "dependencies": found}, status_code=200 if is_ready else 503)

    async def _asked() -> dict[str, dict[str, object]]:
        nonlocal known, known_until
        async with asking:
            if time.monotonic() >= known_until:
                checks = bridge.checks()
                answers = await asyncio.gather(*(_answer(check) for check in checks.values()))
                known = dict(zip(checks, answers, strict=True))
                known_until = time.monotonic() + _GOOD_FOR
            return known

    return [Route("/health", health), Route("/ready", ready)]


async def _answer(check: Callable[[], Awaitable[object]]) -> dict[str, object]:
    try:
        async with asyncio.timeout(_PATIENCE):
            told = await check()
    except AgentError as error:
        return {"ok": False, "error": error.code}
    except Exception as error:
        # Whatever a driver raises, it means "down"; only its kind is told, since this page is open.
        return {"ok": False, "error": type(error).__name__}
    return {"ok": True, "age_seconds": round(told.total_seconds(), 1)} if isinstance(told, timedelta) else {"ok": True}

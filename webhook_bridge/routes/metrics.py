"""`GET /bridge/metrics`: what Prometheus scrapes. `/metrics` is the LangGraph server's own."""

import asyncio

import structlog
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage.backlog import Backlog, backlog
from webhook_bridge.bridge import Bridge
from webhook_bridge.metrics import exposition

log = structlog.get_logger(__name__)

#: Seconds that the tables have to answer: what this process has seen is told without them, too.
_PATIENCE = 5.0


def routes(bridge: Bridge) -> list[Route]:
    """One, behind the token: how much is bought, and from how many, is nobody's business."""

    async def metrics(_: Request) -> Response:
        now = bridge.now()
        return Response(exposition(await _backlog(), now=now), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _backlog() -> Backlog | None:
        try:
            async with asyncio.timeout(_PATIENCE), bridge.database.session() as session:
                return await backlog(session, now=bridge.now())
        except Exception as error:
            # Whatever a driver raises, it means that the database is away: that is told, and watched for.
            log.warning("the tables could not be read for metrics", error=type(error).__name__)
            return None

    return [Route("/bridge/metrics", metrics)]

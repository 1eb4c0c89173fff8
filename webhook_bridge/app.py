"""The bridge's routes and its ASGI application: alone, or with further routes of whoever mounts it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from webhook_bridge.bridge import Bridge
from webhook_bridge.http import ERROR_HANDLERS, closed
from webhook_bridge.routes import conversations, health, messages, orders, outbound, webhook

#: Everything else needs the token. The webhook has its signature; the health pair tells nothing.
OPEN_PATHS = frozenset({webhook.PATH, "/health", "/ready"})


def bridge_routes(bridge: Bridge) -> list[Route]:
    """All routes of the bridge, each guarded as it must be."""
    routes = [
        route for resource in (webhook, outbound, messages, conversations, orders, health) for route in resource.routes(bridge)
    ]
    return closed(routes, token=bridge.settings.api_token, open_paths=OPEN_PATHS)


def bridge_app(bridge: Bridge, *, more_routes: Sequence[BaseRoute] = ()) -> Starlette:
    """The application; its lifespan starts and drains the bridge."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with bridge.running():
            yield

    return Starlette(routes=[*bridge_routes(bridge), *more_routes], lifespan=lifespan, exception_handlers=ERROR_HANDLERS)

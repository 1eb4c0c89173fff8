"""The ASGI application: the bridge, and in development the sandbox beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette

from po_agent.composition import bridge_settings, process_database_url, process_odoo
from po_agent.logs import configure_logs
from po_agent.sandbox import Sandbox
from po_agent.settings import Settings
from storage import migrate
from webhook_bridge.app import bridge_routes
from webhook_bridge.bridge import Bridge
from webhook_bridge.http import ERROR_HANDLERS


def make_app(settings: Settings) -> Starlette:
    """The application. Its lifespan brings the database up to date, starts the parts, and drains them at the end."""
    configure_logs(settings)
    bridge = Bridge(bridge_settings(settings), more_checks={"odoo": lambda: process_odoo().check()})
    sandbox = Sandbox(settings) if settings.is_development else None

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        url = await asyncio.to_thread(process_database_url)
        await asyncio.to_thread(migrate.upgrade, url)
        async with AsyncExitStack() as stack:
            if sandbox:
                await stack.enter_async_context(sandbox.running())
            await stack.enter_async_context(bridge.running(url))
            yield

    routes = [*bridge_routes(bridge), *(sandbox.routes() if sandbox else [])]
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers=ERROR_HANDLERS)

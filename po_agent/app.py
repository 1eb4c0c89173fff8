"""The ASGI application: the bridge, and in development the sandbox beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import NotFound
from po_agent.composition import bridge_settings, process_database_url, process_odoo, stop_own_database
from po_agent.logs import configure_logs
from po_agent.model_server import check_model
from po_agent.partners import ProcessPartners
from po_agent.sandbox import Sandbox
from po_agent.settings import Settings
from po_agent.tracing import flush_traces, start_tracing
from storage import migrate
from webhook_bridge.app import bridge_routes
from webhook_bridge.bridge import Bridge, Check
from webhook_bridge.http import ERROR_HANDLERS, error_response


def make_app(settings: Settings) -> Starlette:
    """The application. Its lifespan brings the database up to date, starts the parts, and drains them at the end."""
    configure_logs(settings)
    more_checks: dict[str, Check] = {"odoo": lambda: process_odoo().check()}
    if settings.openai_api_key is not None:
        more_checks["model"] = lambda: check_model(settings)
    bridge = Bridge(bridge_settings(settings), partners=ProcessPartners(), more_checks=more_checks)
    # Beside a real Chatwoot the stand-in would be a second source of suppliers' words.
    sandbox = Sandbox(settings) if settings.is_development and settings.has_sandbox_chatwoot else None

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        url = await asyncio.to_thread(process_database_url)
        await asyncio.to_thread(migrate.upgrade, url)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(asyncio.to_thread, stop_own_database)
            await asyncio.to_thread(start_tracing, settings)
            stack.push_async_callback(asyncio.to_thread, flush_traces, settings)
            if sandbox:
                await stack.enter_async_context(sandbox.running())
            await stack.enter_async_context(bridge.running(url))
            yield

    routes = [*bridge_routes(bridge), *(sandbox.routes() if sandbox else [])]
    return Starlette(
        routes=routes, lifespan=lifespan, middleware=[Middleware(SomeDoorsShut)], exception_handlers=ERROR_HANDLERS
    )


class SomeDoorsShut:
    """ASGI middleware: 404 for what LangGraph's development server leaves open to everybody, whatever `auth` says.

    `/internal` makes it forget all runs or shows a thread; `/deploy` would upload this folder. Middleware of ours wraps the
    server's own routes, too.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Shut, or pass on."""
        if scope["type"] == "http" and scope["path"].split("/")[1:2] in (["internal"], ["deploy"]):
            await error_response(NotFound(), status=404)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

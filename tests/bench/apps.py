"""The applications whose acknowledgements are compared: the bridge's own routes, and what bounds them from above."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import BigInteger, Column, MetaData, Table, Text, insert
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from po_agent.app import SomeDoorsShut
from po_agent.composition import bridge_settings
from po_agent.demo import demo_settings
from po_agent.logs import configure_logs
from po_agent.partners import ProcessPartners
from storage.engine import Database
from webhook_bridge.app import bridge_routes
from webhook_bridge.bridge import Bridge
from webhook_bridge.chatwoot.signature import SignatureVerifier
from webhook_bridge.http import ERROR_HANDLERS

SECRET = "development-only"

PATH = "/webhook/chatwoot"

FLOOR = Table("bench_floor", MetaData(), Column("id", BigInteger, primary_key=True), Column("body", Text, nullable=False))


def make_bridge(database_url: str) -> Starlette:
    """The bridge as `po_agent.app` makes it, connected but without its workers: no turn is claimed, nothing is sent."""
    settings = demo_settings(Path(), debounce_seconds=6)
    configure_logs(settings)
    bridge = Bridge(bridge_settings(settings), partners=ProcessPartners())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with bridge.connected(database_url):
            yield

    return Starlette(
        routes=bridge_routes(bridge),
        lifespan=lifespan,
        middleware=[Middleware(SomeDoorsShut)],
        exception_handlers=ERROR_HANDLERS,
    )


def make_floor(database_url: str) -> Starlette:
    """The floor of a durable acknowledgement: verify the signature, commit the body as one row, on the same engine."""
    signatures = SignatureVerifier([SECRET])
    databases: list[Database] = []

    async def receive(request: Request) -> Response:
        body = await request.body()
        signatures.verify(request.headers, body, datetime.now(UTC))
        async with databases[0]._engine.begin() as connection:
            await connection.execute(insert(FLOOR).values(body=body.decode()))
        return JSONResponse({"status": "stored"})

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        databases.append(Database(database_url))
        async with databases[0]._engine.begin() as connection:
            await connection.run_sync(FLOOR.metadata.create_all)
        yield
        await databases[0].close()

    return Starlette(routes=[Route(PATH, receive, methods=["POST"])], lifespan=lifespan)


def make_echo(_: str) -> Starlette:
    """Verifies nothing, stores nothing: shows that the client could ask for far more."""

    async def receive(request: Request) -> Response:
        await request.body()
        return JSONResponse({"status": "stored"})

    return Starlette(routes=[Route(PATH, receive, methods=["POST"])])

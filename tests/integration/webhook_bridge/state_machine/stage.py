"""The stage of the machine: one database, one Chatwoot, one Odoo, one LangGraph server, any number of bridges, one clock.

Real: the bridge with its routes, workers and chores, just as it wires itself; the compiled graph; storage; Odoo's in-memory
adapter; Chatwoot's stand-in of the sandbox. Played: processes, the network, time, and the LangGraph server.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
import structlog
from langgraph.checkpoint.memory import InMemorySaver
from langgraph_sdk.client import LangGraphClient
from sqlalchemy import delete, event, func, select
from starlette.applications import Starlette

from domain import fault_points
from domain.modes import AgentMode
from domain.policy import PolicyLimits
from graphs.purchase_order.graph import build_purchase_order
from graphs.purchase_order.services import GRAPH, Services
from graphs.reading.offline.interpreter import OfflineReader
from storage.checkpointer import strict_serializer
from storage.engine import Database
from storage.models import AuditEvent, Base
from tests.integration.webhook_bridge.state_machine.chatwoot import SECRET, TOKEN, Chatwoot, Job
from tests.integration.webhook_bridge.state_machine.graph_server import GraphServer
from tests.integration.webhook_bridge.state_machine.odoo import SteppingOdoo
from tests.integration.webhook_bridge.state_machine.processes import Process, ProcessDatabase, Turnstile, kill_at
from tests.integration.webhook_bridge.state_machine.stepped_time import SteppedLoop
from tests.integration.webhook_bridge.state_machine.wire import Trouble, Wire, ask
from webhook_bridge import bridge as bridge_module
from webhook_bridge.app import bridge_routes
from webhook_bridge.bridge import Bridge, BridgeSettings
from webhook_bridge.chatwoot.client import ChatwootClient
from webhook_bridge.http import ERROR_HANDLERS
from webhook_bridge.routes.webhook import PATH

API_TOKEN = "bridge-token"

QUIET, CAP, LEASE = timedelta(seconds=6), timedelta(seconds=30), timedelta(seconds=60)


@dataclass
class RunningBridge:
    """One bridge process and its routes."""

    process: Process
    app: Starlette


class Stage:
    """Made once for many runs of the machine; `begin` makes it new. What is asynchronous is to be `played`."""

    def __init__(self, database_url: str, *, loop: SteppedLoop) -> None:
        self.loop, self.clock = loop, loop.clock
        self.database_url = database_url
        self.shared = Database(database_url)
        if self.shared.is_sqlite:
            _wait_for_no_disk(self.shared)
        self.world = Process("world", loop)
        self.lost_log: list[Any] = []
        self._graph = build_purchase_order(self._services)

    async def begin(self, *, bridges: int) -> None:
        """An empty world with so many bridges at work."""
        self.clock.begin_anew()
        self._turnstile = Turnstile(one_at_a_time=self.shared.is_sqlite)
        self.database = ProcessDatabase(self.shared, self._turnstile, self.world)
        await self._empty_tables()
        self.chatwoot = Chatwoot(self.clock)
        self.chatwoot_trouble, self.server_trouble = Trouble(), Trouble()
        self.odoo = SteppingOdoo(permit=self._permit)
        self._graph.checkpointer = InMemorySaver(serde=strict_serializer())
        self._lives = 0
        self.bridges: list[RunningBridge] = []
        self.server = self._new_server()
        for _ in range(bridges):
            await self.start_bridge()

    async def end(self) -> None:
        fault_points.disarm()
        self.chatwoot.forget_receipts()
        for process in [self.server.process, *(bridge.process for bridge in self.bridges)]:
            await process.bury()
        self.bridges.clear()

    async def start_bridge(self) -> None:
        process = self._new_process("bridge")
        bridge = Bridge(_settings(), partners=self.odoo, now=self.clock.now)
        app = Starlette(routes=bridge_routes(bridge), exception_handlers=ERROR_HANDLERS)
        self.bridges.append(RunningBridge(process, app))

        async def live() -> None:
            async with bridge.running(self.database_url):
                await self.loop.create_future()

        process.spawn(live())

    async def kill_bridge(self, index: int) -> None:
        await self.bridges.pop(index).process.bury()

    async def restart_server(self) -> None:
        """It forgets threads and runs."""
        was_slow = self.server.is_slow
        await self.server.process.bury()
        self.server = self._new_server()
        self.server.is_slow = was_slow

    async def bury_the_dead(self) -> list[str]:
        """Whoever came to a fault point is dead by now; answers their names."""
        dead = [bridge for bridge in self.bridges if bridge.process.is_dead]
        for bridge in dead:
            self.bridges.remove(bridge)
            await bridge.process.bury()
        if self.server.process.is_dead:
            await self.server.process.bury()
        return [bridge.process.name for bridge in dead]

    def kill_at(self, point: str, *, passes: int) -> None:
        kill_at(point, passes=passes)

    async def send(self, job: Job, *, to: int = 0) -> int | None:
        """One webhook arrives at one bridge; the status of its answer, None if nobody answers."""
        body = job.begin()
        if body is None:
            return None
        answer = await self.ask("POST", PATH, to=to, content=body, headers=self.chatwoot.signed(body))
        return answer.status_code if answer else None

    async def ask(self, method: str, path: str, *, to: int = 0, **request: Any) -> httpx.Response | None:
        """A request to one of the bridges; None if none lives to answer."""
        if not self.bridges:
            return None
        bridge = self.bridges[to % len(self.bridges)]
        request.setdefault("headers", {"authorization": f"Bearer {API_TOKEN}"})
        return await ask(bridge.app, bridge.process, method, path, **request)

    async def rows(self, table: type[Any]) -> list[Any]:
        async with self.database.session() as session:
            return list(await session.scalars(select(table).order_by("id")))

    @contextmanager
    def wired(self) -> Iterator[None]:
        """Within it, a bridge that wires itself gets this stage's database and network."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bridge_module, "Database", self._database_of_present)
            patch.setattr(bridge_module, "ChatwootClient", self._chatwoot_client)
            patch.setattr(bridge_module, "get_client", self._langgraph_client)
            yield

    def _new_process(self, name: str) -> Process:
        self._lives += 1
        return Process(f"{name} {self._lives}", self.loop)

    def _new_server(self) -> GraphServer:
        return GraphServer(self._new_process("server"), {GRAPH: self._graph})

    async def _permit(self) -> None:
        await self.server.permit()

    async def _services(self) -> Services:
        await self._permit()
        return Services(
            database=self._database_of_present(),
            odoo=self.odoo,
            reader=OfflineReader(),
            limits=PolicyLimits(first_order_to_person=False),
            mode=AgentMode.AUTO,
            now=self.clock.now,
            timezone="America/Santiago",
            quiet=QUIET,
            lease=LEASE,
        )

    def _database_of_present(self, _: str = "") -> Database:
        return ProcessDatabase(self.shared, self._turnstile)

    def _chatwoot_client(self, **settings: Any) -> ChatwootClient:
        wire = Wire(self.chatwoot.app, loop=self.loop, trouble=self.chatwoot_trouble)
        return ChatwootClient(**settings, http=httpx.AsyncClient(transport=wire))

    def _langgraph_client(self, **_: Any) -> LangGraphClient:
        async def present(scope: Any, receive: Any, send: Any) -> None:
            await self.server.app(scope, receive, send)

        wire = Wire(present, loop=self.loop, trouble=self.server_trouble, is_up=lambda: self.server.is_up)
        return LangGraphClient(httpx.AsyncClient(transport=wire, base_url="http://langgraph.test"))

    async def _empty_tables(self) -> None:
        async with self.database.session() as session:
            for table in reversed(Base.metadata.sorted_tables):
                # What is in the audit can not be taken out, so it is counted from here on.
                if table is not AuditEvent.__table__:
                    await session.execute(delete(table))
            self.audit_before = await session.scalar(select(func.max(AuditEvent.id))) or 0


def _wait_for_no_disk(database: Database) -> None:
    """This file need not outlive a power cut; waiting for the disk is most of what a step would do."""

    @event.listens_for(database._engine.sync_engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA synchronous = OFF")


def _settings() -> BridgeSettings:
    return BridgeSettings(
        langgraph_url="http://langgraph.test",
        langgraph_api_key="key",
        chatwoot_url="http://chatwoot.test",
        chatwoot_api_token=TOKEN,
        webhook_secrets=(SECRET,),
        api_token=API_TOKEN,
        account_id=1,
        quiet=QUIET,
        cap=CAP,
    )


@contextmanager
def quiet_log() -> Iterator[list[Any]]:
    """The log goes into a list, which a failing run shows."""
    lines: list[Any] = []

    def keep(_: Any, method: str, event: Any) -> Any:
        lines.append((method, dict(event)))
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, structlog.processors.format_exc_info, keep])
    try:
        yield lines
    finally:
        structlog.configure(**before)

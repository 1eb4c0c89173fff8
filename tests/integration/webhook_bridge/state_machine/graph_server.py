"""Stand-in for a LangGraph server: the routes that a bridge calls, and the real compiled graph behind them.

Each node, and each act on Odoo, waits for a permit while `is_slow`, so that anything may happen between two of them. As the
real one it runs one run at a time on a thread, and keeps threads and runs in memory only. Checkpoints outlive it, as ours do.
"""

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from langgraph.graph.state import CompiledStateGraph
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.integration.webhook_bridge.state_machine.processes import Killed, Process

_UNENDED = ("pending", "running")


@dataclass
class Run:
    """One run, and the permits it has to go on."""

    thread_id: str
    given: dict[str, Any]
    metadata: dict[str, Any]
    run_id: str = field(default_factory=lambda: str(uuid4()))
    status: str = "pending"
    error: str | None = None
    permits: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    waits: bool = False
    task: asyncio.Task[None] | None = None

    def shown(self) -> dict[str, Any]:
        return {"run_id": self.run_id, "thread_id": self.thread_id, "status": self.status, "metadata": self.metadata}


_run: ContextVar[Run | None] = ContextVar("run", default=None)

Graph = CompiledStateGraph[Any, Any, Any, Any]


class GraphServer:
    """One life of the server: a restarted one is another `GraphServer`, and remembers nothing."""

    def __init__(self, process: Process, graphs: dict[str, Graph]) -> None:
        self.process = process
        self.is_slow = False
        self.runs: dict[str, Run] = {}
        self._graphs = graphs
        self._threads: set[str] = set()
        self._busy: dict[str, asyncio.Lock] = {}
        self.app = Starlette(
            routes=[
                Route("/ok", self._ok),
                Route("/threads", self._make_thread, methods=["POST"]),
                Route("/threads/search", self._search, methods=["POST"]),
                Route("/threads/{thread}/state", self._state),
                Route("/threads/{thread}/runs", self._begin, methods=["POST"]),
                Route("/threads/{thread}/runs", self._list),
                Route("/threads/{thread}/runs/{run}", self._show),
                Route("/threads/{thread}/runs/{run}/cancel", self._cancel, methods=["POST"]),
            ]
        )

    @property
    def is_up(self) -> bool:
        return not self.process.is_dead

    async def permit(self) -> None:
        """Called by whatever a run does next: wait here while the server is slow."""
        run = _run.get()
        if run is None or not self.is_slow:
            return
        run.waits = True
        try:
            await run.permits.acquire()
        finally:
            run.waits = False

    def waiting(self) -> list[Run]:
        """Runs that wait for a permit, the oldest first."""
        return [run for run in self.runs.values() if run.waits]

    def hurry(self) -> None:
        """No waiting any more."""
        self.is_slow = False
        for run in self.waiting():
            run.permits.release()

    async def _carry(self, run: Run, graph: Graph) -> None:
        _run.set(run)
        config: Any = {"configurable": {"thread_id": run.thread_id}, "metadata": run.metadata | {"run_id": run.run_id}}
        async with self._busy.setdefault(run.thread_id, asyncio.Lock()):
            if run.status != "pending":
                return
            run.status = "running"
            try:
                await graph.ainvoke(run.given, config, durability="sync")
                run.status = "success"
            except (Killed, asyncio.CancelledError):
                run.status = "interrupted"
            except Exception as error:
                run.status, run.error = "error", repr(error)

    async def _ok(self, _: Request) -> JSONResponse:
        return JSONResponse({"ok": True})

    async def _make_thread(self, request: Request) -> JSONResponse:
        body = await request.json()
        if body["thread_id"] in self._threads and body.get("if_exists") != "do_nothing":
            return JSONResponse({"detail": "Thread exists."}, 409)
        self._threads.add(body["thread_id"])
        return JSONResponse({"thread_id": body["thread_id"]})

    async def _search(self, request: Request) -> JSONResponse:
        body = await request.json()
        busy = {run.thread_id for run in self.runs.values() if run.status in _UNENDED}
        found = sorted(busy if body.get("status") == "busy" else self._threads)
        return JSONResponse([{"thread_id": thread_id} for thread_id in found[: body.get("limit", 10)]])

    async def _state(self, request: Request) -> JSONResponse:
        errors = [run.error for run in self.runs.values() if run.thread_id == request.path_params["thread"] and run.error]
        return JSONResponse({"values": {}, "tasks": [{"error": error} for error in errors[-1:]]})

    async def _begin(self, request: Request) -> JSONResponse:
        body, thread_id = await request.json(), request.path_params["thread"]
        if thread_id not in self._threads:
            return JSONResponse({"detail": "Thread not found."}, 404)
        run = Run(thread_id=thread_id, given=body["input"], metadata=body.get("metadata") or {})
        self.runs[run.run_id] = run
        run.task = self.process.spawn(self._carry(run, self._graphs[body["assistant_id"]]))
        return JSONResponse(run.shown())

    async def _list(self, request: Request) -> JSONResponse:
        return JSONResponse([run.shown() for run in self.runs.values() if run.thread_id == request.path_params["thread"]])

    async def _show(self, request: Request) -> JSONResponse:
        run = self.runs.get(request.path_params["run"])
        return JSONResponse(run.shown()) if run else JSONResponse({"detail": "Run not found."}, 404)

    async def _cancel(self, request: Request) -> JSONResponse:
        run = self.runs.get(request.path_params["run"])
        if run is None or run.task is None:
            return JSONResponse({"detail": "Run not found."}, 404)
        if run.status == "pending":
            run.status = "interrupted"
        run.task.cancel()
        return JSONResponse({})

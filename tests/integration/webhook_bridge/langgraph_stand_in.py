"""A stand-in for the LangGraph server, over HTTP on a socket: the routes that the bridge calls, and every way they may fail.

It has no graph. A run does what the test's `answer` does with the turn and attempt it was given, as a task of its own: so a
run may go on after its caller gave up. Shapes are those of langgraph-api's answers, as far as the bridge reads them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

#: What a run does: turn id and attempt.
Answer = Callable[[int, int], Awaitable[None]]


@dataclass
class LangGraphStandIn:
    """`refuse_runs`: the status that starting a run is answered with. `hang_runs`: seconds that it takes, the run being
    started before (`start_before_hanging`) or never."""

    answer: Answer
    threads: dict[str, dict[str, Any]] = field(default_factory=dict)
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    refuse_runs: int | None = None
    hang_runs: float = 0
    start_before_hanging: bool = True
    is_up: bool = True
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def forget(self) -> None:
        """As a server restarted with its memory gone: no thread, no run, and what ran runs no more."""
        for task in self.tasks:
            task.cancel()
        self.threads.clear()
        self.runs.clear()

    def app(self) -> Starlette:
        """To be served."""
        routes = [
            Route("/ok", self._ok),
            Route("/threads", self._make_thread, methods=["POST"]),
            Route("/threads/search", self._search, methods=["POST"]),
            Route("/threads/{thread_id}/state", self._state),
            Route("/threads/{thread_id}/runs", self._create_run, methods=["POST"]),
            Route("/threads/{thread_id}/runs", self._list_runs),
            Route("/threads/{thread_id}/runs/{run_id}", self._run),
            Route("/threads/{thread_id}/runs/{run_id}/cancel", self._cancel, methods=["POST"]),
        ]
        return Starlette(routes=routes)

    async def _ok(self, _: Request) -> Response:
        return JSONResponse({"ok": True}, status_code=200 if self.is_up else 503)

    async def _make_thread(self, request: Request) -> Response:
        body = await request.json()
        thread = self.threads.setdefault(body["thread_id"], {"thread_id": body["thread_id"], "metadata": body["metadata"]})
        return JSONResponse(thread)

    async def _search(self, _: Request) -> Response:
        busy = {run["thread_id"] for run in self.runs.values() if run["status"] == "running"}
        return JSONResponse([thread for key, thread in self.threads.items() if key in busy])

    async def _state(self, _: Request) -> Response:
        return JSONResponse({"values": {}, "tasks": []})

    async def _create_run(self, request: Request) -> Response:
        if self.refuse_runs:
            return JSONResponse({"detail": "refused"}, status_code=self.refuse_runs)
        thread_id, body = request.path_params["thread_id"], await request.json()
        if thread_id not in self.threads:
            return JSONResponse({"detail": "no such thread"}, status_code=404)
        run = {"run_id": str(uuid4()), "thread_id": thread_id, "status": "running", "metadata": body["metadata"]}
        if self.start_before_hanging or not self.hang_runs:
            self.runs[run["run_id"]] = run
            task = asyncio.create_task(self._carry(run, body["input"]))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        await asyncio.sleep(self.hang_runs)
        return JSONResponse(run)

    async def _carry(self, run: dict[str, Any], given: dict[str, int]) -> None:
        try:
            await self.answer(given["turn_id"], given["attempt"])
            run["status"] = "success"
        except Exception:
            run["status"] = "error"

    async def _list_runs(self, request: Request) -> Response:
        thread_id = request.path_params["thread_id"]
        return JSONResponse([run for run in self.runs.values() if run["thread_id"] == thread_id])

    async def _run(self, request: Request) -> Response:
        run = self.runs.get(request.path_params["run_id"])
        return JSONResponse(run) if run else JSONResponse({"detail": "not found"}, status_code=404)

    async def _cancel(self, request: Request) -> Response:
        self.runs[request.path_params["run_id"]]["status"] = "interrupted"
        return Response(status_code=204)

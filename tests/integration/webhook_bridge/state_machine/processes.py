"""Processes within one: what belongs to a bridge or a LangGraph server, so that it can be killed as a process is.

A killed process ends no `finally` with effect: its database, its connections and its timers are gone with it. What it had
handed to the database or to Chatwoot just before goes through, as it does in life.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, contextmanager
from contextvars import Context, ContextVar, copy_context
from typing import Any, LiteralString, NoReturn, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from domain import fault_points
from storage.engine import Database
from tests.integration.webhook_bridge.state_machine.stepped_time import SteppedLoop

R = TypeVar("R")

_present: ContextVar["Process | None"] = ContextVar("process", default=None)


class Killed(BaseException):
    """The process ends here. No `except Exception` may hold it up."""


class Process:
    """A name, its tasks, and whether it lives."""

    def __init__(self, name: str, loop: SteppedLoop) -> None:
        self.name = name
        self.is_dead = False
        self._loop = loop
        self._tasks: set[asyncio.Task[Any]] = set()
        self._transactions = 0
        self._context = copy_context()
        self._context.run(_present.set, self)

    def __repr__(self) -> str:
        return self.name

    @staticmethod
    def present() -> "Process":
        process = _present.get()
        assert process is not None, "This runs in no process."
        return process

    def spawn(self, work: Coroutine[Any, Any, R]) -> asyncio.Task[R]:
        """Run it as this process's."""
        return self._loop.create_task(work, context=self._context.copy())

    @staticmethod
    def nobody(loop: SteppedLoop, work: Coroutine[Any, Any, R]) -> asyncio.Task[R]:
        """Run it as nobody's: no kill ends it."""
        context = copy_context()
        context.run(_present.set, None)
        return loop.create_task(work, context=context)

    def owns(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if self.is_dead and not task.cancelled():
            task.exception()  # asked after, so that asyncio need not complain that nobody did

    def check(self) -> None:
        if self.is_dead:
            raise Killed(self.name)

    def die(self) -> NoReturn:
        """At a fault point. The rest of it dies when the machine comes to `bury` it."""
        self.is_dead = True
        raise Killed(self.name)

    async def bury(self) -> None:
        """End what is left of it."""
        self.is_dead = True
        await self._loop.settle()
        for _ in range(50):
            if not self._tasks:
                return
            for task in list(self._tasks):
                task.cancel()
            await self._loop.settle()
        raise AssertionError(f"{self.name} does not die: {self._tasks}")

    @contextmanager
    def in_transaction(self) -> Any:
        self._loop.set_out()
        try:
            yield
        finally:
            self._loop.land()


def tasks_know_their_process(loop: asyncio.AbstractEventLoop, work: Any, context: Context | None = None) -> asyncio.Task[Any]:
    """The loop's task factory: a task belongs to the process that began it."""
    task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, context=context)
    process = context.get(_present) if context is not None else _present.get()
    if process is not None:
        process.owns(task)
    return task


def kill_at(point: str, *, passes: int) -> None:
    """Whichever process comes to `point` dies there."""
    fault_points.arm(point, passes=passes, fire=lambda: Process.present().die())


class Turnstile:
    """Lets transactions through. On SQLite one at a time in the order they came, so that a run can be repeated exactly."""

    def __init__(self, *, one_at_a_time: bool) -> None:
        self._lock = asyncio.Lock() if one_at_a_time else None
        self._inside: asyncio.Task[Any] | None = None

    @asynccontextmanager
    async def passed(self) -> AsyncIterator[None]:
        if self._lock is None:
            yield
            return
        assert self._inside is not asyncio.current_task(), "A transaction within a transaction: a deadlock on SQLite."
        async with self._lock:
            self._inside = asyncio.current_task()
            try:
                yield
            finally:
                self._inside = None


class ProcessDatabase(Database):
    """The one engine, as one process has it."""

    def __init__(self, shared: Database, turnstile: Turnstile, process: Process | None = None) -> None:
        self.__dict__.update(shared.__dict__)
        self._turnstile = turnstile
        self._process = process or Process.present()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        async with self._let_through(), super().session() as session:
            yield session

    async def at_once(self, statement: LiteralString, values: dict[str, Any]) -> tuple[Any, ...] | None:
        async with self._let_through():
            return await super().at_once(statement, values)

    @asynccontextmanager
    async def _let_through(self) -> AsyncIterator[None]:
        self._process.check()
        with self._process.in_transaction():
            async with self._turnstile.passed():
                self._process.check()
                yield

    async def close(self) -> None:
        """The engine is everybody's."""

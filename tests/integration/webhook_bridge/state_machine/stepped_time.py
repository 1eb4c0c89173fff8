"""Time that moves only when a test says so: the clock that all parts read, and an event loop whose timers follow it.

What the product waits for in seconds (polls, leases, backoffs, look-backs) passes at once; what it waits for in earnest (a
database's answer, a thread) is waited for in earnest.
"""

import asyncio
import selectors
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnDefault

from storage.models import Base
from storage.models.base import utc_now

BEGINNING = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

#: Real seconds after which something that should have ended by itself is called stuck.
_PATIENCE = 20.0


class Clock:
    """The present of one run of the machine. The loop's time goes on from one run to the next, the calendar begins anew."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._began = 0.0

    def begin_anew(self) -> None:
        self._began = self.seconds

    def now(self) -> datetime:
        return BEGINNING + timedelta(seconds=round(self.seconds - self._began, 6))

    def tick(self) -> datetime:
        """The present, a millisecond after whoever asked last: no two things happen in Chatwoot at the same time."""
        self.seconds += 0.001
        return self.now()

    def advance(self, by: timedelta) -> None:
        self.seconds += by.total_seconds()


class SteppedLoop(asyncio.SelectorEventLoop):
    """Its timers follow the clock, and it knows whether anything is still moving."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(_Selector(self._nothing_came))
        self.clock = clock
        self._under_way = self._landings = 0
        self._landed: asyncio.Event | None = None

    def time(self) -> float:
        return self.clock.seconds

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> asyncio.Future[Any]:
        self.set_out()
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(lambda _: self.land())
        return future

    def set_out(self) -> None:
        """Something begins that ends by itself."""
        self._under_way += 1

    def land(self) -> None:
        """It has ended."""
        self._under_way -= 1
        self._landings += 1
        if self._landed is not None:
            self._landed.set()

    async def settle(self) -> None:
        """Return once nothing moves any more but by the clock or by the test."""
        quiet = 0
        while quiet < 3:
            await asyncio.sleep(0)
            if self._under_way:
                quiet = 0
                await self._one_landing()
            else:
                quiet = 0 if self._ready else quiet + 1

    async def _one_landing(self) -> None:
        landings, self._landed = self._landings, asyncio.Event()
        await self._landed.wait()
        self._landed = None
        assert self._landings > landings, f"{self._under_way} transactions or threads do not end: a deadlock?"

    def _nothing_came(self) -> None:
        if self._landed is not None:
            self._landed.set()


class _Selector(selectors.DefaultSelector):
    """Tells when nothing at all has come for long."""

    def __init__(self, nothing_came: Callable[[], None]) -> None:
        super().__init__()
        self._nothing_came = nothing_came

    def select(self, timeout: float | None = None) -> Any:
        events = super().select(_PATIENCE if timeout is None else min(timeout, _PATIENCE))
        if not events and (timeout is None or timeout >= _PATIENCE):
            self._nothing_came()
        return events


@contextmanager
def rows_stamped_by(clock: Clock) -> Iterator[None]:
    """Within it, columns that stamp the present by themselves stamp the clock's."""
    stamps: list[ColumnDefault] = [
        default
        for table in Base.metadata.tables.values()
        for column in table.columns
        for default in (column.default, column.onupdate)
        if isinstance(default, ColumnDefault) and getattr(default.arg, "__wrapped__", default.arg) is utc_now
    ]
    assert stamps, "No column stamps the time: has the models' clock another name?"
    before = [default.arg for default in stamps]
    for default in stamps:
        default.arg = lambda _: clock.now()
    try:
        yield
    finally:
        for default, arg in zip(stamps, before, strict=True):
            default.arg = arg

"""Leaves an Odoo alone that failed several times in a row, so that nobody waits for it and it can recover.

Closed: everything passes. After `failures` in a row it opens: every call fails at once, for `rest_seconds`. Then one call may
try (half-open): if it gets an answer the breaker closes, if not it opens anew. An answer is an answer also when it is a no, so
business errors never open it. Of our own and not a library's: pybreaker holds its lock while the call runs, so calls would go
one by one, and purgatory is made for event loops, while these calls run on threads.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum

import structlog

from domain.errors import AgentError
from tools.odoo.errors import CircuitOpen, is_outage

log = structlog.get_logger(__name__)


class CircuitState(StrEnum):
    """Whether calls pass."""

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


class CircuitBreaker:
    """For any number of threads. `clock` tells seconds."""

    def __init__(self, *, failures: int = 5, rest_seconds: float = 15.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._failures = failures
        self._rest = rest_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._opened_at: float | None = None
        self._probing = False

    @property
    def state(self) -> CircuitState:
        """As things stand at this moment."""
        if self._opened_at is None:
            return CircuitState.CLOSED
        return CircuitState.HALF_OPEN if self._rest_left() <= 0 else CircuitState.OPEN

    @contextmanager
    def guarding(self) -> Iterator[None]:
        """Around one call. Raises `CircuitOpen` instead of letting it pass."""
        is_probe = self._enter()
        try:
            yield
        except AgentError as error:
            self._ended(failed=is_outage(error), is_probe=is_probe)
            raise
        except BaseException:
            # Our own mistake, which tells nothing of Odoo: another may try.
            self._release(is_probe)
            raise
        self._ended(failed=False, is_probe=is_probe)

    def _enter(self) -> bool:
        with self._lock:
            if self._opened_at is None:
                return False
            if self._probing or self._rest_left() > 0:
                raise CircuitOpen(f"Next try in {max(self._rest_left(), 0):.0f} s.")
            self._probing = True
            return True

    def _ended(self, *, failed: bool, is_probe: bool) -> None:
        with self._lock:
            if self._opened_at is not None and not is_probe:
                return  # it began before the breaker opened, and is told late
            self._probing = False
            was_open = self._opened_at is not None
            self._in_a_row = self._in_a_row + 1 if failed else 0
            if failed and (is_probe or self._in_a_row >= self._failures):
                self._opened_at = self._clock()
                log.warning("odoo_circuit", state=CircuitState.OPEN, failures=self._in_a_row, rest_seconds=self._rest)
            elif was_open and not failed:
                self._opened_at = None
                log.info("odoo_circuit", state=CircuitState.CLOSED)

    def _release(self, is_probe: bool) -> None:
        if is_probe:
            with self._lock:
                self._probing = False

    def _rest_left(self) -> float:
        return 0.0 if self._opened_at is None else self._opened_at + self._rest - self._clock()

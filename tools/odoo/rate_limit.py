"""Spreads requests over time, so that a burst of turns is no burst on Odoo.

A second's worth may go at once, then they follow evenly. Of our own because aiolimiter belongs to one event loop, and these
requests are sent by threads.
"""

import threading
import time
from collections.abc import Callable


class RateLimit:
    """At most `per_second` requests a second, over all threads. `clock` and `sleep` count seconds."""

    def __init__(
        self,
        *,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = 1 / per_second
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = clock() - 1

    def wait(self, *, at_most: float) -> bool:
        """Wait for a turn; False, at once and without taking one, if it does not come within `at_most` seconds."""
        with self._lock:
            now = self._clock()
            # Whoever was quiet has saved up no more than a second's worth.
            begin = max(self._next, now - 1)
            delay = max(begin - now, 0)
            if delay > at_most:
                return False
            self._next = begin + self._interval
        self._sleep(delay)
        return True

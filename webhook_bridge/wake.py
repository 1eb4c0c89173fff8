"""A nudge within one process: whoever stored something wakes whoever works on it. Polling stays the truth.

A nudge may come from another process and never arrive: a sleeper wakes by itself soon enough.
"""

import asyncio


class Wake:
    """A bell with any number of listeners. Belongs to one event loop."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def ring(self) -> None:
        """Wake everybody who waits, and let those who are busy not wait next time."""
        for listener in self._listeners:
            listener.rung.set()

    def listener(self) -> "Listener":
        """A new one, for as long as the bell lives."""
        listener = Listener()
        self._listeners.append(listener)
        return listener


class Listener:
    """One worker's ear: a ring while it works is not lost."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()

    async def wait(self, *, at_most: float) -> None:
        """Return at the next ring, at once if there was one since the last wait, or after `at_most` seconds."""
        try:
            await asyncio.wait_for(self.rung.wait(), timeout=at_most)
        except TimeoutError:
            return
        finally:
            self.rung.clear()

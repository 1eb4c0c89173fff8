"""A nudge within one process: whoever stored something wakes whoever works on it. Polling stays the truth.

A nudge may be missed, or come from another process and never arrive: a sleeper wakes by itself soon enough.
"""

import asyncio


class Wake:
    """A bell that any number of tasks may wait for. Belongs to one event loop."""

    def __init__(self) -> None:
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """Wake everybody who waits now."""
        self._bell.set()
        self._bell = asyncio.Event()

    async def wait(self, *, at_most: float) -> None:
        """Return at the next ring, or after `at_most` seconds."""
        try:
            await asyncio.wait_for(self._bell.wait(), timeout=at_most)
        except TimeoutError:
            return

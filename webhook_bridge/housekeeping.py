"""Housekeeping: what is put right at the start and every so often, since nothing tells of it.

Words whose webhook was lost, conversations that nobody goes on with, runs that no turn waits for, suppliers that Odoo has
come to know. A turn without a run and a message of unknown outcome need no chore: their leases run out, and they are claimed
again. Each chore may be done at any time, by any number of bridges at once, and ends anywhere without harm.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from domain.errors import AgentError, UpstreamError
from webhook_bridge import metrics

log = structlog.get_logger(__name__)

#: What a chore does, answering how many things it put right.
Chore = Callable[[], Awaitable[int]]

#: Seconds before the first round: what is on its way need not be looked for, and a Chatwoot beside us may be starting too.
_WEBHOOKS_ON_THEIR_WAY = 2.0

#: After a round in which something failed (Chatwoot away, or not up yet), the next one does not wait the whole interval.
_SOON = 5.0


class ChoreOverdue(UpstreamError):
    """Housekeeping has not come round for a while: see the log for the chore that fails."""

    code = "housekeeping_overdue"


class Housekeeping:
    """Does the chores, one after the other; a chore that fails keeps no other from being done."""

    def __init__(self, chores: Mapping[str, Chore], *, every: timedelta, now: Callable[[], datetime]) -> None:
        self._chores = chores
        self._every = every
        self._now = now
        self._done_at = {name: now() for name in chores}

    async def run(self) -> None:
        """All chores now, then every so often. To be cancelled."""
        await asyncio.sleep(_WEBHOOKS_ON_THEIR_WAY)
        while True:
            done = await self.once()
            failed = [name for name, count in done.items() if count is None]
            await asyncio.sleep(min(self._every.total_seconds(), _SOON) if failed else self._every.total_seconds())

    async def once(self) -> dict[str, int | None]:
        """How many things each chore put right; None for one that failed, which is logged."""
        done: dict[str, int | None] = {}
        for name, chore in self._chores.items():
            done[name] = None
            try:
                done[name] = await chore()
                self._done_at[name] = self._now()
            except AgentError as error:
                metrics.error_seen(error)
                log.warning("chore failed, trying again soon", chore=name, error=str(error))
            except Exception as error:
                # A database that is away for a moment must not end the chores for good.
                metrics.error_seen(error)
                log.exception("chore failed, trying again soon", chore=name)
        log.info("housekeeping done", **done)
        return done

    async def check(self) -> timedelta:
        """How long ago the chore that waits longest succeeded.

        Raise `ChoreOverdue` if one has not for three rounds: for readiness.
        """
        overdue = [name for name, at in self._done_at.items() if self._now() - at > 3 * self._every]
        if overdue:
            raise ChoreOverdue(f"Overdue: {', '.join(overdue)}.")
        return max((self._now() - at for at in self._done_at.values()), default=timedelta())

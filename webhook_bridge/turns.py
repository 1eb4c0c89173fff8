"""Turns: claim what is due the moment it is due, and let each claimed turn be carried by one attempt.

Any number of bridges share the tables: a claim is a lease, so a bridge that dies leaves a lease that runs out, and any bridge
claims the turn anew. What one attempt does is in `webhook_bridge/attempt.py`.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import structlog
from langgraph_sdk.client import LangGraphClient
from langgraph_sdk.errors import APIStatusError

from domain.errors import UpstreamError
from domain.fault_points import reach
from storage.conversations import Conversations
from storage.engine import Database
from storage.models import Turn
from storage.turns import Turns
from webhook_bridge.attempt import Attempts, ServerGone
from webhook_bridge.attempt_seen import attempt_seen
from webhook_bridge.wake import Wake

log = structlog.get_logger(__name__)

#: Threads that a restarted server is told of at once; older ones when their next turn comes.
_RECALL_AT_MOST = 1_000

#: The server is asked whether it lives this often, and after every trouble with it: a claim for nothing helps nobody.
_SERVER_SEEN_FOR = timedelta(seconds=5)


class TurnSettings:
    """How turns are worked on. Times in seconds; `backoff` doubles from one attempt to the next, up to a hundredfold."""

    def __init__(
        self,
        *,
        lease_seconds: float = 60,
        max_attempts: int = 5,
        backoff_seconds: float = 2,
        concurrency: int = 10,
        poll_seconds: float = 1,
    ) -> None:
        self.lease = timedelta(seconds=lease_seconds)
        self.max_attempts = max_attempts
        self.backoff = timedelta(seconds=backoff_seconds)
        self.concurrency = concurrency
        self.poll_seconds = poll_seconds


class NotAtWork(UpstreamError):
    """Turns are not worked on: the LangGraph server was not reached yet, or the bridge is stopping."""

    code = "not_at_work"


class TurnWorker:
    """Works on turns until it is stopped; then finishes what runs."""

    def __init__(
        self,
        *,
        database: Database,
        langgraph: LangGraphClient,
        attempts: Attempts,
        settings: TurnSettings,
        wake: Wake,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._langgraph = langgraph
        self._attempts = attempts
        self._settings = settings
        self._wake = wake
        self._bell = wake.listener()
        self._now = now
        self._stopping = False
        self._recalled = False
        self._server_seen_at: datetime | None = None
        self._carried: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Claim and carry turns until `stop`."""
        while not self._stopping:
            pause = self._settings.poll_seconds
            try:
                await self._server_is_up()
                if not self._recalled:
                    await self._recall_threads()
                while len(self._carried) < self._settings.concurrency and await self.claim_one():
                    pass
                pause = await self._until_next()
            except ServerGone:
                log.warning("LangGraph server does not answer, waiting for it")
            except Exception:
                # A database that is away for a moment must not end the only worker.
                log.exception("claiming turns failed, trying again")
            await self._bell.wait(at_most=pause)

    async def stop(self, *, grace_seconds: float = 20) -> None:
        """Claim nothing more, and wait for the turns that run. What does not end in time is left to its lease."""
        self._stopping = True
        self._wake.ring()
        if self._carried:
            log.info("finishing turns", running=len(self._carried))
            await asyncio.wait(self._carried, timeout=grace_seconds)

    async def check(self) -> None:
        """Raise `NotAtWork` until turns are claimed, with every thread known to the server: for readiness."""
        if self._stopping or not self._recalled:
            raise NotAtWork

    async def claim_one(self) -> bool:
        """Claim a turn that is due and begin to carry it; False if there is none."""
        async with self._database.session() as session:
            turn = await Turns(session).claim(now=self._now(), lease=self._settings.lease)
        if turn is None or self._stopping:
            return False
        reach("turns.claimed")
        task = asyncio.create_task(self._carry(turn))
        self._carried.add(task)
        task.add_done_callback(self._ended)
        return True

    async def _carry(self, turn: Turn) -> None:
        async with attempt_seen(turn, database=self._database, now=self._now):
            await self._attempts.carry(turn)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._carried.discard(task)
        failure = None if task.cancelled() else task.exception()
        if isinstance(failure, ServerGone):
            self._server_seen_at = None
        elif failure:
            # Only a database that is away gets here; the lease gives the turn back.
            log.error("attempt could not be ended", error=repr(failure))
        # A finished turn makes room, and may let a waiting turn of its conversation begin.
        self._wake.ring()

    async def _until_next(self) -> float:
        """Seconds until the next turn is due, at most those between two polls: a burst gone quiet waits for no poll."""
        if len(self._carried) >= self._settings.concurrency:
            return self._settings.poll_seconds
        now = self._now()
        async with self._database.session() as session:
            due_at = await Turns(session).next_due(after=now)
        wait = (due_at - now).total_seconds() if due_at else self._settings.poll_seconds
        return min(wait, self._settings.poll_seconds)

    async def _server_is_up(self) -> None:
        now = self._now()
        if self._server_seen_at is not None and now - self._server_seen_at < _SERVER_SEEN_FOR:
            return
        try:
            await self._langgraph.http.get("/ok")
        except (httpx.HTTPError, APIStatusError) as error:
            raise ServerGone from error
        self._server_seen_at = now

    async def _recall_threads(self) -> None:
        """Tell a server that was restarted of the threads it forgot, so that people find them with their checkpoints."""
        async with self._database.session() as session:
            active = await Conversations(session).newest(active=True, limit=_RECALL_AT_MOST)
        for conversation in active:
            await self._attempts.make_thread(conversation)
        self._recalled = True

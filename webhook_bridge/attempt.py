"""One attempt at a turn: know who speaks, start one run on the conversation's thread, see it end.

The LangGraph server is trusted with running, not with remembering. The thread is re-created before use (a server that lost
its memory finds the checkpoints again); whether the attempt ended is read from our table, and the server is asked only when
the lease is renewed. A run that nobody knows of any more (its answer came after we gave up) is harmless: the next claim
raises the attempt, and whatever the old one wants to write is refused.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import structlog
from langgraph_sdk.client import LangGraphClient
from langgraph_sdk.errors import APIStatusError

from domain.errors import UpstreamError
from domain.fault_points import reach
from domain.tracing import describe, span, traceparent
from storage.engine import Database
from storage.models import Conversation, Turn
from storage.models.turn import TurnStatus
from storage.turns import Turns
from webhook_bridge import metrics
from webhook_bridge.giving_up import give_to_a_person
from webhook_bridge.wake import Wake

log = structlog.get_logger(__name__)

GRAPH = "purchase_order"

#: Seconds between looks at our own table.
_LOOK_EVERY = 0.1

#: A lease is renewed, and the server asked after the run, this many times in its length.
_RENEWALS = 6

#: What is to be done with a claimed turn before its run: each step answers the turn to go on with.
Preparation = Callable[[Turn], Awaitable[Turn]]

#: What lasts as long as the run does.
Accompaniment = Callable[[Turn], contextlib.AbstractAsyncContextManager[None]]


class ServerGone(Exception):
    """The LangGraph server cannot be reached, or refuses us: nothing is wrong with the turn."""


class TurnMustWait(UpstreamError):
    """The turn cannot be answered at this moment, and nothing is wrong with it: it is claimed again soon."""

    code = "turn_must_wait"


@contextlib.asynccontextmanager
async def alone(_: Turn) -> AsyncIterator[None]:
    """No accompaniment."""
    yield


class Attempts:
    """Carries claimed turns. `backoff` doubles with each attempt; `preparations` are taken in order."""

    def __init__(
        self,
        *,
        database: Database,
        langgraph: LangGraphClient,
        lease: timedelta,
        backoff: timedelta,
        max_attempts: int,
        wake: Wake,
        now: Callable[[], datetime],
        preparations: tuple[Preparation, ...] = (),
        accompaniment: Accompaniment = alone,
    ) -> None:
        self._database = database
        self._langgraph = langgraph
        self._lease = lease
        self._backoff = backoff
        self._max_attempts = max_attempts
        self._wake = wake
        self._now = now
        self._preparations = preparations
        self._accompaniment = accompaniment

    async def carry(self, turn: Turn) -> None:
        """One attempt, to its end. What fails gives the turn back; `ServerGone` is raised on, after that."""
        with structlog.contextvars.bound_contextvars(
            supplier=str(turn.conversation.supplier_id), conversation=str(turn.conversation_id), turn=turn.id
        ):
            try:
                for prepare in self._preparations:
                    turn = await prepare(turn)
                async with self._accompaniment(turn):
                    with span("run", turn=turn.id, attempt=turn.attempt):
                        thread_id, run_id = await self._start_run(turn)
                        await self._watch(turn, thread_id, run_id)
            except ServerGone as gone:
                await self._give_back(turn, error=f"LangGraph server: {gone.__cause__!r}", counts=False)
                raise
            except UpstreamError as wait:
                # A preparation has to wait (Odoo is away, another turn runs): that says nothing about the turn, either.
                metrics.error_seen(wait)
                await self._give_back(turn, error=str(wait), counts=False)
            except Exception as error:
                metrics.error_seen(error)
                log.exception("attempt failed", attempt=turn.attempt)
                await self._give_back(turn, error=repr(error))

    async def make_thread(self, conversation: Conversation) -> str:
        """The conversation's thread, known to the server from now on. Raises `ServerGone`."""
        thread_id = str(conversation.thread_id)
        with _server_trouble():
            # Without `graph_id` a server that forgot the thread would show an empty state.
            await self._langgraph.threads.create(
                thread_id=thread_id, graph_id=GRAPH, if_exists="do_nothing", metadata=_whose(conversation)
            )
        return thread_id

    async def _start_run(self, turn: Turn) -> tuple[str, str]:
        thread_id = await self.make_thread(turn.conversation)
        trace = traceparent()
        with _server_trouble():
            run = await self._langgraph.runs.create(
                thread_id,
                GRAPH,
                input={"turn_id": turn.id, "attempt": turn.attempt},
                metadata={"turn_id": turn.id, "attempt": turn.attempt, "traceparent": trace} | _whose(turn.conversation),
                durability="sync",
            )
        reach("turns.run_created")
        run_id = str(run["run_id"])
        async with self._database.session() as session:
            await Turns(session).note_run(turn.id, turn.attempt, UUID(run_id), trace=turn.trace or trace)
        reach("turns.run_noted")
        structlog.contextvars.bind_contextvars(run=run_id)
        describe(run=run_id)
        log.info("run started", attempt=turn.attempt)
        return thread_id, run_id

    async def _watch(self, turn: Turn, thread_id: str, run_id: str) -> None:
        """Wait until our table says that the attempt ended; give the turn back if its run died."""
        renew_at = self._now() + self._lease / _RENEWALS
        while await self._is_ours(turn):
            await asyncio.sleep(_LOOK_EVERY)
            if self._now() < renew_at:
                continue
            now = self._now()
            renew_at = now + self._lease / _RENEWALS
            async with self._database.session() as session:
                await Turns(session).renew(turn.id, turn.attempt, until=now + self._lease)
            ended = await self._how_run_ended(thread_id, run_id)
            if ended and await self._is_ours(turn):
                await self._give_back(turn, error=f"The run ended as {ended}.")
                return
        # What it queued goes out now, and not only when all else of the attempt is put away.
        self._wake.ring()
        log.info("turn ended", attempt=turn.attempt)

    async def _is_ours(self, turn: Turn) -> bool:
        async with self._database.session() as session:
            return await Turns(session).is_held(turn.id, turn.attempt)

    async def _how_run_ended(self, thread_id: str, run_id: str) -> str | None:
        """The run's final status; `lost` if the server knows nothing of it; None while it goes on or nobody can tell."""
        try:
            run = await self._langgraph.runs.get(thread_id, run_id)
        except APIStatusError as error:
            return "lost" if error.status_code == 404 else None
        except httpx.HTTPError:
            return None
        if run["status"] in ("pending", "running"):
            return None
        return str(run["status"]) + await self._error_of(thread_id)

    async def _error_of(self, thread_id: str) -> str:
        """The error as the thread tells it: the run's own record has none."""
        with contextlib.suppress(httpx.HTTPError, APIStatusError):
            state = await self._langgraph.threads.get_state(thread_id)
            errors = [str(task["error"]) for task in state["tasks"] if task.get("error")]
            return f": {errors[-1]}" if errors else ""
        return ""

    async def _give_back(self, turn: Turn, *, error: str, counts: bool = True) -> None:
        """End the attempt unsuccessfully. `counts` False: it says nothing about the turn, which is tried for ever."""
        now = self._now()
        wait = self._backoff * 2 ** min(turn.attempt - 1, 6)
        async with self._database.session() as session:
            status = await Turns(session).give_back(
                turn.id,
                turn.attempt,
                error=error,
                retry_at=now + wait,
                max_attempts=self._max_attempts if counts else None,
                now=now,
            )
            if status is TurnStatus.FAILED:
                await give_to_a_person(session, turn, now=now)
        log.warning("attempt given back", attempt=turn.attempt, error=error, status=status)


@contextlib.contextmanager
def _server_trouble() -> Iterator[None]:
    try:
        yield
    except (httpx.HTTPError, APIStatusError) as error:
        raise ServerGone from error


def _whose(conversation: Conversation) -> dict[str, str]:
    """What threads and runs are found by on the server, and what the graph's first log lines say."""
    return {"supplier_id": str(conversation.supplier_id), "conversation_id": str(conversation.id)}

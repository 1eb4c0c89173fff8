"""Turns: claim what is due, let one run of the graph answer it on the conversation's thread, and see it end.

The LangGraph server is trusted with running, not with remembering. The thread is re-created before use (a server that lost
its memory finds the checkpoints again); whether a turn is done is read from our table, and the server is only asked whether
the run is still alive. A bridge that dies leaves a lease that runs out, and any bridge claims the turn anew.
"""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import structlog
from langgraph_sdk.client import LangGraphClient
from langgraph_sdk.errors import APIStatusError

from domain.errors import UpstreamError
from domain.fault_points import reach
from domain.keys import delivery_key
from domain.messages import Author, Direction, MessageStatus
from storage.conversations import Conversations
from storage.engine import Database
from storage.messages import Messages
from storage.models import Conversation, Message, Turn
from storage.models.turn import TurnStatus
from storage.turns import Turns
from webhook_bridge.wake import Wake

log = structlog.get_logger(__name__)

GRAPH = "purchase_order"

#: The private notes of a turn that failed for good have their places after all parts of a reply.
_FAILURE_NOTE = 1_000

#: Threads that a restarted server is told of at once; older ones when their next turn comes.
_RECALL_AT_MOST = 1_000

#: Seconds between looks at our own table, and between questions to the server.
_LOOK_EVERY = 0.1
_ASK_EVERY = 2.0


class TurnSettings:
    """How turns are worked on. Times in seconds; `backoff` doubles from one attempt to the next."""

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


class ServerGone(Exception):
    """The LangGraph server cannot be reached: nothing is wrong with the turn."""


class TurnWorker:
    """Works on turns until it is stopped; then finishes what runs. Any number of workers share one database."""

    def __init__(
        self,
        *,
        database: Database,
        langgraph: LangGraphClient,
        settings: TurnSettings,
        wake: Wake,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._langgraph = langgraph
        self._settings = settings
        self._wake = wake
        self._now = now
        self._stopping = False
        self._recalled = False
        self._carried: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Claim and carry turns until `stop`."""
        while not self._stopping:
            try:
                await self._server_is_up()
                if not self._recalled:
                    await self._recall_threads()
                while len(self._carried) < self._settings.concurrency and await self._claim_one():
                    pass
            except ServerGone:
                log.warning("LangGraph server does not answer, waiting for it")
            except Exception:
                # A database that is away for a moment must not end the only worker.
                log.exception("claiming turns failed, trying again")
            await self._wake.wait(at_most=self._settings.poll_seconds)

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

    async def _server_is_up(self) -> None:
        try:
            await self._langgraph.http.get("/ok")
        except (httpx.HTTPError, APIStatusError) as error:
            raise ServerGone from error

    async def _recall_threads(self) -> None:
        """Tell a server that was restarted of the threads it forgot, so that people find them with their checkpoints."""
        async with self._database.session() as session:
            active = await Conversations(session).newest(active=True, limit=_RECALL_AT_MOST)
        for conversation in active:
            await self._make_thread(conversation)
        self._recalled = True

    async def _make_thread(self, conversation: Conversation) -> str:
        thread_id = str(conversation.thread_id)
        # Without `graph_id` a server that forgot the thread would show an empty state.
        await self._langgraph.threads.create(
            thread_id=thread_id, graph_id=GRAPH, if_exists="do_nothing", metadata=_whose(conversation)
        )
        return thread_id

    async def _claim_one(self) -> bool:
        async with self._database.session() as session:
            turn = await Turns(session).claim(now=self._now(), lease=self._settings.lease)
        if turn is None or self._stopping:
            return False
        reach("turns.claimed")
        task = asyncio.create_task(self._carry(turn))
        self._carried.add(task)
        task.add_done_callback(self._carried.discard)
        # A finished turn makes room, and may let a waiting turn of its conversation begin.
        task.add_done_callback(lambda _: self._wake.ring())
        return True

    async def _carry(self, turn: Turn) -> None:
        """One attempt, to its end. Whatever fails here gives the turn back to be tried again."""
        with structlog.contextvars.bound_contextvars(
            supplier=str(turn.conversation.supplier_id), conversation=str(turn.conversation_id), turn=turn.id
        ):
            try:
                thread_id, run_id = await self._start_run(turn)
                await self._watch(turn, thread_id, run_id)
            except ServerGone as gone:
                await self._give_back(turn, error=f"LangGraph server: {gone.__cause__!r}", counts=False)
            except Exception as error:
                log.exception("attempt failed", attempt=turn.attempt)
                await self._give_back(turn, error=repr(error))

    async def _start_run(self, turn: Turn) -> tuple[str, str]:
        try:
            thread_id = await self._make_thread(turn.conversation)
            run = await self._langgraph.runs.create(
                thread_id,
                GRAPH,
                input={"turn_id": turn.id, "attempt": turn.attempt},
                metadata={"turn_id": turn.id, "attempt": turn.attempt} | _whose(turn.conversation),
                durability="sync",
            )
        except httpx.TransportError as error:
            raise ServerGone from error
        reach("turns.run_created")
        run_id = str(run["run_id"])
        async with self._database.session() as session:
            await Turns(session).note_run(turn.id, turn.attempt, UUID(run_id))
        reach("turns.run_noted")
        structlog.contextvars.bind_contextvars(run=run_id)
        log.info("run started", attempt=turn.attempt)
        return thread_id, run_id

    async def _watch(self, turn: Turn, thread_id: str, run_id: str) -> None:
        """Wait until our table says that the attempt ended; give the turn back if its run died."""
        asked_at = renewed_at = self._now()
        while await self._is_ours(turn):
            await asyncio.sleep(_LOOK_EVERY)
            now = self._now()
            if now - asked_at < timedelta(seconds=_ASK_EVERY):
                continue
            asked_at = now
            if now - renewed_at > self._settings.lease / 3:
                renewed_at = now
                async with self._database.session() as session:
                    await Turns(session).renew(turn.id, turn.attempt, until=now + self._settings.lease)
            ended = await self._how_run_ended(thread_id, run_id)
            if ended and await self._is_ours(turn):
                await self._give_back(turn, error=f"The run ended as {ended}.")
                return
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
        """End the attempt unsuccessfully. `counts` False: the server was away, which says nothing about the turn."""
        now = self._now()
        wait = self._settings.backoff * 2 ** min(turn.attempt - 1, 6)
        async with self._database.session() as session:
            status = await Turns(session).give_back(
                turn.id,
                turn.attempt,
                error=error,
                retry_at=now + wait,
                max_attempts=self._settings.max_attempts if counts else turn.attempt + 1,
                now=now,
            )
            if status is TurnStatus.FAILED:
                await _give_to_a_person(turn, Messages(session), Conversations(session), now)
        log.warning("attempt given back", attempt=turn.attempt, error=error, status=status)


def _whose(conversation: Conversation) -> dict[str, str]:
    """What threads and runs are found by on the server, and what the graph's first log lines say."""
    return {"supplier_id": str(conversation.supplier_id), "conversation_id": str(conversation.id)}


async def _give_to_a_person(turn: Turn, messages: Messages, conversations: Conversations, now: datetime) -> None:
    """A turn that failed for good: the agent rests there, and a private note tells the team."""
    await conversations.hand_to(turn.conversation_id, "person", actor="agent")
    if turn.chatwoot_conversation_id is None:
        return
    words = await messages.of_turn(turn.id)
    # A turn that was set going again may fail again: each time is a note of its own.
    seq = _FAILURE_NOTE + turn.attempt
    await messages.queue(
        Message(
            conversation_id=turn.conversation_id,
            turn_id=turn.id,
            seq=seq,
            channel=words[-1].channel if words else "api",
            account_id=turn.account_id,
            chatwoot_conversation_id=turn.chatwoot_conversation_id,
            direction=Direction.OUTBOUND,
            status=MessageStatus.QUEUED,
            author=Author.AGENT,
            private=True,
            content=f"The agent could not answer this (turn {turn.id}, {turn.attempt} attempts). Please take over.",
            timestamp=now,
            next_attempt_at=now,
            delivery_key=delivery_key(conversation_id=turn.conversation_id, turn_id=turn.id, seq=seq),
        )
    )

"""Runs without a turn: a bridge died, or gave up waiting, after the server had taken its run.

The fence makes such a run harmless; but it occupies the server, and its thread. It is found by the turn and attempt in its
metadata and cancelled. Runs of other callers have none there, and are nobody's business here.
"""

from datetime import datetime, timedelta

import httpx
import structlog
from langgraph_sdk.client import LangGraphClient
from langgraph_sdk.errors import APIStatusError

from domain.errors import UpstreamError
from storage.engine import Database
from storage.models.turn import TurnStatus
from storage.turns import Turns

log = structlog.get_logger(__name__)

#: A run has this long to end by itself after its last node ended the turn.
_ENDING = timedelta(seconds=30)

#: Busy threads looked at in one sweep.
_AT_MOST = 100


class ServerSilent(UpstreamError):
    """The LangGraph server could not be asked after its runs."""

    code = "langgraph_unavailable"


async def cancel_stray_runs(database: Database, langgraph: LangGraphClient, *, now: datetime) -> int:
    """Cancel runs whose attempt has ended, and answer how many. Raises `ServerSilent`."""
    cancelled = 0
    try:
        for thread in await langgraph.threads.search(status="busy", limit=_AT_MOST):
            thread_id = thread["thread_id"]
            for run in await langgraph.runs.list(thread_id):
                if run["status"] in ("pending", "running") and await _is_stray(database, run["metadata"], now=now):
                    await langgraph.runs.cancel(thread_id, run["run_id"])
                    log.warning("stray run cancelled", run=run["run_id"], metadata=run["metadata"])
                    cancelled += 1
    except (httpx.HTTPError, APIStatusError) as error:
        raise ServerSilent(repr(error)) from error
    return cancelled


async def _is_stray(database: Database, metadata: object, *, now: datetime) -> bool:
    turn_id, attempt = (metadata.get("turn_id"), metadata.get("attempt")) if isinstance(metadata, dict) else (None, None)
    if not isinstance(turn_id, int) or not isinstance(attempt, int):
        return False
    async with database.session() as session:
        turn = await Turns(session).find(turn_id)
    if turn is None or turn.attempt != attempt:
        return True
    if turn.status == TurnStatus.RUNNING:
        return False
    return turn.ended_at is None or now - turn.ended_at > _ENDING

"""One attempt at a turn, as it is seen from outside: a span of the turn's trace, and what is counted of it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import structlog

from domain.tracing import span
from storage.engine import Database
from storage.models import Turn
from storage.turns import Turns
from webhook_bridge import metrics

log = structlog.get_logger(__name__)


@asynccontextmanager
async def attempt_seen(turn: Turn, *, database: Database, now: Callable[[], datetime]) -> AsyncIterator[None]:
    """For the block, the attempt that has just claimed `turn` goes on; at its end the turn is looked at once more."""
    claimed_at = now()
    metrics.turn_claimed(turn, now=claimed_at)
    conversation = turn.conversation
    whose = {"turn": turn.id, "attempt": turn.attempt, "conversation": conversation.id, "supplier": conversation.supplier_id}
    try:
        with span("turn", parent=turn.trace, **whose):
            yield
    except Exception as error:
        metrics.error_seen(error)
        raise
    finally:
        await _count(turn, database, claimed_at)


async def _count(turn: Turn, database: Database, claimed_at: datetime) -> None:
    try:
        async with database.session() as session:
            found = await Turns(session).find(turn.id)
    except Exception as error:
        # The database is away. What is not counted is no reason to lose the attempt's own error.
        log.warning("attempt not counted", turn=turn.id, attempt=turn.attempt, error=type(error).__name__)
        return
    metrics.turn_ended(turn, found, claimed_at=claimed_at)

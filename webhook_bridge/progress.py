"""Whether work moves: nobody has stopped it, and what is due is taken up.

A loop that died, or hangs, shows nowhere else before somebody complains.
"""

from datetime import datetime, timedelta

from domain.errors import NotAllowed, UpstreamError
from storage.backlog import oldest_due_message, oldest_due_turn
from storage.engine import Database
from storage.models.pause import EVERYTHING
from storage.pauses import Pauses

#: Longer than any queue of healthy workers, shorter than a supplier's patience.
STUCK_AFTER = timedelta(minutes=5)


class WorkStuck(UpstreamError):
    """What is due is not taken up: see the log of the bridges for what fails, and whether any of them runs."""

    code = "work_stuck"


class EverythingPaused(NotAllowed):
    """A person has stopped the agent: `po-agent resume` lets it go on."""

    code = "everything_paused"


async def not_paused(database: Database) -> None:
    """Raise `EverythingPaused`."""
    async with database.session() as session:
        if any(pause.scope == EVERYTHING for pause in await Pauses(session).all()):
            raise EverythingPaused


async def due_turns_move(database: Database, *, now: datetime) -> timedelta:
    """How long the first turn in line has been due. Raise `WorkStuck` if that is too long."""
    async with database.session() as session:
        return _age(await oldest_due_turn(session, now=now), now, "turn")


async def due_messages_move(database: Database, *, now: datetime) -> timedelta:
    """The same of the first message in line."""
    async with database.session() as session:
        return _age(await oldest_due_message(session, now=now), now, "message")


def _age(since: datetime | None, now: datetime, what: str) -> timedelta:
    age = max(now - since, timedelta()) if since else timedelta()
    if age > STUCK_AFTER:
        raise WorkStuck(f"The first {what} in line has waited {age}.")
    return age

"""To test what happens when one transaction meets another: know when it waits, instead of guessing how long."""

import asyncio

from sqlalchemy import text

from storage.engine import Database

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def until_blocked(database: Database) -> None:
    """Return when a session of this PostgreSQL database waits for a lock that another one holds."""
    for _ in range(1000):
        async with database.session() as session:
            if await session.scalar(text(_WAITING)):
                return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody ever waited")

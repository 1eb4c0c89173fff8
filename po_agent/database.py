"""The database for a command that is not the server: attached to if it runs, started for a moment if it is ours to start."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from po_agent.composition import embedded_postgres
from po_agent.settings import Settings, sqlalchemy_url
from storage.engine import Database


@contextmanager
def attached_database(settings: Settings) -> Iterator[str]:
    """An SQLAlchemy URL that works for the block. An embedded server that nobody runs is started, and stopped again."""
    if settings.database_url is not None:
        yield sqlalchemy_url(settings.database_url)
        return
    server = embedded_postgres(settings)
    running = server.attach()
    if running is not None:
        yield sqlalchemy_url(running)
        return
    try:
        yield sqlalchemy_url(server.start())
    finally:
        server.stop()


@asynccontextmanager
async def attached_sessions(settings: Settings) -> AsyncIterator[Database]:
    """Sessions on it."""
    attached = attached_database(settings)
    url = await asyncio.to_thread(attached.__enter__)
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()
        await asyncio.to_thread(attached.__exit__, None, None, None)

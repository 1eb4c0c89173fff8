"""The database as the rest of the program holds it: an engine of one event loop, and sessions that commit or roll back.

Postgres through psycopg 3, SQLite through aiosqlite (one process). A connection that the server closed (a restart) is
noticed before it is used, so nothing of ours has to be restarted with the database.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, LiteralString

import psycopg
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import Connection, event, exc, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from domain.errors import UpstreamError
from storage.models.base import SCHEMA


class DatabaseUnavailable(UpstreamError):
    """The database does not answer: check DATABASE_URL and that the server runs."""

    code = "database_unavailable"


#: What the drivers and the pools raise when the database is away, or would not serve us now.
AWAY = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError, psycopg.OperationalError)


class Database:
    """Sessions on one database. Make one per event loop (pools cannot be shared between loops); connects lazily.

    `url` is an SQLAlchemy URL with driver `postgresql+psycopg` or `sqlite+aiosqlite`.
    """

    def __init__(self, url: str, *, pool_size: int = 16) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        if self.is_sqlite:
            # A writer waits for the other writer instead of failing at once.
            options: dict[str, Any] = {"connect_args": {"timeout": 30}}
        else:
            # No overflow: such a connection is closed after one use, and opening one costs more than a hundred queries.
            options = {"pool_size": pool_size, "max_overflow": 0, "pool_pre_ping": True}
        self._engine = create_async_engine(url, **options).execution_options(
            schema_translate_map={SCHEMA: None} if self.is_sqlite else {}
        )
        if self.is_sqlite:
            _begin_immediately(self._engine.sync_engine)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        self._direct: AsyncConnectionPool | None = None

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        async with self._sessions() as session, session.begin():
            yield session

    async def at_once(self, statement: LiteralString, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        """One statement of Postgres that is a transaction by itself; its rows. Errors are psycopg's own.

        It goes to the driver on connections kept for this alone: nothing is spent on beginning and ending a transaction, on
        asking whether the connection lives, nor on SQLAlchemy's way to the driver, which together cost several times what
        the statement does. So a connection that the server closed is not noticed before: an `OperationalError` may say no
        more than that, and does not say whether the statement was done.
        """
        if self._direct is None:
            self._direct = _direct_pool(self.url)
            await self._direct.open()
        async with self._direct.connection() as connection:
            cursor = await connection.execute(statement, values)
            return await cursor.fetchall()

    async def ping(self) -> None:
        """Raise `DatabaseUnavailable` unless the database answers."""
        try:
            async with self._engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except Exception as error:
            raise DatabaseUnavailable(type(error).__name__) from error

    async def close(self) -> None:
        """Close every pooled connection."""
        await self._engine.dispose()
        if self._direct is not None:
            await self._direct.close()


def _direct_pool(url: str) -> AsyncConnectionPool:
    """Connections that commit by themselves. Whoever gets none in a second has another way to go, within Chatwoot's five."""
    conninfo = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return AsyncConnectionPool(conninfo, min_size=1, max_size=4, open=False, timeout=1, kwargs={"autocommit": True})


def _begin_immediately(engine: Any) -> None:
    """Make SQLite take its write lock when a transaction begins, and hold to foreign keys.

    Left alone, the driver begins late and two transactions that read before they write fail instead of waiting; so the
    claims that rest on `FOR UPDATE` on Postgres rest on this here.
    """

    @event.listens_for(engine, "connect")
    def configure(dbapi_connection: Any, _: Any) -> None:
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

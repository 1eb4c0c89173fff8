"""LangGraph's checkpoints on our own Postgres, so that a thread outlives the development server's memory.

Named in `langgraph.json`. The server enters the context manager once per event loop, so the pool is made inside it. The
server's `checkpointer.serde` setting does not reach a custom checkpointer, therefore the strict serialiser is given here:
no pickle, and of msgpack's extension types only those that LangGraph itself knows to be safe.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.engine import make_url


def strict_serializer() -> JsonPlusSerializer:
    """Plain JSON types pass; a pickle or a callable named in stored data does not."""
    return JsonPlusSerializer(pickle_fallback=False, allowed_msgpack_modules=None)


@asynccontextmanager
async def open_checkpointer(url: str, *, pool_size: int = 10) -> AsyncIterator[BaseCheckpointSaver[str]]:
    """A checkpointer on the database of an SQLAlchemy `url`, its tables made. Connections are checked before use, so a
    restarted Postgres is used again without a restart of ours."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        async with AsyncSqliteSaver.from_conn_string(parsed.database or ":memory:") as saver:
            saver.serde = strict_serializer()
            await saver.setup()
            yield saver
        return
    conninfo = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    async with AsyncConnectionPool(
        conninfo,
        min_size=1,
        max_size=pool_size,
        open=False,
        check=AsyncConnectionPool.check_connection,
        kwargs={"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row},
    ) as pool:
        postgres_saver = AsyncPostgresSaver(pool, serde=strict_serializer())  # type: ignore[arg-type]  # its stub wants rows typed
        await postgres_saver.setup()
        yield postgres_saver

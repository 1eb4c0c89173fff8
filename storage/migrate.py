"""Migrations: bring a database to a revision, also back, without losing a row.

Blocking on purpose (Alembic is): callers in an event loop use a thread. Two processes that migrate at once take turns.
"""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import make_url

from storage.models.base import SCHEMA

#: Any number will do, as long as all versions of this program use the same one.
_MIGRATION_LOCK = 7_205_759_403


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at an SQLAlchemy `url` up to `revision`."""
    _run(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str = "base") -> None:
    """Take it back to `revision`. At `base` the tables are set aside, not dropped: `upgrade` finds their rows again."""
    _run(url, lambda config: command.downgrade(config, revision))


def current_revision(url: str) -> str | None:
    """The revision the database is at, None if it was never migrated."""
    with _engine(url).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str | None:
    """The revision this program wants."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _run(url: str, step: Any) -> None:
    engine = _engine(url)
    try:
        with engine.begin() as connection:
            _take_turns(connection)
            config = _config()
            config.attributes["connection"] = connection
            step(config)
    finally:
        engine.dispose()


def _take_turns(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _engine(url: str) -> Any:
    """A synchronous engine: psycopg speaks both ways, SQLite needs its plain driver."""
    engine = create_engine(make_url(url.replace("sqlite+aiosqlite", "sqlite")))
    is_sqlite = engine.dialect.name == "sqlite"
    return engine.execution_options(schema_translate_map={SCHEMA: None} if is_sqlite else {})

"""What suites share: databases. Everything here is real; nothing is faked.

A test that asks for `database_url` runs once on SQLite and once on PostgreSQL. The PostgreSQL is `TEST_DATABASE_URL` if that
is set (each test gets a database of its own there), else the embedded one, started once for the whole run.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings
from sqlalchemy.engine import URL, make_url

from storage import migrate
from storage.embedded_postgres import EmbeddedPostgres
from storage.engine import Database

# No test is timed: how long an example takes says more about the machine than about us.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """A PostgreSQL server where databases may be made."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    with tempfile.TemporaryDirectory(prefix="po-agent-tests-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with EmbeddedPostgres(Path(folder) / "postgres") as server:
            url = server.start()
            with psycopg.connect(url, autocommit=True) as connection:
                # These databases need not outlive a power cut; waiting for the disk is most of what a test would do.
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")
            yield make_url(url).set(drivername="postgresql+psycopg")


@contextmanager
def a_database(server: URL, *, template: str = "template1") -> Iterator[URL]:
    """A database of its own on the server, dropped at the end."""
    name = f"test_{uuid4().hex}"
    admin = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield server.set(database=name)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def migrated_template(postgres_server: URL) -> Iterator[str]:
    """The name of a migrated database that nobody opens: copying it is much quicker than migrating each time."""
    with a_database(postgres_server) as url:
        migrate.upgrade(url.render_as_string(hide_password=False))
        yield str(url.database)


@pytest.fixture
def postgres_url(postgres_server: URL, migrated_template: str) -> Iterator[str]:
    """A fresh, migrated PostgreSQL database."""
    with a_database(postgres_server, template=migrated_template) as url:
        yield url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a migrated SQLite database, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate.upgrade(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_sqlite: Path) -> str:
    """A fresh, migrated SQLite database."""
    path = shutil.copy(migrated_sqlite, tmp_path / "test.db")
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database of each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Sessions on it."""
    opened = Database(database_url)
    yield opened
    await opened.close()

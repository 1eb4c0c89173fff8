"""Real servers in folders of their own, and other processes that own them.

Nothing is faked. As root the folders are made passable for the server's user, which pytest's own `tmp_path` is not.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storage.embedded_postgres import EmbeddedPostgres

ROOT = Path(__file__).parents[3]

#: Starts, says its URL, and owns the server until its input ends, or is interrupted, when it still asks the database.
OWNER = """
import sys
from pathlib import Path
import psycopg
import structlog
from storage.embedded_postgres import EmbeddedPostgres

structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
server = EmbeddedPostgres(Path(sys.argv[1]))
url = server.start()
try:
    print(url, flush=True)
    sys.stdin.read()
except KeyboardInterrupt:
    with psycopg.connect(url) as connection:
        print(connection.execute("SELECT 'still here'").fetchone()[0], flush=True)
finally:
    server.stop()
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A fresh folder that every user may pass through; servers below it are stopped at the end."""
    folder = Path(tempfile.mkdtemp(prefix="epg-"))
    folder.chmod(0o755)
    yield folder
    for lock in folder.rglob("owner.lock"):
        EmbeddedPostgres(lock.parent).stop()
    shutil.rmtree(folder, ignore_errors=True)  # an initdb whose starter a test killed may still be writing


@pytest.fixture
def data_dir(place: Path) -> Path:
    return place / "postgres"


@pytest.fixture
def new_owner(data_dir: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start another process that starts (and so may own) the server of `data_dir`."""
    started: list[subprocess.Popen[str]] = []

    def start(**options: Any) -> subprocess.Popen[str]:
        owner = subprocess.Popen(
            [sys.executable, "-c", OWNER, str(data_dir)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            **options,
        )
        started.append(owner)
        return owner

    yield start
    for owner in started:
        if owner.poll() is None:
            owner.kill()
        owner.wait()
        for stream in (owner.stdin, owner.stdout):
            with contextlib.suppress(BrokenPipeError):
                stream.close()  # type: ignore[union-attr]


@pytest.fixture
def ask() -> Callable[..., Any]:
    """Run one statement on a URL and give the first value of its answer."""

    def ask(url: str, statement: str) -> Any:
        with psycopg.connect(url, connect_timeout=5) as connection:
            cursor = connection.execute(statement)
            row = cursor.fetchone() if cursor.description else None
            return None if row is None else row[0]

    return ask

"""What the embedded PostgreSQL promises to the process that owns it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from storage.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresFailed, EmbeddedPostgresRefused

Ask = Callable[..., Any]


def test_it_starts_from_nothing_durable_and_deaf_to_the_network(data_dir: Path, ask: Ask) -> None:
    with EmbeddedPostgres(data_dir) as server:
        url = server.start()
        assert ask(url, "SHOW server_version_num").startswith("18")
        assert [ask(url, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")] == ["on"] * 3
        assert ask(url, "SHOW listen_addresses") == ""
        assert ask(url, "SHOW server_encoding") == "UTF8"
        assert ask(url, "SELECT lower('ÑANDÚ')") == "ñandú"
        assert (data_dir / "cluster").stat().st_mode & 0o077 == 0


def test_nothing_is_there_before_the_start_and_after_the_stop(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    server.stop()
    assert not data_dir.exists()
    assert server.attach() is None
    url = server.start()
    pid = server.pid
    assert pid is not None
    server.stop()
    server.stop()
    assert server.attach() is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


def test_starting_again_changes_nothing(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        url, pid = server.start(), server.pid
        assert (server.start(), server.pid) == (url, pid)


def test_data_is_found_again_at_the_same_url(data_dir: Path, ask: Ask) -> None:
    with EmbeddedPostgres(data_dir) as first:
        url = first.start()
        ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    with EmbeddedPostgres(data_dir) as second:
        assert second.start() == url
        assert ask(url, "SELECT answer FROM kept") == 42


def test_a_second_object_attaches_and_does_not_stop_what_it_does_not_own(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as owner:
        with EmbeddedPostgres(data_dir) as guest:
            assert guest.start() == guest.attach() == owner.start()
            with pytest.raises(EmbeddedPostgresRefused):
                guest.restart()
        assert owner.attach() is not None


async def test_pools_of_psycopg_and_sqlalchemy_live_through_a_restart(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        url = server.start()
        engine = create_async_engine(make_url(url).set(drivername="postgresql+psycopg"), pool_pre_ping=True)
        pool = AsyncConnectionPool(url, min_size=2, open=False, check=AsyncConnectionPool.check_connection)
        async with pool:
            for restarts in range(3):
                async with pool.connection() as connection:
                    assert (await (await connection.execute("SELECT 1")).fetchone()) == (1,)
                async with engine.connect() as alchemy:
                    assert (await alchemy.execute(text("SELECT 2"))).scalar() == 2
                before = server.pid
                assert server.restart() == url, restarts
                assert server.pid != before
        await engine.dispose()


@pytest.mark.parametrize(
    "name",
    ['a folder\'s 100% with "signs" & blanks?#@+', "one, two", "long" * 40],
    ids=["odd-signs", "comma", "longer-than-a-socket-may-be"],
)
async def test_it_works_in_any_folder(place: Path, ask: Ask, name: str) -> None:
    with EmbeddedPostgres(place / name) as server:
        url = server.start()
        assert ask(url, "SELECT 1") == 1
        assert EmbeddedPostgres(place / name).attach() == url
        engine = create_async_engine(make_url(url).set(drivername="postgresql+psycopg"))
        async with engine.connect() as connection:
            assert (await connection.execute(text("SELECT 1"))).scalar() == 1
        await engine.dispose()
        assert server.restart() == url


def test_a_server_that_cannot_start_says_why_and_can_be_mended(data_dir: Path, ask: Ask) -> None:
    with EmbeddedPostgres(data_dir) as server:
        ask(server.start(), "CREATE TABLE kept AS SELECT 7 AS answer")
    configuration = data_dir / "cluster" / "postgresql.conf"
    sound = configuration.read_text()
    configuration.write_text(sound + "\nno_such_setting = 1\n")
    broken = EmbeddedPostgres(data_dir)
    with pytest.raises(EmbeddedPostgresFailed, match=r"no_such_setting.*DATABASE_URL|DATABASE_URL.*no_such_setting"):
        broken.start()
    configuration.write_text(sound)
    with EmbeddedPostgres(data_dir) as mended:  # another object: the failed one let go of its ownership
        assert ask(mended.start(), "SELECT answer FROM kept") == 7


def test_files_of_another_version_are_left_alone(data_dir: Path) -> None:
    EmbeddedPostgres(data_dir).stop()
    with EmbeddedPostgres(data_dir):
        pass
    (data_dir / "cluster" / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedPostgresRefused, match="PostgreSQL 17"):
        EmbeddedPostgres(data_dir).start()
    assert (data_dir / "cluster" / "PG_VERSION").read_text() == "17\n"

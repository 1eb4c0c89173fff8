"""The embedded PostgreSQL ends under its living owner, in every way there is, and is brought back."""

import contextlib
import shutil
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from storage.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresFailed

Ask = Callable[..., Any]


def lose(server: EmbeddedPostgres, how: signal.Signals = signal.SIGKILL) -> None:
    """End it from outside, and wait until it has."""
    process = psutil.Process(server.pid)
    process.send_signal(how)
    end = time.monotonic() + 60
    with contextlib.suppress(psutil.NoSuchProcess):
        while process.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < end
            time.sleep(0.02)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT, signal.SIGKILL])
def test_what_was_committed_is_there_again_at_the_same_url(data_dir: Path, ask: Ask, how: signal.Signals) -> None:
    with EmbeddedPostgres(data_dir) as server:
        url, pid = server.start(), server.pid
        assert not server.revive()
        assert server.pid == pid
        with psycopg.connect(url, autocommit=True) as user:
            user.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            lose(server, how)
            assert server.revive()
        assert ask(url, "SELECT answer FROM kept") == 42
        assert not server.revive()
    assert server.pid is None


def test_told_to_end_when_the_last_session_does_it_does_not_wait_for_that(data_dir: Path, ask: Ask) -> None:
    """What a plain `kill` of its process does: the sessions of a pool would never end, and nobody else would be let in."""
    with EmbeddedPostgres(data_dir) as server:
        url = server.start()
        with psycopg.connect(url, autocommit=True) as user:
            user.execute("SELECT 1")
            psutil.Process(server.pid).terminate()
            end = time.monotonic() + 60
            while not server.revive():
                assert time.monotonic() < end
            assert ask(url, "SELECT 1") == 1


def test_what_a_killed_server_left_in_a_folder_elsewhere_for_its_socket_does_not_hinder(place: Path, ask: Ask) -> None:
    with EmbeddedPostgres(place / ("long" * 40)) as server:
        url = server.start()
        assert str(place) not in url
        lose(server)
        assert server.revive()
        assert ask(url, "SELECT 1") == 1


def test_an_adopted_server_is_brought_back_too(data_dir: Path, ask: Ask, new_owner: Callable[..., Any]) -> None:
    owner = new_owner()
    url = owner.stdout.readline().strip()
    owner.kill()
    owner.wait()
    with EmbeddedPostgres(data_dir) as heir:
        lose(heir)
        assert heir.revive()
        assert ask(url, "SELECT 1") == 1
    assert heir.pid is None


def test_while_a_killed_servers_child_still_works_on_the_data_no_other_begins(data_dir: Path, ask: Ask) -> None:
    with EmbeddedPostgres(data_dir) as server, ThreadPoolExecutor() as pool:
        url = server.start()
        ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        user = psycopg.connect(url)
        child = psutil.Process(user.info.backend_pid)
        child.suspend()
        lose(server)
        reviving = pool.submit(server.revive)
        try:
            time.sleep(1)
            assert not reviving.done()
            assert server.attach() is None
        finally:
            child.resume()
        assert reviving.result(60)
        user.close()
        assert ask(url, "SELECT answer FROM kept") == 42


def test_a_guest_and_the_owner_at_once_bring_back_one_server_that_is_the_owners(data_dir: Path, ask: Ask) -> None:
    with EmbeddedPostgres(data_dir) as owner, EmbeddedPostgres(data_dir) as guest, ThreadPoolExecutor() as pool:
        url = owner.start()
        lose(owner)
        together = threading.Barrier(3)

        def at_once(job: Callable[[], Any]) -> Any:
            together.wait()
            return job()

        jobs = [owner.revive, guest.revive, EmbeddedPostgres(data_dir).start]
        revived, _, attached = [one.result(60) for one in [pool.submit(at_once, job) for job in jobs]]
        assert revived
        assert attached == url
        guest.stop()
        assert ask(url, "SELECT 1") == 1


def test_a_guest_takes_over_when_the_owner_has_stopped_the_server(data_dir: Path, ask: Ask) -> None:
    """As when the product was started while a command had the database up for a moment."""
    with EmbeddedPostgres(data_dir) as owner:
        guest = EmbeddedPostgres(data_dir)
        url = guest.start()
        owner.stop()
        assert guest.revive()
        owner.stop()
        assert ask(url, "SELECT 1") == 1
        guest.stop()
    assert guest.pid is None


def test_who_starts_beside_an_owner_that_does_not_bring_it_back_is_told_so(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.embedded_postgres._OWNER_SECONDS", 0.5)
    with EmbeddedPostgres(data_dir) as owner:
        lose(owner)
        with pytest.raises(EmbeddedPostgresFailed, match=f"Another process owns {data_dir}.*stop that process"):
            EmbeddedPostgres(data_dir).start()
        assert owner.pid is None, "a second server was started on an owner's data"
        assert owner.revive()


def test_where_it_cannot_be_brought_back_the_reason_is_told(data_dir: Path, ask: Ask) -> None:
    with EmbeddedPostgres(data_dir) as server:
        url = server.start()
        ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        configuration = data_dir / "cluster" / "postgresql.conf"
        sound = configuration.read_text()
        configuration.write_text(sound + "\nno_such_setting = 1\n")
        lose(server)
        with pytest.raises(EmbeddedPostgresFailed, match="no_such_setting"):
            server.revive()
        configuration.write_text(sound)
        assert server.revive()
        assert ask(url, "SELECT answer FROM kept") == 42


def test_files_that_are_gone_are_not_made_anew(data_dir: Path) -> None:
    """An empty database under a running product would be taken for its own."""
    with EmbeddedPostgres(data_dir) as server:
        lose(server)
        shutil.rmtree(data_dir / "cluster")
        with pytest.raises(EmbeddedPostgresFailed, match="gone"):
            server.revive()
        assert not (data_dir / "cluster").exists()

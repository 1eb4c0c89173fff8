"""Who owns the embedded PostgreSQL when processes start together, are killed, or get a Ctrl-C."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage.embedded_postgres import EmbeddedPostgres

Ask = Callable[..., Any]
NewOwner = Callable[..., subprocess.Popen[str]]


def said(owner: subprocess.Popen[str]) -> str:
    assert owner.stdout is not None
    return owner.stdout.readline().strip()


def leave(owner: subprocess.Popen[str]) -> None:
    assert owner.stdin is not None
    owner.stdin.close()
    assert owner.wait(60) == 0


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="NOT TESTED: only Linux lists who holds a lock (/proc/locks)")
def test_processes_that_start_at_once_share_one_server(data_dir: Path, ask: Ask, new_owner: NewOwner) -> None:
    processes = [new_owner() for _ in range(4)]
    urls = [said(process) for process in processes]
    assert len(set(urls)) == 1
    assert {ask(url, "SELECT pg_postmaster_start_time()::text") for url in urls} == {
        ask(urls[0], "SELECT pg_postmaster_start_time()::text")
    }
    spectator = EmbeddedPostgres(data_dir)
    for remaining in range(len(processes), 0, -1):
        assert ask(urls[0], "SELECT 1") == 1, remaining
        guests = [process for process in processes if process.pid != _lock_holder(data_dir)]
        leave(guests[0] if guests else processes[0])
        processes.remove(guests[0] if guests else processes[0])
    assert spectator.attach() is None


def _lock_holder(data_dir: Path) -> int:
    """The pid that holds the lock, as the kernel lists it."""
    inode = (data_dir / "owner.lock").stat().st_ino
    for line in Path("/proc/locks").read_text().splitlines():
        fields = line.split()
        if fields[1] == "FLOCK" and int(fields[5].rsplit(":", 1)[1]) == inode:
            return int(fields[4])
    raise AssertionError("nobody holds the lock")


def test_a_server_outlives_its_killed_owner_and_the_next_start_adopts_it(data_dir: Path, ask: Ask, new_owner: NewOwner) -> None:
    owner = new_owner()
    url = said(owner)
    ask(url, "CREATE TABLE kept AS SELECT 'from the killed one' AS what")
    owner.kill()
    owner.wait()

    heir = EmbeddedPostgres(data_dir)
    orphan = heir.pid
    assert orphan is not None
    assert heir.attach() == url
    assert heir.start() == url
    assert heir.pid == orphan
    assert ask(url, "SELECT what FROM kept") == "from the killed one"
    heir.stop()
    assert EmbeddedPostgres(data_dir).pid is None


def test_stop_alone_ends_an_orphan(data_dir: Path, new_owner: NewOwner) -> None:
    owner = new_owner()
    said(owner)
    server = EmbeddedPostgres(data_dir)
    assert server.pid is not None
    server.stop()
    assert server.attach() is not None, "a living owner's server was stopped"
    owner.kill()
    owner.wait()
    server.stop()
    assert server.attach() is None


def test_after_a_crash_of_owner_and_server_everything_committed_is_there(data_dir: Path, ask: Ask, new_owner: NewOwner) -> None:
    for _ in range(3):
        owner = new_owner()
        url = said(owner)
        ask(url, "CREATE TABLE IF NOT EXISTS kept (crash serial)")
        ask(url, "INSERT INTO kept DEFAULT VALUES")
        postmaster = EmbeddedPostgres(data_dir).pid
        assert postmaster is not None
        owner.kill()
        os.kill(postmaster, signal.SIGKILL)
        owner.wait()
    with EmbeddedPostgres(data_dir) as server:
        assert ask(server.start(), "SELECT count(*) FROM kept") == 3


def test_the_owner_itself_brings_a_crashed_server_back(data_dir: Path, ask: Ask) -> None:
    with EmbeddedPostgres(data_dir) as server:
        url, pid = server.start(), server.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        assert server.attach() is None
        assert server.start() == url
        assert ask(url, "SELECT 1") == 1
        assert server.pid != pid


def test_a_stranger_with_the_old_servers_number_is_neither_taken_for_it_nor_harmed(data_dir: Path, ask: Ask) -> None:
    with EmbeddedPostgres(data_dir) as server:
        ask(server.start(), "CREATE TABLE kept AS SELECT 1 AS one")
        noted = (data_dir / "cluster" / "postmaster.pid").read_text().splitlines()
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        noted[0] = str(stranger.pid)
        for lock in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (data_dir / "cluster" / lock).write_text("\n".join(noted) + "\n")
        server = EmbeddedPostgres(data_dir)
        assert server.attach() is None
        server.stop()
        assert stranger.poll() is None, "a stranger was stopped"
        assert ask(server.start(), "SELECT one FROM kept") == 1
        server.stop()
        assert stranger.poll() is None, "a stranger was stopped"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_start_killed_half_way_leaves_nothing_that_hinders_the_next(data_dir: Path, ask: Ask, new_owner: NewOwner) -> None:
    for seconds in (0.25, 0.35, 0.45, 0.55, 0.65):
        victim = new_owner()
        time.sleep(seconds)
        victim.kill()
        victim.wait()
    (data_dir / "cluster.new-x").mkdir(parents=True, exist_ok=True)
    (data_dir / "cluster.new-x" / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(data_dir) as server:
        assert ask(server.start(), "SELECT 1") == 1
        assert not (data_dir / "cluster.new-x").exists()


def test_ctrl_c_to_the_terminals_processes_reaches_the_owner_and_not_the_database(data_dir: Path, new_owner: NewOwner) -> None:
    owner = new_owner(start_new_session=True)  # stands for the terminal's foreground group
    said(owner)
    server = EmbeddedPostgres(data_dir)
    assert server.pid is not None
    assert os.getpgid(server.pid) != os.getpgid(owner.pid)
    assert os.getsid(server.pid) != os.getsid(owner.pid)
    os.killpg(owner.pid, signal.SIGINT)
    assert said(owner) == "still here"
    assert owner.wait(60) == 0
    assert server.attach() is None, "the owner stops it when it is done"


def test_the_lock_is_not_handed_to_children(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    server.start()
    child = subprocess.Popen(["sleep", "600"], close_fds=False)
    try:
        server.stop()
        with EmbeddedPostgres(data_dir) as next_one:
            assert next_one.pid is not None
            next_one.restart()
    finally:
        child.kill()
        child.wait()

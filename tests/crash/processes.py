"""Processes of the product, started as they are in life and watched to their death. None is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from po_agent.child_environment import child_environment
from po_agent.settings import NONE, Settings

PROJECT = Path(__file__).parents[2]

#: Seconds. Only a test that fails waits so long.
START_PATIENCE = 120
STOP_PATIENCE = 60

_QUIET = {"LANGGRAPH_NO_VERSION_CHECK": "true", "LANGGRAPH_CLI_NO_ANALYTICS": "1", "LANGSMITH_TRACING": "false"}


class Process:
    """`python -m` with `command`, to be started again and again. `ready` is the address that answers 200 once it serves."""

    def __init__(self, *command: str, ready: str, log: Path, settings: Settings | None = None) -> None:
        self.name = command[0]
        self.is_armed = settings is not None and settings.fault_point is not None
        self._command = [sys.executable, "-m", *command]
        self._ready = ready
        self._log = log
        self._environment: dict[str, str] = dict(os.environ) if settings is None else child_environment(settings) | _QUIET
        self._process: subprocess.Popen[bytes] | None = None

    def disarm(self) -> None:
        """From the next start on it dies at no fault point."""
        self.is_armed = False
        self._environment |= {"FAULT_POINT": NONE}

    def start(self) -> None:
        """Start it, and do not wait."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                cwd=PROJECT,
                env=self._environment | {"LANGGRAPH_STRICT_MSGPACK": "true"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def status(self) -> int | None:
        """The exit status, negative for the signal that ended it; None while it lives."""
        assert self._process is not None, f"{self.name} was not started"
        return self._process.poll()

    @property
    def was_killed(self) -> bool:
        """Whether SIGKILL ended it."""
        return self.status == -signal.SIGKILL

    def until_ready(self, *, unless: Callable[[], bool] = lambda: False) -> None:
        """Wait until it serves, `unless` there is no more use in that."""
        end = time.monotonic() + START_PATIENCE
        while not _answers(self._ready):
            if unless():
                return
            assert self.status is None, f"{self.name} ended with status {self.status}:\n{self.log()}"
            assert time.monotonic() < end, f"{self.name} was not ready in {START_PATIENCE} s:\n{self.log()}"
            time.sleep(0.1)

    def kill(self) -> None:
        """End it at once, whatever it does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it as a supervisor does. Fails if it does not follow in time."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not stop in {STOP_PATIENCE} s:\n{self.log()}") from None

    def log(self) -> str:
        """The end of what it wrote."""
        return self._log.read_text(errors="replace")[-5000:]


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=6).is_success
    except httpx.HTTPError:
        return False

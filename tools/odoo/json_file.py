"""One value in one JSON file: read when it changed, replaced as a whole, one writer at a time across processes.

A crash leaves the old file or the new one, never half of one. Blocking: call it on a thread.
"""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from domain.errors import InvalidInput
from domain.value import Value

V = TypeVar("V", bound=Value)
R = TypeVar("R")


class JsonFile(Generic[V]):
    """The file at `path`, holding a `kind`; `initial` while there is no file yet."""

    def __init__(self, path: Path, *, kind: type[V], initial: V) -> None:
        self._path = path
        self._kind = kind
        self._value = initial
        self._seen: tuple[int, int, int] | None = None

    def change(self, work: Callable[[V], tuple[V, R]]) -> R:
        """Run `work` on the value; store the value it returns, unless it is the one it was given.

        Raises what `work` raises (nothing is stored then), and `InvalidInput` if the file cannot be understood.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            value = self._current()
            changed, result = work(value)
            if changed is not value:
                self._replace(changed)
            return result

    def _current(self) -> V:
        stamp = self._stamp()
        if stamp != self._seen:
            try:
                self._value = self._kind.model_validate_json(self._path.read_bytes())
            except ValidationError as error:
                raise InvalidInput(f"{self._path} is not what was stored there: move it away to start anew.") from error
            self._seen = stamp
        return self._value

    def _replace(self, value: V) -> None:
        draft = self._path.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as file:
            file.write(value.model_dump_json(indent=1))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        self._value, self._seen = value, self._stamp()

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

"""Blocking odoorpc behind a bounded thread pool: the one way to a real Odoo.

Every call goes through `execute_kw`; records are never browsed, because browsing hides one request per attribute and its
caches go stale. odoorpc's client is not made for threads, so each worker has its own. Connecting is lazy: building a
transport touches no network, and a login that failed is tried anew by the next call.

The password must never reach a log. odoorpc prints it at level DEBUG, so that log is cut off; and its frames hold it in
local variables, so what it raises is translated and raised anew without a cause, because structured tracebacks print locals.
"""

import asyncio
import contextvars
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import odoorpc

from domain.errors import InvalidInput
from tools.odoo.errors import RAISED_BY_ODOORPC, translate
from tools.odoo.port import OdooForbidden

P = ParamSpec("P")
T = TypeVar("T")

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class OdooConnection:
    """Where Odoo is and who we are there. `url` is `http(s)://host[:port]`; an API key works as `password`.

    `timeout_seconds` bounds each wait on the socket: keep it below the time the caller has. At most `max_workers` calls
    are under way at once; the rest wait.
    """

    url: str
    db: str
    username: str
    password: str = field(repr=False)
    timeout_seconds: float = 20.0
    max_workers: int = 4


class OdooTransport:
    """Calls on one Odoo as one user. Raises `InvalidInput` for an URL that odoorpc cannot use."""

    def __init__(self, connection: OdooConnection) -> None:
        self._connection = connection
        self._address = _address(connection.url)
        self._pool = ThreadPoolExecutor(connection.max_workers, thread_name_prefix="odoo")
        self._worker = threading.local()
        self._fields: dict[str, dict[str, Any]] = {}
        _cut_off_wire_log()

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` on a worker. If the awaiting task is cancelled, the work still runs to its end: nothing stops half-way."""
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: context.run(work, *args, **kwargs))

    def call(self, model: str, method: str, *args: Any, context: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        """One `execute_kw`, in the user's language. Blocks: for workers only. Raises what `errors.translate` says."""

        def execute() -> Any:
            client = self._client()
            return client.execute_kw(
                model, method, list(args), {**kwargs, "context": {**client.env.context, **(context or {})}}
            )

        return self._translated(execute)

    def fields(self, model: str) -> dict[str, Any]:
        """The model's fields with type and digits, asked once: names differ between versions of Odoo."""
        if model not in self._fields:
            self._fields[model] = self.call(model, "fields_get", attributes=["type", "digits"])
        return self._fields[model]

    def version(self) -> str:
        """Odoo's version, such as `19.0`, told only if the login works at this moment."""
        self.call("res.users", "context_get")
        return str(self._translated(self._client).version)

    def timezone(self) -> ZoneInfo:
        """The time zone of the agent's user in Odoo: the one in which Odoo shows dates to that user."""
        return ZoneInfo(self._translated(self._client).env.context.get("tz") or "UTC")

    def close(self) -> None:
        """Take no more work. What runs ends by itself, at the latest by its timeout."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _client(self) -> Any:
        client = getattr(self._worker, "client", None)
        if client is None:
            protocol, host, port = self._address
            client = odoorpc.ODOO(host, protocol=protocol, port=port, timeout=self._connection.timeout_seconds)
            client.login(self._connection.db, self._connection.username, self._connection.password)
            self._worker.client = client
        return client

    def _translated(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except RAISED_BY_ODOORPC as error:
            failure = translate(error)
        if isinstance(failure, OdooForbidden):
            self._worker.client = None
        raise failure  # Outside the handler: no chain to odoorpc's frames.


def _address(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or (":" in parts.netloc and not port):
        raise InvalidInput(f"Odoo's address must be http(s)://host or http(s)://host:port, not {url!r}.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return "jsonrpc+ssl" if parts.scheme == "https" else "jsonrpc", host, port or _PORTS[parts.scheme]


def _above_debug(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


def _cut_off_wire_log() -> None:
    # A filter, not a level: a logging configuration applied later sets levels anew and leaves filters alone.
    logging.getLogger("odoorpc.rpc.jsonrpclib").addFilter(_above_debug)

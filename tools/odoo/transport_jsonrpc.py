"""JSON-RPC by odoorpc, for Odoo 14 to 21: `execute_kw` and nothing else of it.

Records are never browsed, because browsing hides one request per attribute and its caches go stale. odoorpc's client is not
made for threads, so each has its own. Its constructor calls the server, so clients are made when they are first needed, and a
login that failed is tried anew by the next call.

The password must never reach a log. odoorpc prints it at level DEBUG, so that log is cut off; and its frames hold it in
local variables, so what it raises is translated and raised anew without a cause, because structured tracebacks print locals.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import odoorpc
from typing_extensions import override

from tools.odoo.errors import RAISED_BY_ODOORPC, translate
from tools.odoo.port import OdooForbidden
from tools.odoo.transport_connection import OdooConnection
from tools.odoo.transport_wire import Named, Wire

T = TypeVar("T")


class JsonRpcWire(Wire):
    """`Wire` by odoorpc. Building it touches no network."""

    def __init__(self, connection: OdooConnection) -> None:
        self._connection = connection
        self._thread = threading.local()
        _cut_off_wire_log()

    @override
    def execute(self, model: str, method: str, args: Sequence[Any], named: Named, context: Named, *, timeout: float) -> Any:
        def ask() -> Any:
            client = self._client(timeout)
            return client.execute_kw(model, method, list(args), {**named, "context": {**client.env.context, **context}})

        return self._translated(ask)

    @override
    def user_context(self, *, timeout: float) -> dict[str, Any]:
        return dict(self._translated(lambda: self._client(timeout)).env.context)

    @override
    def version(self, *, timeout: float) -> str:
        return str(self._translated(lambda: self._client(timeout)).version)

    @override
    def close(self) -> None:
        """Nothing to do: odoorpc keeps no connection open."""

    def _client(self, timeout: float) -> Any:
        client = getattr(self._thread, "client", None)
        if client is None:
            mine = self._connection
            protocol = "jsonrpc+ssl" if mine.is_encrypted else "jsonrpc"
            client = odoorpc.ODOO(mine.host, protocol=protocol, port=mine.port, timeout=timeout)
            client.login(mine.db, mine.username, mine.password)
            self._thread.client = client
        client.config["timeout"] = timeout
        return client

    def _translated(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except RAISED_BY_ODOORPC as error:
            failure = translate(error)
        if isinstance(failure, OdooForbidden):
            self._thread.client = None
        raise failure  # Outside the handler: no chain to odoorpc's frames.


def _above_debug(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


def _cut_off_wire_log() -> None:
    # A filter, not a level: a logging configuration applied later sets levels anew and leaves filters alone.
    logging.getLogger("odoorpc.rpc.jsonrpclib").addFilter(_above_debug)

"""Which protocol to speak, asked of Odoo itself.

JSON-2 where Odoo is 19 or later and takes our credential as an API key: `/jsonrpc` is to go in Odoo 22, JSON-2 keeps its
connections open and tells errors by status. JSON-RPC everywhere else: before 19, and with a password. The choice holds for the
life of the process. It is not made on a bad moment: while Odoo cannot be reached there is none, and the next call asks again.
"""

import threading
from collections.abc import Sequence
from typing import Any

import structlog
from typing_extensions import override

from tools.odoo.port import OdooForbidden
from tools.odoo.transport_connection import OdooConnection
from tools.odoo.transport_json2 import Json2Wire, is_like_a_key
from tools.odoo.transport_jsonrpc import JsonRpcWire
from tools.odoo.transport_wire import Named, Wire

log = structlog.get_logger(__name__)


class AutoWire(Wire):
    """`Wire` by the better protocol. Building it touches no network."""

    def __init__(self, connection: OdooConnection) -> None:
        self._connection = connection
        self._choosing = threading.Lock()
        self._chosen: Wire | None = None

    @override
    def execute(self, model: str, method: str, args: Sequence[Any], named: Named, context: Named, *, timeout: float) -> Any:
        return self._wire(timeout).execute(model, method, args, named, context, timeout=timeout)

    @override
    def user_context(self, *, timeout: float) -> dict[str, Any]:
        return self._wire(timeout).user_context(timeout=timeout)

    @override
    def version(self, *, timeout: float) -> str:
        return self._wire(timeout).version(timeout=timeout)

    @override
    def close(self) -> None:
        if self._chosen is not None:
            self._chosen.close()

    def _wire(self, timeout: float) -> Wire:
        with self._choosing:
            if self._chosen is None:
                self._chosen = self._json2(timeout) or JsonRpcWire(self._connection)
                log.info("odoo_protocol", protocol="json2" if isinstance(self._chosen, Json2Wire) else "jsonrpc")
            return self._chosen

    def _json2(self, timeout: float) -> Json2Wire | None:
        """JSON-2, if Odoo has it and knows our key. Raises `OdooUnavailable`, and then nothing is decided."""
        if not is_like_a_key(self._connection.password):
            return None
        wire = Json2Wire(self._connection)
        accepted = False
        try:
            if wire.is_offered(timeout=timeout):
                wire.user_context(timeout=timeout)
                accepted = True
        except OdooForbidden:
            # A password, or something wrong with the key or the database. JSON-RPC will say what, if it is wrong there too.
            return None
        finally:
            if not accepted:
                wire.close()
        return wire if accepted else None

"""The one way to a real Odoo: blocking calls over either protocol, behind a bounded thread pool.

Promises to those above: an event loop is never blocked; one call of the port ends within its budget, queueing included, so it
ends before the lease of the turn that made it; an Odoo that is down is asked a little and then left alone
(`circuit_breaker`); Odoo is never flooded (`rate_limit`). What only reads is asked again when no answer came. What may have
an effect is sent again only when Odoo itself says that it rolled back: of everything else, the callers look first what became.
"""

import asyncio
import contextvars
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import stamina
import structlog

from tools.odoo.circuit_breaker import CircuitBreaker, CircuitState
from tools.odoo.errors import CircuitOpen, TurnedAway
from tools.odoo.port import OdooUnavailable
from tools.odoo.rate_limit import RateLimit
from tools.odoo.transport_auto import AutoWire
from tools.odoo.transport_connection import OdooConnection, WireProtocol
from tools.odoo.transport_json2 import Json2Wire
from tools.odoo.transport_jsonrpc import JsonRpcWire
from tools.odoo.transport_wire import Wire

__all__ = ["OdooConnection", "OdooTransport"]

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger(__name__)

_WIRES: Mapping[WireProtocol, Callable[[OdooConnection], Wire]] = {
    "auto": AutoWire,
    "jsonrpc": JsonRpcWire,
    "json2": Json2Wire,
}

#: Methods that change nothing, whatever their arguments.
_READS = frozenset(
    {
        "check_object_reference",
        "context_get",
        "fields_get",
        "formatted_read_group",
        "get_base_url",
        "name_search",
        "read",
        "read_group",
        "search",
        "search_count",
        "search_read",
        "web_read",
        "web_search_read",
    }
)

_ATTEMPTS = 3

#: In timeouts: for so long a call is begun anew. One that had no answer in time is asked once more, not twice.
_PATIENCE = 1.5

#: Seconds. With less of the budget left nothing is begun: a timeout so short would say nothing of Odoo.
_TOO_SHORT = 1.0

#: When the present call of the port must have ended, by `time.monotonic`.
_deadline: contextvars.ContextVar[float] = contextvars.ContextVar("odoo_deadline", default=float("inf"))


class OdooTransport:
    """Calls on one Odoo as one user. Building it touches no network."""

    def __init__(self, connection: OdooConnection, *, breaker: CircuitBreaker | None = None) -> None:
        self._connection = connection
        self._wire = _WIRES[connection.protocol](connection)
        self._breaker = breaker or CircuitBreaker()
        self._rate = RateLimit(per_second=connection.requests_per_second)
        self._pool = ThreadPoolExecutor(connection.max_workers, thread_name_prefix="odoo")
        self._fields: dict[str, dict[str, Any]] = {}

    @property
    def circuit(self) -> CircuitState:
        """Whether calls pass to Odoo, for health checks and metrics."""
        return self._breaker.state

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` on a worker. If the awaiting task is cancelled, the work still runs to its end: nothing stops half-way."""
        context = contextvars.copy_context()
        context.run(_deadline.set, time.monotonic() + self._connection.budget_seconds)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: context.run(work, *args, **kwargs))

    def call(self, model: str, method: str, *args: Any, context: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        """Call a method of Odoo, in the user's language. Blocks: for workers only. Raises what `tools.odoo.errors` says.

        For methods on records the first of `args` is their ids. JSON-2 knows positions for the methods of
        `json2_arguments` only; name what else there is.
        """
        return self._patiently(
            method, lambda timeout: self._wire.execute(model, method, args, kwargs, context or {}, timeout=timeout)
        )

    def fields(self, model: str) -> dict[str, Any]:
        """The model's fields with type and digits, asked once: names differ between versions of Odoo."""
        if model not in self._fields:
            self._fields[model] = self.call(model, "fields_get", attributes=["type", "digits"])
        return self._fields[model]

    def version(self) -> str:
        """Odoo's version, such as `19.0`, told only if the login works at this moment."""
        self.call("res.users", "context_get")
        return self._patiently("read", lambda timeout: self._wire.version(timeout=timeout))

    def timezone(self) -> ZoneInfo:
        """The time zone of the agent's user in Odoo: the one in which Odoo shows dates to that user."""
        user = self._patiently("read", lambda timeout: self._wire.user_context(timeout=timeout))
        return ZoneInfo(user.get("tz") or "UTC")

    def close(self) -> None:
        """Take no more work. What runs ends by itself, at the latest by its timeout."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._wire.close()

    def _patiently(self, method: str, ask: Callable[[float], T]) -> T:
        again = stamina.RetryingCaller(
            attempts=_ATTEMPTS,
            timeout=_PATIENCE * self._connection.timeout_seconds,
            wait_initial=0.2,
            wait_max=2.0,
            wait_jitter=0.5,
        )
        return again(partial(_may_be_repeated, method), lambda: self._once(method, ask))

    def _once(self, method: str, ask: Callable[[float], T]) -> T:
        left = _deadline.get() - time.monotonic()
        if left < min(_TOO_SHORT, self._connection.timeout_seconds) or not self._rate.wait(at_most=left):
            raise OdooUnavailable(f"There was no time left to ask it ({method}).")
        with self._breaker.guarding():
            return ask(min(self._connection.timeout_seconds, _deadline.get() - time.monotonic()))


def _may_be_repeated(method: str, error: Exception) -> bool:
    if isinstance(error, CircuitOpen) or not isinstance(error, OdooUnavailable):
        return False
    return method in _READS or isinstance(error, TurnedAway)

"""What comes back over either protocol when a call fails, as the port's typed errors (measured on Odoo 14 and 19).

The line that matters runs between "Odoo did not answer" (`OdooUnavailable`: may be tried again, after a look-up) and
"Odoo said no" (final). A circuit breaker or a retry may act on the first only. Only Odoo's own message is kept as detail:
the traceback that Odoo sends along is for Odoo's log, and what a library says may quote the password.
"""

import http.client
import json
import urllib.error

import httpx
import odoorpc

from domain.errors import AgentError, NotFound
from tools.odoo.port import OdooForbidden, OdooRefused, OdooUnavailable

#: Everything that odoorpc was seen to raise. KeyError: it expects a `result` in the answer to its greeting.
RAISED_BY_ODOORPC: tuple[type[Exception], ...] = (
    odoorpc.error.Error,
    OSError,
    http.client.HTTPException,
    json.JSONDecodeError,
    UnicodeDecodeError,
    KeyError,
)

_FORBIDDEN = {
    "odoo.exceptions.AccessDenied",
    "odoo.exceptions.AccessError",
    "odoo.http.SessionExpiredException",
    "werkzeug.exceptions.Forbidden",
    "werkzeug.exceptions.Unauthorized",
}
_MISSING = "odoo.exceptions.MissingError"

#: Odoo says of these itself that nothing was done: somebody else had the record.
_LOCKED = {"odoo.exceptions.LockError", "odoo.exceptions.ConcurrencyError"}

#: HTTP statuses of a server that could not take the request at this moment.
_NOT_NOW = (408, 429, 502, 503, 504)


class TurnedAway(OdooUnavailable):
    """Other transactions in Odoo were always first, and this one was rolled back: try again."""


class CircuitOpen(OdooUnavailable):
    """Odoo failed several times in a row and is left alone for a moment: nothing was sent; try again later."""


def is_outage(error: AgentError) -> bool:
    """Whether Odoo gave no answer of its own."""
    return isinstance(error, OdooUnavailable) and not isinstance(error, TurnedAway)


def is_conflict(text: str) -> bool:
    """Whether PostgreSQL turned a transaction away because of another one: the same call may succeed next."""
    return any(words in text for words in ("could not serialize", "deadlock detected", "duplicate key value"))


def translate(error: Exception) -> AgentError:
    """The port's error for what odoorpc raised."""
    if isinstance(error, odoorpc.error.RPCError):
        return _of_rpc(error)
    if isinstance(error, urllib.error.HTTPError):
        return _of_status(error.code)
    if isinstance(error, urllib.error.URLError):
        timed_out = isinstance(error.reason, TimeoutError)
        return OdooUnavailable("No answer in time." if timed_out else f"{error.reason}.")
    if isinstance(error, TimeoutError):
        return OdooUnavailable("No answer in time.")
    if isinstance(error, ValueError | KeyError):
        return OdooUnavailable("The answer was no JSON-RPC: is this address Odoo's?")
    return OdooUnavailable(f"{type(error).__name__}: {error}")


def translate_httpx(error: httpx.HTTPError) -> AgentError:
    """The port's error for what httpx raised."""
    if isinstance(error, httpx.TimeoutException):
        return OdooUnavailable("No answer in time.")
    if isinstance(error, httpx.ConnectError):
        return OdooUnavailable(f"{error}.")
    # No text: of a header that cannot be sent, the text is the header.
    return OdooUnavailable(f"{type(error).__name__}.")


def translate_answer(status: int, text: str) -> AgentError:
    """The port's error for an answer of JSON-2 that is not 200. Of Odoo's own, the body names the error as JSON-RPC does."""
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if isinstance(answer, dict) and "name" in answer and status not in _NOT_NOW:
        return _of_server(str(answer["name"]), str(answer.get("message")).strip())
    if status == httpx.codes.NOT_FOUND and "database" in text:
        return OdooForbidden("There is no such database.")
    return _of_status(status)


def _of_status(status: int) -> AgentError:
    # Before Odoo stands a proxy that asks for more than we have; any other status is somebody's bad moment.
    kind = OdooForbidden if status in (401, 403) else OdooUnavailable
    return kind(f"HTTP {status}.")


def _of_rpc(error: odoorpc.error.RPCError) -> AgentError:
    if not error.info:  # odoorpc's own word for a login that the server answered with `false`
        return OdooForbidden("Wrong user or password.")
    data = error.info.get("data") or {}
    return _of_server(str(data.get("name")), str(data.get("message") or error).strip())


def _of_server(name: str, message: str) -> AgentError:
    if name in _FORBIDDEN:
        return OdooForbidden(message)
    if name == _MISSING:
        return NotFound(message)
    if name in _LOCKED:
        return TurnedAway(message)
    if name.startswith("psycopg2."):
        # A wrong database name is an OperationalError just as a serialization failure is: only the text tells.
        if "does not exist" in message and "database" in message:
            return OdooForbidden(message)
        return TurnedAway(message) if is_conflict(message) else OdooUnavailable(message)
    return OdooRefused(message)

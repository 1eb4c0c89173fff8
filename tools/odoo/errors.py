"""What odoorpc raises, as the port's typed errors. The tables of causes were measured on Odoo 14 and 19.

The line that matters runs between "Odoo did not answer" (`OdooUnavailable`: may be tried again, after a look-up) and
"Odoo said no" (final). A circuit breaker or a retry may act on the first only. Only Odoo's own message is kept as detail:
the traceback that Odoo sends along is for Odoo's log.
"""

import http.client
import json
import urllib.error

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

_FORBIDDEN = {"odoo.exceptions.AccessDenied", "odoo.exceptions.AccessError"}
_MISSING = "odoo.exceptions.MissingError"


def translate(error: Exception) -> AgentError:
    """The port's error for what odoorpc raised."""
    if isinstance(error, odoorpc.error.RPCError):
        return _of_server(error)
    if isinstance(error, urllib.error.HTTPError):
        # Before Odoo stands a proxy that asks for more than we have; any other status is somebody's bad moment.
        kind = OdooForbidden if error.code in (401, 403) else OdooUnavailable
        return kind(f"HTTP {error.code}.")
    if isinstance(error, urllib.error.URLError):
        return OdooUnavailable(f"{error.reason}.")
    if isinstance(error, TimeoutError):
        return OdooUnavailable("No answer in time.")
    if isinstance(error, ValueError | KeyError):
        return OdooUnavailable("The answer was no JSON-RPC: is this address Odoo's?")
    return OdooUnavailable(f"{type(error).__name__}: {error}")


def is_conflict(text: str) -> bool:
    """Whether PostgreSQL turned a transaction away because of another one: the same call may succeed next."""
    return any(words in text for words in ("could not serialize", "deadlock detected", "duplicate key value"))


def _of_server(error: odoorpc.error.RPCError) -> AgentError:
    if not error.info:  # odoorpc's own word for a login that the server answered with `false`
        return OdooForbidden("Wrong user or password.")
    data = error.info.get("data") or {}
    name, message = str(data.get("name")), str(data.get("message") or error).strip()
    if name in _FORBIDDEN:
        return OdooForbidden(message)
    if name == _MISSING:
        return NotFound(message)
    if name.startswith("psycopg2."):
        # A wrong database name is an OperationalError just as a serialization failure is: only the text tells.
        no_database = "does not exist" in message and "database" in message
        return OdooForbidden(message) if no_database else OdooUnavailable(message)
    return OdooRefused(message)

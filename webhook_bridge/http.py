"""What all routes share: who may call, and errors of one shape.

A route is closed unless it says otherwise: `closed` puts the token check in front of every route but those named as open.
The check is a middleware of the route and not of the app, because the LangGraph server hangs its own routes on the same app
and guards those by its own authentication.
"""

import hmac
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Any, TypeVar

import pydantic
import structlog
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import AgentError, InvalidInput, NotAllowed, NotFound, UpstreamError
from domain.value import Value
from storage.engine import AWAY, DatabaseUnavailable
from webhook_bridge.metrics import error_seen

log = structlog.get_logger(__name__)

Body = TypeVar("Body", bound=Value)


class TokenMissing(NotAllowed):
    """Send `Authorization: Bearer` with the token of BRIDGE_API_TOKEN."""

    code = "unauthorized"


class Unforeseen(UpstreamError):
    """This failed and was not stored: try again later, and see the log if it goes on."""

    code = "internal_error"


class BearerToken:
    """ASGI middleware: 401 unless the request carries the token."""

    def __init__(self, app: ASGIApp, *, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Compare in constant time."""
        given = dict(scope["headers"]).get(b"authorization", b"")
        if hmac.compare_digest(given, self._expected):
            await self._app(scope, receive, send)
        else:
            await error_response(TokenMissing(), status=401)(scope, receive, send)


def closed(routes: Iterable[Route], *, token: str, open_paths: Collection[str]) -> list[Route]:
    """The routes, each behind the token except those whose path is in `open_paths`."""
    guard = [Middleware(BearerToken, token=token)]
    return [
        route
        if route.path in open_paths
        else Route(route.path, route.endpoint, methods=list(route.methods or ()), name=route.name, middleware=guard)
        for route in routes
    ]


def with_other_methods_refused(routes: Iterable[Route]) -> list[Route]:
    """The routes, and behind them one a path that answers 405 to any method they do not take.

    Starlette would do so by itself if these were all the routes; but the LangGraph server hangs a mount behind ours that takes
    every path, so a wrong method would be passed on to it and come back as 404.
    """
    methods: dict[str, set[str]] = {}
    for route in (known := list(routes)):
        methods.setdefault(route.path, set()).update(route.methods or ())
    return known + [
        Route(path, _refusal(allowed), methods=[*_METHODS - allowed], include_in_schema=False)
        for path, allowed in methods.items()
    ]


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _refusal(allowed: Collection[str]) -> Callable[[Request], Awaitable[Response]]:
    async def refuse(_: Request) -> Response:
        raise HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))})

    return refuse


def error_response(error: AgentError, *, status: int) -> JSONResponse:
    """The one shape of errors."""
    return JSONResponse({"error": {"code": error.code, "message": str(error)}}, status_code=status)


def status_of(error: AgentError) -> int:
    """The HTTP status that says what the family of an error says."""
    match error:
        case NotFound():
            return 404
        case InvalidInput():
            return 422
        case NotAllowed():
            return 403
        case UpstreamError():
            return 503
        case _:
            return 500


async def on_agent_error(_: Request, error: Exception) -> Response:
    """Answer an error of ours."""
    if not isinstance(error, AgentError):
        raise error
    error_seen(error)
    return error_response(error, status=status_of(error))


async def on_http_error(_: Request, error: Exception) -> Response:
    """Answer what the framework refuses (no such page, wrong method) in our shape."""
    if not isinstance(error, HTTPException):
        raise error
    body = {"error": {"code": error.detail.lower().replace(" ", "_"), "message": error.detail}}
    return JSONResponse(body, status_code=error.status_code, headers=error.headers)


def database_away(error: Exception, *, status: int = 503) -> Response:
    """Answer that it is away: the same request may well succeed later. The log tells more, but not the statement's values."""
    error_seen(error)
    log.error("the database does not answer", error=str(getattr(error, "orig", error)))
    return error_response(DatabaseUnavailable(), status=status)


async def on_database_away(_: Request, error: Exception) -> Response:
    """Answer any request that needed it."""
    return database_away(error)


async def on_unforeseen_error(_: Request, error: Exception) -> Response:
    """Answer what nobody foresaw; the framework logs it after this. Tells nothing of it."""
    error_seen(error)
    return error_response(Unforeseen(), status=500)


ERROR_HANDLERS: dict[Any, Any] = {
    AgentError: on_agent_error,
    HTTPException: on_http_error,
    **dict.fromkeys(AWAY, on_database_away),
    Exception: on_unforeseen_error,
}


async def json_body(request: Request) -> dict[str, Any]:
    """The request's JSON object. Raise `InvalidInput`."""
    try:
        body = await request.json()
    except ValueError as error:
        raise InvalidInput("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise InvalidInput("The body is not a JSON object.")
    return body


async def body_as(request: Request, kind: type[Body]) -> Body:
    """The request's JSON as a value of this kind. Raise `InvalidInput` that names each fault and where it is."""
    try:
        return kind.from_json(await json_body(request))
    except pydantic.ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc'])) or 'body'}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors()]
        raise InvalidInput("; ".join(faults)) from error


def limit_of(request: Request, *, default: int = 20, most: int = 200) -> int:
    """The `limit` of a listing, from 1 to `most`. Raise `InvalidInput`."""
    given = request.query_params.get("limit", str(default))
    if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= most:
        raise InvalidInput(f"limit is a whole number from 1 to {most}, not {given[:20]!r}.")
    return int(given)

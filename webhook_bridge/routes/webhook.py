"""`POST /webhook/chatwoot`: signed, stored, and only then acknowledged.

200 stored, repeated, irrelevant, or signed and not understood (set aside with an alarm: a 4xx would make Chatwoot hand bot
conversations over). 401 bad, stale or missing signature. 413 too large. 500 not stored: Chatwoot's bots ask again on it.
"""

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.errors import AgentError, InvalidInput
from domain.tracing import describe, span
from storage.engine import AWAY
from storage.set_aside import SetAside
from webhook_bridge.bridge import Bridge
from webhook_bridge.chatwoot.events import Event
from webhook_bridge.chatwoot.payloads import NotUnderstood, parse_event
from webhook_bridge.chatwoot.signature import BadSignature
from webhook_bridge.http import database_away, error_response
from webhook_bridge.metrics import webhook_received

log = structlog.get_logger(__name__)

PATH = "/webhook/chatwoot"

#: Well above the largest mail: its payload repeats the mail up to four times, and HTML is large.
MAX_BODY_BYTES = 4 * 1024 * 1024


class TooLarge(InvalidInput):
    """A webhook of this size is not accepted: no message of Chatwoot's is that large."""

    code = "too_large"


def routes(bridge: Bridge) -> list[Route]:
    """The webhook."""

    async def receive(request: Request) -> Response:
        with span("webhook"):
            try:
                body = await _read(request)
            except TooLarge as error:
                return _refused(error, status=413)
            try:
                bridge.signatures.verify(request.headers, body, bridge.now())
            except BadSignature as error:
                log.warning("webhook refused", reason=error.code)
                return _refused(error, status=401)
            try:
                event = parse_event(body)
            except NotUnderstood as error:
                return await _set_aside(body, request, error)
            describe(
                chatwoot_conversation=getattr(event, "chatwoot_conversation_id", None),
                chatwoot_message=getattr(event, "chatwoot_message_id", None),
            )
            return await _take(event)

    async def received(request: Request) -> Response:
        try:
            return await receive(request)
        except AWAY as error:
            return database_away(error, status=500)

    async def _take(event: Event) -> Response:
        try:
            done = await bridge.intake.take(event)
        except Exception:
            webhook_received(event, "not_stored")
            raise
        webhook_received(event, done)
        if done == "stored":
            bridge.wake.ring()
        return JSONResponse({"status": done})

    async def _set_aside(body: bytes, request: Request, error: NotUnderstood) -> Response:
        log.error("webhook not understood, set aside", reason=str(error))
        headers = {name: value for name, value in request.headers.items() if name.startswith("x-chatwoot")}
        async with bridge.database.session() as session:
            await SetAside(session).keep(body=body, headers=headers, reason=str(error))
        webhook_received("not_understood", "set_aside")
        return JSONResponse({"status": "set_aside"})

    def _refused(error: AgentError, *, status: int) -> Response:
        webhook_received("unread", error.code)
        return error_response(error, status=status)

    return [Route(PATH, received, methods=["POST"])]


async def _read(request: Request) -> bytes:
    """The raw body, read no further than the limit: its announced length need not be true."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise TooLarge(f"The limit is {MAX_BODY_BYTES} bytes.")
    return bytes(body)

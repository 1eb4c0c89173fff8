"""`GET /messages/count` and `GET /messages/latest?limit=&conversation_id=`."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.errors import InvalidInput
from storage.messages import Messages
from webhook_bridge.bridge import Bridge
from webhook_bridge.http import limit_of
from webhook_bridge.views import message_view


def routes(bridge: Bridge) -> list[Route]:
    """Counts by direction and status; the newest messages, newest first."""

    async def count(_: Request) -> Response:
        async with bridge.database.session() as session:
            counts = await Messages(session).counts()
        total = sum(sum(statuses.values()) for statuses in counts.values())
        return JSONResponse(counts | {"total": total})

    async def latest(request: Request) -> Response:
        conversation_id = uuid_param(request.query_params.get("conversation_id"))
        async with bridge.database.session() as session:
            messages = await Messages(session).latest(limit=limit_of(request), conversation_id=conversation_id)
            return JSONResponse({"messages": [message_view(message) for message in messages]})

    return [Route("/messages/count", count), Route("/messages/latest", latest)]


def uuid_param(text: str | None) -> UUID | None:
    """An id from a query or path. Raise `InvalidInput` for what is no UUID."""
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise InvalidInput(f"{text[:60] if text else ''!r} is not an id.") from error

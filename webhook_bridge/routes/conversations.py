"""`GET /conversations?active=&limit=` and `GET /conversations/{id}`."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.errors import InvalidInput
from storage.conversations import ConversationNotFound, Conversations
from storage.messages import Messages
from storage.models import Conversation
from storage.orders import Orders
from storage.turns import Turns
from webhook_bridge.bridge import Bridge
from webhook_bridge.http import limit_of
from webhook_bridge.routes.messages import uuid_param
from webhook_bridge.views import conversation_view, message_view, order_view


def routes(bridge: Bridge) -> list[Route]:
    """Active and past conversations."""

    async def several(request: Request) -> Response:
        wanted = request.query_params.get("active")
        if wanted not in (None, "true", "false"):
            raise InvalidInput("active is true or false.")
        active = None if wanted is None else wanted == "true"
        async with bridge.database.session() as session:
            found = await Conversations(session).newest(active=active, limit=limit_of(request, default=50))
            return JSONResponse({"conversations": [await _whole(session, conversation) for conversation in found]})

    async def one(request: Request) -> Response:
        conversation_id = uuid_param(request.path_params["conversation_id"])
        async with bridge.database.session() as session:
            conversation = await Conversations(session).get(_present(conversation_id))
            view = await _whole(session, conversation, turns=50)
            orders = await Orders(session).newest(conversation_id=conversation.id)
            messages = await Messages(session).latest(limit=200, conversation_id=conversation.id)
            view["orders"] = [order_view(order) for order in orders]
            view["messages"] = [message_view(message) for message in messages]
        return JSONResponse(view)

    return [Route("/conversations", several), Route("/conversations/{conversation_id}", one)]


async def _whole(session: AsyncSession, conversation: Conversation, *, turns: int = 10) -> dict[str, object]:
    return conversation_view(
        conversation,
        turns=await Turns(session).of_conversation(conversation.id, limit=turns),
        orders=await Orders(session).newest(conversation_id=conversation.id, limit=1),
    )


def _present(conversation_id: UUID | None) -> UUID:
    if conversation_id is None:
        raise ConversationNotFound
    return conversation_id

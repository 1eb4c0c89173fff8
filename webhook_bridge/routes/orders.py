"""`GET /orders?supplier_id=&limit=`: what the agent holds to be true of orders."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from storage.orders import Orders
from webhook_bridge.bridge import Bridge
from webhook_bridge.http import limit_of
from webhook_bridge.routes.messages import uuid_param
from webhook_bridge.views import order_view


def routes(bridge: Bridge) -> list[Route]:
    """Newest first."""

    async def several(request: Request) -> Response:
        supplier_id = uuid_param(request.query_params.get("supplier_id"))
        async with bridge.database.session() as session:
            found = await Orders(session).newest(supplier_id=supplier_id, limit=limit_of(request, default=50))
            return JSONResponse({"orders": [order_view(order) for order in found]})

    return [Route("/orders", several)]

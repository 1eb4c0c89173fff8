"""A server that suppliers' files may be at: Chatwoot's file storage, or one that no supplier may reach through us."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

#: Bytes; what is larger is not fetched in these tests.
LIMIT = 10_000


class Host:
    """Writes down what it was asked, and answers as told."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.answer: Callable[[Request], Response] = lambda _: Response(b"%PDF", media_type="application/PDF; x=y")
        self.app = Starlette(routes=[Route("/{rest:path}", self._take)])

    async def _take(self, request: Request) -> Response:
        self.asked.append(request)
        return self.answer(request)

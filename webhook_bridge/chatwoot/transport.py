"""One HTTP exchange with Chatwoot: its address, its header, its errors by name, its answers in a known shape.

The header is `api-access-token`: proxies drop the form with underscores, and Rails takes both. httpx binds a client to the
event loop that first used it, so each loop gets its own; so does a limiter.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import httpx
from pydantic import TypeAdapter, ValidationError

from webhook_bridge.chatwoot.failures import ChatwootNotReached, ChatwootUnavailable, check
from webhook_bridge.chatwoot.limits import Limits

_T = TypeVar("_T")


class Transport:
    """Makes one attempt a call, once the limits leave room. Any failure is one of the errors of `failures.py`."""

    def __init__(
        self,
        *,
        base_url: str,
        timeout_seconds: float,
        http: httpx.AsyncClient | None,
        requests_per_minute: int,
        messages_per_minute: int,
    ) -> None:
        """`timeout_seconds` is for a whole exchange. `http` is used as it is, and left to its owner to close; without it one
        is made for each event loop."""
        self._base_url = base_url.rstrip("/")
        self._timeout_seconds = timeout_seconds
        # Half the time for connecting, so that a server that is not there is told from one that does not answer.
        self._timeout = httpx.Timeout(timeout_seconds, connect=timeout_seconds / 2)
        self._injected = http
        self._requests_per_minute = requests_per_minute
        self._messages_per_minute = messages_per_minute
        self._per_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()
        self._limits_per_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Limits] = WeakKeyDictionary()

    async def get(self, path: str, *, token: str, **query: str | int | None) -> Any:
        """The decoded answer; a query value of None is left out."""
        return await self._exchange("GET", path, token, {key: given for key, given in query.items() if given is not None})

    async def post(self, path: str, *, token: str, body: Mapping[str, Any]) -> Any:
        """The decoded answer, None if it is empty."""
        return await self._exchange("POST", path, token, {}, body)

    async def aclose(self) -> None:
        """Close the connections of the present event loop, which may be used again afterwards."""
        http = self._per_loop.pop(asyncio.get_running_loop(), None)
        if http is not None:
            await http.aclose()

    async def _exchange(
        self,
        method: str,
        path: str,
        token: str,
        query: Mapping[str, str | int],
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        await self.limits().request()
        try:
            # httpx's own time-outs begin anew with each piece of an answer.
            async with asyncio.timeout(self._timeout_seconds):
                response = await self._client().request(
                    method,
                    f"{self._base_url}{path}",
                    params=query or None,
                    json=body,
                    headers={"api-access-token": token, "accept": "application/json"},
                    timeout=self._timeout,
                    # A redirected POST would become a GET: a wrong address must show, not half work.
                    follow_redirects=False,
                )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise ChatwootNotReached(f"{type(error).__name__} on {method} {path}.") from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise ChatwootUnavailable(f"{type(error).__name__} on {method} {path}.") from error
        check(response)
        if not response.content.strip():
            return None
        try:
            return response.json()
        except ValueError:
            raise ChatwootUnavailable(f"It answered {method} {path} with something that is no JSON.") from None

    def limits(self) -> Limits:
        """How often the present event loop may call."""
        loop = asyncio.get_running_loop()
        limits = self._limits_per_loop.get(loop)
        if limits is None:
            limits = Limits(requests_per_minute=self._requests_per_minute, messages_per_minute=self._messages_per_minute)
            self._limits_per_loop[loop] = limits
        return limits

    def _client(self) -> httpx.AsyncClient:
        if self._injected is not None:
            return self._injected
        loop = asyncio.get_running_loop()
        http = self._per_loop.get(loop)
        if http is None:
            http = self._per_loop[loop] = httpx.AsyncClient()
        return http


def inside(answer: Any, *keys: str) -> Any:
    """What lies under these keys, None if there is nothing."""
    for key in keys:
        answer = answer.get(key) if isinstance(answer, dict) else None
    return answer


def read_as(shape: type[_T], answer: Any) -> _T:
    """`answer` in this shape. Raise `ChatwootUnavailable` if it is not: what was asked may well have been done."""
    try:
        return TypeAdapter(shape).validate_python(answer)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, fault["loc"])) or "the whole" for fault in error.errors()[:5])
        raise ChatwootUnavailable(f"Its answer has not the shape that we know: {places}.") from None

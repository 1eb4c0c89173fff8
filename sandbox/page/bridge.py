"""The bridge, seen from the page: over HTTP with its bearer token, as any other client."""

import asyncio
from typing import Any

import httpx


class BridgeUnavailable(Exception):
    """The bridge did not answer, or not with what was asked for. The message says which."""


class BridgeClient:
    """Reads conversations and orders from the bridge. The client is made at the first call."""

    def __init__(self, *, url: str, token: str, timeout_seconds: float = 4.0) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._timeout = timeout_seconds
        self._client: httpx.AsyncClient | None = None

    async def conversations(self) -> list[dict[str, Any]]:
        """All conversations the bridge tells of. Raise `BridgeUnavailable`."""
        return await self._list("/conversations", "conversations", {})

    async def orders(self, supplier_id: object) -> list[dict[str, Any]]:
        """What the agent holds to be true of a supplier's orders. Raise `BridgeUnavailable`."""
        return await self._list("/orders", "orders", {"supplier_id": str(supplier_id)})

    async def _list(self, path: str, key: str, params: dict[str, str]) -> list[dict[str, Any]]:
        if self._client is None:
            # Making a client reads certificates from disk, hence the thread.
            self._client = await asyncio.to_thread(httpx.AsyncClient, timeout=self._timeout)
        try:
            answer = await self._client.get(self._url + path, params=params, headers=self._headers)
            answer.raise_for_status()
            items = answer.json().get(key)
        except httpx.HTTPStatusError as error:
            raise BridgeUnavailable(f"GET {path} answered {error.response.status_code}") from error
        except (httpx.HTTPError, ValueError, AttributeError) as error:
            raise BridgeUnavailable(f"GET {path}: {type(error).__name__}") from error
        return [item for item in items or [] if isinstance(item, dict)]

"""A supplier's file, fetched from Chatwoot and from nowhere else.

The address of a file comes with a webhook, and what it answers is mostly a redirect: whoever can make us follow an address of
his choice can read what only our network sees. So scheme, host and port must be those of CHATWOOT_BASE_URL, in the address
itself and in every redirect; no token is sent; and what comes is counted as it comes, since a length that was told may be
untrue, a compressed answer may grow, and a slow one may never end.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from domain.errors import InvalidInput, NotAllowed, UpstreamError

_REDIRECTS = 5
_REDIRECTED = frozenset({301, 302, 303, 307, 308})
_MEDIA_TYPE = re.compile(r"[a-z0-9][\w.+-]{0,99}/[a-z0-9][\w.+-]{0,99}")
_DEFAULT_PORTS = {"http": 80, "https": 443}

#: A compressed answer would be larger unpacked than what was counted.
_HEADERS = {"accept": "*/*", "accept-encoding": "identity"}


class FileElsewhere(NotAllowed):
    """The file is not at Chatwoot's own address (CHATWOOT_BASE_URL), so it was not fetched: open it in Chatwoot."""

    code = "file_elsewhere"


class FileTooLarge(InvalidInput):
    """The file is larger than ATTACHMENT_MAX_BYTES, so it was not fetched: open it in Chatwoot."""

    code = "file_too_large"


class FileRefused(InvalidInput):
    """Chatwoot does not give this file out: it may be deleted; look in Chatwoot."""

    code = "file_refused"


class FileUnavailable(UpstreamError):
    """Chatwoot did not give the file, or not in time: it may do so later."""

    code = "file_unavailable"


@dataclass(frozen=True)
class FetchedFile:
    """The bytes, and the media type that Chatwoot told (lower case, without parameters), if it was one."""

    content: bytes
    media_type: str | None


class FileFetcher:
    """Fetches files of one Chatwoot, one attempt a call. Use it in one event loop, and close it there."""

    def __init__(self, *, base_url: str, max_bytes: int, timeout_seconds: float = 15.0) -> None:
        """`timeout_seconds` is for the whole file, redirects included."""
        self._origin = _origin(httpx.URL(base_url))
        self._max_bytes = max_bytes
        self._timeout_seconds = timeout_seconds
        self._http: httpx.AsyncClient | None = None
        self._making = asyncio.Lock()

    async def fetch(self, url: str) -> FetchedFile:
        """The file at `url`. Raise `FileElsewhere`, `FileTooLarge`, `FileRefused` or `FileUnavailable`."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._follow(self._checked(url))
        except (httpx.TransportError, TimeoutError) as error:
            raise FileUnavailable(f"{type(error).__name__}.") from error

    async def aclose(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _follow(self, url: httpx.URL) -> FetchedFile:
        for _ in range(_REDIRECTS + 1):
            async with self._answer(url) as answer:
                if answer.status_code not in _REDIRECTED:
                    return await self._read(answer)
                location = answer.headers.get("location", "")
            url = self._checked(location, seen_from=url)
        raise FileRefused(f"More than {_REDIRECTS} redirects.")

    async def _read(self, answer: httpx.Response) -> FetchedFile:
        status = answer.status_code
        if status in (408, 425, 429) or status >= 500:
            raise FileUnavailable(f"It answered {status}.")
        if status != 200:
            raise FileRefused(f"It answered {status}.")
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            raise FileRefused("It is compressed, though we asked for it as it is.")
        told = answer.headers.get("content-length", "")
        if told.isascii() and told.isdigit() and int(told) > self._max_bytes:
            raise FileTooLarge(f"It has {told} bytes; {self._max_bytes} are allowed.")
        content = bytearray()
        async for piece in answer.aiter_raw():
            content += piece
            if len(content) > self._max_bytes:
                raise FileTooLarge(f"It has more than {self._max_bytes} bytes.")
        media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        return FetchedFile(bytes(content), media_type if _MEDIA_TYPE.fullmatch(media_type) else None)

    def _checked(self, url: str, *, seen_from: httpx.URL | None = None) -> httpx.URL:
        """`url` as httpx will use it, so that nobody reads it in another way than the one who checks it."""
        try:
            target = seen_from.join(url) if seen_from else httpx.URL(url)
        except (httpx.InvalidURL, ValueError, TypeError):
            raise FileElsewhere("Its address cannot be read.") from None
        if target.userinfo or not target.host or _origin(target) != self._origin:
            where = "A redirect leads" if seen_from else "Its address leads"
            raise FileElsewhere(f"{where} to {target.scheme or 'no scheme'}://{target.netloc.decode()[:100]}.")
        return target

    @asynccontextmanager
    async def _answer(self, url: httpx.URL) -> AsyncIterator[httpx.Response]:
        async with self._making:
            if self._http is None:
                # Making one reads certificates from disk.
                self._http = await asyncio.to_thread(httpx.AsyncClient, timeout=self._timeout_seconds)
        async with self._http.stream("GET", url, headers=_HEADERS, follow_redirects=False) as answer:
            self._http.cookies.clear()
            yield answer


def _origin(url: httpx.URL) -> tuple[str, bytes, int | None]:
    return url.scheme, url.raw_host.lower(), url.port or _DEFAULT_PORTS.get(url.scheme)

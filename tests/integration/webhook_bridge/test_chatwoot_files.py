"""Files are fetched from Chatwoot's own scheme, host and port, never from elsewhere, never without end.

Real: HTTP over loopback, and the stand-in's file storage. Faked: what is hostile answers as no Chatwoot would.
"""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from sandbox.chatwoot import make_chatwoot
from tests.integration.sandbox.serving import served
from tests.integration.sandbox.stand_in import USER_TOKEN, sandbox_config
from tests.integration.webhook_bridge.file_host import LIMIT, Host
from webhook_bridge.chatwoot.attachments import FileElsewhere, FileFetcher, FileRefused, FileTooLarge, FileUnavailable


@asynccontextmanager
async def fetching(base_url: str, *, timeout_seconds: float = 5.0) -> AsyncIterator[FileFetcher]:
    fetcher = FileFetcher(base_url=base_url, max_bytes=LIMIT, timeout_seconds=timeout_seconds)
    try:
        yield fetcher
    finally:
        await fetcher.aclose()


async def test_a_file_of_chatwoots_with_its_media_type_and_without_any_token(file_host: tuple[Host, str]) -> None:
    host, url = file_host
    async with fetching(url + "/below/a/path") as fetcher:
        file = await fetcher.fetch(f"{url}/files/offer.pdf?disposition=inline")
    assert (file.content, file.media_type) == (b"%PDF", "application/pdf")
    (request,) = host.asked
    assert {"authorization", "api-access-token", "api_access_token", "cookie"} & set(request.headers) == set()
    assert request.url.query == "disposition=inline"


@pytest.mark.parametrize(
    "trick",
    [
        "http://{inside}/secret",
        "http://{chatwoot}@{inside}/secret",
        "http://user:pass@{chatwoot}/secret",
        "http://{chatwoot}%40{inside}/secret",
        "http://{chatwoot}#@{inside}/secret\r\nHost: x",
        "http://{chatwoot}\\@{inside}/secret",
        "https://{chatwoot}/secret",
        "http://127.0.0.1/secret",
        "http://localhost:{port}/secret",
        "http://127.1:{port}/secret",
        "http://2130706433:{port}/secret",
        "http://127.0.0.1.:{port}/secret",
        "http://[::ffff:127.0.0.1]:{port}/secret",
        "//{chatwoot}/secret",
        "/secret",
        "secret",
        "",
        "http://",
        "http:///secret",
        "file:///etc/passwd",
        "ftp://{chatwoot}/secret",
        "gopher://{chatwoot}/secret",
        "javascript:alert(1)",
        "data:text/plain,hello",
        "geo:52.5,13.4",
        "http://{chatwoot}:99999/secret",
        "http://{chatwoot}/\x00",
    ],
)
async def test_an_address_elsewhere_is_never_asked(file_host: tuple[Host, str], inside: tuple[Host, str], trick: str) -> None:
    address, other = file_host[1].removeprefix("http://"), inside[1].removeprefix("http://")
    url = trick.format(chatwoot=address, inside=other, port=other.partition(":")[2])
    async with fetching(file_host[1]) as fetcher:
        with pytest.raises(FileElsewhere):
            await fetcher.fetch(url)
    assert file_host[0].asked == inside[0].asked == []


@pytest.mark.parametrize(
    "location",
    [
        "http://{inside}/secret",
        "//{inside}/secret",
        "http://{chatwoot}@{inside}/secret",
        "https://{chatwoot}/secret",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/secret",
        "file:///etc/passwd",
        "http://[not-an-address/",
    ],
)
async def test_a_redirect_elsewhere_is_not_followed(
    file_host: tuple[Host, str], inside: tuple[Host, str], location: str
) -> None:
    address, other = file_host[1].removeprefix("http://"), inside[1].removeprefix("http://")
    where = location.format(chatwoot=address, inside=other)
    file_host[0].answer = lambda _: Response(status_code=302, headers={"location": where})
    async with fetching(file_host[1]) as fetcher:
        with pytest.raises((FileElsewhere, FileRefused)) as refused:
            await fetcher.fetch(f"{file_host[1]}/file")
    assert len(file_host[0].asked) == 1
    assert inside[0].asked == []
    assert "secret" not in str(refused.value), "What the address says is not ours to repeat."


async def test_a_second_redirect_is_looked_at_as_the_first(file_host: tuple[Host, str], inside: tuple[Host, str]) -> None:
    def answer(request: Request) -> Response:
        first = request.url.path == "/file"
        return RedirectResponse("/disk" if first else f"{inside[1]}/secret")

    file_host[0].answer = answer
    async with fetching(file_host[1]) as fetcher:
        with pytest.raises(FileElsewhere):
            await fetcher.fetch(f"{file_host[1]}/file")
    assert [request.url.path for request in file_host[0].asked] == ["/file", "/disk"]
    assert inside[0].asked == []


async def test_redirects_within_chatwoot_are_followed_but_not_for_ever(file_host: tuple[Host, str]) -> None:
    host, url = file_host
    host.answer = lambda request: RedirectResponse("../there") if "there" not in request.url.path else Response(b"it")
    async with fetching(url) as fetcher:
        assert (await fetcher.fetch(f"{url}/a/b/c")).content == b"it"
        host.asked.clear()
        host.answer = lambda request: RedirectResponse(str(request.url))
        with pytest.raises(FileRefused):
            await fetcher.fetch(f"{url}/loop")
    assert len(host.asked) <= 6


async def test_a_cookie_that_was_set_is_not_sent(file_host: tuple[Host, str]) -> None:
    host, url = file_host
    host.answer = lambda _: Response(b"it", headers={"set-cookie": "session=1; Path=/"})
    async with fetching(url) as fetcher:
        await fetcher.fetch(f"{url}/1")
        await fetcher.fetch(f"{url}/2")
    assert "cookie" not in host.asked[1].headers


async def test_too_large_by_its_own_word_or_by_count(file_host: tuple[Host, str]) -> None:
    host, url = file_host
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100 * LIMIT:
            sent += 1_000
            yield b"x" * 1_000
            await asyncio.sleep(0.001)

    async with fetching(url) as fetcher:
        host.answer = lambda _: Response(b"x" * (LIMIT + 1))
        with pytest.raises(FileTooLarge):
            await fetcher.fetch(f"{url}/told")
        host.answer = lambda _: StreamingResponse(endless())
        with pytest.raises(FileTooLarge):
            await fetcher.fetch(f"{url}/untold")
        assert sent < 50 * LIMIT, "It is not read to its end."
        host.answer = lambda _: Response(b"x" * LIMIT)
        assert len((await fetcher.fetch(f"{url}/just")).content) == LIMIT


async def test_what_would_grow_when_unpacked_is_refused(file_host: tuple[Host, str]) -> None:
    host, url = file_host
    bomb = gzip.compress(b"\0" * 5_000_000)
    assert len(bomb) < LIMIT
    host.answer = lambda _: Response(bomb, headers={"content-encoding": "gzip"})
    async with fetching(url) as fetcher:
        with pytest.raises(FileRefused):
            await fetcher.fetch(f"{url}/bomb")
    assert host.asked[0].headers["accept-encoding"] == "identity"


async def test_a_slow_drip_ends_with_the_time_that_was_given(file_host: tuple[Host, str]) -> None:
    host, url = file_host

    async def drip() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"x"
            await asyncio.sleep(0.05)

    host.answer = lambda _: StreamingResponse(drip())
    async with fetching(url, timeout_seconds=0.5) as fetcher:
        begun = time.monotonic()
        with pytest.raises(FileUnavailable):
            await fetcher.fetch(f"{url}/drip")
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, FileRefused),
        (401, FileRefused),
        (410, FileRefused),
        (206, FileRefused),
        (503, FileUnavailable),
        (429, FileUnavailable),
    ],
)
async def test_what_chatwoot_says_no_to(file_host: tuple[Host, str], status: int, error: type[Exception]) -> None:
    file_host[0].answer = lambda _: Response(b"no", status_code=status)
    async with fetching(file_host[1]) as fetcher:
        with pytest.raises(error):
            await fetcher.fetch(f"{file_host[1]}/file")


@pytest.mark.parametrize("told", ["", "pdf", "text/html\tx", "a/b/c", "application/" + "x" * 200])
async def test_a_media_type_that_is_none_is_not_kept(file_host: tuple[Host, str], told: str) -> None:
    file_host[0].answer = lambda _: Response(b"it", headers={"content-type": told})
    async with fetching(file_host[1]) as fetcher:
        assert (await fetcher.fetch(f"{file_host[1]}/file")).media_type is None


async def test_nobody_there_and_a_connection_that_breaks() -> None:
    async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nabc")
        writer.close()

    server = await asyncio.start_server(broken, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with fetching(f"http://127.0.0.1:{port}") as fetcher:
        with pytest.raises(FileUnavailable):
            await fetcher.fetch(f"http://127.0.0.1:{port}/file")
        server.close()
        await server.wait_closed()
        with pytest.raises(FileUnavailable):
            await fetcher.fetch(f"http://127.0.0.1:{port}/file")


async def test_the_stand_ins_files_come_by_its_redirect(inside: tuple[Host, str]) -> None:
    app = make_chatwoot(sandbox_config())
    async with served(app) as url, httpx.AsyncClient(base_url=url, headers={"api-access-token": USER_TOKEN}) as user:
        files = [
            {"type": "file", "name": "cotización 1.pdf", "text": "%PDF-1.7"},
            {"type": "file", "name": "a.pdf", "text": "x", "redirect": f"{inside[1]}/secret"},
            {"type": "file", "name": "b.pdf", "text": "x", "missing": True},
        ]
        told = await user.post("/control/incoming", json={"inbox": "api", "content": None, "attachments": files})
        first, elsewhere, missing = (each["data_url"] for each in told.json()["message"]["attachments"])
        async with fetching(url) as fetcher:
            file = await fetcher.fetch(first)
            assert (file.content, file.media_type) == (b"%PDF-1.7", "application/pdf")
            with pytest.raises(FileElsewhere):
                await fetcher.fetch(elsewhere)
            with pytest.raises(FileRefused):
                await fetcher.fetch(missing)
    assert inside[0].asked == []

"""Before a turn's run its files are in our tables: each once, its bytes or why there are none; and no file holds a turn up.

Real: both databases, HTTP over loopback. Faked: the host of the files, so that it can fail, hang and count.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete
from starlette.requests import Request
from starlette.responses import Response

from domain.messages import MessageStatus
from storage.attachments import Attachments, WantedFile
from storage.engine import Database
from storage.messages import Messages
from storage.models import AttachmentFile, Conversation, Message, Turn
from tests.integration.storage.scenes import NOW, a_burst, a_conversation, an_inbound
from tests.integration.webhook_bridge.file_host import LIMIT, Host
from webhook_bridge.chatwoot.attachments import FileFetcher
from webhook_bridge.files import Files


@asynccontextmanager
async def working(database: Database, base_url: str, *, at_most: float = 5.0) -> AsyncIterator[Files]:
    fetcher = FileFetcher(base_url=base_url, max_bytes=LIMIT, timeout_seconds=2.0)
    try:
        yield Files(
            database=database,
            fetcher=fetcher,
            max_bytes=LIMIT,
            now=lambda: NOW,
            at_most=timedelta(seconds=at_most),
            backoff_seconds=0.01,
        )
    finally:
        await fetcher.aclose()


async def a_turn(database: Database, *entries: list[dict[str, Any]]) -> tuple[Turn, list[int]]:
    """A turn of one message for each list of attachments."""
    async with database.session() as session:
        conversation = await a_conversation(session)
        turn_id = await a_burst(session, conversation)
        ids = []
        for number, attachments in enumerate(entries):
            row = an_inbound(conversation, chatwoot_message_id=900 + number, turn_id=turn_id) | {"attachments": attachments}
            stored = await Messages(session).add_once(row)
            assert stored is not None
            ids.append(stored)
        turn = await session.get_one(Turn, turn_id)
    return turn, ids


def a_file(url: str, **more: Any) -> dict[str, Any]:
    return {"name": "offer.pdf", "type": "file", "size": 4, "url": url} | more


async def kept(database: Database, ids: list[int]) -> list[AttachmentFile]:
    async with database.session() as session:
        return await Attachments(session).of_messages(ids)


async def test_every_file_is_kept_with_its_place_and_fetched_once(database: Database, file_host: tuple[Host, str]) -> None:
    host, url = file_host
    host.answer = lambda request: Response(request.url.path.encode(), media_type="image/png")
    place = {"name": "Bodega", "type": "location", "size": None, "url": "geo:1,2"}
    card = {"name": "Ana +56 9", "type": "contact", "size": None, "url": None}
    link = a_file("http://elsewhere.example/", type="fallback")
    turn, ids = await a_turn(
        database, [a_file(f"{url}/a"), place, a_file(f"{url}/b", type="image")], [], [card, link, a_file(f"{url}/c")]
    )
    async with working(database, url) as files:
        assert await files.fetch_for(turn) is turn
        assert [
            (row.message_id, row.number, row.content, row.media_type, row.failure) for row in await kept(database, ids)
        ] == [
            (ids[0], 0, b"/a", "image/png", None),
            (ids[0], 2, b"/b", "image/png", None),
            (ids[2], 2, b"/c", "image/png", None),
        ]
        await files.fetch_for(turn)
        await asyncio.gather(files.fetch_for(turn), files.fetch_for(turn))
    assert sorted(request.url.path for request in host.asked) == ["/a", "/b", "/c"]
    async with database.session() as session:
        one = await Attachments(session).get(ids[0], 2)
        assert (one and one.content, one and one.fetched_at) == (b"/b", NOW)
        assert await Attachments(session).get(ids[0], 1) is None


async def test_an_empty_file_is_a_file(database: Database, file_host: tuple[Host, str]) -> None:
    file_host[0].answer = lambda _: Response(b"")
    turn, ids = await a_turn(database, [a_file(f"{file_host[1]}/empty")])
    async with working(database, file_host[1]) as files:
        await files.fetch_for(turn)
    (row,) = await kept(database, ids)
    assert (row.content, row.failure) == (b"", None)


async def test_failures_are_kept_in_the_files_place(database: Database, file_host: tuple[Host, str]) -> None:
    host, url = file_host
    host.answer = lambda request: Response(status_code=404 if request.url.path == "/gone" else 503)
    turn, ids = await a_turn(
        database,
        [
            a_file("http://169.254.169.254/latest"),
            a_file(f"{url}/gone"),
            a_file(f"{url}/huge", size=LIMIT + 1),
            a_file(f"{url}/down"),
            a_file("file:///etc/passwd"),
        ],
    )
    async with working(database, url) as files:
        await files.fetch_for(turn)
        asked = [request.url.path for request in host.asked]
        assert (asked.count("/gone"), asked.count("/huge"), asked.count("/down")) == (1, 0, 3)
        rows = await kept(database, ids)
        assert [row.content for row in rows] == [None] * 5
        words = [row.failure or "" for row in rows]
        for said, expected in zip(words, ["169.254.169.254", "404", str(LIMIT + 1), "503", "file://"], strict=True):
            assert expected in said
        await files.fetch_for(turn)
    assert len(host.asked) == len(asked), "A failure that is kept is not tried again."


async def test_trouble_that_passes_is_got_over(database: Database, file_host: tuple[Host, str]) -> None:
    host, url = file_host
    host.answer = lambda _: Response(b"it") if len(host.asked) == 3 else Response(status_code=503)
    turn, ids = await a_turn(database, [a_file(f"{url}/a")])
    async with working(database, url) as files:
        await files.fetch_for(turn)
    assert [row.content for row in await kept(database, ids)] == [b"it"]


async def test_a_host_that_hangs_costs_the_turn_a_few_seconds_and_no_more(
    database: Database, file_host: tuple[Host, str]
) -> None:
    host, url = file_host
    released = asyncio.Event()

    class Hanging(Response):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await released.wait()

    def answer(request: Request) -> Response:
        return Hanging() if request.url.path != "/good" else Response(b"good")

    host.answer = answer
    turn, ids = await a_turn(database, [a_file(f"{url}/good"), *(a_file(f"{url}/{number}") for number in range(15))])
    async with working(database, url, at_most=0.8) as files:
        begun = time.monotonic()
        await files.fetch_for(turn)
        assert time.monotonic() - begun < 3
    released.set()
    rows = await kept(database, ids)
    assert [row.content for row in rows] == [b"good"] + [None] * 15
    assert all("0.8 s" in (row.failure or "") for row in rows[1:])


async def test_what_was_withdrawn_or_is_another_turns_is_left_alone(database: Database, file_host: tuple[Host, str]) -> None:
    host, url = file_host
    turn, ids = await a_turn(database, [a_file(f"{url}/a")], [a_file(f"{url}/b")])
    async with database.session() as session:
        await Messages(session).move(ids[0], MessageStatus.WITHDRAWN)
        conversation = await session.get_one(Conversation, turn.conversation_id)
        stray = an_inbound(conversation, chatwoot_message_id=990, turn_id=None) | {"attachments": [a_file(f"{url}/c")]}
        await Messages(session).add_once(stray)
    async with working(database, url) as files:
        await files.fetch_for(turn)
    assert [request.url.path for request in host.asked] == ["/b"]


async def test_a_message_erased_while_its_file_was_fetched_is_no_trouble(
    database: Database, file_host: tuple[Host, str]
) -> None:
    host, url = file_host
    asked, erased = asyncio.Event(), asyncio.Event()

    class Waiting(Response):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            asked.set()
            await erased.wait()
            await super().__call__(scope, receive, send)

    host.answer = lambda _: Waiting(b"late")
    turn, ids = await a_turn(database, [a_file(f"{url}/a")])
    async with working(database, url) as files:
        fetching = asyncio.create_task(files.fetch_for(turn))
        await asked.wait()
        async with database.session() as session:
            await session.execute(delete(Message).where(Message.id == ids[0]))
        erased.set()
        await fetching
    assert await kept(database, ids) == []


@pytest.mark.parametrize("first", [{"content": b"a"}, {"failure": "no"}])
async def test_what_is_kept_first_stays(database: Database, first: dict[str, Any]) -> None:
    _, ids = await a_turn(database, [a_file("http://x.example/")])
    wanted = WantedFile(message_id=ids[0], number=0, url="http://x.example/", size=None)
    async with database.session() as session:
        assert await Attachments(session).keep_once(wanted, at=NOW, **first)
    async with database.session() as session:
        assert not await Attachments(session).keep_once(wanted, content=b"other", at=NOW)
    (row,) = await kept(database, ids)
    assert (row.content, row.failure) == (first.get("content"), first.get("failure"))


async def test_two_bridges_at_once_keep_each_file_once(database: Database, file_host: tuple[Host, str]) -> None:
    turn, ids = await a_turn(database, [a_file(f"{file_host[1]}/{number}") for number in range(6)])
    async with working(database, file_host[1]) as one, working(database, file_host[1]) as other:
        await asyncio.gather(one.fetch_for(turn), other.fetch_for(turn))
    assert [(row.number, row.content) for row in await kept(database, ids)] == [(number, b"%PDF") for number in range(6)]


async def test_an_unforeseen_error_is_kept_as_a_failure(
    database: Database, file_host: tuple[Host, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def explode(_: object, __: str) -> None:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(FileFetcher, "fetch", explode)
    turn, ids = await a_turn(database, [a_file(f"{file_host[1]}/a")])
    async with working(database, file_host[1]) as files:
        await files.fetch_for(turn)
    (row,) = await kept(database, ids)
    assert "RuntimeError" in (row.failure or "")

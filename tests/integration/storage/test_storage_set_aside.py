"""Webhooks set aside: they can be looked at, and dropped once; that somebody did is kept."""

import pytest

from storage.audit import Audit
from storage.engine import Database
from storage.set_aside import SetAside, SetAsideNotFound


async def keep(database: Database, body: bytes) -> bool:
    async with database.session() as session:
        return await SetAside(session).keep(body=body, headers={"x-chatwoot-delivery": "1"}, reason="odd")


async def test_the_newest_first_and_each_whole(database: Database) -> None:
    await keep(database, b"one")
    await keep(database, b"\x00\xff")
    async with database.session() as session:
        newest, first = await SetAside(session).newest()
        assert (first.body, newest.body) == (b"one", b"\x00\xff")
        assert [kept.id for kept in await SetAside(session).newest(limit=1)] == [newest.id]
        assert (await SetAside(session).get(first.id)).headers == {"x-chatwoot-delivery": "1"}


async def test_dropped_once_and_kept_anew_if_it_comes_again(database: Database) -> None:
    await keep(database, b"one")
    await keep(database, b"two")
    async with database.session() as session:
        two, one = await SetAside(session).newest()
    async with database.session() as session:
        await SetAside(session).drop(one.id, by="cli")
    async with database.session() as session:
        assert [kept.id for kept in await SetAside(session).newest()] == [two.id]
        [fact] = await Audit(session).of("webhook_set_aside", one.id)
        assert (fact.actor, fact.action, fact.before) == ("cli", "dropped", {"digest": one.digest})
        with pytest.raises(SetAsideNotFound, match=str(one.id)):
            await SetAside(session).drop(one.id, by="cli")
        with pytest.raises(SetAsideNotFound):
            await SetAside(session).get(one.id)
    assert await keep(database, b"one")
    assert not await keep(database, b"two")

"""With a million messages behind them, the claims read the few that are due by their partial index, not the whole table.

The plans are PostgreSQL's own, of the statements that the repositories send, with fresh statistics: as it plans them when they
come first, and when they came often enough that it might settle on one plan for all values.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncSession

from storage.engine import Database
from storage.messages import Messages
from storage.turns import Turns
from tests.conftest import a_database
from tests.integration.storage.scenes import LEASE, NOW
from tests.integration.storage.years import live_for_years

MESSAGES = 1_000_000

Claim = Callable[[AsyncSession], Awaitable[Any]]


async def claim_turn(session: AsyncSession) -> Any:
    return await Turns(session).claim(now=NOW, lease=LEASE)


async def claim_message(session: AsyncSession) -> Any:
    return await Messages(session).claim_outgoing(now=NOW, lease=LEASE)


CLAIMS = pytest.mark.parametrize(
    ("claim", "index"),
    [(claim_turn, "ix_turn_claim"), (claim_message, "ix_message_outbox")],
    ids=["turn", "message"],
)


@pytest.fixture(scope="module")
def years(postgres_server: URL, migrated_template: str) -> Iterator[URL]:
    """The database, filled once for all tests here: what they claim they give back."""

    async def fill(url: str) -> None:
        database = Database(url)
        await live_for_years(database, messages=MESSAGES)
        await database.close()

    with a_database(postgres_server, template=migrated_template) as url:
        asyncio.run(fill(url.render_as_string(hide_password=False)))
        yield url


@pytest.fixture
async def full(years: URL) -> AsyncIterator[Database]:
    database = Database(years.render_as_string(hide_password=False))
    yield database
    await database.close()


async def sent(database: Database, claim: Claim) -> tuple[str, dict[str, Any]]:
    """The statement that claims, and its values. The claim itself is undone."""
    seen: list[tuple[str, Any]] = []

    def note(_: Connection, __: Any, statement: str, values: Any, ___: Any, ____: bool) -> None:
        seen.append((statement, values))

    async with database.session() as session:
        event.listen(session.get_bind(), "before_cursor_execute", note)
        claimed = await claim(session)
        event.remove(session.get_bind(), "before_cursor_execute", note)
        assert claimed is not None
        await session.rollback()
    [found] = [(statement, values) for statement, values in seen if "SKIP LOCKED" in statement]
    return found


def assert_reads_little(plan: str, index: str) -> None:
    assert f"using {index} on" in plan, plan
    # Also under an alias: the claims look at other rows of their own table.
    assert not re.search(r"Seq Scan on (message|turn)\b", plan), plan


async def test_the_million_is_there(full: Database) -> None:
    async with full.session() as session:
        stored = "SELECT (SELECT count(*) FROM communication.message), (SELECT count(*) FROM communication.turn)"
        messages, turns = (await session.execute(text(stored))).one()
    assert messages > MESSAGES
    assert turns > MESSAGES / 10


@CLAIMS
async def test_a_claim_reads_what_is_due_by_its_index(full: Database, claim: Claim, index: str) -> None:
    statement, values = await sent(full, claim)
    async with full.session() as session:
        connection = await session.connection()
        explained = await connection.exec_driver_sql(f"EXPLAIN {statement}", values)
        assert_reads_little("\n".join(line for (line,) in explained), index)


@CLAIMS
async def test_a_claim_that_came_often_still_does(full: Database, years: URL, claim: Claim, index: str) -> None:
    statement, values = await sent(full, claim)
    names = list(values)
    numbered = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", statement)
    given = ", ".join(f"%({name})s" for name in names)
    url = years.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(f"PREPARE claim AS {numbered}")
        for _ in range(20):
            connection.execute(f"EXECUTE claim ({given})", values)
        explained = connection.execute(f"EXPLAIN EXECUTE claim ({given})", values)
        assert_reads_little("\n".join(line for (line,) in explained), index)
        connection.rollback()


@CLAIMS
async def test_a_claim_touches_few_pages(full: Database, claim: Claim, index: str) -> None:
    """What it really reads, done once and undone: a plan with the right index may still read too much of it."""
    statement, values = await sent(full, claim)
    async with full.session() as session:
        connection = await session.connection()
        explained = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", values)
        plan = explained.scalar_one()[0]["Plan"]
        await session.rollback()
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 2_000, plan

"""(f) The claims of turns and of outgoing messages with a million messages stored, against the same claims with a thousand.

Both databases are on one PostgreSQL, with as much work due in each, and are asked in turn. A claim is undone, so that each
finds the same. That it scans an index is shown by its plan in `tests/integration/storage/test_storage_plans.py`.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from po_agent.settings import sqlalchemy_url
from storage import migrate
from storage.embedded_postgres import EmbeddedPostgres
from storage.engine import Database
from storage.messages import Messages
from storage.turns import Turns
from tests.bench.figures import asked, note, p50
from tests.integration.storage.scenes import LEASE, NOW
from tests.integration.storage.years import live_for_years

ROUNDS = 5
CLAIMS = 40

KINDS: dict[str, Callable[[AsyncSession], Awaitable[Any]]] = {
    "turn": lambda session: Turns(session).claim(now=NOW, lease=LEASE),
    "message": lambda session: Messages(session).claim_outgoing(now=NOW, lease=LEASE),
}


def measure() -> Iterator[dict[str, object]]:
    """One line a kind of claim: milliseconds with few and with many messages (BENCH_MESSAGES), and their ratio: no bound."""
    few, many = asked("BENCH_MESSAGES", "1000,1000000")
    with tempfile.TemporaryDirectory(prefix="po-agent-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        # PostgreSQL may run under another account.
        folder.chmod(0o755)
        with EmbeddedPostgres(folder / "postgres") as server:
            urls = [_database(server.start(), f"bench_{number}") for number in (few, many)]
            note(f"claim: filling databases with {few} and {many} messages")
            rounds = asyncio.run(_rounds(urls, [few, many]))
    for kind, ratios in rounds.items():
        yield {
            "measure": "claim",
            "of": kind,
            "rounds": len(ratios),
            "messages": [few, many],
            "ms": [p50([times[place] for times in ratios]) for place in (0, 1)],
            "ratio": p50([times[1] / times[0] for times in ratios]),
            "ratio_of_rounds": [round(times[1] / times[0], 3) for times in ratios],
        }


def _database(server: str, name: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    url = make_url(sqlalchemy_url(server)).set(database=name).render_as_string(hide_password=False)
    migrate.upgrade(url)
    return url


async def _rounds(urls: list[str], sizes: list[int]) -> dict[str, list[list[float]]]:
    """Of each kind, in each round, the median of the claims in each database."""
    databases = [Database(url) for url in urls]
    for database, size in zip(databases, sizes, strict=True):
        await live_for_years(database, messages=size)
    found: dict[str, list[list[float]]] = {kind: [] for kind in KINDS}
    for _ in range(ROUNDS):
        for kind, claim in KINDS.items():
            times: list[list[float]] = [[] for _ in databases]
            for _ in range(CLAIMS):
                for database, taken in zip(databases, times, strict=True):
                    taken.append(await _milliseconds(database, claim))
            found[kind].append([p50(taken) for taken in times])
    for database in databases:
        await database.close()
    return found


async def _milliseconds(database: Database, claim: Callable[[AsyncSession], Awaitable[Any]]) -> float:
    async with database.session() as session:
        began = time.perf_counter()
        claimed = await claim(session)
        took = time.perf_counter() - began
        assert claimed is not None
        await session.rollback()
    return took * 1000

"""With years of rows behind them, the claims read the few that are due by their partial index, not the whole table."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.engine import Database
from storage.messages import Messages
from storage.turns import Turns
from tests.integration.storage.scenes import LEASE, NOW, QUIET, a_burst, a_conversation, an_outbound

ROWS = 5_000

Claim = Callable[[AsyncSession], Awaitable[Any]]


@pytest.fixture
async def full(postgres_url: str) -> AsyncIterator[Database]:
    """Thousands of turns and messages that have ended, and one of each that is due."""
    database = Database(postgres_url)
    async with database.session() as session:
        conversation = await a_conversation(session)
        given = {"conversation": conversation.id, "at": NOW - timedelta(days=30), "rows": ROWS}
        await session.execute(
            text(
                "INSERT INTO communication.turn (conversation_id, kind, status, attempt, started_at, due_at, due_by) "
                "SELECT :conversation, 'supplier', 'done', 1, :at, :at, :at FROM generate_series(1, :rows)"
            ),
            given,
        )
        await session.execute(
            text(
                "INSERT INTO communication.message (conversation_id, seq, channel, kind, direction, status, author, private, "
                "content, attachments, timestamp, stored_at, delivery_key, attempts, next_attempt_at) "
                "SELECT :conversation, 0, 'whatsapp', 'created', 'outbound', 'sent', 'agent', false, 'Hola', '[]', :at, :at, "
                "'k' || n, 1, :at FROM generate_series(1, :rows) n"
            ),
            given,
        )
        await a_burst(session, conversation)
        await Messages(session).queue(an_outbound(conversation, key="due"))
    async with database.session() as session:
        await session.execute(text("ANALYZE communication.turn"))
        await session.execute(text("ANALYZE communication.message"))
        await session.execute(text("ANALYZE communication.conversation"))
    yield database
    await database.close()


async def claim_turn(session: AsyncSession) -> Any:
    return await Turns(session).claim(now=NOW + QUIET, lease=LEASE)


async def claim_message(session: AsyncSession) -> Any:
    return await Messages(session).claim_outgoing(now=NOW, lease=LEASE)


@pytest.mark.parametrize(
    ("claim", "table", "index"),
    [(claim_turn, "turn", "ix_turn_claim"), (claim_message, "message", "ix_message_outbox")],
)
async def test_a_claim_reads_what_is_due_by_its_index(full: Database, claim: Claim, table: str, index: str) -> None:
    seen: list[tuple[str, Any]] = []

    def note(_: Connection, __: Any, statement: str, parameters: Any, ___: Any, ____: bool) -> None:
        seen.append((statement, parameters))

    async with full.session() as session:
        event.listen(session.get_bind(), "before_cursor_execute", note)
        claimed = await claim(session)
        event.remove(session.get_bind(), "before_cursor_execute", note)
        assert claimed is not None
        await session.rollback()
    [(statement, parameters)] = [(sql, given) for sql, given in seen if "SKIP LOCKED" in sql]
    async with full.session() as session:
        connection = await session.connection()
        explained = await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        plan = "\n".join(line for (line,) in explained)
    assert index in plan, plan
    assert f"Seq Scan on {table}" not in plan, plan

"""Every attempt is counted once, by how the turn stands when it is over. The database is real; the attempt is played."""

from datetime import timedelta

import pytest

from storage.engine import Database
from storage.models import Turn
from storage.models.turn import TurnStatus
from storage.turns import Turns
from tests.integration.storage.scenes import LEASE, NOW, QUIET, a_burst, a_conversation
from webhook_bridge import metrics
from webhook_bridge.attempt_seen import attempt_seen


def counted(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


async def claimed(database: Database) -> Turn:
    async with database.session() as session:
        await a_burst(session, await a_conversation(session))
        turn = await Turns(session).claim(now=NOW + QUIET, lease=LEASE)
    assert turn is not None
    return turn


async def test_a_turn_that_was_answered(database: Database) -> None:
    turn = await claimed(database)
    before = counted("po_agent_turns_total", outcome="done"), counted("po_agent_stage_seconds_sum", stage="run")
    tokens = counted("po_agent_model_tokens_total", model="m", direction="output")
    began = NOW + QUIET
    async with attempt_seen(turn, database=database, now=lambda: began), database.session() as session:
        held = await Turns(session).held(turn.id, turn.attempt)
        held.status, held.ended_at = TurnStatus.DONE, began + timedelta(seconds=3)
        held.usage = {"m": {"input": 5, "output": 2}}
    assert counted("po_agent_turns_total", outcome="done") == before[0] + 1
    assert counted("po_agent_stage_seconds_sum", stage="run") == pytest.approx(before[1] + 3)
    assert counted("po_agent_model_tokens_total", model="m", direction="output") == tokens + 2


async def test_an_error_is_counted_and_raised_on(database: Database) -> None:
    turn = await claimed(database)
    before = counted("po_agent_turns_total", outcome="given_back"), counted("po_agent_errors_total", kind="ZeroDivisionError")

    async def fails() -> None:
        async with database.session() as session:
            await Turns(session).give_back(turn.id, 1, error="x", retry_at=NOW, max_attempts=5, now=NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with attempt_seen(turn, database=database, now=lambda: NOW):
            await fails()
    assert counted("po_agent_turns_total", outcome="given_back") == before[0] + 1
    assert counted("po_agent_errors_total", kind="ZeroDivisionError") == before[1] + 1


async def test_with_the_database_away_the_attempts_own_error_comes_through(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = await claimed(database)

    async def gone(*_: object) -> None:
        raise OSError("gone")

    monkeypatch.setattr(Turns, "find", gone)
    with pytest.raises(ZeroDivisionError):
        async with attempt_seen(turn, database=database, now=lambda: NOW):
            raise ZeroDivisionError
    async with attempt_seen(turn, database=database, now=lambda: NOW):
        pass

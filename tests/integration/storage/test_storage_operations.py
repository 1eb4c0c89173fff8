"""Operations begin behind the last door before anything binding, and end once; approvals are asked once."""

import asyncio
from typing import Any

import pytest

from domain.errors import StaleAttempt, TurnSuperseded
from storage.approvals import Approvals
from storage.audit import Audit
from storage.conversations import Conversations
from storage.engine import Database
from storage.models import Conversation, Operation, Turn
from storage.operations import Operations
from storage.turns import Turns
from tests.integration.storage.scenes import LEASE, NOW, QUIET, a_burst, a_conversation


async def a_running_turn(database: Database) -> tuple[Conversation, Turn]:
    async with database.session() as session:
        conversation = await a_conversation(session)
        await a_burst(session, conversation)
        turn = await Turns(session).claim(now=NOW + QUIET, lease=LEASE)
    assert turn is not None
    return conversation, turn


async def begin(database: Database, turn: Turn, *, key: str = "k", attempt: int | None = None, **request: Any) -> Operation:
    async with database.session() as session:
        return await Operations(session).begin(
            key=key, turn_id=turn.id, attempt=attempt or turn.attempt, action="confirm", request=request
        )


async def finish(database: Database, turn: Turn, *, refused: bool = False, **result: Any) -> None:
    async with database.session() as session:
        await Operations(session).finish(key="k", turn_id=turn.id, result=result, refused=refused, at=NOW)


async def hand_over(database: Database, conversation: Conversation) -> None:
    async with database.session() as session:
        assert await Conversations(session).hand_to(conversation.id, "person", actor="test")


async def write_again(database: Database, conversation: Conversation, *, chatwoot_conversation_id: int = 7) -> None:
    async with database.session() as session:
        await a_burst(session, conversation, now=NOW + QUIET, chatwoot_conversation_id=chatwoot_conversation_id)


async def test_a_repeat_finds_the_operation_as_it_was_begun(database: Database) -> None:
    _, turn = await a_running_turn(database)
    first = await begin(database, turn, order="P1")
    again = await begin(database, turn, order="P2")
    assert (again.id, again.request, again.status, again.result) == (first.id, {"order": "P1"}, "started", None)


async def test_a_repeat_after_the_end_finds_the_result(database: Database) -> None:
    _, turn = await a_running_turn(database)
    await begin(database, turn)
    await finish(database, turn, order="P1")
    replayed = await begin(database, turn)
    assert (replayed.status, replayed.result, replayed.ended_at) == ("done", {"order": "P1"}, NOW)


async def test_the_next_attempt_replays_what_the_last_one_did(database: Database) -> None:
    _, turn = await a_running_turn(database)
    await begin(database, turn)
    await finish(database, turn, refused=True, reason="locked")
    async with database.session() as session:
        second = await Turns(session).claim(now=turn.due_at, lease=LEASE)
    assert second is not None
    replayed = await begin(database, second)
    assert (replayed.status, replayed.result, replayed.attempt) == ("refused", {"reason": "locked"}, 1)


async def test_the_first_outcome_stays_and_is_audited_once(database: Database) -> None:
    _, turn = await a_running_turn(database)
    operation = await begin(database, turn, order="P1")
    await finish(database, turn, order="P1")
    await finish(database, turn, refused=True, reason="too late")
    await finish(database, turn, order="P2")
    async with database.session() as session:
        stored = await Operations(session).find("k")
        audited = await Audit(session).of("operation", operation.id)
    assert stored is not None
    assert (stored.status, stored.result) == ("done", {"order": "P1"})
    assert [(event.action, event.before, event.after, event.turn_id) for event in audited] == [
        ("confirm.done", {"order": "P1"}, {"order": "P1"}, turn.id)
    ]


async def test_an_end_without_a_beginning_is_nothing(database: Database) -> None:
    _, turn = await a_running_turn(database)
    await finish(database, turn, order="P1")
    async with database.session() as session:
        assert await Operations(session).find("k") is None


async def test_a_stale_attempt_begins_nothing_but_what_it_did_is_recorded(database: Database) -> None:
    _, turn = await a_running_turn(database)
    await begin(database, turn)
    async with database.session() as session:
        assert await Turns(session).claim(now=turn.due_at, lease=LEASE)
    for key in ("k", "another"):
        with pytest.raises(StaleAttempt):
            await begin(database, turn, key=key)
    await finish(database, turn, order="P1")
    async with database.session() as session:
        done = await Operations(session).find("k")
        assert done is not None
        assert done.status == "done"
        assert await Operations(session).find("another") is None


async def test_a_newer_burst_supersedes_while_nothing_binding_was_begun(database: Database) -> None:
    conversation, turn = await a_running_turn(database)
    await write_again(database, conversation)
    with pytest.raises(TurnSuperseded):
        await begin(database, turn)
    async with database.session() as session:
        assert await Operations(session).find("k") is None


async def test_a_person_supersedes_while_nothing_binding_was_begun(database: Database) -> None:
    conversation, turn = await a_running_turn(database)
    await hand_over(database, conversation)
    with pytest.raises(TurnSuperseded):
        await begin(database, turn)


async def test_once_something_was_begun_the_turn_goes_through(database: Database) -> None:
    conversation, turn = await a_running_turn(database)
    await begin(database, turn)
    await write_again(database, conversation)
    await hand_over(database, conversation)
    assert (await begin(database, turn, key="next step")).status == "started"
    assert (await begin(database, turn)).status == "started"


async def test_words_in_another_chatwoot_conversation_are_a_turn_of_their_own(database: Database) -> None:
    conversation, turn = await a_running_turn(database)
    await write_again(database, conversation, chatwoot_conversation_id=8)
    assert (await begin(database, turn)).status == "started"


async def test_the_door_looks_at_the_present_not_at_what_the_session_read_before(postgres_url: str) -> None:
    """SQLite has one writer at a time, so there nobody can take over while a transaction is open."""
    database = Database(postgres_url)
    conversation, turn = await a_running_turn(database)
    async with database.session() as session:
        assert (await Conversations(session).get(conversation.id)).handled_by == "bot"
        await hand_over(database, conversation)
        with pytest.raises(TurnSuperseded):
            await Operations(session).begin(key="k", turn_id=turn.id, attempt=1, action="confirm", request={})
    await database.close()


async def test_many_runs_of_one_attempt_begin_one_operation(database: Database) -> None:
    _, turn = await a_running_turn(database)
    begun = await asyncio.gather(*[begin(database, turn, run=n) for n in range(20)])
    assert len({operation.id for operation in begun}) == 1
    assert len({str(operation.request) for operation in begun}) == 1
    await asyncio.gather(*[finish(database, turn, run=n) for n in range(20)])
    async with database.session() as session:
        assert len(await Audit(session).of("operation", begun[0].id)) == 1


async def test_an_approval_is_asked_once_however_often_its_turn_is_tried(database: Database) -> None:
    conversation, turn = await a_running_turn(database)

    async def ask(number: int) -> tuple[int, str]:
        async with database.session() as session:
            approval = await Approvals(session).open_once(
                operation_key="a",
                conversation_id=conversation.id,
                turn_id=turn.id,
                kind="confirm",
                question=f"May we? {number}",
                proposal={"n": number},
            )
            return approval.id, approval.question

    answers = await asyncio.gather(*[ask(number) for number in range(20)])
    assert len(set(answers)) == 1
    async with database.session() as session:
        approvals = await Approvals(session).newest()
        assert [(approval.status, approval.decided_at) for approval in approvals] == [("open", None)]
        assert [event.action for event in await Audit(session).of("approval", approvals[0].id)] == ["asked"]
        assert await Approvals(session).newest(status="approved") == []
        assert len(await Approvals(session).newest(status="open")) == 1

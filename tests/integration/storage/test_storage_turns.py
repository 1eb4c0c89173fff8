"""The life of a turn: collected, claimed, fenced, given back, started over. Time is what the tests say it is."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from domain.errors import StaleAttempt
from domain.messages import MessageStatus
from storage.conversations import Conversations
from storage.engine import Database
from storage.messages import Messages
from storage.models import Conversation, Turn
from storage.models.turn import TurnStatus
from storage.operations import Operations
from storage.turns import TurnNotFound, Turns
from tests.integration.storage.scenes import CAP, LEASE, NOW, QUIET, a_burst, a_conversation, a_sender, an_inbound

SECOND = timedelta(seconds=1)


async def a_stored_burst(database: Database, *, ids: tuple[int, ...] = (1,), now: datetime = NOW) -> tuple[Conversation, int]:
    """A conversation with one collecting turn that holds the messages `ids`."""
    async with database.session() as session:
        conversation = await a_conversation(session)
        turn_id = await a_burst(session, conversation, now=now)
        for number in ids:
            await Messages(session).add_once(an_inbound(conversation, chatwoot_message_id=number, turn_id=turn_id))
    return conversation, turn_id


async def claim(database: Database, *, now: datetime = NOW + QUIET) -> Turn | None:
    async with database.session() as session:
        return await Turns(session).claim(now=now, lease=LEASE)


async def claimed(database: Database, *, now: datetime = NOW + QUIET) -> Turn:
    turn = await claim(database, now=now)
    assert turn is not None
    return turn


async def present(database: Database, turn_id: int) -> Turn:
    async with database.session() as session:
        return await Turns(session).get(turn_id)


async def give_back(database: Database, turn: Turn, *, at: datetime = NOW + LEASE, most: int = 3) -> TurnStatus | None:
    async with database.session() as session:
        return await Turns(session).give_back(
            turn.id, turn.attempt, error="it broke", retry_at=at, max_attempts=most, now=NOW + QUIET
        )


async def end(database: Database, turn: Turn) -> None:
    async with database.session() as session:
        held = await Turns(session).held(turn.id, turn.attempt)
        held.status, held.ended_at = TurnStatus.DONE, NOW


class TestCollecting:
    async def test_a_turn_is_due_when_it_has_been_quiet(self, database: Database) -> None:
        _, turn_id = await a_stored_burst(database)
        assert await claim(database, now=NOW + QUIET - SECOND) is None
        assert (await claimed(database, now=NOW + QUIET)).id == turn_id

    async def test_each_message_puts_it_off_but_never_beyond_the_cap(self, database: Database) -> None:
        conversation, turn_id = await a_stored_burst(database)
        for seconds, due in [(4, NOW + QUIET + 4 * SECOND), (23, NOW + 29 * SECOND), (25, NOW + CAP), (29, NOW + CAP)]:
            async with database.session() as session:
                assert await a_burst(session, conversation, now=NOW + seconds * SECOND) == turn_id
            assert (await present(database, turn_id)).due_at == due
        assert (await claimed(database, now=NOW + CAP)).id == turn_id

    async def test_each_chatwoot_conversation_has_a_burst_of_its_own(self, database: Database) -> None:
        conversation, turn_id = await a_stored_burst(database)
        async with database.session() as session:
            other = await a_burst(session, conversation, chatwoot_conversation_id=8)
        assert other != turn_id

    async def test_what_comes_while_a_turn_runs_goes_to_the_next(self, database: Database) -> None:
        conversation, turn_id = await a_stored_burst(database)
        await claimed(database)
        async with database.session() as session:
            newer = await a_burst(session, conversation, now=NOW + QUIET)
        assert newer != turn_id
        # It has to wait for the one that runs, however long it is due.
        assert await claim(database, now=NOW + QUIET + QUIET) is None

    async def test_a_person_closes_every_burst_of_the_conversation(self, database: Database) -> None:
        conversation, turn_id = await a_stored_burst(database)
        async with database.session() as session:
            other = await a_burst(session, conversation, chatwoot_conversation_id=8)
            elsewhere = await a_burst(session, await a_conversation(session, a_sender(502, phone="+56900000000")))
        async with database.session() as session:
            assert sorted(await Turns(session).end_collecting(conversation.id, at=NOW)) == [turn_id, other]
        assert (await present(database, turn_id)).ended_at == NOW
        assert (await claimed(database)).id == elsewhere
        assert await claim(database) is None

    async def test_a_running_turn_is_not_closed_by_a_person(self, database: Database) -> None:
        conversation, turn_id = await a_stored_burst(database)
        await claimed(database)
        async with database.session() as session:
            assert await Turns(session).end_collecting(conversation.id, at=NOW) == []
        assert (await present(database, turn_id)).status == TurnStatus.RUNNING


class TestClaiming:
    async def test_a_claim_is_leased_and_fenced(self, database: Database) -> None:
        _, turn_id = await a_stored_burst(database)
        turn = await claimed(database)
        assert (turn.id, turn.status, turn.attempt, turn.due_at) == (turn_id, "running", 1, NOW + QUIET + LEASE)
        assert turn.conversation.supplier.name == "Molino"
        assert await claim(database) is None

    async def test_a_conversation_in_a_persons_hands_waits(self, database: Database) -> None:
        conversation, turn_id = await a_stored_burst(database)
        async with database.session() as session:
            assert await Conversations(session).hand_to(conversation.id, "person", actor="test")
        assert await claim(database, now=NOW + CAP) is None
        async with database.session() as session:
            assert await Conversations(session).hand_to(conversation.id, "bot", actor="test")
        assert (await claimed(database, now=NOW + CAP)).id == turn_id

    async def test_the_turn_that_was_due_first_comes_first(self, database: Database) -> None:
        async with database.session() as session:
            late = await a_burst(session, await a_conversation(session), now=NOW + SECOND)
            early = await a_burst(session, await a_conversation(session, a_sender(502, phone="+56900000000")), now=NOW)
        assert [(await claimed(database, now=NOW + CAP)).id for _ in range(2)] == [early, late]

    async def test_a_newer_turn_waits_for_an_older_one_to_be_retried(self, database: Database) -> None:
        conversation, turn_id = await a_stored_burst(database)
        await give_back(database, await claimed(database), at=NOW + LEASE)
        async with database.session() as session:
            newer = await a_burst(session, conversation)
        assert await claim(database, now=NOW + CAP) is None
        first = await claimed(database, now=NOW + LEASE)
        assert first.id == turn_id
        await end(database, first)
        assert (await claimed(database, now=NOW + LEASE)).id == newer

    async def test_a_turn_that_has_to_wait_holds_up_no_other_conversation(self, database: Database) -> None:
        conversation, _ = await a_stored_burst(database)
        await claimed(database)
        async with database.session() as session:
            await a_burst(session, conversation, now=NOW)
            other = await a_burst(session, await a_conversation(session, a_sender(502, phone="+56900000000")), now=NOW + SECOND)
        assert (await claimed(database, now=NOW + CAP)).id == other

    async def test_an_sdk_turn_begins_at_once_unless_another_runs(self, database: Database) -> None:
        conversation, _ = await a_stored_burst(database)
        async with database.session() as session:
            turn = await Turns(session).begin_now(conversation_id=conversation.id, now=NOW, lease=LEASE)
            assert turn is not None
            # The refusal leaves the caller's transaction usable.
            assert await Turns(session).begin_now(conversation_id=conversation.id, now=NOW, lease=LEASE) is None
            assert await Turns(session).is_held(turn.id, 1)
        assert await claim(database, now=NOW + QUIET) is None
        await end(database, turn)
        assert await claim(database, now=NOW + QUIET) is not None


class TestFence:
    async def test_an_expired_lease_is_claimed_again_and_the_old_attempt_can_do_nothing(self, database: Database) -> None:
        _, turn_id = await a_stored_burst(database)
        old = await claimed(database)
        assert await claim(database, now=old.due_at - SECOND) is None
        new = await claimed(database, now=old.due_at)
        assert (new.id, new.attempt, new.run_id) == (turn_id, 2, None)
        async with database.session() as session:
            turns = Turns(session)
            with pytest.raises(StaleAttempt):
                await turns.held(turn_id, old.attempt)
            assert not await turns.is_held(turn_id, old.attempt)
            assert not await turns.renew(turn_id, old.attempt, until=NOW + CAP + LEASE)
            assert not await turns.note_run(turn_id, old.attempt, uuid4())
        assert await give_back(database, old) is None
        untouched = await present(database, turn_id)
        assert (untouched.status, untouched.attempt, untouched.due_at) == ("running", 2, new.due_at)
        assert (untouched.run_id, untouched.last_error) == (None, None)

    async def test_a_renewed_lease_holds(self, database: Database) -> None:
        turn = await claimed(database, now=NOW + QUIET) if (await a_stored_burst(database)) else None
        assert turn is not None
        run_id = uuid4()
        async with database.session() as session:
            assert await Turns(session).renew(turn.id, 1, until=NOW + 10 * LEASE)
            assert await Turns(session).note_run(turn.id, 1, run_id)
        assert await claim(database, now=NOW + 10 * LEASE - SECOND) is None
        assert (await present(database, turn.id)).run_id == run_id
        assert (await claimed(database, now=NOW + 10 * LEASE)).attempt == 2

    @pytest.mark.parametrize("status", ["done", "failed", "waiting", "collecting"])
    async def test_an_attempt_that_ended_holds_nothing(self, database: Database, status: str) -> None:
        await a_stored_burst(database)
        turn = await claimed(database)
        async with database.session() as session:
            (await Turns(session).held(turn.id, 1)).status = status
        async with database.session() as session:
            with pytest.raises(StaleAttempt):
                await Turns(session).held(turn.id, 1)
            assert not await Turns(session).renew(turn.id, 1, until=NOW)
        assert await give_back(database, turn) is None
        assert (await present(database, turn.id)).status == status

    async def test_a_turn_that_is_not_there_is_not_held(self, database: Database) -> None:
        async with database.session() as session:
            for lost in (Turns(session).held(99, 1), Turns(session).get(99)):
                with pytest.raises(TurnNotFound):
                    await lost
            assert not await Turns(session).is_held(99, 1)
            assert not await Turns(session).retry(99, now=NOW)


class TestGivingBack:
    async def test_it_is_tried_again_until_it_has_failed_for_good(self, database: Database) -> None:
        _, turn_id = await a_stored_burst(database)
        now = NOW + QUIET
        for attempt in (1, 2):
            turn = await claimed(database, now=now)
            assert turn.attempt == attempt
            assert await give_back(database, turn, at=now + LEASE) is TurnStatus.WAITING
            assert await claim(database, now=now + LEASE - SECOND) is None
            now += LEASE
        assert await give_back(database, await claimed(database, now=now)) is TurnStatus.FAILED
        failed = await present(database, turn_id)
        assert (failed.status, failed.last_error, failed.ended_at) == ("failed", "it broke", NOW + QUIET)
        assert await claim(database, now=now + 100 * LEASE) is None

    async def test_a_person_has_a_failed_turn_tried_again(self, database: Database) -> None:
        _, turn_id = await a_stored_burst(database)
        old = await claimed(database)
        async with database.session() as session:
            assert not await Turns(session).retry(turn_id, now=NOW)
        assert await give_back(database, old, most=1) is TurnStatus.FAILED
        async with database.session() as session:
            assert await Turns(session).retry(turn_id, now=NOW + LEASE)
            assert not await Turns(session).retry(turn_id, now=NOW + LEASE)
        again = await claimed(database, now=NOW + LEASE)
        assert (again.id, again.ended_at) == (turn_id, None)
        # A run of the failed attempt that was only slow is still shut out.
        async with database.session() as session:
            with pytest.raises(StaleAttempt):
                await Turns(session).held(turn_id, old.attempt)

    async def test_a_failed_turn_holds_up_no_other(self, database: Database) -> None:
        conversation, _ = await a_stored_burst(database)
        await give_back(database, await claimed(database), most=1)
        async with database.session() as session:
            newer = await a_burst(session, conversation)
        assert (await claimed(database)).id == newer

    async def test_a_retried_turn_waits_for_the_one_that_runs(self, database: Database) -> None:
        conversation, turn_id = await a_stored_burst(database)
        await give_back(database, await claimed(database), most=1)
        async with database.session() as session:
            await a_burst(session, conversation)
        running = await claimed(database)
        async with database.session() as session:
            assert await Turns(session).retry(turn_id, now=NOW)
        assert await claim(database) is None
        await end(database, running)
        assert (await claimed(database)).id == turn_id


class TestStartingOver:
    async def test_it_takes_the_newer_burst_in_and_forgets_its_plan(self, database: Database) -> None:
        conversation, turn_id = await a_stored_burst(database, ids=(1, 2))
        turn = await claimed(database)
        async with database.session() as session:
            held = await Turns(session).held(turn_id, 1)
            held.understanding, held.plan, held.draft = {"intent": "x"}, {"steps": []}, [{"content": "x"}]
            newer = await a_burst(session, conversation, now=NOW + QUIET)
            # Chatwoot numbers its messages; the newer burst may have come in out of order.
            for number in (4, 3):
                await Messages(session).add_once(an_inbound(conversation, chatwoot_message_id=number, turn_id=newer))
        async with database.session() as session:
            await Turns(session).start_over(await Turns(session).held(turn_id, 1), now=NOW + CAP, quiet=QUIET)
        over = await present(database, turn_id)
        assert (over.status, over.due_at) == ("collecting", NOW + CAP + QUIET)
        assert (over.understanding, over.plan, over.draft) == (None, None, None)
        async with database.session() as session:
            assert [message.chatwoot_message_id for message in await Messages(session).of_turn(turn_id)] == [1, 2, 3, 4]
            assert [turn.id for turn in await Turns(session).of_conversation(conversation.id)] == [turn_id]
            with pytest.raises(StaleAttempt):
                await Turns(session).held(turn_id, turn.attempt)
        assert (await claimed(database, now=NOW + CAP + QUIET)).attempt == 2

    async def test_alone_it_collects_again_what_it_had(self, database: Database) -> None:
        conversation, turn_id = await a_stored_burst(database)
        await claimed(database)
        async with database.session() as session:
            await Turns(session).start_over(await Turns(session).held(turn_id, 1), now=NOW + CAP, quiet=QUIET)
        async with database.session() as session:
            assert await a_burst(session, conversation, now=NOW + CAP) == turn_id
            assert len(await Messages(session).of_turn(turn_id)) == 1

    async def test_a_burst_of_another_chatwoot_conversation_stays_apart(self, database: Database) -> None:
        conversation, turn_id = await a_stored_burst(database)
        await claimed(database)
        async with database.session() as session:
            other = await a_burst(session, conversation, chatwoot_conversation_id=8)
            await Turns(session).start_over(await Turns(session).held(turn_id, 1), now=NOW + CAP, quiet=QUIET)
        async with database.session() as session:
            assert {turn.id for turn in await Turns(session).of_conversation(conversation.id)} == {turn_id, other}

    async def test_what_was_begun_can_be_asked(self, database: Database) -> None:
        _, turn_id = await a_stored_burst(database)
        await claimed(database)
        async with database.session() as session:
            assert not await Turns(session).has_operations(turn_id)
            await Operations(session).begin(key="k", turn_id=turn_id, attempt=1, action="a", request={})
            assert await Turns(session).has_operations(turn_id)


async def test_the_words_of_a_turn_are_those_not_withdrawn_as_chatwoot_numbered_them(database: Database) -> None:
    _, turn_id = await a_stored_burst(database, ids=(30, 10, 20))
    async with database.session() as session:
        words = await Messages(session).of_turn(turn_id)
        await Messages(session).move(words[1].id, MessageStatus.WITHDRAWN)
    async with database.session() as session:
        assert [message.chatwoot_message_id for message in await Messages(session).of_turn(turn_id)] == [10, 30]


async def test_lists_and_counts_of_turns(database: Database) -> None:
    conversation, turn_id = await a_stored_burst(database)
    await claimed(database)
    async with database.session() as session:
        newer = await a_burst(session, conversation)
        assert len(await Turns(session).newest(status=TurnStatus.RUNNING)) == 1
        assert [turn.id for turn in await Turns(session).newest()] == [newer, turn_id]
        assert [turn.id for turn in await Turns(session).newest(status=TurnStatus.RUNNING)] == [turn_id]
        assert [turn.id for turn in await Turns(session).of_conversation(conversation.id, limit=1)] == [newer]

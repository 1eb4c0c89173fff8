"""What waits, as the tables tell it, on both databases."""

from datetime import timedelta

from domain.messages import MessageStatus
from storage.backlog import backlog, oldest_due_message, oldest_due_turn
from storage.conversations import Conversations
from storage.engine import Database
from storage.messages import Messages
from storage.models import Approval, Message
from storage.models.turn import TurnStatus
from storage.pauses import Pauses
from storage.set_aside import SetAside
from storage.turns import Turns
from tests.integration.storage.scenes import (
    LEASE,
    NOW,
    QUIET,
    a_burst,
    a_conversation,
    a_sender,
    an_inbound,
    an_outbound,
)

LATER = NOW + timedelta(minutes=10)


async def test_nothing_waits(database: Database) -> None:
    async with database.session() as session:
        found = await backlog(session, now=NOW)
    assert found.turns == {"collecting": 0, "waiting": 0, "running": 0, "failed": 0}
    assert found.messages == {"received": 0, "queued": 0, "failed": 0}
    assert found.conversations == {"bot": 0, "person": 0}
    assert (found.open_approvals, found.webhooks_set_aside, found.pauses) == (0, 0, 0)
    assert (found.oldest_due_turn, found.oldest_queued_message) == (None, None)


async def test_everything_is_counted_once(database: Database) -> None:
    async with database.session() as session:
        first = await a_conversation(session)
        second = await a_conversation(session, a_sender(502, phone="+56987654321"))
        turn = await a_burst(session, first)
        for number in (1, 2):
            await Messages(session).add_once(an_inbound(first, chatwoot_message_id=number, turn_id=turn))
        for number, status in enumerate([MessageStatus.QUEUED, MessageStatus.SENT, MessageStatus.FAILED]):
            message = an_outbound(second, key=f"key-{number}")
            message.status = status
            session.add(message)
        await Conversations(session).hand_to(second.id, "person", actor="test")
        for status in ("open", "approved"):
            approval = Approval(operation_key=status, kind="reply", question="?", proposal={}, status=status)
            approval.decided_at = NOW if status == "approved" else None
            session.add(approval)
        await SetAside(session).keep(body=b"{}", headers={}, reason="test")
        await Pauses(session).pause(second.supplier_id, by="test")
    async with database.session() as session:
        found = await backlog(session, now=NOW)
    assert found.turns == {"collecting": 1, "waiting": 0, "running": 0, "failed": 0}
    assert found.messages == {"received": 2, "queued": 1, "failed": 1}
    assert found.conversations == {"bot": 1, "person": 1}
    assert (found.open_approvals, found.webhooks_set_aside, found.pauses) == (1, 1, 1)


async def test_done_turns_and_ended_conversations_are_not_counted(database: Database) -> None:
    async with database.session() as session:
        conversation = await a_conversation(session)
        turn = await Turns(session).get(await a_burst(session, conversation))
        turn.status, turn.ended_at = TurnStatus.DONE, NOW
        await Conversations(session).end(conversation.id, reason="resolved", at=NOW, actor="test")
    async with database.session() as session:
        found = await backlog(session, now=LATER)
    assert set(found.turns.values()) == {0}
    assert set(found.conversations.values()) == {0}
    assert found.oldest_due_turn is None


class TestTheTurnThatWaitsLongest:
    async def test_it_is_the_first_that_could_be_claimed(self, database: Database) -> None:
        async with database.session() as session:
            await a_burst(session, await a_conversation(session))
            await a_burst(session, await a_conversation(session, a_sender(502, phone="+56987654321")), now=NOW - QUIET)
        async with database.session() as session:
            assert await oldest_due_turn(session, now=NOW - timedelta(seconds=1)) is None
            assert await oldest_due_turn(session, now=LATER) == NOW

    async def test_one_that_runs_waits_only_when_its_lease_is_over(self, database: Database) -> None:
        async with database.session() as session:
            await a_burst(session, await a_conversation(session))
            assert await Turns(session).claim(now=LATER, lease=LEASE)
            assert await oldest_due_turn(session, now=LATER) is None
            assert await oldest_due_turn(session, now=LATER + 2 * LEASE) == LATER + LEASE

    async def test_none_waits_where_the_agent_rests(self, database: Database) -> None:
        async with database.session() as session:
            conversation = await a_conversation(session)
            await a_burst(session, conversation)
            await Conversations(session).hand_to(conversation.id, "person", actor="test")
            assert await oldest_due_turn(session, now=LATER) is None
            await Conversations(session).hand_to(conversation.id, "bot", actor="test")
            assert await oldest_due_turn(session, now=LATER) == NOW + QUIET

    async def test_none_waits_while_all_is_paused(self, database: Database) -> None:
        for supplier in (True, False):
            async with database.session() as session:
                conversation = await a_conversation(session)
                await a_burst(session, conversation)
                await Pauses(session).pause(conversation.supplier_id if supplier else None, by="test")
                assert await oldest_due_turn(session, now=LATER) is None
                await Pauses(session).resume(conversation.supplier_id if supplier else None, by="test")
                assert await oldest_due_turn(session, now=LATER) == NOW + QUIET


class TestTheMessageThatWaitsLongest:
    async def test_it_is_the_first_that_could_be_claimed(self, database: Database) -> None:
        async with database.session() as session:
            first = await a_conversation(session)
            second = await a_conversation(session, a_sender(502, phone="+56987654321"))
            session.add(an_outbound(first, key="a", at=NOW))
            session.add(an_outbound(second, key="b", at=NOW - timedelta(minutes=1), chatwoot_conversation_id=8))
        async with database.session() as session:
            assert await oldest_due_message(session, now=NOW - timedelta(minutes=2)) is None
            assert await oldest_due_message(session, now=LATER) == NOW - timedelta(minutes=1)

    async def test_one_behind_a_retried_one_waits_rightly(self, database: Database) -> None:
        async with database.session() as session:
            conversation = await a_conversation(session)
            retried = an_outbound(conversation, key="a", at=LATER + timedelta(minutes=5))
            session.add(retried)
            await session.flush()
            session.add(an_outbound(conversation, key="b"))
        async with database.session() as session:
            assert await oldest_due_message(session, now=LATER) is None
            assert (await backlog(session, now=LATER)).oldest_queued_message is not None

    async def test_none_waits_while_all_is_paused(self, database: Database) -> None:
        async with database.session() as session:
            conversation = await a_conversation(session)
            session.add(an_outbound(conversation, key="a"))
            await Pauses(session).pause(conversation.supplier_id, by="test")
            assert await oldest_due_message(session, now=LATER) is None
            assert (await backlog(session, now=LATER)).oldest_queued_message is None

    async def test_when_it_was_queued_is_told(self, database: Database) -> None:
        async with database.session() as session:
            conversation = await a_conversation(session)
            for number in (2, 1):
                message: Message = an_outbound(conversation, key=f"key-{number}", at=LATER)
                message.stored_at = NOW - timedelta(minutes=number)
                session.add(message)
        async with database.session() as session:
            assert (await backlog(session, now=NOW)).oldest_queued_message == NOW - timedelta(minutes=2)

"""Messages: what may be moved where, what is due to be sent, and what a transcript or a count shows."""

from datetime import timedelta
from typing import Any

import pytest

from domain.errors import ImpossibleTransition
from domain.messages import STATUSES, TRANSITIONS, Direction, MessageStatus
from storage.engine import Database
from storage.messages import MessageNotFound, Messages
from storage.models import Conversation, Message
from storage.suppliers import Suppliers
from tests.integration.storage.scenes import LEASE, NOW, a_burst, a_conversation, a_sender, an_inbound, an_outbound

SECOND = timedelta(seconds=1)


async def a_stored(database: Database, direction: Direction, status: MessageStatus) -> int:
    async with database.session() as session:
        conversation = await a_conversation(session)
        row = an_inbound(conversation, chatwoot_message_id=1) | {"direction": direction, "status": status}
        stored = await Messages(session).add_once(row | {"delivery_key": "k", "author": "agent"})
    assert stored is not None
    return stored


async def queue(database: Database, conversation: Conversation, *keys: str, **changes: Any) -> list[int]:
    async with database.session() as session:
        messages = [an_outbound(conversation, key=key) for key in keys]
        for message in messages:
            for column, value in changes.items():
                setattr(message, column, value)
            await Messages(session).queue(message)
    return [message.id for message in messages]


async def claim(database: Database, *, now: Any = NOW) -> Message | None:
    async with database.session() as session:
        return await Messages(session).claim_outgoing(now=now, lease=LEASE)


async def claimed_id(database: Database, *, now: Any = NOW) -> int | None:
    message = await claim(database, now=now)
    return message.id if message else None


async def move(database: Database, message_id: int, to: MessageStatus, **changes: Any) -> None:
    async with database.session() as session:
        await Messages(session).move(message_id, to, **changes)


@pytest.mark.parametrize(
    ("direction", "before"), [(way, status) for way, all_of in STATUSES.items() for status in sorted(all_of)]
)
async def test_an_impossible_step_raises_and_changes_nothing(
    database: Database, direction: Direction, before: MessageStatus
) -> None:
    stored = await a_stored(database, direction, before)
    for after in set(MessageStatus) - TRANSITIONS[direction][before]:
        with pytest.raises(ImpossibleTransition):
            await move(database, stored, after, failure="never written")
        async with database.session() as session:
            message = await Messages(session).get(stored)
            assert (message.status, message.failure) == (before, None)
            # A receipt that comes twice or late is no error, and as little is done.
            assert not await Messages(session).move_if_possible(message, after, failure="never written")
            assert (message.status, message.failure) == (before, None)


async def test_a_possible_step_is_taken_with_its_changes(database: Database) -> None:
    stored = await a_stored(database, Direction.OUTBOUND, MessageStatus.QUEUED)
    await move(database, stored, MessageStatus.FAILED, failure="no such number")
    async with database.session() as session:
        message = await Messages(session).get(stored)
        assert (message.status, message.failure) == ("failed", "no such number")
        assert await Messages(session).move_if_possible(message, MessageStatus.QUEUED, failure=None)
    async with database.session() as session:
        message = await Messages(session).get(stored)
        assert (message.status, message.failure) == ("queued", None)


async def test_what_is_not_there_is_not_moved(database: Database) -> None:
    async with database.session() as session:
        for lost in (Messages(session).get(99), Messages(session).move(99, MessageStatus.SENT)):
            with pytest.raises(MessageNotFound):
                await lost


async def test_counts_name_every_status(database: Database) -> None:
    async with database.session() as session:
        assert await Messages(session).counts() == {way: dict.fromkeys(all_of, 0) for way, all_of in STATUSES.items()}
    await a_stored(database, Direction.OUTBOUND, MessageStatus.QUEUED)
    async with database.session() as session:
        counts = await Messages(session).counts()
    assert counts["outbound"]["queued"] == 1
    assert sum(sum(by_status.values()) for by_status in counts.values()) == 1
    assert {way: set(by_status) for way, by_status in counts.items()} == STATUSES


async def test_reading_marks_only_what_was_received(database: Database) -> None:
    async with database.session() as session:
        conversation = await a_conversation(session)
        ids = [await Messages(session).add_once(an_inbound(conversation, chatwoot_message_id=n)) for n in (1, 2)]
        outbound = await Messages(session).queue(an_outbound(conversation, key="k"))
        await Messages(session).move(ids[1] or 0, MessageStatus.WITHDRAWN)
        await Messages(session).mark_read([*(number or 0 for number in ids), outbound.id])
        await Messages(session).mark_read([])
    async with database.session() as session:
        statuses = [(await Messages(session).get(number or 0)).status for number in (*ids, outbound.id)]
    assert statuses == ["read", "withdrawn", "queued"]


async def test_a_transcript_is_what_both_sides_saw(database: Database) -> None:
    async with database.session() as session:
        conversation = await a_conversation(session)
        await Messages(session).add_once(an_inbound(conversation, chatwoot_message_id=1) | {"content": "first"})
        await Messages(session).add_once(an_inbound(conversation, chatwoot_message_id=2) | {"status": "withdrawn"})
    await queue(database, conversation, "note", private=True, content="only for us")
    await queue(database, conversation, "dropped", status="cancelled")
    await queue(database, conversation, "answer", content="second")
    async with database.session() as session:
        transcript = await Messages(session).transcript(conversation.id)
        assert [message.content for message in transcript] == ["first", "second"]
        assert [message.content for message in await Messages(session).transcript(conversation.id, limit=1)] == ["second"]
        latest = await Messages(session).latest(limit=3, conversation_id=conversation.id)
        assert [message.delivery_key for message in latest] == ["answer", "dropped", "note"]


class TestOutbox:
    async def test_a_claim_is_a_lease_that_counts_attempts(self, database: Database) -> None:
        async with database.session() as session:
            conversation = await a_conversation(session)
        [only] = await queue(database, conversation, "k")
        first = await claim(database)
        assert first is not None
        assert (first.id, first.attempts, first.next_attempt_at, first.status) == (only, 1, NOW + LEASE, "queued")
        assert await claim(database, now=NOW + LEASE - SECOND) is None
        again = await claim(database, now=NOW + LEASE)
        assert again is not None
        assert (again.id, again.attempts) == (only, 2)

    async def test_what_is_not_due_is_left(self, database: Database) -> None:
        async with database.session() as session:
            conversation = await a_conversation(session)
        await queue(database, conversation, "k", next_attempt_at=NOW + SECOND)
        assert await claim(database) is None
        assert await claim(database, now=NOW + SECOND) is not None

    async def test_the_next_waits_until_the_one_before_it_was_sent(self, database: Database) -> None:
        async with database.session() as session:
            conversation = await a_conversation(session)
        first, second = await queue(database, conversation, "k1", "k2")
        assert await claimed_id(database) == first
        assert await claim(database) is None
        # Also while the first waits to be tried again, long after the second was due.
        await move(database, first, MessageStatus.SENT)
        assert await claimed_id(database) == second

    @pytest.mark.parametrize("end", [MessageStatus.FAILED, MessageStatus.CANCELLED, MessageStatus.READ])
    async def test_what_will_never_be_sent_holds_up_nothing(self, database: Database, end: MessageStatus) -> None:
        async with database.session() as session:
            conversation = await a_conversation(session)
        first, second = await queue(database, conversation, "k1", "k2")
        await move(database, first, end)
        assert await claimed_id(database) == second

    async def test_chatwoot_conversations_do_not_hold_each_other_up(self, database: Database) -> None:
        async with database.session() as session:
            conversation = await a_conversation(session)
        [first] = await queue(database, conversation, "k1")
        [elsewhere] = await queue(database, conversation, "k2", chatwoot_conversation_id=8)
        [other_account] = await queue(database, conversation, "k3", account_id=2)
        assert [await claimed_id(database) for _ in range(4)] == [first, elsewhere, other_account, None]

    async def test_messages_to_a_contact_that_is_yet_to_be_opened_go_one_by_one(self, database: Database) -> None:
        """Else two workers would each open a Chatwoot conversation, and the second message might overtake the first."""
        async with database.session() as session:
            conversation = await a_conversation(session)
            point = await Suppliers(session).contact_point_of(a_sender())
            other = await Suppliers(session).contact_point_of(a_sender(502, phone="+56900000000"))
        nowhere = {"account_id": None, "chatwoot_conversation_id": None}
        first, second = await queue(database, conversation, "k1", "k2", contact_point_id=point.id, **nowhere)
        [third] = await queue(database, conversation, "k3", contact_point_id=point.id)
        [elsewhere] = await queue(database, conversation, "k4", contact_point_id=other.id, **nowhere)
        assert sorted([await claimed_id(database) or 0 for _ in range(2)]) == [first, elsewhere]
        assert await claim(database) is None
        await move(database, first, MessageStatus.SENT)
        assert await claimed_id(database) == second
        assert await claim(database) is None
        await move(database, second, MessageStatus.SENT)
        assert await claimed_id(database) == third


async def test_only_the_same_kind_of_the_same_account_is_found(database: Database) -> None:
    async with database.session() as session:
        conversation = await a_conversation(session)
        turn = await a_burst(session, conversation)
        stored = await Messages(session).add_once(an_inbound(conversation, chatwoot_message_id=1, turn_id=turn))
        found = await Messages(session).find(account_id=1, chatwoot_message_id=1)
        assert found is not None
        assert found.id == stored
        assert await Messages(session).find(account_id=2, chatwoot_message_id=1) is None
        assert await Messages(session).find(account_id=1, chatwoot_message_id=1, kind="submitted") is None
        assert await Messages(session).by_key("nobody's") is None

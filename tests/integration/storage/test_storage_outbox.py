"""The steps of a message under way: what a claim that was slow must not undo, and what it means that Chatwoot has a message."""

import asyncio
from datetime import datetime, timedelta

import pytest

from domain.messages import MessageStatus
from storage.engine import Database
from storage.messages import Messages
from storage.models import Conversation, Message
from storage.outbox import Acceptance, Outbox
from storage.suppliers import Suppliers
from storage.turns import Turns
from tests.integration.storage.scenes import LEASE, NOW, a_conversation, a_sender, an_inbound, an_outbound

SECOND = timedelta(seconds=1)


async def queued(database: Database, *keys: str, **changes: object) -> list[int]:
    async with database.session() as session:
        conversation = await a_conversation(session)
        messages = [an_outbound(conversation, key=key) for key in keys]
        for message in messages:
            for column, value in changes.items():
                setattr(message, column, value)
            await Messages(session).queue(message)
    return [message.id for message in messages]


async def claim(database: Database, *, now: datetime = NOW) -> Message:
    async with database.session() as session:
        claimed = await Messages(session).claim_outgoing(now=now, lease=LEASE)
    assert claimed is not None
    return claimed


async def row(database: Database, message_id: int) -> Message:
    async with database.session() as session:
        return await session.get_one(Message, message_id)


async def accept(database: Database, message_id: int, number: int) -> Acceptance:
    async with database.session() as session:
        message = await session.get_one(Message, message_id)
        return await Outbox(session).accept(message, chatwoot_message_id=number, at=NOW)


class TestAClaim:
    async def test_one_that_was_taken_over_holds_nothing_and_undoes_nothing(self, database: Database) -> None:
        [message] = await queued(database, "k")
        slow = await claim(database)
        quick = await claim(database, now=NOW + LEASE)
        async with database.session() as session:
            assert await Outbox(session).held(slow) is None
            await Outbox(session).put_back(slow, until=NOW, failure="late")
            assert await Outbox(session).held(quick) is not None
        stored = await row(database, message)
        assert (stored.attempts, stored.failure, stored.next_attempt_at) == (2, None, NOW + 2 * LEASE)

    async def test_put_back_it_was_no_attempt_and_what_it_knew_stays(self, database: Database) -> None:
        [message] = await queued(database, "k", outcome_unknown_at=NOW - SECOND)
        claimed = await claim(database)
        async with database.session() as session:
            present = await Outbox(session).held(claimed)
            assert present is not None
            present.outcome_unknown_at = NOW
        async with database.session() as session:
            await Outbox(session).put_back(claimed, until=NOW + SECOND, failure="down")
        stored = await row(database, message)
        assert (stored.attempts, stored.failure, stored.next_attempt_at) == (0, "down", NOW + SECOND)
        assert stored.outcome_unknown_at == NOW - SECOND

    @pytest.mark.parametrize("status", [MessageStatus.SENT, MessageStatus.CANCELLED, MessageStatus.FAILED])
    async def test_what_was_dealt_with_meanwhile_is_not_held(self, database: Database, status: MessageStatus) -> None:
        [message] = await queued(database, "k")
        claimed = await claim(database)
        async with database.session() as session:
            await Messages(session).move(message, status)
        async with database.session() as session:
            assert await Outbox(session).held(claimed) is None

    async def test_a_message_without_a_place_waits_for_earlier_ones_to_the_same_contact(self, database: Database) -> None:
        """It may turn out to go to the very Chatwoot conversation that those go to."""
        async with database.session() as session:
            point = await Suppliers(session).contact_point_of(a_sender())
        [first] = await queued(database, "k1", contact_point_id=point.id)
        [second] = await queued(database, "k2", contact_point_id=point.id, account_id=None, chatwoot_conversation_id=None)
        assert (await claim(database)).id == first
        async with database.session() as session:
            assert await Messages(session).claim_outgoing(now=NOW + SECOND, lease=LEASE) is None
            await Messages(session).move(first, MessageStatus.SENT)
        assert (await claim(database)).id == second


class TestAcceptance:
    async def test_it_is_sent_once_whoever_tells_it(self, database: Database) -> None:
        [message] = await queued(database, "k", outcome_unknown_at=NOW, failure="time-out")
        told = [await accept(database, message, number) for number in (7, 7, 8, 8, 7)]
        assert told == ["sent", "repeated", "duplicate", "repeated", "repeated"]
        stored = await row(database, message)
        assert (stored.status, stored.chatwoot_message_id, stored.sent_at, stored.duplicates) == ("sent", 7, NOW, [8])
        assert (stored.failure, stored.outcome_unknown_at) == (None, None)

    async def test_two_who_tell_of_two_copies_at_once_lose_neither(self, database: Database) -> None:
        [message] = await queued(database, "k")
        told = await asyncio.gather(*[accept(database, message, number) for number in range(1, 6)])
        assert sorted(told) == ["duplicate"] * 4 + ["sent"]
        stored = await row(database, message)
        assert {stored.chatwoot_message_id, *(stored.duplicates or [])} == {1, 2, 3, 4, 5}

    async def test_what_was_given_up_is_sent_after_all(self, database: Database) -> None:
        [message] = await queued(database, "k")
        async with database.session() as session:
            await Messages(session).move(message, MessageStatus.FAILED, failure="gave up")
        assert await accept(database, message, 7) == "sent"
        stored = await row(database, message)
        assert (stored.status, stored.failure) == ("sent", None)

    async def test_what_was_withheld_and_got_out_is_shown(self, database: Database) -> None:
        [message] = await queued(database, "k")
        async with database.session() as session:
            await Messages(session).move(message, MessageStatus.CANCELLED)
        assert await accept(database, message, 7) == "duplicate"
        stored = await row(database, message)
        assert (stored.status, stored.duplicates) == ("cancelled", [7])

    async def test_a_new_copy_of_what_failed_on_its_way_takes_its_place(self, database: Database) -> None:
        [message] = await queued(database, "k")
        await accept(database, message, 7)
        async with database.session() as session:
            await Messages(session).move(message, MessageStatus.FAILED)
            await Messages(session).move(message, MessageStatus.QUEUED)
        assert await accept(database, message, 7) == "repeated"
        assert (await row(database, message)).status == "queued"
        assert await accept(database, message, 9) == "sent"
        assert (await row(database, message)).chatwoot_message_id == 9


class TestAReply:
    async def a_reply(self, database: Database, conversation: Conversation) -> list[int]:
        async with database.session() as session:
            turn = await Turns(session).begin_now(conversation_id=conversation.id, now=NOW, lease=LEASE)
            assert turn is not None
            parts = []
            for seq, private in ((1, False), (2, False), (3, False), (4, True)):
                part = an_outbound(conversation, key=f"k{seq}")
                part.turn_id, part.seq, part.private = turn.id, seq, private
                parts.append((await Messages(session).queue(part)).id)
        return parts

    async def test_the_rest_is_what_comes_after_and_cannot_be_there(self, database: Database) -> None:
        async with database.session() as session:
            conversation = await a_conversation(session)
        first, second, third, _ = await self.a_reply(database, conversation)
        async with database.session() as session:
            message = await session.get_one(Message, first)
            assert [part.id for part in await Outbox(session).rest_of_reply(message)] == [second, third]
            (await session.get_one(Message, second)).outcome_unknown_at = NOW
            await session.flush()
            assert [part.id for part in await Outbox(session).rest_of_reply(message)] == [third]

    async def test_a_part_lacks_only_public_ones_before_it(self, database: Database) -> None:
        async with database.session() as session:
            conversation = await a_conversation(session)
        first, second, third, note = await self.a_reply(database, conversation)
        async with database.session() as session:
            await Messages(session).move(second, MessageStatus.FAILED)
            rows = {number: await session.get_one(Message, number) for number in (first, second, third, note)}
            lacking = {number for number, part in rows.items() if await Outbox(session).lacks_earlier_part(part)}
        assert lacking == {third}


async def test_what_was_there_before_is_told_by_what_others_wrote(database: Database) -> None:
    async with database.session() as session:
        conversation = await a_conversation(session)
        await Messages(session).add_once(an_inbound(conversation, chatwoot_message_id=40))
        await Messages(session).add_once(an_inbound(conversation, chatwoot_message_id=50) | {"chatwoot_conversation_id": 8})
    [earlier, message] = await queued(database, "k1", "k2")
    await accept(database, earlier, 45)
    async with database.session() as session:
        await Messages(session).add_once(an_inbound(conversation, chatwoot_message_id=60) | {"timestamp": NOW + SECOND})
    async with database.session() as session:
        present = await session.get_one(Message, message)
        assert await Outbox(session).newest_known_before(present) == 40
        assert await Outbox(session).last_heard_at(present) == NOW + SECOND

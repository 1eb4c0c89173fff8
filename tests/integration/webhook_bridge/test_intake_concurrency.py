"""Many webhooks at once, as Chatwoot sends them: everything is stored once, and nothing deadlocks."""

import asyncio
from collections import Counter

from sqlalchemy import func, select

from storage.conversations import Conversations
from storage.engine import Database
from storage.messages import Messages
from storage.models import ContactPoint, Conversation, Message, Supplier, Turn
from storage.turns import Turns
from tests.integration.storage.blocking import until_blocked
from tests.integration.webhook_bridge.intake_scenes import NOW, a_mail, a_persons, an_intake, deletion, rows, words


async def test_a_hundred_first_messages_over_two_inboxes(database: Database) -> None:
    intake = an_intake(database)
    events = [words(100 + n) if n % 2 else a_mail(100 + n) for n in range(100)]
    # Chatwoot repeats itself, and two webhooks may tell of one message.
    answers = Counter(await asyncio.gather(*[intake.take(event) for event in [*events, *events[::5]]]))
    assert answers == {"stored": 100, "repeated": 20}
    async with database.session() as session:
        for table, count in ((Supplier, 1), (ContactPoint, 2), (Conversation, 1), (Message, 100), (Turn, 2)):
            assert await session.scalar(select(func.count()).select_from(table)) == count, table.__tablename__
    [conversation] = await rows(database, Conversation)
    assert conversation.is_active
    turns = {turn.id: turn.chatwoot_conversation_id for turn in await rows(database, Turn)}
    for message in await rows(database, Message):
        assert message.conversation_id == conversation.id
        assert turns[message.turn_id] == message.chatwoot_conversation_id == (7 if message.channel == "whatsapp" else 8)


async def test_one_message_fifty_times_at_once(database: Database) -> None:
    intake = an_intake(database)
    answers = Counter(await asyncio.gather(*[intake.take(words()) for _ in range(50)]))
    assert answers == {"stored": 1, "repeated": 49}
    for table in (Message, Turn, Conversation):
        assert len(await rows(database, table)) == 1, table.__tablename__


async def test_a_repeat_that_lost_the_race_leaves_nothing_of_its_own(postgres_url: str) -> None:
    """It has looked before the other committed, and finds out only when it stores: its turn must go with it."""
    database = Database(postgres_url)
    intake = an_intake(database)
    await intake.take(words(99))
    async with database.session() as session:
        [conversation] = await rows(database, Conversation)
        await Turns(session).end_collecting(conversation.id, at=NOW)
    async with database.session() as first:
        given = {"channel": "whatsapp", "direction": "inbound", "status": "received", "author": "supplier", "content": "x"}
        known = {"conversation_id": conversation.id, "account_id": 1, "chatwoot_message_id": 100, "timestamp": NOW}
        assert await Messages(first).add_once(given | known)
        second = asyncio.create_task(intake.take(words(100)))
        await until_blocked(database)
    assert await second == "repeated"
    assert [turn.status for turn in await rows(database, Turn)] == ["done"]
    await database.close()


async def test_a_person_and_a_supplier_who_write_in_the_same_instant_do_not_deadlock(postgres_url: str) -> None:
    """Both take the conversation over and touch its burst; if not in the same order, the database would end one of them."""
    database = Database(postgres_url)
    intake = an_intake(database)
    await intake.take(words(100))
    [conversation] = await rows(database, Conversation)
    async with database.session() as person:
        assert await Conversations(person).hand_to(conversation.id, "person", actor="person")
        supplier = asyncio.create_task(intake.take(words(101, assignee_type="User")))
        await until_blocked(database)
        await Turns(person).end_collecting(conversation.id, at=NOW)
    assert await supplier == "stored"
    await database.close()


async def test_everybody_writes_at_once(database: Database) -> None:
    intake = an_intake(database)
    await asyncio.gather(intake.take(words(1)), intake.take(a_mail(2)))
    events = [
        event
        for n in range(20)
        for event in (
            words(100 + n, assignee_type="User" if n % 3 == 0 else None),
            a_mail(200 + n),
            a_persons(300 + n),
            a_persons(400 + n, chatwoot_conversation_id=8, inbox_id=12),
            deletion(100 + n),
        )
    ]
    answers = await asyncio.gather(*[intake.take(event) for event in events])
    assert [answer for event, answer in zip(events, answers, strict=True) if type(event) is not type(deletion())] == [
        "stored"
    ] * 80
    messages = await rows(database, Message)
    assert len(messages) == 82
    collecting = {turn.id for turn in await rows(database, Turn) if turn.status == "collecting"}
    # What nobody has answered is in a burst that still collects: no word is left behind.
    assert {message.turn_id for message in messages if message.status == "received"} <= collecting

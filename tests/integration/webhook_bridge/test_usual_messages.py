"""The short cut for usual messages and the long way are one and the same to whoever looks at the tables.

Real: PostgreSQL and everything between it and an event. Where two databases get the same events, the short cut is barred in
the second; `stored_at` and `started_at` are left out, since the long way takes them from the machine's own clock.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import cached_property
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from storage.conversations import Conversations
from storage.engine import Database
from storage.models import ChatwootConversation, ContactPoint, Conversation, Message, Supplier, Turn
from storage.turns import Turns
from storage.usual_message import Stored, UsualMessage, UsualMessages
from tests.conftest import a_database
from tests.integration.storage.blocking import until_blocked
from tests.integration.webhook_bridge.intake_scenes import (
    LEASE,
    NOW,
    Clock,
    a_mail,
    a_persons,
    an_intake,
    changed,
    deletion,
    rows,
    words,
)
from webhook_bridge.chatwoot.events import Attachment, Event
from webhook_bridge.intake import Intake

SECOND = timedelta(seconds=1)


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    """PostgreSQL only: there is no short cut on SQLite."""
    opened = Database(postgres_url)
    yield opened
    await opened.close()


@pytest.fixture
async def another(postgres_server: URL, migrated_template: str) -> AsyncIterator[Database]:
    """A second database, just like the first."""
    with a_database(postgres_server, template=migrated_template) as url:
        opened = Database(url.render_as_string(hide_password=False))
        yield opened
        await opened.close()


class Counted(UsualMessages):
    """The short cut, counting which messages it took and which it left."""

    @cached_property
    def taken(self) -> Counter[str]:
        return Counter()

    async def store(self, message: UsualMessage) -> Stored | None:
        stored = await super().store(message)
        self.taken["taken" if stored else "left"] += 1
        return stored


class Barred(UsualMessages):
    """No short cut: all goes the long way."""

    async def store(self, message: UsualMessage) -> Stored | None:
        return None


class WatchedIntake(Intake):
    @cached_property
    def _usual(self) -> Counted:
        return Counted(self.database, now=self.now, quiet=self.quiet, cap=self.cap)

    @property
    def taken(self) -> Counter[str]:
        return self._usual.taken


class LongIntake(Intake):
    @cached_property
    def _usual(self) -> Barred:
        return Barred(self.database, now=self.now, quiet=self.quiet, cap=self.cap)


#: Columns that hold ids, and whose; None: the table's own.
NAMED = {
    "id": None,
    "supplier_id": "supplier",
    "conversation_id": "conversation",
    "entity_id": "conversation",
    "contact_point_id": "contact_point",
    "turn_id": "turn",
}


async def dump(database: Database) -> dict[str, list[dict[str, Any]]]:
    """All that intake writes, in the order it came; ids are named by that order, since they are drawn at random."""
    names: dict[tuple[str, str], str] = {}
    found: dict[str, list[dict[str, Any]]] = {}
    tables = {
        "supplier": "created_at",
        "contact_point": "id",
        "conversation": "started_at",
        "chatwoot_conversation": "chatwoot_conversation_id",
        "turn": "id",
        "message": "id",
        "audit_event": "id",
    }
    async with database.session() as session:
        for table, order in tables.items():
            listed = await session.execute(text(f"SELECT * FROM communication.{table} ORDER BY {order}"))
            found[table] = [dict(row) for row in listed.mappings()]
    for table, entries in found.items():
        for number, row in enumerate(entries):
            if "id" in row:
                names[(table, str(row["id"]))] = f"{table} {number}"
    for table, entries in found.items():
        for row in entries:
            for column in {"stored_at", "started_at", "created_at", "at"} & set(row):
                assert row.pop(column) is not None
            row.pop("thread_id", None)
            for column, named in NAMED.items():
                if column in row:
                    row[column] = names.get((named or table, str(row[column])), row[column])
    return found


def events(chance: random.Random, count: int) -> list[Event | str]:
    """A story of one supplier's two contact points, mostly usual messages; a word among them is what happens elsewhere."""
    told: list[Event | str] = []
    for number in range(count):
        at = NOW + chance.randint(-20, 60) * SECOND
        given: dict[str, Any] = {
            "sent_at": at,
            "state_at": at + chance.choice([-5, 0, 0, 3]) * SECOND,
            "conversation_status": chance.choice(["open"] * 12 + ["pending", "snoozed", "resolved"]),
            "assignee_type": chance.choice([None] * 10 + ["User", "AgentBot"]),
            "text": chance.choice(["Hola", "", "ñandú 🌾 «50%» \\u0000 %(now)s", "línea\nlínea"]),
            "auto_reply": chance.random() < 0.05,
            "kind": chance.choice(["created"] * 9 + ["submitted"]),
            "attachments": chance.choice([()] * 5 + [(Attachment(name="a.pdf", type="file", size=3, url="http://x/a"),)]),
        }
        given["assignee_id"] = 7 if given["assignee_type"] else None
        message_id = 1000 + (number if chance.random() < 0.9 else chance.randint(0, number))
        whatsapp = chance.random() < 0.7
        message = (words if whatsapp else a_mail)(message_id, **given)
        changes = (
            {} if chance.random() < 0.85 else chance.choice([{"contact_id": 502}, {"phone": "+56977777777"}, {"inbox_id": 12}])
        )
        message = message.model_copy(update={"sender": message.sender.model_copy(update=changes)})
        if not whatsapp and chance.random() < 0.5:
            message = message.model_copy(update={"subject": "Cotización"})
        other: list[Event | str] = [
            a_persons(5000 + number),
            deletion(message_id),
            changed(status=given["conversation_status"], changed_at=at, assignee_type=given["assignee_type"]),
            "a turn ends",
            "time passes",
            "the conversation ends",
        ]
        told.append(message if chance.random() < 0.8 else chance.choice(other))
    return told


async def live_through(database: Database, intake: Intake, clock: Clock, story: list[Event | str]) -> list[str]:
    """What each event came to."""
    came = []
    for event in story:
        if not isinstance(event, str):
            came.append(await intake.take(event))
            continue
        if event == "time passes":
            clock.time += 7 * SECOND
        async with database.session() as session:
            if event == "a turn ends" and (turn := await Turns(session).claim(now=clock(), lease=LEASE)):
                turn.status, turn.ended_at = "done", clock()
            if event == "the conversation ends":
                for conversation in await Conversations(session).newest(active=True):
                    await Conversations(session).end(conversation.id, reason="idle", at=clock())
    return came


@pytest.mark.parametrize("seed", range(12))
async def test_both_ways_leave_the_same_rows(database: Database, another: Database, seed: int) -> None:
    story = events(random.Random(seed), 60)
    clocks = [Clock(), Clock()]
    short = an_intake(database, kind=WatchedIntake, now=clocks[0])
    long = an_intake(another, kind=LongIntake, now=clocks[1])
    assert await live_through(database, short, clocks[0], story) == await live_through(another, long, clocks[1], story)
    assert await dump(database) == await dump(another)
    # Were one of them 0, this would compare a way with itself.
    assert short.taken["taken"] > 3
    assert short.taken["left"] > 3


async def test_a_known_contacts_next_messages_take_the_short_cut(database: Database) -> None:
    intake = an_intake(database, kind=WatchedIntake)
    for number in range(5):
        assert await intake.take(words(100 + number, sent_at=NOW + number * SECOND)) == "stored"
    assert intake.taken == {"left": 1, "taken": 4}
    [turn] = await rows(database, Turn)
    assert {message.turn_id for message in await rows(database, Message)} == {turn.id}
    [point] = await rows(database, ContactPoint)
    [told] = await rows(database, ChatwootConversation)
    assert point.last_inbound_at == told.changed_at == NOW + 4 * SECOND


@pytest.mark.parametrize(
    "changes",
    [
        {"auto_reply": True},
        {"conversation_status": "resolved"},
        {"conversation_status": "pending"},
        {"assignee_type": "User", "assignee_id": 7},
        {"chatwoot_conversation_id": 9},
        {"inbox_id": 12},
    ],
    ids=str,
)
async def test_what_asks_for_a_decision_goes_the_long_way(database: Database, changes: dict[str, Any]) -> None:
    intake = an_intake(database, kind=WatchedIntake)
    await intake.take(words(100))
    assert await intake.take(words(101, **changes)) == "stored"
    assert intake.taken["taken"] == 0


async def test_a_repeat_touches_nothing(database: Database) -> None:
    intake = an_intake(database)
    await intake.take(words(100))
    await intake.take(words(101))
    before = await dump(database)
    assert await intake.take(words(101, sent_at=NOW + 5 * SECOND)) == "repeated"
    assert await dump(database) == before


async def test_many_at_once_over_two_bridges_are_stored_once_each(database: Database, postgres_url: str) -> None:
    other = Database(postgres_url)
    bridges = [an_intake(database, kind=WatchedIntake), an_intake(other, kind=WatchedIntake)]
    contacts = [
        {
            "chatwoot_conversation_id": 70 + n,
            "sender": words().sender.model_copy(update={"contact_id": n, "phone": f"+5691234560{n}"}),
        }
        for n in range(1, 9)
    ]
    for number, contact in enumerate(contacts):
        await bridges[0].take(words(number + 1, **contact))
    told = [words(1000 + number, **contacts[number % 8]) for number in range(200)]
    came = await asyncio.gather(*[bridge.take(event) for event in told for bridge in bridges])
    assert Counter(came) == {"stored": 200, "repeated": 200}
    assert sum(bridge.taken["taken"] for bridge in bridges) > 20
    stored = await rows(database, Message)
    assert len(stored) == len({message.chatwoot_message_id for message in stored}) == 208
    turns = await rows(database, Turn)
    assert len(turns) == 8
    assert {message.turn_id for message in stored} == {turn.id for turn in turns}
    await other.close()


async def test_one_message_that_cannot_be_stored_fails_alone(database: Database) -> None:
    intake = an_intake(database)
    contacts = [
        {"sender": words().sender.model_copy(update={"phone": f"+5691234560{n}", "contact_id": n})} for n in range(1, 9)
    ]
    told = [words(n, chatwoot_conversation_id=n, **contact) for n, contact in enumerate(contacts, 1)]
    for event in told:
        await intake.take(event)
    again = [event.model_copy(update={"chatwoot_message_id": 100 + event.chatwoot_message_id}) for event in told]
    again[4] = again[4].model_copy(update={"text": "a\x00b"})
    came = await asyncio.gather(*[intake.take(event) for event in again], return_exceptions=True)
    assert [outcome == "stored" for outcome in came] == [number != 4 for number in range(8)]
    assert isinstance(came[4], Exception)


async def test_connections_that_the_server_closed_lose_no_message(database: Database) -> None:
    intake = an_intake(database)
    await intake.take(words(1))
    await intake.take(words(2))
    for number in range(3, 9):
        async with database.session() as session:
            others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            await session.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
        assert await intake.take(words(number)) == "stored"
    assert [message.chatwoot_message_id for message in await rows(database, Message)] == list(range(1, 9))


async def test_a_conversation_that_ends_in_the_same_instant_takes_no_more(database: Database) -> None:
    """The message waits for whoever holds its contact point, and what it read before it waited is not believed."""
    intake = an_intake(database)
    await intake.take(words(1))
    [before] = await rows(database, Conversation)
    async with database.session() as ending:
        await ending.execute(text("SELECT 1 FROM communication.contact_point FOR NO KEY UPDATE"))
        await Conversations(ending).end(before.id, reason="idle", at=NOW)
        taking = asyncio.create_task(intake.take(words(2)))
        await until_blocked(database)
    assert await taking == "stored"
    first, second = await rows(database, Message)
    assert first.conversation_id == before.id != second.conversation_id


async def test_a_contact_point_that_a_merge_moves_takes_its_words_along(database: Database) -> None:
    intake = an_intake(database)
    await intake.take(words(1))
    async with database.session() as session:
        whole = Supplier(name="Molino, whole")
        session.add(whole)
        await session.flush()
        kept = await Conversations(session).active_or_new(whole.id)
    async with database.session() as merging:
        await merging.execute(text("UPDATE communication.contact_point SET supplier_id = :to"), {"to": whole.id})
        taking = asyncio.create_task(intake.take(words(2)))
        await until_blocked(database)
    assert await taking == "stored"
    assert (await rows(database, Message))[-1].conversation_id == kept.id


async def test_a_turn_that_is_claimed_in_the_same_instant_is_not_joined(database: Database) -> None:
    intake = an_intake(database)
    await intake.take(words(1))
    async with database.session() as claiming:
        turn = await Turns(claiming).claim(now=NOW + 6 * SECOND, lease=LEASE)
        assert turn is not None
        taking = asyncio.create_task(intake.take(words(2)))
        await until_blocked(database)
    assert await taking == "stored"
    first, second = await rows(database, Message)
    assert first.turn_id == turn.id != second.turn_id
    assert [each.status for each in await rows(database, Turn)] == ["running", "collecting"]

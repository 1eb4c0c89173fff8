"""What each kind of event does to the tables, and what it must leave alone. Both databases are real."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import StatementError

from domain.messages import MessageStatus
from storage.audit import Audit
from storage.conversations import Conversations
from storage.engine import Database
from storage.messages import Messages
from storage.models import ContactPoint, Conversation, Message, Supplier, Turn
from storage.models.turn import TurnStatus
from storage.turns import Turns
from tests.integration.storage.scenes import an_outbound
from tests.integration.webhook_bridge.intake_scenes import (
    CAP,
    LEASE,
    NOW,
    PHONE,
    QUIET,
    Clock,
    a_mail,
    a_persons,
    an_intake,
    changed,
    deletion,
    rows,
    words,
)
from webhook_bridge.chatwoot.events import Attachment, Event, Ignored, MessageStatusChange, OwnEcho


async def take(database: Database, *events: Event, **settings: Any) -> list[str]:
    intake = an_intake(database, **settings)
    return [await intake.take(event) for event in events]


async def counted(database: Database) -> dict[str, int]:
    tables = (Supplier, ContactPoint, Conversation, Message, Turn)
    async with database.session() as session:
        return {table.__tablename__: await session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


NOTHING = {"supplier": 0, "contact_point": 0, "conversation": 0, "message": 0, "turn": 0}
ONE_OF_EACH = dict.fromkeys(NOTHING, 1)


class TestASuppliersWords:
    async def test_they_are_stored_whole(self, database: Database) -> None:
        attachment = Attachment(name="lista.pdf", type="file", size=3, url="https://x/lista.pdf")
        assert await take(database, words(subject="Oferta", attachments=(attachment,))) == ["stored"]
        [message], [turn], [conversation] = [await rows(database, table) for table in (Message, Turn, Conversation)]
        [point] = await rows_of_points(database)
        assert (message.direction, message.status, message.author, message.kind) == (
            "inbound",
            "received",
            "supplier",
            "created",
        )
        assert (message.content, message.subject, message.timestamp) == ("Hola 100", "Oferta", NOW)
        assert message.attachments == [attachment.to_json()]
        assert (message.account_id, message.chatwoot_conversation_id, message.chatwoot_inbox_id) == (1, 7, 11)
        assert (message.turn_id, message.conversation_id, message.contact_point_id) == (turn.id, conversation.id, point.id)
        assert (turn.status, turn.due_at, turn.due_by) == ("collecting", NOW + QUIET, NOW + CAP)
        assert (point.user_identifier, point.last_inbound_at, point.chatwoot_contact_id) == (PHONE, NOW, 501)
        assert conversation.handled_by == "bot"

    async def test_a_repeat_adds_nothing_and_puts_nothing_off(self, database: Database) -> None:
        clock = Clock()
        intake = an_intake(database, now=clock)
        assert await intake.take(words()) == "stored"
        clock.time = NOW + timedelta(seconds=5)
        assert await intake.take(words(text="altered")) == "repeated"
        assert await counted(database) == ONE_OF_EACH
        [turn], [message] = await rows(database, Turn), await rows(database, Message)
        assert (turn.due_at, message.content) == (NOW + QUIET, "Hola 100")

    async def test_a_repeat_long_after_the_answer_begins_nothing(self, database: Database) -> None:
        await take(database, words())
        async with database.session() as session:
            turn = await Turns(session).claim(now=NOW + QUIET, lease=LEASE)
            assert turn is not None
            (await Turns(session).held(turn.id, 1)).status = TurnStatus.DONE
        assert await take(database, words()) == ["repeated"]
        assert await counted(database) == ONE_OF_EACH

    async def test_the_answer_to_a_form_is_a_message_beside_its_question(self, database: Database) -> None:
        assert await take(database, words(), words(kind="submitted"), words(kind="submitted")) == [
            "stored",
            "stored",
            "repeated",
        ]
        assert (await counted(database))["message"] == 2

    async def test_another_account_with_the_same_numbers_is_another_supplier(self, database: Database) -> None:
        other = words(account_id=2, sender=words().sender.model_copy(update={"account_id": 2}))
        assert await take(database, words(), other, account_id=None) == ["stored", "stored"]
        assert (await counted(database))["supplier"] == 2
        assert (await counted(database))["message"] == 2

    async def test_a_burst_is_one_turn_and_another_channel_another(self, database: Database) -> None:
        await take(database, words(100), a_mail(200), words(101), a_mail(201))
        assert await counted(database) == {"supplier": 1, "contact_point": 2, "conversation": 1, "message": 4, "turn": 2}
        by_turn: dict[int | None, set[int | None]] = {}
        for message in await rows(database, Message):
            by_turn.setdefault(message.turn_id, set()).add(message.chatwoot_message_id)
        assert sorted(by_turn.values(), key=min) == [{100, 101}, {200, 201}]

    async def test_a_new_chatwoot_conversation_joins_the_active_conversation(self, database: Database) -> None:
        await take(database, words(100), words(101, chatwoot_conversation_id=9))
        assert await counted(database) == ONE_OF_EACH | {"message": 2, "turn": 2}

    async def test_words_after_the_conversation_ended_open_the_next(self, database: Database) -> None:
        await take(database, words(100))
        [first] = await rows(database, Conversation)
        async with database.session() as session:
            await Conversations(session).end(first.id, reason="billed", at=NOW)
        await take(database, words(101))
        conversations = await rows(database, Conversation)
        assert [conversation.is_active for conversation in conversations] == [False, True]
        assert len({conversation.thread_id for conversation in conversations}) == 2
        assert (await counted(database))["supplier"] == 1

    async def test_an_automatic_answer_is_kept_but_never_answered(self, database: Database) -> None:
        assert await take(database, a_mail(auto_reply=True)) == ["stored"]
        [message] = await rows(database, Message)
        assert (message.status, message.turn_id) == ("read", None)
        assert (await counted(database))["turn"] == 0
        # Words that come with it are answered, without it.
        await take(database, a_mail(201))
        async with database.session() as session:
            turn = await Turns(session).claim(now=NOW + QUIET, lease=LEASE)
            assert turn is not None
            assert [word.chatwoot_message_id for word in await Messages(session).of_turn(turn.id)] == [201]

    async def test_words_to_a_person_wait_for_the_person(self, database: Database) -> None:
        assert await take(database, words(assignee_type="User", assignee_id=3)) == ["stored"]
        [conversation] = await rows(database, Conversation)
        assert conversation.handled_by == "person"
        async with database.session() as session:
            assert await Turns(session).claim(now=NOW + CAP, lease=LEASE) is None
            audited = await Audit(session).of("conversation", conversation.id)
        assert [event.action for event in audited] == ["opened", "handed_over"]

    @pytest.mark.parametrize("assignee_type", [None, "AgentBot"])
    async def test_words_to_nobody_or_a_bot_are_ours(self, database: Database, assignee_type: str | None) -> None:
        await take(database, words(assignee_type=assignee_type))
        [conversation] = await rows(database, Conversation)
        assert conversation.handled_by == "bot"

    async def test_a_time_that_goes_back_does_not_take_the_last_one_back(self, database: Database) -> None:
        await take(database, words(100), words(101, sent_at=NOW - timedelta(days=1)))
        [point] = await rows_of_points(database)
        assert point.last_inbound_at == NOW

    async def test_what_cannot_be_stored_raises_and_leaves_nothing(self, database: Database) -> None:
        with pytest.raises(StatementError, match="without a zone"):
            await take(database, words(sent_at=NOW.replace(tzinfo=None)))
        assert await counted(database) == NOTHING


EVERY_EVENT: list[Event] = [
    words(account_id=2),
    a_persons(account_id=2),
    changed(account_id=2),
    deletion(account_id=2),
    OwnEcho(account_id=2, chatwoot_message_id=1, delivery_key="k"),
    MessageStatusChange(account_id=2, chatwoot_message_id=1, delivery_key="k", status="read"),
]


class TestNotForUs:
    @pytest.mark.parametrize("event", EVERY_EVENT, ids=lambda event: type(event).__name__)
    async def test_another_account_is_not_ours(self, database: Database, event: Event) -> None:
        await take(database, words())
        await queue(database, "k", account_id=2)
        assert await take(database, event) == ["other_account"]
        assert await counted(database) == ONE_OF_EACH | {"message": 2}
        assert [message.status for message in await rows(database, Message)] == ["received", "queued"]

    @pytest.mark.parametrize(
        "event", [words(101, inbox_id=13), a_persons(inbox_id=13), changed(inbox_id=13, assignee_type="User")]
    )
    async def test_another_inbox_is_not_ours(self, database: Database, event: Event) -> None:
        await take(database, words())
        assert await take(database, event) == ["other_inbox"]
        assert await counted(database) == ONE_OF_EACH
        [conversation] = await rows(database, Conversation)
        assert conversation.handled_by == "bot"

    async def test_without_a_list_every_inbox_is_heard(self, database: Database) -> None:
        assert await take(database, words(inbox_id=13), inbox_ids=frozenset()) == ["stored"]

    async def test_what_is_of_no_consequence_does_nothing(self, database: Database) -> None:
        assert await take(database, Ignored(event="message_created", reason="a greeting")) == ["ignored"]
        assert await counted(database) == NOTHING


class TestAPersonsWords:
    async def test_without_a_conversation_they_open_nothing(self, database: Database) -> None:
        assert await take(database, a_persons()) == ["ignored"]
        assert await counted(database) == NOTHING

    async def test_after_the_conversation_ended_they_open_nothing(self, database: Database) -> None:
        await take(database, words())
        [conversation] = await rows(database, Conversation)
        async with database.session() as session:
            await Conversations(session).end(conversation.id, reason="billed", at=NOW)
        assert await take(database, a_persons()) == ["ignored"]
        assert await counted(database) == ONE_OF_EACH

    async def test_they_pause_the_agent_and_close_the_burst(self, database: Database) -> None:
        assert await take(database, words(100), a_mail(200), a_persons(), a_persons()) == [
            "stored",
            "stored",
            "stored",
            "repeated",
        ]
        [conversation] = await rows(database, Conversation)
        assert conversation.handled_by == "person"
        assert [(turn.status, turn.ended_at) for turn in await rows(database, Turn)] == [("done", NOW)] * 2
        messages = await rows(database, Message)
        assert [(m.direction, m.status, m.author) for m in messages] == [
            ("inbound", "read", "supplier"),
            ("inbound", "read", "supplier"),
            ("outbound", "sent", "person"),
        ]
        assert messages[2].content == "Yo me encargo"

    async def test_what_the_supplier_deleted_stays_withdrawn(self, database: Database) -> None:
        await take(database, words(100), words(101), deletion(100), a_persons())
        assert [message.status for message in await rows(database, Message)] == ["withdrawn", "read", "sent"]

    async def test_a_turn_that_waits_to_be_tried_again_counts_as_answered_too(self, database: Database) -> None:
        """Else the agent, handed the conversation back, would answer what the person answered long ago."""
        await take(database, words())
        async with database.session() as session:
            turn = await Turns(session).claim(now=NOW + QUIET, lease=LEASE)
            assert turn is not None
            await Turns(session).give_back(turn.id, 1, error="x", retry_at=NOW + LEASE, max_attempts=5, now=NOW)
        await take(database, a_persons(), changed(status="pending"))
        async with database.session() as session:
            assert await Turns(session).claim(now=NOW + 2 * LEASE, lease=LEASE) is None
        assert [message.status for message in await rows(database, Message)] == ["read", "sent"]

    async def test_a_repeat_after_it_was_handed_back_takes_nothing_over(self, database: Database) -> None:
        await take(database, words(), a_persons(), changed(status="pending"), a_persons())
        [conversation] = await rows(database, Conversation)
        assert conversation.handled_by == "bot"

    async def test_words_after_it_was_handed_back_are_answered(self, database: Database) -> None:
        await take(database, words(100), a_persons(), words(101))
        async with database.session() as session:
            assert await Turns(session).claim(now=NOW + QUIET, lease=LEASE) is None
        await take(database, changed(status="pending"))
        async with database.session() as session:
            turn = await Turns(session).claim(now=NOW + QUIET, lease=LEASE)
            assert turn is not None
            assert [word.chatwoot_message_id for word in await Messages(session).of_turn(turn.id)] == [101]


class TestHandingOver:
    async def test_over_and_back(self, database: Database) -> None:
        answers = await take(
            database,
            words(),
            changed(),
            changed(assignee_type="User"),
            changed(assignee_type="User"),
            changed(),
            changed(assignee_type="User", status="pending"),
            changed(status="pending"),
            changed(status="pending"),
            changed(assignee_type="AgentBot"),
        )
        assert answers == [
            "stored", "ignored", "handed_over", "ignored", "handed_over", "handed_over", "handed_over", "ignored", "ignored"
        ]  # fmt: skip
        async with database.session() as session:
            [conversation] = await rows(database, Conversation)
            audited = await Audit(session).of("conversation", conversation.id)
        assert [(event.actor, event.after) for event in audited[1:]] == [
            ("chatwoot", {"handled_by": handler}) for handler in ("person", "bot", "person", "bot")
        ]

    async def test_an_unknown_chatwoot_conversation_is_nobodys(self, database: Database) -> None:
        assert await take(database, words(), changed(chatwoot_conversation_id=99, assignee_type="User")) == [
            "stored",
            "ignored",
        ]

    async def test_without_an_account_the_configured_one_is_meant(self, database: Database) -> None:
        anonymous = changed(account_id=None, assignee_type="User")
        assert await take(database, words(), anonymous) == ["stored", "handed_over"]
        assert await take(database, anonymous, account_id=None) == ["ignored"]


class TestDeletion:
    async def test_what_was_not_answered_is_withdrawn(self, database: Database) -> None:
        assert await take(database, words(100), words(101), deletion(100), deletion(100)) == [
            "stored", "stored", "withdrawn", "repeated"
        ]  # fmt: skip
        assert [message.status for message in await rows(database, Message)] == ["withdrawn", "received"]
        async with database.session() as session:
            turn = await Turns(session).claim(now=NOW + QUIET, lease=LEASE)
            assert turn is not None
            assert [word.chatwoot_message_id for word in await Messages(session).of_turn(turn.id)] == [101]

    async def test_what_was_answered_stays(self, database: Database) -> None:
        await take(database, words())
        async with database.session() as session:
            await Messages(session).mark_read([1])
        assert await take(database, deletion()) == ["repeated"]
        assert [message.status for message in await rows(database, Message)] == ["read"]

    async def test_only_a_suppliers_message_is_withdrawn(self, database: Database) -> None:
        assert await take(database, words(), a_persons(300), deletion(300), deletion(999)) == [
            "stored", "stored", "ignored", "ignored"
        ]  # fmt: skip

    async def test_a_deleted_message_told_again_stays_withdrawn(self, database: Database) -> None:
        assert await take(database, words(), deletion(), words()) == ["stored", "withdrawn", "repeated"]


async def rows_of_points(database: Database) -> list[ContactPoint]:
    async with database.session() as session:
        return list(await session.scalars(select(ContactPoint).order_by(ContactPoint.id)))


async def queue(database: Database, key: str, **changes: Any) -> int:
    """A message of ours that waits in the outbox of the only conversation."""
    [conversation] = await rows(database, Conversation)
    async with database.session() as session:
        message = an_outbound(conversation, key=key)
        for column, value in changes.items():
            setattr(message, column, value)
        await Messages(session).queue(message)
    return message.id


async def ours(database: Database) -> Message:
    async with database.session() as session:
        found = await Messages(session).by_key("k")
    assert found is not None
    return found


def receipt(status: Any, **changes: Any) -> MessageStatusChange:
    given = {"account_id": 1, "chatwoot_message_id": 400, "delivery_key": "k", "status": status}
    return MessageStatusChange(**(given | changes))


ECHO = OwnEcho(account_id=1, chatwoot_message_id=400, delivery_key="k")


class TestWhatBecameOfOurs:
    @pytest.fixture(autouse=True)
    async def _queued(self, database: Database) -> None:
        await take(database, words())
        await queue(database, "k")

    async def test_an_echo_before_chatwoots_answer_proves_that_it_was_sent(self, database: Database) -> None:
        assert await take(database, ECHO, ECHO) == ["sent", "repeated"]
        message = await ours(database)
        assert (message.status, message.chatwoot_message_id) == ("sent", 400)
        # What the worker would do with the answer that comes late.
        async with database.session() as session:
            present = await session.get_one(Message, message.id)
            assert not await Messages(session).move_if_possible(present, MessageStatus.SENT, chatwoot_message_id=400)
        assert (await ours(database)).status == "sent"
        async with database.session() as session:
            assert await Messages(session).claim_outgoing(now=NOW + CAP, lease=LEASE) is None

    @pytest.mark.parametrize("key", [None, "somebody's"])
    async def test_an_echo_without_a_key_of_ours_is_nothing(self, database: Database, key: str | None) -> None:
        assert await take(database, OwnEcho(account_id=1, chatwoot_message_id=400, delivery_key=key)) == ["ignored"]
        assert (await ours(database)).status == "queued"
        assert (await counted(database))["message"] == 2

    async def test_receipts_in_order(self, database: Database) -> None:
        told = await take(database, ECHO, receipt("delivered"), receipt("read"), receipt("read"))
        assert told == ["sent", "delivered", "read", "repeated"]

    async def test_receipts_out_of_order_never_go_back(self, database: Database) -> None:
        told = await take(database, receipt("read"), receipt("delivered"), receipt("sent"), ECHO, receipt("failed"))
        assert told == ["read", "repeated", "repeated", "repeated", "repeated"]
        message = await ours(database)
        assert message.status == "read"
        # Whichever told of it first, the message is known under Chatwoot's number from then on.
        assert message.chatwoot_message_id == 400

    async def test_a_failure_after_it_was_sent_is_told_with_its_reason(self, database: Database) -> None:
        assert await take(database, ECHO, receipt("failed", failure="131047: window closed")) == ["sent", "failed"]
        message = await ours(database)
        assert (message.status, message.failure) == ("failed", "131047: window closed")
        # It is not lost under later ones, and a late receipt does not raise it from the dead.
        assert await take(database, receipt("delivered"), ECHO) == ["repeated", "repeated"]
        assert (await ours(database)).failure == "131047: window closed"

    async def test_a_persons_message_is_found_by_chatwoots_number(self, database: Database) -> None:
        told = await take(database, a_persons(300), receipt("delivered", delivery_key=None, chatwoot_message_id=300))
        assert told == ["stored", "delivered"]
        assert [message.status for message in await rows(database, Message)] == ["read", "queued", "delivered"]

    async def test_a_receipt_never_touches_a_suppliers_message(self, database: Database) -> None:
        told = await take(
            database,
            receipt("read", delivery_key=None, chatwoot_message_id=100),
            receipt("read", delivery_key=None, chatwoot_message_id=999),
            receipt("read", delivery_key="unknown"),
        )
        assert told == ["ignored"] * 3
        assert [message.status for message in await rows(database, Message)] == ["received", "queued"]

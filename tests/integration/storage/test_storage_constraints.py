"""The rules that the database itself enforces. Rows are written past the repositories, as faulty code would."""

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from domain.keys import thread_id_of
from storage.audit import Audit
from storage.conversations import Conversations
from storage.engine import Database
from storage.messages import Messages
from storage.models import (
    Approval,
    AuditEvent,
    ContactPoint,
    Conversation,
    Message,
    Operation,
    OrderRecord,
    Supplier,
    Turn,
)
from storage.models.base import Base
from tests.integration.storage.scenes import CAP, NOW, QUIET, a_burst, a_conversation, an_inbound, an_outbound


async def a_started_conversation(database: Database) -> Conversation:
    async with database.session() as session:
        return await a_conversation(session)


async def refused(database: Database, *rows: Base, rule: str = "unique constraint") -> None:
    """Writing these rows breaks a rule of that kind, and no other."""
    with pytest.raises(IntegrityError, match=re.compile(rule, re.IGNORECASE)):
        await accepted(database, *rows)


async def accepted(database: Database, *rows: Base) -> None:
    async with database.session() as session:
        for row in rows:
            session.add(row)
            await session.flush()


def a_turn(conversation: Conversation, status: str = "running", **changes: Any) -> Turn:
    return Turn(conversation_id=conversation.id, status=status, due_at=NOW + QUIET, due_by=NOW + CAP, **changes)


def an_order(supplier_id: Any, odoo_id: int, **changes: Any) -> OrderRecord:
    given = {"opened_by": "agent", "state": "draft", "currency": "CLP", "amount_total": Decimal(1), "name": f"P{odoo_id}"}
    return OrderRecord(odoo_id=odoo_id, supplier_id=supplier_id, **(given | changes))


async def test_a_supplier_has_one_active_conversation(database: Database) -> None:
    first = await a_started_conversation(database)
    second = uuid4()
    await refused(database, Conversation(id=second, supplier_id=first.supplier_id, thread_id=thread_id_of(second)))
    async with database.session() as session:
        assert await Conversations(session).end(first.id, reason="done", at=NOW)
    await accepted(database, Conversation(id=second, supplier_id=first.supplier_id, thread_id=thread_id_of(second)))


async def test_a_thread_is_one_conversations(database: Database) -> None:
    first = await a_started_conversation(database)
    other = Supplier(id=uuid4(), name="Other")
    await refused(database, other, Conversation(id=uuid4(), supplier_id=other.id, thread_id=first.thread_id))


@pytest.mark.parametrize("fault", [{"is_active": False}, {"ended_at": NOW}, {"handled_by": "nobody"}])
async def test_a_conversation_is_active_until_it_ended(database: Database, fault: dict[str, Any]) -> None:
    async with database.session() as session:
        supplier = Supplier(name="Molino")
        session.add(supplier)
    await refused(
        database, Conversation(id=uuid4(), supplier_id=supplier.id, thread_id=uuid4(), **fault), rule="check constraint"
    )


async def test_a_conversation_runs_one_turn_at_a_time(database: Database) -> None:
    conversation = await a_started_conversation(database)
    await accepted(database, a_turn(conversation), a_turn(conversation, "waiting"), a_turn(conversation, "done"))
    await refused(database, a_turn(conversation))
    await refused(database, a_turn(conversation, account_id=1, chatwoot_conversation_id=8))


async def test_a_chatwoot_conversation_collects_one_burst(database: Database) -> None:
    conversation = await a_started_conversation(database)
    await accepted(database, a_turn(conversation, "collecting", account_id=1, chatwoot_conversation_id=7))
    await accepted(database, a_turn(conversation, "collecting", account_id=1, chatwoot_conversation_id=8))
    await refused(database, a_turn(conversation, "collecting", account_id=1, chatwoot_conversation_id=7))


@pytest.mark.parametrize("fault", [{"status": "paused"}, {"kind": "gossip"}])
async def test_a_turn_is_of_a_known_kind_and_status(database: Database, fault: dict[str, Any]) -> None:
    conversation = await a_started_conversation(database)
    await refused(database, a_turn(conversation, **fault), rule="check constraint")


async def test_a_chatwoot_message_is_stored_once_per_kind(database: Database) -> None:
    conversation = await a_started_conversation(database)
    row = an_inbound(conversation, chatwoot_message_id=1)
    await accepted(database, Message(**row))
    await refused(database, Message(**row))
    # The answer to a form comes under the question's id; ids of another account are other messages.
    await accepted(database, Message(**row | {"kind": "submitted"}), Message(**row | {"account_id": 2}))


async def test_a_delivery_key_is_used_once(database: Database) -> None:
    conversation = await a_started_conversation(database)
    await accepted(database, an_outbound(conversation, key="k1"))
    await refused(database, an_outbound(conversation, key="k1"))


async def test_a_turns_part_is_queued_once(database: Database) -> None:
    conversation = await a_started_conversation(database)
    async with database.session() as session:
        turn = await a_burst(session, conversation)
    part = {"turn_id": turn, "seq": 1}
    await accepted(database, _changed(an_outbound(conversation, key="k1"), **part))
    await refused(database, _changed(an_outbound(conversation, key="k2"), **part))
    await accepted(database, _changed(an_outbound(conversation, key="k2"), turn_id=turn, seq=2))
    # Inbound messages of a turn have no place in that order.
    await accepted(database, *[Message(**an_inbound(conversation, chatwoot_message_id=n, turn_id=turn)) for n in (1, 2)])


INBOUND = ["received", "read", "withdrawn"]
OUTBOUND = ["queued", "sent", "delivered", "read", "failed", "cancelled"]


@pytest.mark.parametrize("status", sorted({*INBOUND, *OUTBOUND, "lost"}))
async def test_a_status_belongs_to_its_direction(database: Database, status: str) -> None:
    conversation = await a_started_conversation(database)
    inbound = Message(**an_inbound(conversation, chatwoot_message_id=1) | {"status": status})
    await (accepted(database, inbound) if status in INBOUND else refused(database, inbound, rule="check constraint"))
    outbound = _changed(an_outbound(conversation, key="k1"), status=status)
    await (accepted(database, outbound) if status in OUTBOUND else refused(database, outbound, rule="check constraint"))


@pytest.mark.parametrize("fault", [{"direction": "sideways"}, {"author": "robot"}, {"delivery_key": None}])
async def test_a_message_has_a_direction_an_author_and_a_key(database: Database, fault: dict[str, Any]) -> None:
    conversation = await a_started_conversation(database)
    await refused(database, _changed(an_outbound(conversation, key="k1"), **fault), rule="check constraint")


async def test_a_persons_message_needs_no_key(database: Database) -> None:
    conversation = await a_started_conversation(database)
    await accepted(database, _changed(an_outbound(conversation, key="k1"), author="person", delivery_key=None))


async def test_a_contact_point_is_one_suppliers(database: Database) -> None:
    conversation = await a_started_conversation(database)
    again = {"supplier_id": conversation.supplier_id, "channel": "whatsapp", "user_identifier": "+56912345678"}
    await refused(database, ContactPoint(**again, account_id=1))
    await accepted(database, ContactPoint(**again, account_id=2), ContactPoint(**again | {"channel": "api"}, account_id=1))
    await refused(database, ContactPoint(**again | {"channel": "fax"}, account_id=1), rule="check constraint")


async def test_an_odoo_partner_is_one_supplier(database: Database) -> None:
    await accepted(database, Supplier(name="A", odoo_partner_id=7), Supplier(name="B"), Supplier(name="C"))
    await refused(database, Supplier(name="D", odoo_partner_id=7))


@pytest.mark.parametrize("state", ["draft", "sent", "to_approve", "confirmed"])
async def test_a_supplier_has_one_active_order_of_the_agents(database: Database, state: str) -> None:
    supplier = (await a_started_conversation(database)).supplier_id
    await accepted(database, an_order(supplier, 1, state=state))
    await refused(database, an_order(supplier, 2, state="confirmed"))
    # A person may open as many as they like, and what has ended does not count.
    await accepted(database, an_order(supplier, 3, opened_by="person"), an_order(supplier, 4, opened_by="person"))
    await accepted(database, an_order(supplier, 5, state="received"), an_order(supplier, 6, state="cancelled"))
    await refused(database, an_order(supplier, 1, state="billed"))
    await refused(database, an_order(supplier, 7, state="lost"), rule="check constraint")


async def test_an_operation_is_recorded_once_and_has_a_result_exactly_when_it_ended(database: Database) -> None:
    given = {"action": "confirm", "attempt": 1, "request": {}}
    await accepted(database, Operation(key="a", **given), Operation(key="b", status="done", result={}, **given))
    await refused(database, Operation(key="a", **given))
    await refused(database, Operation(key="c", status="done", **given), rule="check constraint")
    await refused(database, Operation(key="d", result={}, **given), rule="check constraint")
    await refused(database, Operation(key="e", status="unknown", result={}, **given), rule="check constraint")


async def test_an_approval_is_asked_once_and_has_a_time_exactly_when_it_was_decided(database: Database) -> None:
    given = {"kind": "reply", "question": "?", "proposal": {}}
    await accepted(database, Approval(operation_key="a", **given))
    await refused(database, Approval(operation_key="a", **given))
    await refused(database, Approval(operation_key="b", status="approved", **given), rule="check constraint")
    await refused(database, Approval(operation_key="c", decided_at=NOW, **given), rule="check constraint")
    await accepted(database, Approval(operation_key="d", status="approved", decided_at=NOW, **given))


async def test_erasing_a_conversation_erases_its_words_and_keeps_the_audit(database: Database) -> None:
    async with database.session() as session:
        conversation = await a_conversation(session)
        turn = await a_burst(session, conversation)
        await Messages(session).add_once(an_inbound(conversation, chatwoot_message_id=1, turn_id=turn))
        session.add(_changed(an_outbound(conversation, key="k1"), turn_id=turn, seq=1))
        session.add(
            Approval(operation_key="a", conversation_id=conversation.id, turn_id=turn, kind="k", question="?", proposal={})
        )
        session.add(Operation(key="o", turn_id=turn, attempt=1, action="confirm", request={}))
        session.add(an_order(conversation.supplier_id, 1, conversation_id=conversation.id))
        Audit(session).add(actor="agent", action="answered", entity="turn", entity_id=turn, turn_id=turn)
    async with database.session() as session:
        audited = await session.scalar(select(func.count()).select_from(AuditEvent))
        await session.execute(delete(Conversation).where(Conversation.id == conversation.id))
    async with database.session() as session:
        for table in (Conversation, Message, Turn, Approval):
            assert await session.scalar(select(func.count()).select_from(table)) == 0, table.__tablename__
        # What was done in Odoo was done, and is still known; so is the supplier.
        assert [(o.key, o.turn_id) for o in await session.scalars(select(Operation))] == [("o", None)]
        assert [(o.odoo_id, o.conversation_id) for o in await session.scalars(select(OrderRecord))] == [(1, None)]
        assert await session.scalar(select(func.count()).select_from(Supplier)) == 1
        assert audited
        assert await session.scalar(select(func.count()).select_from(AuditEvent)) == audited
        assert [event.action for event in await Audit(session).of("turn", turn)] == ["answered"]


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    conversation = await a_started_conversation(database)
    with pytest.raises(Exception, match="without a zone"):
        await accepted(database, a_turn(conversation, ended_at=NOW.replace(tzinfo=None)))


async def test_times_come_back_aware_and_equal(database: Database) -> None:
    conversation = await a_started_conversation(database)
    async with database.session() as session:
        await session.execute(insert(Turn).values(conversation_id=conversation.id, due_at=NOW, due_by=NOW + CAP))
    async with database.session() as session:
        turn = (await session.scalars(select(Turn))).one()
    assert (turn.due_at, turn.due_by) == (NOW, NOW + CAP)
    assert turn.due_at.tzinfo is not None


def _changed(message: Message, **changes: Any) -> Message:
    for column, value in changes.items():
        setattr(message, column, value)
    return message

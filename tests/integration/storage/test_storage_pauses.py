"""Pauses: what is stopped, what is not, and that nothing is lost meanwhile. Real: both databases."""

from uuid import UUID

import pytest

from domain.errors import TurnSuperseded
from storage.audit import Audit
from storage.engine import Database
from storage.gate import PAUSED, why_shut
from storage.messages import Messages
from storage.models import Message
from storage.operations import Operations
from storage.pauses import Pauses
from storage.turns import Turns
from tests.integration.storage.scenes import LEASE, NOW, QUIET, a_burst, a_conversation, a_sender, an_inbound, an_outbound

LATER = NOW + QUIET


async def two_suppliers(database: Database) -> tuple[UUID, UUID]:
    """Each with a burst to be answered and a message to be sent."""
    conversations = []
    async with database.session() as session:
        for number, phone in ((1, "+56911111111"), (2, "+56922222222")):
            conversation = await a_conversation(session, a_sender(500 + number, phone=phone))
            turn_id = await a_burst(session, conversation, chatwoot_conversation_id=number)
            session.add(Message(**an_inbound(conversation, chatwoot_message_id=number, turn_id=turn_id)))
            session.add(an_outbound(conversation, key=f"k{number}", chatwoot_conversation_id=number))
            conversations.append(conversation)
    return conversations[0].supplier_id, conversations[1].supplier_id


async def claimed(database: Database) -> tuple[int, int]:
    """How many turns and messages can be claimed."""
    turns = messages = 0
    async with database.session() as session:
        while await Turns(session).claim(now=LATER, lease=LEASE):
            turns += 1
        while await Messages(session).claim_outgoing(now=LATER, lease=LEASE):
            messages += 1
    return turns, messages


async def test_everything(database: Database) -> None:
    await two_suppliers(database)
    async with database.session() as session:
        assert await Pauses(session).pause(None, by="Ana")
        assert not await Pauses(session).pause(None, by="Eva")
    assert await claimed(database) == (0, 0)
    async with database.session() as session:
        assert [(pause.scope, pause.by) for pause in await Pauses(session).all()] == [("everything", "Ana")]
        assert await Pauses(session).resume(None, by="Eva")
        assert not await Pauses(session).resume(None, by="Eva")
    assert await claimed(database) == (2, 2)
    async with database.session() as session:
        audited = await Audit(session).of("agent", "everything")
    assert [(event.actor, event.action) for event in audited] == [("Ana", "paused"), ("Eva", "resumed")]


async def test_one_supplier_and_not_the_other(database: Database) -> None:
    first, second = await two_suppliers(database)
    async with database.session() as session:
        await Pauses(session).pause(first, by="Ana")
        assert await Pauses(session).holds(first)
        assert not await Pauses(session).holds(second)
    assert await claimed(database) == (1, 1)
    async with database.session() as session:
        await Pauses(session).resume(first, by="Ana")
    assert await claimed(database) == (1, 1)


async def test_a_running_turn_does_nothing_more_on_odoo(database: Database) -> None:
    await two_suppliers(database)
    async with database.session() as session:
        turn = await Turns(session).claim(now=LATER, lease=LEASE)
        assert turn is not None
        await Pauses(session).pause(None, by="Ana")
    async with database.session() as session:
        assert await why_shut(session, turn.conversation_id) == PAUSED
        with pytest.raises(TurnSuperseded, match="paused"):
            await Operations(session).begin(key="k", turn_id=turn.id, attempt=1, action="x", request={})

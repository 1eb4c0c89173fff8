"""Two suppliers become one, on both databases: all of it moves or nothing, and nobody who writes meanwhile is lost."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from domain.identity import Channel
from domain.orders import Order, OrderState
from storage.approvals import Approvals
from storage.audit import Audit
from storage.chatwoot_conversations import ChatwootConversations, ChatwootState
from storage.conversations import Conversations
from storage.engine import Database
from storage.merge import MergeMustWait, TwoActiveOrders, TwoPartners, merge
from storage.messages import Messages
from storage.models import (
    Approval,
    ChatwootConversation,
    ContactPoint,
    Conversation,
    Message,
    OrderRecord,
    Supplier,
    Turn,
)
from storage.models.turn import TurnKind, TurnStatus
from storage.operations import Operations
from storage.orders import Orders
from storage.pauses import Pauses
from storage.suppliers import Suppliers
from storage.turns import Turns
from tests.integration.storage.blocking import until_blocked
from tests.integration.storage.scenes import CAP, LEASE, NOW, QUIET, a_sender, an_inbound, an_outbound

MINE = a_sender(501, phone="+56900000501")
THEIRS = a_sender(502, phone="+56900000502")
THIRD = a_sender(503, phone="+56900000503")


async def hear(database: Database, sender: Any, message_id: int, *, place: int = 7, now: datetime = NOW) -> Message:
    """What intake does with a supplier's message: point, conversation, burst, message, in this order."""
    async with database.session() as session:
        point = await Suppliers(session).contact_point_of(sender, heard_at=now)
        conversation = await Conversations(session).active_or_new(point.supplier_id)
        turn_id = await Turns(session).collect(
            conversation_id=conversation.id, account_id=1, chatwoot_conversation_id=place, now=now, quiet=QUIET, cap=CAP
        )
        row = an_inbound(conversation, chatwoot_message_id=message_id, turn_id=turn_id)
        stored = await Messages(session).add_once(row | {"contact_point_id": point.id, "chatwoot_conversation_id": place})
        assert stored is not None
        return await Messages(session).get(stored)


async def claim(database: Database, *, now: datetime = NOW + QUIET) -> Turn:
    async with database.session() as session:
        turn = await Turns(session).claim(now=now, lease=LEASE)
    assert turn is not None
    return turn


async def end(database: Database, turn: Turn) -> None:
    async with database.session() as session:
        held = await Turns(session).held(turn.id, turn.attempt)
        held.status, held.ended_at = TurnStatus.DONE, NOW


async def become_one(database: Database, source: UUID, target: UUID, *, claimed: Turn | None = None) -> None:
    async with database.session() as session:
        await merge(session, source=source, target=target, actor="odoo", at=NOW, claimed=claimed)


async def rows(database: Database, table: type[Any]) -> list[Any]:
    async with database.session() as session:
        return list(await session.scalars(select(table)))


async def whole(database: Database) -> list[Any]:
    """Everything that a merge could change."""
    tables = (Supplier, ContactPoint, Conversation, Turn, Message, Approval, ChatwootConversation, OrderRecord)
    found = []
    for table in tables:
        columns = [column.key for column in table.__table__.columns]
        found += sorted(
            (table.__name__, str([(name, getattr(row, name)) for name in columns])) for row in await rows(database, table)
        )
    return found


async def suppliers(database: Database) -> tuple[UUID, UUID]:
    """Mine (provisional, writing in 7) and theirs (partner 9, writing in 8), each with a burst that collects."""
    mine = await hear(database, MINE, 1, place=7)
    theirs = await hear(database, THEIRS, 2, place=8)
    async with database.session() as session:
        assert await Suppliers(session).link(
            theirs.conversation.supplier_id, odoo_partner_id=9, name="Molino SpA", language="es"
        )
    return mine.conversation.supplier_id, theirs.conversation.supplier_id


async def an_order(database: Database, supplier_id: UUID, number: int, *, opened_by: str = "agent") -> None:
    order = Order(
        order_id=number, name=f"P{number}", partner_id=9, state=OrderState.SENT, currency="CLP",
        amount_untaxed=Decimal(1), amount_total=Decimal(1),
    )  # fmt: skip
    async with database.session() as session:
        conversation = await Conversations(session).active_of(supplier_id)
        assert conversation is not None
        await Orders(session).follow(order, supplier_id=supplier_id, conversation_id=conversation.id, opened_by=opened_by)


async def asked(database: Database, conversation_id: UUID, turn_id: int, key: str) -> int:
    async with database.session() as session:
        approval = await Approvals(session).open_once(
            operation_key=key, conversation_id=conversation_id, turn_id=turn_id, kind="k", question="?", proposal={}
        )
        return approval.id


async def active(database: Database, supplier_id: UUID) -> Conversation:
    async with database.session() as session:
        conversation = await Conversations(session).active_of(supplier_id)
    assert conversation is not None
    return conversation


async def told(database: Database, conversation: Conversation, place: int) -> None:
    state = ChatwootState(
        account_id=1, chatwoot_conversation_id=place, inbox_id=11, status="open",
        assignee_type=None, assignee_id=None, changed_at=NOW,
    )  # fmt: skip
    async with database.session() as session:
        await ChatwootConversations(session).note(state, conversation_id=conversation.id)


async def test_everything_moves_into_the_known_suppliers_conversation(database: Database) -> None:
    mine, theirs = await suppliers(database)
    ours, stays = await active(database, mine), await active(database, theirs)
    await an_order(database, mine, 70, opened_by="person")
    await told(database, ours, 7)
    await told(database, stays, 8)
    claimed = await claim(database)
    assert claimed.conversation_id == ours.id
    await asked(database, ours.id, claimed.id, "key")
    async with database.session() as session:
        await Messages(session).queue(an_outbound(ours, key="out"))

    await become_one(database, mine, theirs, claimed=claimed)

    assert [(one.id, one.odoo_partner_id, one.name) for one in await rows(database, Supplier)] == [(theirs, 9, "Molino SpA")]
    assert {point.supplier_id for point in await rows(database, ContactPoint)} == {theirs}
    for table in (Message, Turn, Approval, ChatwootConversation):
        assert {row.conversation_id for row in await rows(database, table)} == {stays.id}, table
    assert [(row.supplier_id, row.conversation_id) for row in await rows(database, OrderRecord)] == [(theirs, stays.id)]
    assert (await active(database, theirs)).thread_id == stays.thread_id
    async with database.session() as session:
        ended = await session.get_one(Conversation, ours.id)
        assert (ended.is_active, ended.end_reason, ended.supplier_id) == (False, "merged", theirs)
        held = await Turns(session).held(claimed.id, claimed.attempt)
        assert held.status == TurnStatus.RUNNING
        event = (await Audit(session).of("supplier", theirs))[-1]
    assert (event.actor, event.action, event.turn_id) == ("odoo", "merged", claimed.id)
    assert event.before == {"supplier": str(mine), "conversation": str(ours.id)}
    assert event.after == {"supplier": str(theirs), "conversation": str(stays.id)}


async def test_without_an_active_conversation_of_theirs_ours_moves_with_its_thread(database: Database) -> None:
    mine, theirs = await suppliers(database)
    ours, past = await active(database, mine), await active(database, theirs)
    async with database.session() as session:
        await Conversations(session).end(past.id, reason="idle", at=NOW)
    await become_one(database, mine, theirs)
    now = await active(database, theirs)
    assert (now.id, now.thread_id, now.end_reason) == (ours.id, ours.thread_id, None)
    assert {conversation.supplier_id for conversation in await rows(database, Conversation)} == {theirs}
    assert [one.id for one in await rows(database, Supplier)] == [theirs]


async def test_whoever_has_no_conversation_at_all_is_merged_too(database: Database) -> None:
    mine, theirs = await suppliers(database)
    ours, stays = await active(database, mine), await active(database, theirs)
    async with database.session() as session:
        await Conversations(session).end(ours.id, reason="idle", at=NOW)
    await become_one(database, mine, theirs)
    assert (await active(database, theirs)).id == stays.id
    assert (await hear(database, MINE, 3)).conversation_id == stays.id


async def is_running(database: Database) -> Turn | None:
    await claim(database)
    turn = await claim(database)
    assert turn.chatwoot_conversation_id == 8
    return None


async def has_begun(database: Database) -> Turn | None:
    turn = await claim(database)
    async with database.session() as session:
        await Operations(session).begin(key="k", turn_id=turn.id, attempt=turn.attempt, action="a", request={})
    return turn


async def has_two_orders(database: Database) -> Turn | None:
    for number, conversation in enumerate(await rows(database, Conversation), start=70):
        await an_order(database, conversation.supplier_id, number)
    return None


async def is_linked_too(database: Database) -> Turn | None:
    async with database.session() as session:
        for supplier in await session.scalars(select(Supplier).where(Supplier.odoo_partner_id.is_(None))):
            supplier.odoo_partner_id = 10
    return None


@pytest.mark.parametrize(
    ("so_that", "refusal"),
    [
        (is_running, MergeMustWait),
        (has_begun, MergeMustWait),
        (has_two_orders, TwoActiveOrders),
        (is_linked_too, TwoPartners),
    ],
)
async def test_what_forbids_it_leaves_everything_as_it_was(
    database: Database, so_that: Callable[[Database], Any], refusal: type[Exception]
) -> None:
    mine, theirs = await suppliers(database)
    claimed = await so_that(database)
    before = await whole(database)
    async with database.session() as session:
        with pytest.raises(refusal):
            await merge(session, source=mine, target=theirs, actor="odoo", at=NOW, claimed=claimed)
        # The transaction is still good for asking a person.
        assert await Suppliers(session).of_partner(9) is not None
    assert await whole(database) == before


async def test_a_turn_that_nobody_claimed_here_makes_it_wait_until_it_has_ended(database: Database) -> None:
    mine, theirs = await suppliers(database)
    turn = await claim(database)
    with pytest.raises(MergeMustWait):
        await become_one(database, mine, theirs)
    await end(database, turn)
    await become_one(database, mine, theirs)
    assert [one.id for one in await rows(database, Supplier)] == [theirs]


async def test_two_bursts_of_one_chatwoot_conversation_are_joined(database: Database) -> None:
    mine, theirs = await suppliers(database)
    last = NOW + timedelta(seconds=4)
    await hear(database, THEIRS, 3, place=7, now=last)
    await become_one(database, mine, theirs)
    bursts = {turn.chatwoot_conversation_id: turn for turn in await rows(database, Turn)}
    assert set(bursts) == {7, 8}
    joined = bursts[7]
    assert (joined.due_at, joined.due_by) == (last + QUIET, NOW + CAP)
    async with database.session() as session:
        assert [word.chatwoot_message_id for word in await Messages(session).of_turn(joined.id)] == [1, 3]
    assert (await hear(database, MINE, 4)).turn_id == joined.id


async def test_what_was_planned_for_a_stranger_is_planned_anew_and_what_a_person_approved_is_not(database: Database) -> None:
    mine, theirs = await suppliers(database)
    ours = await active(database, mine)
    claimed = await claim(database)
    async with database.session() as session:
        turn = await Turns(session).held(claimed.id, claimed.attempt)
        turn.understanding, turn.plan, turn.draft = {"a": 1}, {"steps": []}, [{"content": "?"}]
        decision = Turn(
            conversation_id=ours.id,
            kind=TurnKind.DECISION,
            status=TurnStatus.WAITING,
            due_at=NOW,
            due_by=NOW,
            plan={"steps": [1]},
        )
        session.add(decision)
    approval = await asked(database, ours.id, claimed.id, "of the turn")
    await become_one(database, mine, theirs, claimed=claimed)
    async with database.session() as session:
        turn = await Turns(session).get(claimed.id)
        assert (turn.understanding, turn.plan, turn.draft) == (None, None, None)
        assert (await Turns(session).get(decision.id)).plan == {"steps": [1]}
        assert (await Approvals(session).get(approval)).status == "expired"


async def test_what_people_decided_holds_for_both(database: Database) -> None:
    mine, theirs = await suppliers(database)
    ours, stays = await active(database, mine), await active(database, theirs)
    async with database.session() as session:
        (await session.get_one(Supplier, mine)).mode = "shadow"
        (await session.get_one(Supplier, theirs)).mode = "assist"
        await Pauses(session).pause(mine, by="ana")
        await Conversations(session).hand_to(ours.id, "person", actor="person")
    await become_one(database, mine, theirs)
    async with database.session() as session:
        assert (await Suppliers(session).get(theirs)).mode == "shadow"
        assert [(pause.scope, pause.by) for pause in await Pauses(session).all()] == [(theirs.hex, "ana")]
        assert (await Conversations(session).get(stays.id)).handled_by == "person"


async def test_many_merges_into_one_at_once(database: Database) -> None:
    """All of them, or some wait; in the end there is one, and no word is lost."""
    _, theirs = await suppliers(database)
    senders = [a_sender(600 + number, phone=f"+5690000060{number}") for number in range(6)]
    heard = [await hear(database, sender, 100 + number, place=20 + number) for number, sender in enumerate(senders)]

    async def try_until_done(source: UUID) -> None:
        for _ in range(60):
            try:
                return await become_one(database, source, theirs)
            except MergeMustWait:
                await asyncio.sleep(0.05)
        raise AssertionError("never done")

    await asyncio.gather(*[try_until_done(message.conversation.supplier_id) for message in heard])
    stays = await active(database, theirs)
    moved = [message for message in await rows(database, Message) if message.chatwoot_message_id >= 100]
    assert {(message.conversation_id, message.chatwoot_message_id) for message in moved} == {
        (stays.id, 100 + number) for number in range(6)
    }


async def test_each_into_the_other_at_once(database: Database) -> None:
    one = (await hear(database, MINE, 1)).conversation.supplier_id
    other = (await hear(database, THIRD, 2, place=9)).conversation.supplier_id
    done = await asyncio.gather(become_one(database, one, other), become_one(database, other, one), return_exceptions=True)
    assert sorted(type(result).__name__ for result in done) == ["MergeMustWait", "NoneType"]
    [supplier] = await rows(database, Supplier)
    assert len([conversation for conversation in await rows(database, Conversation) if conversation.is_active]) == 1
    assert {message.conversation_id for message in await rows(database, Message)} == {(await active(database, supplier.id)).id}


async def test_messages_that_arrive_all_the_while_are_in_the_conversation_that_stays(database: Database) -> None:
    mine, theirs = await suppliers(database)

    async def merged() -> None:
        for _ in range(100):
            await asyncio.sleep(0.01)
            try:
                return await become_one(database, mine, theirs)
            except MergeMustWait:
                pass
        raise AssertionError("never done")

    await asyncio.gather(merged(), *[hear(database, (MINE, THEIRS)[n % 2], 100 + n, place=7 + n % 2) for n in range(60)])
    stays = await active(database, theirs)
    messages = await rows(database, Message)
    assert len(messages) == 62
    assert {message.conversation_id for message in messages} == {stays.id}
    turns = {turn.id: turn for turn in await rows(database, Turn)}
    assert {turns[message.turn_id].conversation_id for message in messages} == {stays.id}
    assert sorted(turn.chatwoot_conversation_id for turn in turns.values()) == [7, 8]


class TestSideBySide:
    """Only Postgres runs transactions side by side."""

    @pytest.fixture
    def database(self, postgres_url: str) -> Database:
        return Database(postgres_url)

    async def test_a_message_that_comes_while_a_merge_is_open_waits_and_goes_where_it_belongs(self, database: Database) -> None:
        mine, theirs = await suppliers(database)
        stays = await active(database, theirs)
        async with database.session() as session:
            await merge(session, source=mine, target=theirs, actor="odoo", at=NOW)
            message = asyncio.create_task(hear(database, MINE, 5))
            await until_blocked(database)
        assert (await message).conversation_id == stays.id
        await database.close()

    async def test_a_new_channel_of_theirs_meanwhile_is_not_left_with_nobody(self, database: Database) -> None:
        mine, theirs = await suppliers(database)
        by_mail = MINE.model_copy(update={"channel": Channel.EMAIL, "email": "ventas@molino.cl", "phone": None})
        async with database.session() as session:
            await merge(session, source=mine, target=theirs, actor="odoo", at=NOW)
            message = asyncio.create_task(hear(database, by_mail, 5, place=30))
            await until_blocked(database)
        assert (await message).conversation.supplier_id == theirs
        await database.close()

    async def test_a_merge_gives_way_to_a_webhook_and_kills_none(self, database: Database) -> None:
        mine, theirs = await suppliers(database)
        async with database.session() as session:
            point = await Suppliers(session).contact_point_of(MINE, heard_at=NOW)
            with pytest.raises(MergeMustWait):
                await become_one(database, mine, theirs)
            # The webhook goes on with what it has found.
            assert (await Conversations(session).active_or_new(point.supplier_id)).supplier_id == mine
        await become_one(database, mine, theirs)
        await database.close()

    async def test_a_turn_claimed_in_the_same_instant_wins_or_waits(self, database: Database) -> None:
        mine, theirs = await suppliers(database)
        ours = await claim(database)
        async with database.session() as session:
            assert await Turns(session).claim(now=NOW + QUIET, lease=LEASE) is not None
            with pytest.raises(MergeMustWait):
                await become_one(database, mine, theirs, claimed=ours)
        async with database.session() as session:
            assert (await Turns(session).get(ours.id)).conversation.supplier_id == mine
        await database.close()

"""Many sessions at once, on both databases. What must hold is checked in the tables afterwards, never by timing."""

import asyncio
from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select

from domain.identity import Channel
from domain.messages import MessageStatus
from domain.orders import Order, OrderState
from storage.conversations import Conversations
from storage.engine import Database
from storage.messages import Messages
from storage.models import ContactPoint, Conversation, Message, OrderRecord, Supplier, Turn
from storage.models.turn import TurnStatus
from storage.orders import Orders
from storage.set_aside import SetAside
from storage.suppliers import Suppliers
from storage.turns import Turns
from tests.integration.storage.blocking import until_blocked
from tests.integration.storage.scenes import CAP, LEASE, NOW, QUIET, a_burst, a_conversation, a_sender, an_inbound, an_outbound

SECOND = timedelta(seconds=1)


async def test_first_words_of_one_contact_on_two_channels_make_one_supplier(database: Database) -> None:
    senders = [
        a_sender(),
        a_sender(channel=Channel.EMAIL, inbox_id=12, email="ventas@molino.cl"),
    ]

    async def hear(number: int) -> None:
        async with database.session() as session:
            point = await Suppliers(session).contact_point_of(senders[number % 2], heard_at=NOW + number * SECOND)
            await Conversations(session).active_or_new(point.supplier_id)

    await asyncio.gather(*[hear(number) for number in range(100)])
    async with database.session() as session:
        assert await session.scalar(select(func.count()).select_from(Supplier)) == 1
        assert await session.scalar(select(func.count()).select_from(Conversation)) == 1
        points = list(await session.scalars(select(ContactPoint).order_by(ContactPoint.channel)))
    assert [(point.channel, point.user_identifier) for point in points] == [
        ("email", "ventas@molino.cl"),
        ("whatsapp", "+56912345678"),
    ]
    # Whoever came last, the latest time stays.
    assert [point.last_inbound_at for point in points] == [NOW + 99 * SECOND, NOW + 98 * SECOND]


async def test_one_number_under_two_contacts_is_one_contact_point(database: Database) -> None:
    """Chatwoot may have made the contact twice; the number decides."""

    async def hear(number: int) -> None:
        async with database.session() as session:
            await Suppliers(session).contact_point_of(a_sender(501 + number % 2), heard_at=NOW)

    await asyncio.gather(*[hear(number) for number in range(40)])
    async with database.session() as session:
        assert await session.scalar(select(func.count()).select_from(Supplier)) == 1
        assert await session.scalar(select(func.count()).select_from(ContactPoint)) == 1


async def test_anonymous_visitors_stay_apart(database: Database) -> None:
    async def hear(number: int) -> None:
        visitor = a_sender(600 + number % 10, channel=Channel.WEB, phone=None, email="claimed@molino.cl", name="")
        async with database.session() as session:
            await Suppliers(session).contact_point_of(visitor, heard_at=NOW)

    await asyncio.gather(*[hear(number) for number in range(40)])
    async with database.session() as session:
        assert await session.scalar(select(func.count()).select_from(Supplier)) == 10


async def test_whoever_races_to_open_a_conversation_gets_the_same(database: Database) -> None:
    async with database.session() as session:
        supplier = Supplier(name="Molino")
        session.add(supplier)

    async def open_it() -> tuple[object, object]:
        async with database.session() as session:
            conversation = await Conversations(session).active_or_new(supplier.id)
            return conversation.id, conversation.thread_id

    assert len(set(await asyncio.gather(*[open_it() for _ in range(30)]))) == 1


async def test_one_message_at_once_fifty_times_is_stored_once(database: Database) -> None:
    async with database.session() as session:
        conversation = await a_conversation(session)

    async def store() -> int | None:
        async with database.session() as session:
            return await Messages(session).add_once(an_inbound(conversation, chatwoot_message_id=1))

    answers = await asyncio.gather(*[store() for _ in range(50)])
    assert len([answer for answer in answers if answer is not None]) == 1
    async with database.session() as session:
        assert await session.scalar(select(func.count()).select_from(Message)) == 1


async def test_two_claimers_never_get_the_same_turn(database: Database) -> None:
    async with database.session() as session:
        for number in range(12):
            await a_burst(session, await a_conversation(session, a_sender(number, phone=f"+5691234560{number}")))
    claims: Counter[int] = Counter()

    async def work() -> None:
        for _ in range(12):
            async with database.session() as session:
                turn = await Turns(session).claim(now=NOW + QUIET, lease=LEASE)
            if turn is not None:
                assert turn.attempt == 1
                claims[turn.id] += 1

    await asyncio.gather(*[work() for _ in range(8)])
    assert len(claims) == 12
    assert set(claims.values()) == {1}


async def test_turns_of_one_conversation_never_run_together(database: Database) -> None:
    async with database.session() as session:
        conversation = await a_conversation(session)
        for number in range(8):
            await a_burst(session, conversation, chatwoot_conversation_id=number + 1)
    running: set[int] = set()
    done: list[int] = []

    async def work() -> None:
        while len(done) < 8:
            async with database.session() as session:
                turn = await Turns(session).claim(now=NOW + QUIET, lease=LEASE)
            if turn is None:
                await asyncio.sleep(0)
                continue
            assert not running, f"{turn.id} began while {running} ran"
            running.add(turn.id)
            async with database.session() as session:
                assert len(await Turns(session).newest(status=TurnStatus.RUNNING)) == 1
            running.discard(turn.id)
            done.append(turn.id)
            async with database.session() as session:
                (await Turns(session).held(turn.id, 1)).status = TurnStatus.DONE

    await asyncio.gather(*[work() for _ in range(6)])
    assert len(set(done)) == len(done) == 8


async def test_a_second_running_turn_is_refused_to_whoever_claims_in_the_same_instant(postgres_url: str) -> None:
    """Two claims that cannot see each other: only Postgres runs transactions side by side."""
    database = Database(postgres_url)
    async with database.session() as session:
        conversation = await a_conversation(session)
        for number in (7, 8):
            await a_burst(session, conversation, chatwoot_conversation_id=number)
    async with database.session() as first:
        assert await Turns(first).claim(now=NOW + QUIET, lease=LEASE) is not None

        async def claim_too() -> Turn | None:
            async with database.session() as second:
                turn = await Turns(second).claim(now=NOW + QUIET, lease=LEASE)
                # The refusal leaves the transaction usable.
                assert len(await Turns(second).newest(status=TurnStatus.RUNNING)) == 1
                return turn

        other = asyncio.create_task(claim_too())
        await until_blocked(database)
    assert await other is None
    await database.close()


async def test_many_messages_of_a_burst_are_in_turns_that_lose_none(database: Database) -> None:
    """Words come in while turns are claimed and ended: each word is answered exactly once."""
    async with database.session() as session:
        conversation = await a_conversation(session)
    answered: list[int] = []
    stored = 0

    async def write(number: int) -> None:
        nonlocal stored
        async with database.session() as session:
            turn_id = await a_burst(session, conversation)
            await Messages(session).add_once(an_inbound(conversation, chatwoot_message_id=number, turn_id=turn_id))
        stored += 1

    async def work() -> None:
        while len(answered) < 40:
            async with database.session() as session:
                turn = await Turns(session).claim(now=NOW + CAP, lease=LEASE)
            if turn is None:
                await asyncio.sleep(0)
                continue
            async with database.session() as session:
                held = await Turns(session).held(turn.id, turn.attempt)
                words = await Messages(session).of_turn(turn.id)
                await Messages(session).mark_read([word.id for word in words])
                held.status = TurnStatus.DONE
            answered.extend(word.chatwoot_message_id or 0 for word in words)

    await asyncio.gather(work(), work(), *[write(number) for number in range(1, 41)])
    assert sorted(answered) == list(range(1, 41))
    async with database.session() as session:
        assert (await Messages(session).counts())["inbound"] == {"received": 0, "read": 40, "withdrawn": 0}


async def test_outgoing_messages_keep_their_order_under_many_claimers(database: Database) -> None:
    async with database.session() as session:
        conversation = await a_conversation(session)
        for number in range(30):
            session.add(an_outbound(conversation, key=f"k{number}", chatwoot_conversation_id=7 + number % 3))
            await session.flush()
    sent: dict[int | None, list[int]] = {7: [], 8: [], 9: []}
    under_way: Counter[int | None] = Counter()

    async def claim() -> Message | None:
        async with database.session() as session:
            return await Messages(session).claim_outgoing(now=NOW, lease=LEASE)

    async def work() -> None:
        while sum(map(len, sent.values())) < 30:
            # More than there are Chatwoot conversations: whatever ignores the order claims two of one.
            held = [message for message in [await claim() for _ in range(4)] if message is not None]
            for message in held:
                under_way[message.chatwoot_conversation_id] += 1
                assert under_way[message.chatwoot_conversation_id] == 1
            for message in held:
                sent[message.chatwoot_conversation_id].append(message.id)
                under_way[message.chatwoot_conversation_id] -= 1
                async with database.session() as session:
                    await Messages(session).move(message.id, MessageStatus.SENT)
            await asyncio.sleep(0)

    await asyncio.gather(*[work() for _ in range(8)])
    assert [len(ids) for ids in sent.values()] == [10, 10, 10]
    assert all(ids == sorted(ids) for ids in sent.values())


async def test_two_movers_see_each_others_step(database: Database) -> None:
    async with database.session() as session:
        message = await Messages(session).queue(an_outbound(await a_conversation(session), key="k"))

    async def receipt(status: MessageStatus) -> bool:
        async with database.session() as session:
            present = await Messages(session).get(message.id)
            return await Messages(session).move_if_possible(present, status)

    moved = await asyncio.gather(*[receipt(MessageStatus.READ) for _ in range(20)])
    assert moved.count(True) == 1
    async with database.session() as session:
        assert (await Messages(session).get(message.id)).status == "read"


async def test_an_order_seen_by_many_at_once_is_recorded_once(database: Database) -> None:
    async with database.session() as session:
        conversation = await a_conversation(session)
    order = Order(
        order_id=9, name="P00009", partner_id=1, state=OrderState.DRAFT, currency="CLP", amount_untaxed=1, amount_total=1
    )

    async def see() -> None:
        async with database.session() as session:
            await Orders(session).follow(order, supplier_id=conversation.supplier_id, opened_by="agent")

    await asyncio.gather(*[see() for _ in range(20)])
    async with database.session() as session:
        assert await session.scalar(select(func.count()).select_from(OrderRecord)) == 1


async def test_the_same_bytes_are_set_aside_once(database: Database) -> None:
    async def keep(body: bytes) -> bool:
        async with database.session() as session:
            return await SetAside(session).keep(body=body, headers={"x": "1"}, reason="odd" * 1000)

    kept = await asyncio.gather(*[keep(b"{odd" if number % 2 else b"\x00\xff") for number in range(20)])
    assert kept.count(True) == 2
    async with database.session() as session:
        assert await SetAside(session).count() == 2

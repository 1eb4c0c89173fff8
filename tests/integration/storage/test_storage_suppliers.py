"""Suppliers, conversations and order records, one step at a time."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from domain.identity import Channel
from domain.keys import thread_id_of
from domain.orders import Order, OrderLine, OrderState
from storage.audit import Audit
from storage.conversations import ConversationNotFound, Conversations
from storage.engine import Database
from storage.models import OrderRecord
from storage.orders import Orders
from storage.suppliers import SupplierNotFound, Suppliers
from tests.integration.storage.scenes import NOW, a_conversation, a_sender

HOUR = timedelta(hours=1)


class TestSuppliers:
    async def test_an_unknown_sender_gets_a_provisional_supplier(self, database: Database) -> None:
        async with database.session() as session:
            point = await Suppliers(session).contact_point_of(a_sender(name=""), heard_at=NOW)
        async with database.session() as session:
            supplier = await Suppliers(session).get(point.supplier_id)
        assert (supplier.name, supplier.odoo_partner_id) == ("+56912345678", None)
        assert [found.user_identifier for found in supplier.contact_points] == ["+56912345678"]

    async def test_a_contact_known_from_another_channel_is_the_same_supplier(self, database: Database) -> None:
        async with database.session() as session:
            one = await Suppliers(session).contact_point_of(a_sender(), heard_at=NOW)
            other = await Suppliers(session).contact_point_of(a_sender(channel=Channel.EMAIL, email="a@b.cl"), heard_at=NOW)
            stranger = await Suppliers(session).contact_point_of(a_sender(account_id=2), heard_at=NOW)
        assert one.id != other.id
        assert one.supplier_id == other.supplier_id
        # Contact 501 of another account is somebody else, also with the same number.
        assert stranger.supplier_id != one.supplier_id

    async def test_what_was_once_known_is_kept(self, database: Database) -> None:
        async with database.session() as session:
            await Suppliers(session).contact_point_of(a_sender(email="a@b.cl", verified=True), heard_at=NOW)
        async with database.session() as session:
            point = await Suppliers(session).contact_point_of(a_sender(contact_id=None, inbox_id=None), heard_at=NOW - HOUR)
            assert (point.email, point.verified, point.chatwoot_contact_id, point.chatwoot_inbox_id) == (
                "a@b.cl",
                True,
                501,
                11,
            )
            assert point.last_inbound_at == NOW

    async def test_whom_we_write_to_first_was_not_heard_of(self, database: Database) -> None:
        async with database.session() as session:
            point = await Suppliers(session).contact_point_of(a_sender(contact_id=None))
            assert point.last_inbound_at is None

    async def test_a_partner_is_linked_to_one_supplier(self, database: Database) -> None:
        async with database.session() as session:
            suppliers = Suppliers(session)
            one = await suppliers.contact_point_of(a_sender())
            other = await suppliers.contact_point_of(a_sender(502, phone="+56900000000"))
            assert await suppliers.link(one.supplier_id, odoo_partner_id=7, name="Molino SpA", language="pt")
            assert await suppliers.link(one.supplier_id, odoo_partner_id=7, name="Molino S.A.", language=None)
            assert not await suppliers.link(other.supplier_id, odoo_partner_id=7, name="Thief", language=None)
        async with database.session() as session:
            linked = await Suppliers(session).get(one.supplier_id)
            assert (linked.odoo_partner_id, linked.name, linked.language) == (7, "Molino S.A.", "pt")
            assert (await Suppliers(session).get(other.supplier_id)).name == "Molino"

    async def test_a_supplier_that_is_not_there(self, database: Database) -> None:
        async with database.session() as session:
            with pytest.raises(SupplierNotFound):
                await Suppliers(session).get(uuid4())


class TestConversations:
    async def test_a_supplier_is_dealt_with_in_one_until_it_ends(self, database: Database) -> None:
        async with database.session() as session:
            first = await a_conversation(session)
            assert (await a_conversation(session)).id == first.id
            assert first.thread_id == thread_id_of(first.id)
        async with database.session() as session:
            assert await Conversations(session).end(first.id, reason="billed", at=NOW)
            assert not await Conversations(session).end(first.id, reason="again", at=NOW + HOUR)
            assert await Conversations(session).active_of(first.supplier_id) is None
            second = await Conversations(session).active_or_new(first.supplier_id)
        assert second.id != first.id
        assert second.thread_id != first.thread_id
        async with database.session() as session:
            ended = await Conversations(session).get(first.id)
            assert (ended.ended_at, ended.end_reason) == (NOW, "billed")
            audited = await Audit(session).of("conversation", first.id)
            assert [event.action for event in audited] == ["opened", "ended"]
            assert {c.id for c in await Conversations(session).newest()} == {first.id, second.id}
            assert [c.id for c in await Conversations(session).newest(active=True)] == [second.id]
            assert [c.id for c in await Conversations(session).newest(active=False)] == [first.id]

    async def test_a_caller_may_bring_a_thread(self, database: Database) -> None:
        thread = uuid4()
        async with database.session() as session:
            point = await Suppliers(session).contact_point_of(a_sender())
            opened = await Conversations(session).active_or_new(point.supplier_id, thread_id=thread)
            assert opened.thread_id == thread
            # A conversation stays on its thread.
            assert (await Conversations(session).active_or_new(point.supplier_id, thread_id=uuid4())).thread_id == thread

    async def test_handing_over_is_told_once(self, database: Database) -> None:
        async with database.session() as session:
            conversation = await a_conversation(session)
            hand_to = Conversations(session).hand_to
            told = [await hand_to(conversation.id, who, actor="test") for who in ("bot", "person", "person", "bot")]
        assert told == [False, True, False, True]
        async with database.session() as session:
            audited = await Audit(session).of("conversation", conversation.id)
            assert [event.after for event in audited] == [None, {"handled_by": "person"}, {"handled_by": "bot"}]

    async def test_a_conversation_that_is_not_there(self, database: Database) -> None:
        async with database.session() as session:
            with pytest.raises(ConversationNotFound):
                await Conversations(session).get(uuid4())
            assert not await Conversations(session).hand_to(uuid4(), "person", actor="test")
            assert await Conversations(session).with_message(account_id=1, chatwoot_conversation_id=7) is None


LINE = OrderLine(line_id=1, product_id=2, product="Harina", quantity=Decimal(20), unit="saco", unit_price=Decimal("10.5"))
ORDER = Order(
    order_id=9, name="P00009", partner_id=1, state=OrderState.DRAFT, currency="CLP",
    amount_untaxed=Decimal(210), amount_total=Decimal("249.9"), lines=(LINE,), planned_date=date(2026, 12, 1),
)  # fmt: skip


class TestOrders:
    async def follow(self, database: Database, supplier_id: Any, opened_by: str = "agent", **changes: Any) -> OrderRecord:
        async with database.session() as session:
            order = ORDER.model_copy(update=changes)
            return await Orders(session).follow(order, supplier_id=supplier_id, opened_by=opened_by, turn_id=3)

    async def audited(self, database: Database) -> list[tuple[str, Any, Any]]:
        async with database.session() as session:
            return [(event.actor, event.before, event.after) for event in await Audit(session).of("order", "P00009")]

    async def a_supplier(self, database: Database) -> Any:
        async with database.session() as session:
            return (await a_conversation(session)).supplier_id

    async def test_what_odoo_shows_is_taken_over(self, database: Database) -> None:
        supplier = await self.a_supplier(database)
        first = await self.follow(database, supplier)
        record = await self.follow(database, supplier, state=OrderState.CONFIRMED, lines=(), planned_date=None, currency="USD")
        assert record.id == first.id
        async with database.session() as session:
            [stored] = await Orders(session).newest(supplier_id=supplier)
            assert (stored.state, stored.lines, stored.agreed_date, stored.currency) == ("confirmed", [], None, "USD")
            assert stored.amount_total == Decimal("249.9")
            active = await Orders(session).active_of(supplier)
            assert active is not None
            assert active.id == first.id

    async def test_changes_are_audited_and_repeats_are_not(self, database: Database) -> None:
        supplier = await self.a_supplier(database)
        for _ in range(2):
            await self.follow(database, supplier)
        for _ in range(2):
            await self.follow(database, supplier, state=OrderState.SENT)
        audited = await self.audited(database)
        assert [(actor, (before or {}).get("state"), after["state"]) for actor, before, after in audited] == [
            ("agent", None, "draft"),
            ("odoo", "draft", "sent"),
        ]

    async def test_a_changed_amount_is_audited(self, database: Database) -> None:
        supplier = await self.a_supplier(database)
        await self.follow(database, supplier)
        await self.follow(database, supplier, amount_total=Decimal("2499.0"))
        [_, (actor, before, after)] = await self.audited(database)
        assert (actor, Decimal(before["amount_total"]), Decimal(after["amount_total"])) == (
            "odoo",
            Decimal("249.9"),
            Decimal(2499),
        )

    async def test_who_opened_it_is_what_was_recorded_first(self, database: Database) -> None:
        supplier = await self.a_supplier(database)
        await self.follow(database, supplier, opened_by="person")
        record = await self.follow(database, supplier, opened_by="agent")
        assert record.opened_by == "person"
        async with database.session() as session:
            assert await Orders(session).active_of(supplier) is None

    async def test_a_second_active_order_of_the_agents_is_refused(self, database: Database) -> None:
        supplier = await self.a_supplier(database)
        await self.follow(database, supplier)
        with pytest.raises(IntegrityError):
            await self.follow(database, supplier, order_id=10, name="P00010")
        await self.follow(database, supplier, state=OrderState.RECEIVED)
        assert (await self.follow(database, supplier, order_id=10, name="P00010")).odoo_id == 10

    async def test_amounts_keep_four_decimals(self, database: Database) -> None:
        supplier = await self.a_supplier(database)
        await self.follow(database, supplier, amount_total=Decimal("12345678901.2345"))
        async with database.session() as session:
            [stored] = await Orders(session).newest(supplier_id=supplier)
        assert stored.amount_total == Decimal("12345678901.2345")

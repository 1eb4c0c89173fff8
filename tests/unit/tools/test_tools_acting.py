"""The tools called directly, on a real database and the in-memory Odoo: one supplier's tools reach one supplier's orders."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from domain.errors import StaleAttempt
from domain.identity import Channel, Sender
from domain.messages import Author, Direction, MessageStatus
from domain.modes import AgentMode
from domain.orders import OrderState, RfqItem
from sandbox.odoo_demo_data import DEMO_ODOO
from storage.conversations import Conversations
from storage.engine import Database
from storage.messages import Messages
from storage.models import Operation, OrderRecord, Turn
from storage.suppliers import Suppliers
from storage.turns import Turns
from tools.context import SupplierNotLinked, ToolContext
from tools.odoo.memory_adapter import InMemoryOdoo
from tools.odoo.port import OdooUnavailable
from tools.odoo.seed import OdooSeed
from tools.permissions import use

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LINE = {"product_id": 101, "quantity": "20", "unit_price": "17900", "currency": "CLP"}


@pytest.fixture
def odoo() -> InMemoryOdoo:
    return InMemoryOdoo(seed=OdooSeed.from_json(DEMO_ODOO))


@pytest.fixture
async def context(sqlite_url: str, odoo: InMemoryOdoo) -> AsyncIterator[ToolContext]:
    """A running turn of the supplier that is partner 1."""
    database = Database(sqlite_url)
    async with database.session() as session:
        caller = Sender(channel=Channel.WHATSAPP, account_id=1, contact_id=501, phone="+56961230101")
        point = await Suppliers(session).contact_point_of(caller, heard_at=NOW)
        await Suppliers(session).link(point.supplier_id, odoo_partner_id=1, name="Molino", language="es")
        conversation = await Conversations(session).active_or_new(point.supplier_id)
        turn = await Turns(session).begin_now(conversation_id=conversation.id, now=NOW, lease=timedelta(seconds=60))
        assert turn is not None
    yield ToolContext(
        graph="purchase_order",
        mode=AgentMode.AUTO,
        turn_id=turn.id,
        attempt=1,
        conversation_id=conversation.id,
        supplier_id=point.supplier_id,
        partner_id=1,
        database=database,
        odoo=odoo,
        now=lambda: NOW,
        step=1,
    )
    await database.close()


async def rows(context: ToolContext, table: Any) -> list[Any]:
    async with context.database.session() as session:
        return list(await session.scalars(select(table).order_by(table.id)))


async def foreign_order(odoo: InMemoryOdoo) -> int:
    item = RfqItem(product_id=201, quantity=Decimal(5), unit_price=Decimal(7200), currency="CLP")
    return (await odoo.create_rfq(partner_id=2, items=[item], key="foreign")).order_id


async def test_an_order_of_another_supplier_cannot_be_read(context: ToolContext, odoo: InMemoryOdoo) -> None:
    await foreign_order(odoo)
    foreign = await use("check_order_status", context, name="P00001")
    absent = await use("check_order_status", context, name="P00099")
    assert foreign["refused"] == absent["refused"] == "order_not_found"
    assert foreign["reason"].replace("P00001", "X") == absent["reason"].replace("P00099", "X"), "no hint that there is one"
    assert await rows(context, OrderRecord) == []


async def test_an_order_of_another_supplier_cannot_be_confirmed(context: ToolContext, odoo: InMemoryOdoo) -> None:
    order_id = await foreign_order(odoo)
    result = await use("confirm_purchase_order", context, order_id=order_id)
    assert result["refused"] == "order_not_found"
    assert (await odoo.get_order_status(partner_id=2, order_id=order_id)).state is OrderState.DRAFT
    [operation] = await rows(context, Operation)
    assert operation.status == "refused"
    assert await rows(context, OrderRecord) == []


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("create_purchase_quote", {"lines": [LINE]}),
        ("confirm_purchase_order", {"order_id": 1}),
        ("check_order_status", {"name": "P00001"}),
    ],
)
async def test_without_a_company_in_odoo_nothing_is_done(
    context: ToolContext, odoo: InMemoryOdoo, tool: str, arguments: dict[str, Any]
) -> None:
    await foreign_order(odoo)
    with pytest.raises(SupplierNotLinked):
        await use(tool, replace(context, partner_id=None), **arguments)
    assert await rows(context, Operation) == []


async def test_a_quote_is_opened_once_under_its_step(context: ToolContext, odoo: InMemoryOdoo) -> None:
    first = await use("create_purchase_quote", context, lines=[LINE])
    again = await use("create_purchase_quote", context, lines=[{**LINE, "quantity": "999"}])
    assert again == first
    assert first["order"]["state"] == "sent"
    [order] = await odoo.list_orders(partner_id=1)
    assert (order.lines[0].quantity, order.lines[0].unit_price) == (Decimal(20), Decimal(17900))
    [operation] = await rows(context, Operation)
    assert operation.request == {
        "partner_id": 1,
        "items": [{**LINE, "unit": None, "planned_date": None}],
        "delivery_date": None,
    }
    assert (operation.status, operation.result) == ("done", first)


async def test_a_promised_date_is_the_orders_date(context: ToolContext, odoo: InMemoryOdoo) -> None:
    made = await use("create_purchase_quote", context, lines=[LINE], delivery_date="2026-11-27")
    assert made["order"]["planned_date"] == "2026-11-27"
    (order,) = await odoo.list_orders(partner_id=1)
    assert order.planned_date == date(2026, 11, 27)


async def test_confirming_follows_the_order_in_our_own_table(context: ToolContext, odoo: InMemoryOdoo) -> None:
    made = await use("create_purchase_quote", context, lines=[LINE])
    order_id = made["order"]["order_id"]
    confirmed = await use("confirm_purchase_order", replace(context, step=2), order_id=order_id)
    assert confirmed["order"]["state"] == "confirmed"
    [record] = await rows(context, OrderRecord)
    assert (record.state, record.opened_by, record.conversation_id) == ("confirmed", "agent", context.conversation_id)
    await odoo.mark_received(order_id, partner_id=1)
    seen = await use("check_order_status", context, name=made["order"]["name"])
    assert seen["order"]["state"] == "received"
    [record] = await rows(context, OrderRecord)
    assert (record.state, record.opened_by) == ("received", "agent")


async def test_an_effect_that_fails_stays_started_and_is_done_by_the_next_attempt(
    context: ToolContext, odoo: InMemoryOdoo
) -> None:
    odoo.outage = OdooUnavailable("down")
    with pytest.raises(OdooUnavailable):
        await use("create_purchase_quote", context, lines=[LINE])
    [operation] = await rows(context, Operation)
    assert (operation.status, operation.result, operation.ended_at) == ("started", None, None)
    odoo.outage = None
    await use("create_purchase_quote", context, lines=[LINE])
    [operation] = await rows(context, Operation)
    assert (operation.status, operation.ended_at) == ("done", NOW)
    assert len(await odoo.list_orders(partner_id=1)) == 1


async def test_a_refusal_is_final_for_its_step(context: ToolContext, odoo: InMemoryOdoo) -> None:
    refused = await use("confirm_purchase_order", context, order_id=1)
    item = RfqItem(product_id=101, quantity=Decimal(5), unit_price=Decimal(17900), currency="CLP")
    await odoo.create_rfq(partner_id=1, items=[item], key="later")
    assert await use("confirm_purchase_order", context, order_id=1) == refused
    assert (await odoo.get_order_status(partner_id=1, order_id=1)).state is OrderState.DRAFT


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("create_purchase_quote", {"lines": [LINE]}),
        ("confirm_purchase_order", {"order_id": 1}),
        ("send_reply", {"parts": ["Hola"]}),
    ],
)
async def test_a_stale_attempt_does_and_drafts_nothing(
    context: ToolContext, odoo: InMemoryOdoo, tool: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(StaleAttempt):
        await use(tool, replace(context, attempt=0), **arguments)
    assert await rows(context, Operation) == []
    assert await odoo.list_orders(partner_id=1) == []
    [turn] = await rows(context, Turn)
    assert turn.draft is None


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [{**LINE, "quantity": "0"}],
        [{**LINE, "quantity": "-1"}],
        [{**LINE, "unit_price": "-1"}],
        [{**LINE, "partner_id": 2}],
        [{"product_id": 101}],
    ],
)
async def test_lines_that_make_no_sense_never_reach_odoo(
    context: ToolContext, odoo: InMemoryOdoo, lines: list[dict[str, Any]]
) -> None:
    with pytest.raises(ValidationError):
        await use("create_purchase_quote", context, lines=lines)
    assert await rows(context, Operation) == []
    assert await odoo.list_orders(partner_id=1) == []


async def test_a_draft_replaces_the_draft_before_and_leaves_out_blank_parts(context: ToolContext) -> None:
    await use("send_reply", context, parts=["one", "two"])
    drafted = await use("send_reply", context, parts=["three", " "], notes=["for us", ""])
    assert drafted["draft"] == [{"content": "three", "private": False}, {"content": "for us", "private": True}]
    [turn] = await rows(context, Turn)
    assert turn.draft == drafted["draft"]


async def test_pending_words_and_a_transcript_of_at_most_ten(context: ToolContext) -> None:
    async with context.database.session() as session:
        for number in range(13):
            await Messages(session).add_once(
                {
                    "conversation_id": context.conversation_id,
                    "turn_id": context.turn_id if number >= 11 else None,
                    "channel": Channel.WHATSAPP,
                    "account_id": 1,
                    "chatwoot_message_id": number,
                    "direction": Direction.INBOUND,
                    "status": MessageStatus.RECEIVED,
                    "author": Author.SUPPLIER,
                    "content": f"word {number}",
                    "timestamp": NOW,
                }
            )
    fetched = await use("fetch_pending_messages", context)
    assert [message["content"] for message in fetched["pending"]] == ["word 11", "word 12"]
    assert [message["content"] for message in fetched["transcript"]] == [f"word {number}" for number in range(3, 13)]
    assert fetched["transcript"][0]["at"] == NOW.isoformat()

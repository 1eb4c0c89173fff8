"""What only a real Odoo 19 can show of purchasing: its traps, lots, portal pages, dates, rates, and what a step costs."""

import asyncio
import dataclasses
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.errors import InvalidInput
from domain.orders import Order, OrderState, RfqItem
from domain.receipts import Lot
from tests.integration.odoo.database import OdooDatabase
from tests.integration.odoo.proxy import proxy_to
from tests.integration.odoo.suite.bench import change, new_key
from tools.odoo.odoorpc_adapter import OdooRpcOrderManager
from tools.odoo.port import LotsMissing, OdooForbidden
from tools.odoo.seed import OdooSeed, SeedPartner, SeedPrice, SeedProduct

#: The first test waits for Odoo to be installed.
pytestmark = [pytest.mark.odoo, pytest.mark.timeout(1800)]

MILL = SeedPartner(partner_id=1, name="Molino", email="ventas@molino.example", lang="es_CL")


def product(number: int, **more: Any) -> SeedProduct:
    price = SeedPrice(partner_id=1, price=Decimal(17900), currency="CLP", lead_days=3)
    return SeedProduct(product_id=number, **{"name": f"Producto {number}", "unit": "saco", "prices": (price,), **more})


FLOUR, MILK, SCALE = (
    product(1, name="Harina"),
    product(2, name="Leche", tracking="lot"),
    product(3, name="Balanza", tracking="serial"),
)
MANY = tuple(product(number) for number in range(10, 30))


@pytest.fixture(scope="module")
def ids(odoo_database: OdooDatabase) -> dict[int, int]:
    """Odoo's ids by the seed's; 0 leads to the vendor. Milk has dates of expiry."""
    modules = odoo_database.call("ir.module.module", "search", [("name", "=", "product_expiry")])
    odoo_database.call("ir.module.module", "button_immediate_install", modules)
    partners, products = odoo_database.furnish(OdooSeed(partners=(MILL,), products=(FLOUR, MILK, SCALE, *MANY)))
    odoo_database.call("product.product", "write", [products[2]], {"use_expiration_date": True})
    return {0: partners[1], **products}


@pytest.fixture(scope="module")
def manager(odoo_database: OdooDatabase, ids: dict[int, int]) -> Iterator[OdooRpcOrderManager]:
    # The address is told to whoever asks the first time, and kept.
    odoo_database.call("ir.config_parameter", "set_param", "web.base.url", "https://odoo.buyer.example")
    odoo_database.call("ir.config_parameter", "set_param", "web.base.url.freeze", "True")
    manager = OdooRpcOrderManager(odoo_database.connection)
    yield manager
    manager.close()


@pytest.fixture(scope="module")
def warehouse(odoo_database: OdooDatabase, ids: dict[int, int]) -> Iterator[OdooRpcOrderManager]:
    """A colleague who may handle lots."""
    login = "bodega@buyer.example"
    odoo_database.add_user(login, "the-warehouses-Secret-1", "purchase.group_purchase_user", "stock.group_stock_user")
    manager = OdooRpcOrderManager(
        dataclasses.replace(odoo_database.connection, username=login, password="the-warehouses-Secret-1")
    )
    yield manager
    manager.close()


def item(ids: dict[int, int], number: int = 1, quantity: str = "5", price: str = "9999") -> RfqItem:
    return RfqItem(product_id=ids[number], quantity=Decimal(quantity), unit_price=Decimal(price), currency="CLP")


async def confirmed(
    manager: OdooRpcOrderManager, ids: dict[int, int], *items: RfqItem, planned_date: date | None = None
) -> Order:
    order = await manager.create_rfq(partner_id=ids[0], items=items or [item(ids)], key=new_key(), planned_date=planned_date)
    return await manager.confirm_order(order.order_id, partner_id=ids[0])


# -- the traps are there, so what keeps us out of them is needed


async def test_a_quantity_written_alone_resets_what_was_agreed(
    odoo_database: OdooDatabase, manager: OdooRpcOrderManager, ids: dict[int, int]
) -> None:
    order = await confirmed(manager, ids, planned_date=date(2031, 12, 24))
    odoo_database.call("purchase.order.line", "write", [order.lines[0].line_id], {"product_qty": 6.0})
    reset = await manager.get_order_status(order_id=order.order_id, partner_id=ids[0])
    assert (reset.lines[0].unit_price, reset.lines[0].planned_date == date(2031, 12, 24)) == (17900, False)


async def test_odoo_revives_a_cancelled_order_if_asked_to_approve_it(
    odoo_database: OdooDatabase, manager: OdooRpcOrderManager, ids: dict[int, int]
) -> None:
    order = await manager.create_rfq(partner_id=ids[0], items=[item(ids)], key=new_key())
    await manager.cancel_order(order.order_id, partner_id=ids[0])
    odoo_database.call("purchase.order", "button_confirm", [order.order_id])
    shown = await manager.get_order_status(order_id=order.order_id, partner_id=ids[0])
    assert shown.state is OrderState.CANCELLED, "True, and nothing"
    odoo_database.approve(order.order_id)
    shown = await manager.get_order_status(order_id=order.order_id, partner_id=ids[0])
    assert shown.state is OrderState.CONFIRMED, "whatever a person made of it is told as it is"


async def test_odoo_counts_what_was_given_up_as_received_and_we_do_not(
    odoo_database: OdooDatabase, manager: OdooRpcOrderManager, ids: dict[int, int]
) -> None:
    order = await confirmed(manager, ids)
    part = {order.lines[0].line_id: Decimal(2)}
    settled = await manager.mark_received(order.order_id, partner_id=ids[0], quantities=part, backorder=False)
    [record] = odoo_database.call("purchase.order", "read", [order.order_id], ["receipt_status", "picking_ids"])
    assert record["receipt_status"] == "full"
    assert (settled.state, settled.lines[0].received) == (OrderState.CONFIRMED, 2)
    assert len(record["picking_ids"]) == 1, "nothing is waited for any more"


async def test_a_draft_approver_without_the_right_changes_nothing(
    odoo_database: OdooDatabase, manager: OdooRpcOrderManager, ids: dict[int, int]
) -> None:
    odoo_database.set_approval_amount(Decimal(1))
    try:
        order = await confirmed(manager, ids)
        assert order.state is OrderState.TO_APPROVE
        assert order.confirmed_at is None
        again = await manager.confirm_order(order.order_id, partner_id=ids[0])
        assert again.state is OrderState.TO_APPROVE, "a plain buyer cannot give the second approval"
    finally:
        odoo_database.set_approval_amount(None)


# -- changing


async def test_the_warehouse_plans_for_the_new_day(
    odoo_database: OdooDatabase, manager: OdooRpcOrderManager, ids: dict[int, int]
) -> None:
    order = await confirmed(manager, ids, planned_date=date(2031, 12, 24))
    await manager.change_order(
        order.order_id, partner_id=ids[0], changes=[change(order.lines[0].line_id, day=date(2031, 12, 31))]
    )
    [record] = odoo_database.call("purchase.order", "read", [order.order_id], ["picking_ids", "date_planned"])
    [picking] = odoo_database.call("stock.picking", "read", record["picking_ids"], ["scheduled_date", "date_deadline"])
    assert {record["date_planned"], picking["scheduled_date"], picking["date_deadline"]} == {"2031-12-31 15:00:00"}


async def test_what_was_received_is_not_rescheduled(
    odoo_database: OdooDatabase, manager: OdooRpcOrderManager, ids: dict[int, int]
) -> None:
    order = await confirmed(manager, ids, planned_date=date(2031, 12, 24))
    line = order.lines[0].line_id
    await manager.mark_received(order.order_id, partner_id=ids[0], quantities={line: Decimal(2)})
    done = [("purchase_line_id", "=", line), ("state", "=", "done")]
    before = odoo_database.call("stock.move", "search_read", done, fields=["date", "quantity"])
    await manager.change_order(order.order_id, partner_id=ids[0], changes=[change(line, quantity="9", day=date(2031, 12, 31))])
    assert odoo_database.call("stock.move", "search_read", done, fields=["date", "quantity"]) == before


# -- lots


async def test_lots_come_with_their_dates(
    odoo_database: OdooDatabase, manager: OdooRpcOrderManager, warehouse: OdooRpcOrderManager, ids: dict[int, int]
) -> None:
    order = await confirmed(manager, ids, item(ids, 2, "5"), item(ids, 3, "2"), item(ids, 1, "4"))
    milk, scale, _ = (line.line_id for line in order.lines)
    dated = date.today() + timedelta(days=90)
    with pytest.raises(LotsMissing, match="date of expiry of L1"):
        await warehouse.plan_receipt(
            order.order_id,
            partner_id=ids[0],
            quantities={milk: Decimal(1)},
            lots={milk: [Lot(name="L1", quantity=Decimal(1))]},
        )
    with pytest.raises(InvalidInput, match="expired"):
        await warehouse.plan_receipt(
            order.order_id,
            partner_id=ids[0],
            quantities={milk: Decimal(1)},
            lots={milk: [Lot(name="L1", quantity=Decimal(1), expires=date(2020, 1, 1))]},
        )
    plan = await warehouse.plan_receipt(
        order.order_id,
        partner_id=ids[0],
        quantities={milk: Decimal(3), scale: Decimal(1)},
        lots={
            milk: [Lot(name="L1", quantity=Decimal(2), expires=dated), Lot(name="L2", quantity=Decimal(1), expires=dated)],
            scale: [Lot(name="S1", quantity=Decimal(1))],
        },
    )
    for _ in range(2):
        booked = await warehouse.carry_out_receipt(plan, partner_id=ids[0])
        assert [line.received for line in booked.lines] == [3, 1, 0]
    kept = odoo_database.call(
        "stock.lot",
        "search_read",
        [("product_id", "in", [ids[2], ids[3]])],
        fields=["name", "product_qty", "expiration_date"],
        order="name",
    )
    assert [(one["name"], one["product_qty"]) for one in kept] == [("L1", 2.0), ("L2", 1.0), ("S1", 1.0)]
    assert [str(one["expiration_date"])[:10] for one in kept[:2]] == [dated.isoformat()] * 2

    rest = {milk: [Lot(name="L1", quantity=Decimal(2), expires=dated)], scale: [Lot(name="S2", quantity=Decimal(1))]}
    received = await warehouse.mark_received(order.order_id, partner_id=ids[0], lots=rest)
    assert (received.state, [line.received for line in received.lines]) == (OrderState.RECEIVED, [5, 2, 4])


async def test_an_agent_without_rights_to_lots_books_nothing(manager: OdooRpcOrderManager, ids: dict[int, int]) -> None:
    order = await confirmed(manager, ids, item(ids, 3, "1"))
    lots = {order.lines[0].line_id: [Lot(name="S9", quantity=Decimal(1))]}
    with pytest.raises(OdooForbidden, match="Inventory"):
        await manager.mark_received(order.order_id, partner_id=ids[0], lots=lots)
    shown = await manager.get_order_status(order_id=order.order_id, partner_id=ids[0])
    assert shown == order


async def test_which_products_need_what(manager: OdooRpcOrderManager, ids: dict[int, int]) -> None:
    listed = {one.product_id: one for one in await manager.list_products(partner_id=ids[0])}
    assert [(listed[ids[n]].tracking, listed[ids[n]].uses_expiry) for n in (1, 2, 3)] == [
        ("none", False),
        ("lot", True),
        ("serial", False),
    ]
    assert listed[ids[1]].lead_days == 3


# -- seen from outside


async def test_the_suppliers_page(odoo_database: OdooDatabase, manager: OdooRpcOrderManager, ids: dict[int, int]) -> None:
    order = await manager.create_rfq(partner_id=ids[0], items=[item(ids)], key=new_key())
    [record] = odoo_database.call("purchase.order", "read", [order.order_id], ["access_token"])
    assert order.portal_url == (
        f"https://odoo.buyer.example/my/purchase/{order.order_id}?access_token={record['access_token']}"
    )
    of_a_person = odoo_database.call("purchase.order", "create", {"partner_id": ids[0]})
    shown = await manager.get_order_status(order_id=of_a_person, partner_id=ids[0])
    assert shown.portal_url is None, "Odoo made no page for it yet"


async def test_the_uf_under_both_its_names(odoo_database: OdooDatabase, manager: OdooRpcOrderManager) -> None:
    async def uf(day: date) -> Decimal | None:
        return (await manager.exchange_rates(["CLF"], on=day)).get("CLF")

    assert await uf(date(2026, 11, 20)) is None
    currency = odoo_database.call("res.currency", "create", {"name": "UF", "symbol": "UF"})
    for day, worth in (("2026-01-01", 40.0), ("2026-11-01", 42.5)):
        odoo_database.call("res.currency.rate", "create", {"currency_id": currency, "name": day, "rate": 1 / worth})
    assert [await uf(day) for day in (date(2026, 10, 31), date(2026, 11, 1), date(2027, 6, 1))] == [
        40,
        Decimal("42.5"),
        Decimal("42.5"),
    ]


async def test_a_colleague_who_may_takes_the_empty_draft_away(
    odoo_database: OdooDatabase, manager: OdooRpcOrderManager, ids: dict[int, int]
) -> None:
    login, password = "cuentas@buyer.example", "the-accountants-Secret-1"
    odoo_database.add_user(login, password, "purchase.group_purchase_user", "account.group_account_invoice")
    theirs = dataclasses.replace(odoo_database.connection, username=login, password=password)
    order = await confirmed(manager, ids)
    await manager.mark_received(order.order_id, partner_id=ids[0])
    billers = [OdooRpcOrderManager(theirs) for _ in range(4)]
    made = await asyncio.gather(*(biller.create_bill(order.order_id, partner_id=ids[0]) for biller in billers))
    for biller in billers:
        biller.close()
    assert len({bill.bill_id for bill in made}) == 1
    [record] = odoo_database.call("purchase.order", "read", [order.order_id], ["invoice_ids"])
    assert record["invoice_ids"] == [made[0].bill_id]


async def test_a_note_reaches_nobody_outside(
    odoo_database: OdooDatabase, manager: OdooRpcOrderManager, ids: dict[int, int]
) -> None:
    order = await manager.create_rfq(partner_id=ids[0], items=[item(ids)], key=new_key())
    odoo_database.call("purchase.order", "message_subscribe", [order.order_id], partner_ids=[ids[0]])
    mails = odoo_database.call("mail.mail", "search_count", [])
    await manager.post_note(order.order_id, partner_id=ids[0], text="Solo para la casa", key=new_key())
    assert odoo_database.call("mail.mail", "search_count", []) == mails
    about = [("model", "=", "purchase.order"), ("res_id", "=", order.order_id), ("notified_partner_ids", "in", [ids[0]])]
    assert odoo_database.call("mail.message", "search_count", about) == 0


# -- what it costs


async def test_calls_to_odoo_are_few(odoo_database: OdooDatabase, manager: OdooRpcOrderManager, ids: dict[int, int]) -> None:
    with proxy_to(odoo_database.url) as proxy:
        counted = OdooRpcOrderManager(
            dataclasses.replace(odoo_database.connection, url=proxy.url, protocol="jsonrpc", max_workers=1)
        )
        whose = {"partner_id": ids[0]}

        async def warm() -> None:
            order = await counted.create_rfq(items=[item(ids)], key=new_key(), **whose)
            await counted.get_order_status(order_id=order.order_id, **whose)
            await counted.list_products(**whose)

        async def calls(work: Any) -> tuple[list[str], Any]:
            proxy.forwarded.clear()
            answer = await work
            return list(proxy.forwarded), answer

        await warm()
        listed, _ = await calls(counted.list_products(**whose))
        many = [item(ids, number) for number in range(10, 30)]
        created, order = await calls(counted.create_rfq(items=many, key=new_key(), send=True, **whose))
        status, seen = await calls(counted.get_order_status(order_id=order.order_id, **whose))
        pressed, after = await calls(counted.confirm_order(order.order_id, seen=seen, **whose))
        changed, _ = await calls(
            counted.change_order(order.order_id, changes=[change(line.line_id, quantity="6") for line in after.lines], **whose)
        )
        counted.close()
    assert after.state is OrderState.CONFIRMED
    assert listed == ["web_search_read"]
    assert status == ["web_search_read"]
    assert pressed == ["button_confirm", "web_search_read"]
    assert len(listed) + len(status) + len(pressed) <= 4, "a confirmation, all told"
    assert created == ["check_object_reference", "web_search_read", "load", "message_post", "web_search_read"]
    assert len(listed) + len(created) <= 6, "an RFQ of 20 lines, all told"
    assert changed == ["web_search_read", "write", "web_search_read"]

"""What only a real Odoo 19 can show: lost answers, rights, units, variants, and what people do behind our back."""

import asyncio
import dataclasses
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from domain.orders import Order, OrderState, RfqItem
from tests.integration.odoo.database import OdooDatabase
from tests.integration.odoo.port_suite import ON_ONE_ORDER, new_key
from tests.integration.odoo.proxy import Trouble, proxy_to
from tools.odoo.odoorpc_adapter import OdooRpcOrderManager
from tools.odoo.port import OdooForbidden, OdooRefused, OdooUnavailable
from tools.odoo.seed import OdooSeed, SeedPartner, SeedPrice, SeedProduct

#: The first test waits for Odoo to be installed.
pytestmark = [pytest.mark.odoo, pytest.mark.timeout(1800)]

VENDOR = SeedPartner(partner_id=1, name="Molino", email="ventas@molino.example", lang="es_CL")
FLOUR = SeedProduct(
    product_id=1,
    name="Harina",
    unit="saco",
    prices=(SeedPrice(partner_id=1, price=Decimal(17900), currency="CLP"),),
)


@pytest.fixture(scope="module")
def furnished(odoo_database: OdooDatabase) -> tuple[int, int]:
    partners, products = odoo_database.furnish(OdooSeed(partners=(VENDOR,), products=(FLOUR,)))
    return partners[1], products[1]


@pytest.fixture
def vendor(furnished: tuple[int, int]) -> int:
    return furnished[0]


@pytest.fixture
def flour(furnished: tuple[int, int]) -> int:
    return furnished[1]


@pytest.fixture(scope="module", params=["jsonrpc", "json2"])
def manager(odoo_database: OdooDatabase, request: pytest.FixtureRequest) -> Iterator[OdooRpcOrderManager]:
    manager = OdooRpcOrderManager(odoo_database.connection_over(request.param))
    yield manager
    manager.close()


def item(product: int, quantity: str = "5", **more: str) -> RfqItem:
    return RfqItem(product_id=product, quantity=Decimal(quantity), unit_price=Decimal(17900), currency="CLP", **more)


async def received(manager: OdooRpcOrderManager, vendor: int, *items: RfqItem) -> Order:
    order = await manager.create_rfq(partner_id=vendor, items=items, key=new_key())
    await manager.confirm_order(order.order_id, partner_id=vendor)
    return await manager.mark_received(order.order_id, partner_id=vendor)


# -- lost answers


async def test_when_odoo_stays_silent_a_repeat_makes_no_second_order(
    odoo_database: OdooDatabase, manager: OdooRpcOrderManager, vendor: int, flour: int
) -> None:
    key = new_key()
    with proxy_to(odoo_database.url) as proxy:
        silent = False

        def from_load_on(method: str) -> Trouble:
            nonlocal silent
            silent = silent or method == "load"
            return Trouble.SILENT_AFTER if silent else Trouble.NONE

        proxy.trouble = from_load_on
        hasty = OdooRpcOrderManager(dataclasses.replace(odoo_database.connection, url=proxy.url, timeout_seconds=3))
        with pytest.raises(OdooUnavailable):
            await hasty.create_rfq(partner_id=vendor, items=[item(flour)], key=key)
        hasty.close()
    [made] = odoo_database.call("purchase.order", "search", [("origin", "=", key)])
    again = await manager.create_rfq(partner_id=vendor, items=[item(flour)], key=key)
    assert again.order_id == made
    assert odoo_database.call("purchase.order", "search", [("origin", "=", key)]) == [made]


# -- who may


async def test_a_wrong_database_is_a_setting_to_correct(odoo_database: OdooDatabase) -> None:
    wrong = dataclasses.replace(odoo_database.connection, db="no_such_db")
    with pytest.raises(OdooForbidden, match="ODOO_DB"):
        await OdooRpcOrderManager(wrong).check()


@pytest.mark.parametrize("name", ON_ONE_ORDER)
async def test_a_user_without_purchase_rights(
    odoo_database: OdooDatabase, manager: OdooRpcOrderManager, vendor: int, flour: int, name: str
) -> None:
    order = await manager.create_rfq(partner_id=vendor, items=[item(flour)], key=new_key())
    login = f"{new_key()}@example.com"
    odoo_database.add_user(login, "nothing-but-a-Login1")
    nobody = dataclasses.replace(odoo_database.connection, username=login, password="nothing-but-a-Login1")
    with pytest.raises(OdooForbidden):
        await ON_ONE_ORDER[name](OdooRpcOrderManager(nobody), order.order_id, vendor)
    assert await manager.get_order_status(order_id=order.order_id, partner_id=vendor) == order


async def test_the_version(manager: OdooRpcOrderManager) -> None:
    assert await manager.check() == "19.0"


# -- Odoo's own ways


async def test_sending_mails_nobody(odoo_database: OdooDatabase, manager: OdooRpcOrderManager, vendor: int, flour: int) -> None:
    order = await manager.create_rfq(partner_id=vendor, items=[item(flour)], key=new_key())
    odoo_database.call("purchase.order", "message_subscribe", [order.order_id], partner_ids=[vendor])
    mails = odoo_database.call("mail.mail", "search_count", [])
    assert (await manager.send_rfq(order.order_id, partner_id=vendor)).state is OrderState.SENT
    assert odoo_database.call("mail.mail", "search_count", []) == mails
    about = [("model", "=", "purchase.order"), ("res_id", "=", order.order_id), ("notified_partner_ids", "in", [vendor])]
    assert odoo_database.call("mail.message", "search_count", about) == 0


async def test_dozens_are_received_as_dozens(odoo_database: OdooDatabase, manager: OdooRpcOrderManager, vendor: int) -> None:
    [unit] = odoo_database.call("uom.uom", "search", [("name", "=", "Units")])
    dozen = odoo_database.call("uom.uom", "create", {"name": "docena", "relative_factor": 12, "relative_uom_id": unit})
    price = {"partner_id": vendor, "price": 3000.0, "product_uom_id": dozen}
    template = odoo_database.call(
        "product.template", "create", {"name": "Cajas", "is_storable": True, "seller_ids": [(0, 0, price)]}
    )
    [boxes] = odoo_database.call("product.product", "search", [("product_tmpl_id", "=", template)])
    listed = {product.product_id: product for product in await manager.list_products(partner_id=vendor)}
    assert listed[boxes].unit == "docena"

    order = await manager.create_rfq(
        partner_id=vendor, items=[item(boxes, "5"), item(boxes, "24", unit="units")], key=new_key()
    )
    assert [(line.quantity, line.unit) for line in order.lines] == [(5, "docena"), (24, "Units")]
    await manager.confirm_order(order.order_id, partner_id=vendor)
    part = {order.lines[0].line_id: Decimal("1.5"), order.lines[1].line_id: Decimal(7)}
    shown = await manager.mark_received(order.order_id, partner_id=vendor, quantities=part)
    assert [line.received for line in shown.lines] == [Decimal("1.5"), 7]
    listed = {product.product_id: product for product in await manager.list_products(partner_id=vendor)}
    assert listed[boxes].on_hand == 18 + 7
    assert (await manager.mark_received(order.order_id, partner_id=vendor)).state is OrderState.RECEIVED


async def test_price_lists_of_templates_and_variants(
    odoo_database: OdooDatabase, manager: OdooRpcOrderManager, vendor: int
) -> None:
    call = odoo_database.call
    values = [(0, 0, {"name": "250 g"}), (0, 0, {"name": "500 g"})]
    size = call("product.attribute", "create", {"name": "Peso", "create_variant": "always", "value_ids": values})
    value_ids = call("product.attribute.value", "search", [("attribute_id", "=", size)])
    template = call(
        "product.template",
        "create",
        {"name": "Bolsa", "attribute_line_ids": [(0, 0, {"attribute_id": size, "value_ids": [(6, 0, value_ids)]})]},
    )
    small, large = call("product.product", "search", [("product_tmpl_id", "=", template)], order="id")
    for values in (
        {"price": 100.0},
        {"price": 90.0, "product_id": large, "discount": 10.0},
        {"price": 1.0, "date_end": "2020-12-31"},
        {"price": 2.0, "product_id": small, "date_start": "2120-01-01"},
        {"price": 50.0, "min_qty": 1000.0},
    ):
        call("product.supplierinfo", "create", {"partner_id": vendor, "product_tmpl_id": template, **values})
    listed = {product.product_id: product for product in await manager.list_products(partner_id=vendor)}
    assert {id_: (listed[id_].name, listed[id_].list_price) for id_ in (small, large)} == {
        small: ("Bolsa (250 g)", Decimal(100)),
        large: ("Bolsa (500 g)", Decimal(81)),
    }


async def test_the_planned_date_is_the_agents_day(
    odoo_database: OdooDatabase, manager: OdooRpcOrderManager, vendor: int, flour: int
) -> None:
    order = await manager.create_rfq(partner_id=vendor, items=[item(flour)], key=new_key(), planned_date=date(2031, 1, 15))
    [record] = odoo_database.call("purchase.order", "read", [order.order_id], ["date_planned", "origin"])
    assert record["date_planned"] == "2031-01-15 15:00:00", "noon in Santiago"


# -- what people do


async def test_what_a_person_will_not_wait_for_cannot_be_received(
    odoo_database: OdooDatabase, manager: OdooRpcOrderManager, vendor: int, flour: int
) -> None:
    order = await manager.create_rfq(partner_id=vendor, items=[item(flour)], key=new_key())
    await manager.confirm_order(order.order_id, partner_id=vendor)
    call = odoo_database.call
    [move] = call("stock.move", "search_read", [("purchase_line_id", "=", order.lines[0].line_id)], fields=["picking_id"])
    call("stock.move", "write", [move["id"]], {"quantity": 2.0, "picked": True})
    picking = move["picking_id"][0]
    call(
        "stock.picking",
        "button_validate",
        [picking],
        context={"skip_backorder": True, "picking_ids_not_to_backorder": [picking]},
    )
    shown = await manager.get_order_status(order_id=order.order_id, partner_id=vendor)
    assert (shown.state, shown.lines[0].received) == (OrderState.CONFIRMED, 2)
    with pytest.raises(OdooRefused, match="open receipt"):
        await manager.mark_received(order.order_id, partner_id=vendor)
    assert await manager.get_order_status(order_id=order.order_id, partner_id=vendor) == shown


async def test_a_move_that_a_person_ticked_is_not_received_along(
    odoo_database: OdooDatabase, manager: OdooRpcOrderManager, vendor: int, flour: int
) -> None:
    order = await manager.create_rfq(partner_id=vendor, items=[item(flour), item(flour, "3")], key=new_key())
    await manager.confirm_order(order.order_id, partner_id=vendor)
    first, second = (line.line_id for line in order.lines)
    ticked = odoo_database.call("stock.move", "search", [("purchase_line_id", "=", second)])
    odoo_database.call("stock.move", "write", ticked, {"picked": True})
    shown = await manager.mark_received(order.order_id, partner_id=vendor, quantities={first: Decimal(2)})
    assert [line.received for line in shown.lines] == [2, 0]


async def test_bills_that_people_post_and_cancel(
    odoo_database: OdooDatabase, manager: OdooRpcOrderManager, vendor: int, flour: int
) -> None:
    order = await received(manager, vendor, item(flour))
    draft = await manager.create_bill(order.order_id, partner_id=vendor)

    async def state() -> OrderState:
        return (await manager.get_order_status(order_id=order.order_id, partner_id=vendor)).state

    assert (draft.state, await state()) == ("draft", OrderState.BILLED)
    odoo_database.call("account.move", "button_cancel", [draft.bill_id])
    assert await state() is OrderState.RECEIVED, "a cancelled bill bills nothing"
    second = await manager.create_bill(order.order_id, partner_id=vendor)
    assert second.bill_id != draft.bill_id
    assert second.amount_total == draft.amount_total
    # Odoo takes orders and draft bills in an inactive currency, and posts none.
    [clp] = odoo_database.call("res.currency", "search", [("name", "=", "CLP")], context={"active_test": False})
    odoo_database.call("res.currency", "write", [clp], {"active": True})
    odoo_database.call("account.move", "write", [second.bill_id], {"invoice_date": "2026-11-20"})
    odoo_database.call("account.move", "action_post", [second.bill_id])
    posted = await manager.create_bill(order.order_id, partner_id=vendor)
    assert (posted.bill_id, posted.state, await state()) == (second.bill_id, "posted", OrderState.BILLED)


async def test_bills_made_at_once_by_several_processes_are_one(
    odoo_database: OdooDatabase, manager: OdooRpcOrderManager, vendor: int, flour: int
) -> None:
    order = await received(manager, vendor, item(flour), item(flour, "3"))
    others = [OdooRpcOrderManager(odoo_database.connection) for _ in range(4)]
    made = await asyncio.gather(*(other.create_bill(order.order_id, partner_id=vendor) for other in others))
    for other in others:
        other.close()
    assert len({bill.bill_id for bill in made}) == 1
    [record] = odoo_database.call("purchase.order", "read", [order.order_id], ["invoice_ids"])
    bills = odoo_database.call("account.move", "read", record["invoice_ids"], ["amount_total"])
    assert [bill["id"] for bill in bills if bill["amount_total"]] == [made[0].bill_id]
    shown = await manager.get_order_status(order_id=order.order_id, partner_id=vendor)
    assert (shown.state, [line.billed for line in shown.lines]) == (OrderState.BILLED, [5, 3])


async def test_a_locked_order_is_not_cancelled(
    odoo_database: OdooDatabase, manager: OdooRpcOrderManager, vendor: int, flour: int
) -> None:
    order = await manager.create_rfq(partner_id=vendor, items=[item(flour)], key=new_key())
    await manager.confirm_order(order.order_id, partner_id=vendor)
    odoo_database.call("purchase.order", "button_lock", [order.order_id])
    with pytest.raises(OdooRefused, match="unlock"):
        await manager.cancel_order(order.order_id, partner_id=vendor)


async def test_an_order_that_was_deleted_is_absent_and_its_key_is_free(
    odoo_database: OdooDatabase, manager: OdooRpcOrderManager, vendor: int, flour: int
) -> None:
    key = new_key()
    order = await manager.create_rfq(partner_id=vendor, items=[item(flour)], key=key)
    odoo_database.call("purchase.order", "button_cancel", [order.order_id])
    odoo_database.call("purchase.order", "unlink", [order.order_id])
    again = await manager.create_rfq(partner_id=vendor, items=[item(flour)], key=key)
    assert again.order_id != order.order_id
    assert again.state is OrderState.DRAFT

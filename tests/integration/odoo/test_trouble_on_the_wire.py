"""Trouble between us and a real Odoo 19, over either protocol: one effect each, a result or a typed error.

Each action is tried with trouble at the request that has the effect, then again without, as the next attempt of a turn does.
"""

import dataclasses
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from domain.orders import Order, OrderState, RfqItem
from tests.integration.odoo.database import OdooDatabase
from tests.integration.odoo.port_suite import new_key
from tests.integration.odoo.proxy import Proxy, Trouble, proxy_to
from tools.odoo.odoorpc_adapter import OdooRpcOrderManager
from tools.odoo.port import OdooUnavailable
from tools.odoo.seed import OdooSeed, SeedPartner, SeedPrice, SeedProduct
from tools.odoo.transport_connection import WireProtocol

#: The first test waits for Odoo to be installed.
pytestmark = [pytest.mark.odoo, pytest.mark.timeout(1800)]

VENDOR = SeedPartner(partner_id=1, name="Molino", email="ventas@molino.example", lang="es_CL")
FLOUR = SeedProduct(
    product_id=1, name="Harina", unit="saco", prices=(SeedPrice(partner_id=1, price=Decimal(17900), currency="CLP"),)
)


@dataclass
class Scene:
    """One supplier, one product, and two ways to Odoo: `calm` goes straight, `troubled` through the proxy."""

    odoo: OdooDatabase
    proxy: Proxy
    calm: OdooRpcOrderManager
    troubled: OdooRpcOrderManager
    vendor: int
    flour: int

    @property
    def items(self) -> list[RfqItem]:
        return [RfqItem(product_id=self.flour, quantity=Decimal(5), unit_price=Decimal(17900), currency="CLP")] * 2

    async def drafted(self) -> Order:
        return await self.calm.create_rfq(partner_id=self.vendor, items=self.items, key=new_key())

    async def confirmed(self) -> Order:
        order = await self.drafted()
        return await self.calm.confirm_order(order.order_id, partner_id=self.vendor)

    async def received(self) -> Order:
        order = await self.confirmed()
        return await self.calm.mark_received(order.order_id, partner_id=self.vendor)

    def read(self, model: str, ids: list[int], *fields: str) -> list[dict[str, Any]]:
        """As the administrator sees it."""
        found: list[dict[str, Any]] = self.odoo.call(model, "read", ids, list(fields))
        return found

    def pickings(self, order: Order) -> list[dict[str, Any]]:
        [record] = self.read("purchase.order", [order.order_id], "picking_ids")
        return self.read("stock.picking", record["picking_ids"], "state")


@pytest.fixture(scope="module", params=["jsonrpc", "json2"])
def protocol(request: pytest.FixtureRequest) -> WireProtocol:
    name: WireProtocol = request.param
    return name


@pytest.fixture(scope="module")
def furnished(odoo_database: OdooDatabase) -> tuple[int, int]:
    partners, products = odoo_database.furnish(OdooSeed(partners=(VENDOR,), products=(FLOUR,)))
    return partners[1], products[1]


@pytest.fixture
async def scene(odoo_database: OdooDatabase, furnished: tuple[int, int], protocol: WireProtocol) -> Any:
    """Each test has connections of its own: a breaker that one opened is not another's."""
    mine = odoo_database.connection_over(protocol)
    with proxy_to(odoo_database.url) as proxy:
        managers = (
            OdooRpcOrderManager(mine),
            OdooRpcOrderManager(dataclasses.replace(mine, url=proxy.url, timeout_seconds=5)),
        )
        await managers[1].check()
        yield Scene(odoo_database, proxy, *managers, *furnished)
        for manager in managers:
            manager.close()


#: What is tried, on what kind of order, and what the administrator must find afterwards.
Action = Callable[[OdooRpcOrderManager, Order, Scene], Awaitable[object]]


async def confirm(manager: OdooRpcOrderManager, order: Order, scene: Scene) -> None:
    shown = await manager.confirm_order(order.order_id, partner_id=scene.vendor)
    assert shown.state is OrderState.CONFIRMED


async def receive(manager: OdooRpcOrderManager, order: Order, scene: Scene) -> None:
    shown = await manager.mark_received(order.order_id, partner_id=scene.vendor)
    assert shown.state is OrderState.RECEIVED


async def bill(manager: OdooRpcOrderManager, order: Order, scene: Scene) -> None:
    made = await manager.create_bill(order.order_id, partner_id=scene.vendor)
    assert (made.state, made.currency) == ("draft", "CLP")


async def cancel(manager: OdooRpcOrderManager, order: Order, scene: Scene) -> None:
    shown = await manager.cancel_order(order.order_id, partner_id=scene.vendor)
    assert shown.state is OrderState.CANCELLED


def was_confirmed_once(scene: Scene, order: Order) -> None:
    assert [picking["state"] for picking in scene.pickings(order)] == ["assigned"]


def was_received_once(scene: Scene, order: Order) -> None:
    assert [picking["state"] for picking in scene.pickings(order)] == ["done"]
    lines = scene.read("purchase.order.line", [line.line_id for line in order.lines], "qty_received")
    assert [line["qty_received"] for line in lines] == [5, 5]


def was_billed_once(scene: Scene, order: Order) -> None:
    [record] = scene.read("purchase.order", [order.order_id], "invoice_ids")
    [made] = scene.read("account.move", record["invoice_ids"], "state", "amount_untaxed")
    assert (made["state"], made["amount_untaxed"]) == ("draft", 2 * 5 * 17900)


def was_cancelled(scene: Scene, order: Order) -> None:
    [record] = scene.read("purchase.order", [order.order_id], "state")
    assert record["state"] == "cancel"


ACTIONS: dict[str, tuple[Callable[[Scene], Awaitable[Order]], Action, str, Callable[[Scene, Order], None]]] = {
    "confirm_order": (Scene.drafted, confirm, "button_confirm", was_confirmed_once),
    "mark_received, quantities": (Scene.confirmed, receive, "write", was_received_once),
    "mark_received, button": (Scene.confirmed, receive, "button_validate", was_received_once),
    "create_bill": (Scene.received, bill, "action_create_invoice", was_billed_once),
    "cancel_order": (Scene.confirmed, cancel, "button_cancel", was_cancelled),
}

TROUBLES = [trouble for trouble in Trouble if trouble is not Trouble.NONE]


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("name", ACTIONS)
async def test_an_action_has_one_effect(scene: Scene, name: str, trouble: Trouble) -> None:
    prepare, act, method, check = ACTIONS[name]
    order = await prepare(scene)
    scene.proxy.make(trouble, method, times=1)
    if trouble is Trouble.DELAYED:
        await act(scene.troubled, order, scene)
    else:
        with pytest.raises(OdooUnavailable) as caught:
            await act(scene.troubled, order, scene)
        assert caught.value.retryable
    assert scene.proxy.troubled == 1
    heard = scene.proxy.forwarded.count(method)
    await act(scene.troubled, order, scene)
    if method.startswith(("button", "action")) and trouble.odoo_hears:
        assert scene.proxy.forwarded.count(method) == heard, "it was looked up, and not done again"
    check(scene, order)


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_one_rfq_is_made(scene: Scene, trouble: Trouble) -> None:
    key = new_key()
    scene.proxy.make(trouble, "load", times=1)
    order = await scene.troubled.create_rfq(partner_id=scene.vendor, items=scene.items, key=key)
    assert scene.proxy.troubled == 1
    assert scene.odoo.call("purchase.order", "search", [("origin", "=", key)]) == [order.order_id]
    assert [line.quantity for line in order.lines] == [5, 5]
    again = await scene.troubled.create_rfq(partner_id=scene.vendor, items=scene.items, key=key)
    assert again.order_id == order.order_id


async def test_no_rfq_is_made_and_the_next_attempt_makes_it(scene: Scene) -> None:
    key = new_key()
    scene.proxy.make(Trouble.CUT_BEFORE, "load", times=99)
    with pytest.raises(OdooUnavailable):
        await scene.troubled.create_rfq(partner_id=scene.vendor, items=scene.items, key=key)
    assert scene.odoo.call("purchase.order", "search", [("origin", "=", key)]) == []
    scene.proxy.make(Trouble.NONE, "load", times=0)
    order = await scene.troubled.create_rfq(partner_id=scene.vendor, items=scene.items, key=key)
    assert scene.odoo.call("purchase.order", "search", [("origin", "=", key)]) == [order.order_id]


@pytest.mark.parametrize("trouble", [one for one in TROUBLES if one is not Trouble.SILENT_AFTER])
async def test_reading_gets_over_it(scene: Scene, trouble: Trouble) -> None:
    order = await scene.drafted()
    times = 1 if trouble is Trouble.DELAYED else 2
    scene.proxy.make(trouble, "web_search_read", times=times)
    shown = await scene.troubled.get_order_status(order_id=order.order_id, partner_id=scene.vendor)
    assert shown == order
    assert scene.proxy.troubled == times


async def test_an_odoo_that_is_gone_is_left_alone_and_found_again(scene: Scene) -> None:
    order = await scene.drafted()
    scene.proxy.trouble = lambda method: Trouble.BAD_GATEWAY_BEFORE
    for _ in range(4):
        with pytest.raises(OdooUnavailable):
            await scene.troubled.confirm_order(order.order_id, partner_id=scene.vendor)
    asked = scene.proxy.troubled
    assert asked == 5, "then the breaker opened"
    assert scene.troubled.circuit == "open"
    scene.proxy.trouble = lambda method: Trouble.NONE
    with pytest.raises(OdooUnavailable):
        await scene.troubled.confirm_order(order.order_id, partner_id=scene.vendor)
    assert scene.proxy.troubled == asked
    shown = await scene.calm.get_order_status(order_id=order.order_id, partner_id=scene.vendor)
    assert shown.state is OrderState.DRAFT

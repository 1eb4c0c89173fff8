"""Whose order it is: of another supplier there is none."""

import pytest

from domain.errors import InvalidInput
from tests.integration.odoo.suite.bench import CUSTOMER, MILL, NUTS, ON_ONE_ORDER, ROSA, SELDOM, Bench
from tools.odoo.port import OrderNotFound


class Belonging:
    """See the module."""

    @pytest.mark.parametrize("name", ON_ONE_ORDER)
    async def test_another_suppliers_order_does_not_exist(self, bench: Bench, name: str) -> None:
        order = await bench.rfq()
        for partner_id in (bench.partner[NUTS], bench.partner[ROSA], 999_999):
            with pytest.raises(OrderNotFound):
                await ON_ONE_ORDER[name](bench.manager, order.order_id, partner_id)
        with pytest.raises(OrderNotFound):
            await ON_ONE_ORDER[name](bench.manager, 999_999, order.partner_id)
        assert await bench.now(order) == order

    async def test_an_order_by_reference(self, bench: Bench) -> None:
        order = await bench.rfq()
        find = bench.manager.get_order_status
        assert await find(name=f" {order.name.lower()} ", partner_id=order.partner_id) == order
        for wrong in ("P%", "P____", order.name[:-1], "", order.name + "\\"):
            with pytest.raises(OrderNotFound):
                await find(name=wrong, partner_id=order.partner_id)
        with pytest.raises(OrderNotFound):
            await find(name=order.name, partner_id=bench.partner[NUTS])
        with pytest.raises(InvalidInput):
            await find(partner_id=order.partner_id)
        with pytest.raises(InvalidInput):
            await find(name=order.name, order_id=order.order_id, partner_id=order.partner_id)

    async def test_a_contacts_order_counts_as_the_companys(self, bench: Bench) -> None:
        order = await bench.rfq(partner=ROSA)
        seen = await bench.manager.get_order_status(order_id=order.order_id, partner_id=bench.partner[MILL])
        assert (seen.order_id, seen.partner_id) == (order.order_id, bench.partner[MILL])
        assert (await bench.manager.list_orders(partner_id=bench.partner[MILL], limit=1))[0].order_id == order.order_id

    async def test_the_newest_orders_come_first(self, bench: Bench) -> None:
        assert await bench.manager.list_orders(partner_id=bench.partner[CUSTOMER]) == []
        made = [await bench.rfq(partner=SELDOM) for _ in range(3)]
        assert await bench.manager.list_orders(partner_id=bench.partner[SELDOM]) == made[::-1]
        assert await bench.manager.list_orders(partner_id=bench.partner[SELDOM], limit=2) == made[:0:-1]

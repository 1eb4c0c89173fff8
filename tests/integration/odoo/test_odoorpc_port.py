"""The port's suite on a real Odoo 19, the agent being a plain buyer there."""

import asyncio
import dataclasses
import socket
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.integration.odoo.database import OdooDatabase
from tests.integration.odoo.port_suite import SEED, Bench, PortSuite
from tools.odoo.odoorpc_adapter import OdooRpcOrderManager

#: The first test waits for Odoo to be installed.
pytestmark = [pytest.mark.odoo, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def bench(odoo_database: OdooDatabase) -> Iterator[Bench]:
    partners, products = odoo_database.furnish(SEED)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: refused for as long as we hold it
        mine = odoo_database.connection
        managers = [
            OdooRpcOrderManager(connection)
            for connection in (
                mine,
                dataclasses.replace(mine, password="wrong"),
                dataclasses.replace(mine, url=f"http://127.0.0.1:{nobody.getsockname()[1]}"),
            )
        ]

        async def approve(order_id: int) -> None:
            await asyncio.to_thread(odoo_database.approve, order_id)

        async def set_approval_amount(amount: Decimal | None) -> None:
            await asyncio.to_thread(odoo_database.set_approval_amount, amount)

        yield Bench(
            manager=managers[0],
            partner={partner.name: partners[partner.partner_id] for partner in SEED.partners},
            product={product.sku or "": products[product.product_id] for product in SEED.products},
            approve=approve,
            set_approval_amount=set_approval_amount,
            locked_out=managers[1],
            unreachable=managers[2],
        )
        for manager in managers:
            manager.close()


class TestOdoo19(PortSuite):
    """All of the suite."""

    @pytest.fixture(autouse=True)
    def _database(self, odoo_database: OdooDatabase) -> None:
        self.odoo = odoo_database

    async def forget_orders_of(self, bench: Bench, partner: str) -> None:
        orders = self.odoo.call("purchase.order", "search", [("partner_id", "=", bench.partner[partner])])
        self.odoo.call("purchase.order", "button_cancel", orders)
        self.odoo.call("purchase.order", "unlink", orders)

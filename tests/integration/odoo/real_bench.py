"""The port's bench on a real Odoo 19, over either protocol, the agent being a plain buyer there."""

import asyncio
import dataclasses
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from tests.integration.odoo.database import OdooDatabase
from tests.integration.odoo.port_suite import SEED, Bench
from tests.integration.odoo.real_people import RealPeople
from tools.odoo.odoorpc_adapter import OdooRpcOrderManager
from tools.odoo.transport_connection import WireProtocol

_WRONG = {"jsonrpc": "wrong", "json2": "f" * 40}


@contextmanager
def real_bench(database: OdooDatabase, protocol: WireProtocol) -> Iterator[Bench]:
    """Furnish the database and be ready to work in it."""
    partners, products = database.furnish(SEED)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: refused for as long as we hold it
        mine = database.connection_over(protocol)
        managers = [
            OdooRpcOrderManager(connection)
            for connection in (
                mine,
                dataclasses.replace(mine, password=_WRONG[protocol]),
                dataclasses.replace(mine, url=f"http://127.0.0.1:{nobody.getsockname()[1]}"),
            )
        ]

        async def approve(order_id: int) -> None:
            await asyncio.to_thread(database.approve, order_id)

        async def set_approval_amount(amount: Decimal | None) -> None:
            await asyncio.to_thread(database.set_approval_amount, amount)

        yield Bench(
            manager=managers[0],
            partner={partner.name: partners[partner.partner_id] for partner in SEED.partners},
            product={product.sku or "": products[product.product_id] for product in SEED.products},
            approve=approve,
            set_approval_amount=set_approval_amount,
            locked_out=managers[1],
            unreachable=managers[2],
            people=RealPeople(database),
            company_currency="USD",
        )
        for manager in managers:
            manager.close()


async def forget_orders_of(database: OdooDatabase, bench: Bench, partner: str) -> None:
    """As a person may: cancel them and delete them."""
    orders = database.call("purchase.order", "search", [("partner_id", "=", bench.partner[partner])])
    database.call("purchase.order", "button_cancel", orders)
    database.call("purchase.order", "unlink", orders)

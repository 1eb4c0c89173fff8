"""The product on a real Odoo 19: one company with its suppliers and people, and one running product that buys for it.

Real: Odoo and its PostgreSQL, the LangGraph server with the bridge in it, the product's PostgreSQL, HTTP. Stand-ins: Chatwoot
is the sandbox's, and messages are read by the offline reader. Each test has a supplier of its own.
"""

import dataclasses
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.acceptance.odoo.company import CONFIRM_LIMIT, Company
from tests.acceptance.server.product import Product, running_product
from tests.integration.odoo.database import OdooDatabase
from tests.integration.odoo.fixtures import odoo_database, odoo_server
from tests.integration.odoo.proxy import Proxy, proxy_to
from tools.odoo.odoorpc_adapter import OdooRpcOrderManager

__all__ = ["odoo_database", "odoo_server"]


@pytest.fixture(scope="module")
def wire(odoo_database: OdooDatabase) -> Iterator[Proxy]:
    """What lies between the product and Odoo. It lets everything through unless a test says otherwise."""
    with proxy_to(odoo_database.url) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def company(odoo_database: OdooDatabase) -> Iterator[Company]:
    """Suppliers, products and price lists in Odoo; the house's people act through logins of their own."""
    people = []
    for login, group in (("warehouse", "stock.group_stock_user"), ("biller", "account.group_account_invoice")):
        password = f"the-{login}s-Secret-Passw0rd"
        odoo_database.add_user(f"{login}@buyer.example", password, "purchase.group_purchase_user", group)
        connection = dataclasses.replace(
            odoo_database.connection, username=f"{login}@buyer.example", password=password, timeout_seconds=60
        )
        people.append(OdooRpcOrderManager(connection))
    yield Company(odoo_database, warehouse=people[0], biller=people[1])
    for person in people:
        person.close()


@pytest.fixture(scope="module")
def product(
    odoo_database: OdooDatabase, wire: Proxy, company: Company, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    """The running product, logged in as a plain buyer."""
    agent = odoo_database.connection
    with running_product(
        tmp_path_factory.mktemp("product"),
        odoo_protocol="auto",
        odoo_url=wire.url,
        odoo_db=agent.db,
        odoo_username=agent.username,
        odoo_password=agent.password,
        odoo_timeout_seconds=15,
        agent_mode="auto",
        # These companies have sold nothing before.
        policy_first_order_to_person=False,
        policy_confirm_limit={"CLP": CONFIRM_LIMIT, "USD": Decimal(2_500)},
    ) as running:
        yield running

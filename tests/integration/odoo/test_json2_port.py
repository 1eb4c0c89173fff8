"""The port's suite on a real Odoo 19 over JSON-2, the agent being a plain buyer there."""

from collections.abc import Iterator

import pytest

from tests.integration.odoo.database import OdooDatabase
from tests.integration.odoo.port_suite import Bench, PortSuite
from tests.integration.odoo.real_bench import forget_orders_of, real_bench

#: The first test waits for Odoo to be installed.
pytestmark = [pytest.mark.odoo, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def bench(odoo_database: OdooDatabase) -> Iterator[Bench]:
    with real_bench(odoo_database, "json2") as bench:
        yield bench


class TestOdoo19Json2(PortSuite):
    """All of the suite."""

    @pytest.fixture(autouse=True)
    def _database(self, odoo_database: OdooDatabase) -> None:
        self.odoo = odoo_database

    async def forget_orders_of(self, bench: Bench, partner: str) -> None:
        await forget_orders_of(self.odoo, bench, partner)

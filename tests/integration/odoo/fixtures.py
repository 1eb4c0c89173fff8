"""Fixtures of a real Odoo 19, for any suite: import what you need into your `conftest.py`.

They install and start the server by `scripts/odoo19` when `PO_AGENT_TEST_ODOO=1`, as `make test-odoo` sets it. Else, and where
Odoo 19 cannot be had, whatever needs it is skipped and says why.
"""

import os
from collections.abc import Iterator

import pytest

from tests.integration.odoo.database import OdooCannotBeHad, OdooDatabase, OdooServer


@pytest.fixture(scope="session")
def odoo_server() -> Iterator[OdooServer]:
    """The running server."""
    if os.environ.get("PO_AGENT_TEST_ODOO") != "1":
        pytest.skip("needs a real Odoo 19: run `make test-odoo`")
    try:
        server = OdooServer()
    except OdooCannotBeHad as reason:
        pytest.skip(f"NO ODOO 19 ON THIS MACHINE, nothing was tested against it: {reason}")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def odoo_database(odoo_server: OdooServer) -> Iterator[OdooDatabase]:
    """A fresh database for the module, with a limited user for the agent (`odoo_database.connection`)."""
    with odoo_server.database() as database:
        yield database

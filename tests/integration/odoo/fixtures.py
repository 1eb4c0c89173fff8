"""Fixtures of a real Odoo 19, for any suite: import what you need into your `conftest.py`.

They install and start the server by `scripts/odoo19` when `PO_AGENT_TEST_ODOO=1`, as `make test-odoo` sets it. Else, and where
Odoo 19 cannot be had, whatever needs it is skipped and says why.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from tests.integration.odoo.database import OdooCannotBeHad, OdooDatabase, OdooServer


@pytest.fixture(scope="session")
def odoo_server(request: pytest.FixtureRequest) -> Iterator[OdooServer]:
    """The running server. Its progress is shown past pytest's capture: the first time it takes minutes."""
    if os.environ.get("PO_AGENT_TEST_ODOO") != "1":
        pytest.skip("needs a real Odoo 19: run `make test-odoo`")
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def tell(line: str) -> None:
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            sys.stderr.write(f"\n{line}")
            sys.stderr.flush()

    try:
        server = OdooServer(tell=tell)
    except OdooCannotBeHad as reason:
        pytest.skip(f"NO ODOO 19 ON THIS MACHINE, nothing was tested against it: {reason}")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def odoo_database(odoo_server: OdooServer) -> Iterator[OdooDatabase]:
    """A fresh database for the module, with a limited user for the agent (`odoo_database.connection`)."""
    with odoo_server.database() as database:
        yield database

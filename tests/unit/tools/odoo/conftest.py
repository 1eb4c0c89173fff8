from collections.abc import Iterator

import pytest
import stamina

from tests.unit.tools.odoo.stub_odoo import StubOdoo, stub_odoo


@pytest.fixture
def stub() -> Iterator[StubOdoo]:
    """Retries do not wait, unless a test turns waiting on (`stamina.set_testing(False)`)."""
    with stub_odoo() as server, stamina.set_testing(True, attempts=3, cap=True):
        yield server


@pytest.fixture(params=["jsonrpc", "json2"])
def protocol(request: pytest.FixtureRequest) -> str:
    """Either protocol: what a test promises holds for both."""
    name: str = request.param
    return name

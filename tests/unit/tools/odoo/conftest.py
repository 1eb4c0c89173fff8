from collections.abc import Iterator

import pytest

from tests.unit.tools.odoo.stub_odoo import StubOdoo, stub_odoo


@pytest.fixture
def stub() -> Iterator[StubOdoo]:
    with stub_odoo() as server:
        yield server

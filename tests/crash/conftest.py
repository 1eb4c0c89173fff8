"""Products that live more than once on the same data."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from po_agent.free_port import free_port
from tests.acceptance.server.product import Product, running_product

Life = Callable[[], AbstractContextManager[Product]]


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """Each call is one life of the same product: same data, same address. Leases are as short as they may be."""
    tmp_path.chmod(0o755)
    return partial(running_product, tmp_path / "data", port=free_port(), turn_lease_seconds=5)

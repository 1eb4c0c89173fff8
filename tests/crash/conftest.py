"""Products that live more than once on the same data, and which crash tests are run: the long ones only by `make crash`."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from po_agent.free_port import free_port
from tests.acceptance.server.product import Product, running_product
from tests.crash.town import Town

Life = Callable[[], AbstractContextManager[Product]]

Build = Callable[..., Town]

_ALL = "PO_AGENT_TEST_CRASH"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long ones out, and say so."""
    if os.environ.get(_ALL):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    items[:] = [item for item in items if not item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=left_out)
    config.stash[_LEFT_OUT] = len(left_out)


_LEFT_OUT = pytest.StashKey[int]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if left_out := config.stash.get(_LEFT_OUT, 0):
        terminalreporter.write_line(f"{left_out} long crash tests were left out: `make crash` runs them.")


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """Each call is one life of the same product: same data, same address. Leases are as short as they may be."""
    tmp_path.chmod(0o755)
    return partial(running_product, tmp_path / "data", port=free_port(), turn_lease_seconds=5)


@pytest.fixture
def build(tmp_path: Path, postgres_url: str) -> Iterator[Build]:
    """`Town(…)` on a folder and a database of its own, its stand-in Chatwoot running."""
    with ExitStack() as stack:

        def built(**how: Any) -> Town:
            town = Town(tmp_path / "town", how.pop("database_url", postgres_url), **how)
            stack.enter_context(town.chatwoot())
            return town

        yield built

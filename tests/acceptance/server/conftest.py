"""One running product for the tests that do not disturb each other."""

from collections.abc import Iterator

import pytest

from tests.acceptance.server.product import Product, running_product


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Shared: a test uses suppliers, contacts and Chatwoot conversations of its own."""
    with running_product(tmp_path_factory.mktemp("product")) as running:
        yield running

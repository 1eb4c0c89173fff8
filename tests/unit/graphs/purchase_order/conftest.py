from collections.abc import AsyncIterator

import pytest

from storage.engine import Database
from tests.unit.graphs.purchase_order.scene import Scene


@pytest.fixture
async def scene(sqlite_url: str) -> AsyncIterator[Scene]:
    """On SQLite: what differs between the databases is the storage tests' matter."""
    database = Database(sqlite_url)
    yield Scene(database)
    await database.close()


@pytest.fixture
def scene_on_both(database: Database) -> Scene:
    """On SQLite and on PostgreSQL, for the promises that everything hangs on."""
    return Scene(database)

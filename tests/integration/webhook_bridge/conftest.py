"""Servers that suppliers' files may be at."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.sandbox.serving import served
from tests.integration.webhook_bridge.file_host import Host


async def _served_host() -> AsyncIterator[tuple[Host, str]]:
    host = Host()
    async with served(host.app) as url:
        yield host, url


#: Chatwoot, and a server of the private network, which no supplier may reach through us.
file_host = pytest.fixture(_served_host, name="file_host")
inside = pytest.fixture(_served_host, name="inside")

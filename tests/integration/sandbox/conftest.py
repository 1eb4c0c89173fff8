"""One stand-in for Chatwoot, served over real HTTP, and one receiver of its webhooks."""

from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.chatwoot import make_chatwoot
from tests.integration.sandbox.receiver import Receiver
from tests.integration.sandbox.serving import served
from tests.integration.sandbox.stand_in import BOT_TOKEN, USER_TOKEN, StandIn, sandbox_config


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    receiver = Receiver()
    async with served(receiver.app) as hook:
        app = make_chatwoot(sandbox_config(webhook_url=f"{hook}/hook"))
        async with (
            served(app) as url,
            httpx.AsyncClient(base_url=url, headers={"api_access_token": USER_TOKEN}) as user,
            httpx.AsyncClient(base_url=url, headers={"api-access-token": BOT_TOKEN}) as bot,
        ):
            yield StandIn(url, user, bot, receiver, app.state.sandbox)

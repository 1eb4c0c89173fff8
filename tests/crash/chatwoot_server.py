"""`python -m tests.crash.chatwoot_server PORT TOKEN SECRET URL…`: the stand-in Chatwoot as a process of its own.

It outlives the product, as a real Chatwoot would: what was posted there stays, whoever dies. All URLs get every webhook.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from sandbox.chatwoot import ChatwootSandbox, ChatwootSandboxConfig, make_chatwoot
from sandbox.chatwoot.records import Subscription
from sandbox.chatwoot.webhooks import EVENTS


def main(port: int, token: str, secret: str, urls: list[str]) -> None:
    app = make_chatwoot(ChatwootSandboxConfig(webhook_url=urls[0], webhook_secret=secret, api_token=token, receipt_seconds=0.2))
    app.router.routes.append(Route("/health", lambda _: Response()))
    _subscribe_at_start(app, urls[1:], secret)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


def _subscribe_at_start(app: Starlette, urls: list[str], secret: str) -> None:
    """Over REST a subscription gets a secret of Chatwoot's own choice; here all bridges have the same."""
    starts = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(application: Starlette) -> AsyncIterator[None]:
        async with starts(application):
            store = (sandbox := app.state.sandbox).store
            assert isinstance(sandbox, ChatwootSandbox)
            for url in urls:
                await store.save(
                    Subscription(
                        id=store.next_id(Subscription), url=url, name="Another", subscriptions=list(EVENTS), secret=secret
                    )
                )
            yield

    app.router.lifespan_context = lifespan


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:])

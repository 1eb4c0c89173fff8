"""The stand-in as one ASGI application, to be mounted (the owner starts and stops it) or run alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from sandbox.chatwoot import (
    control,
    control_people,
    control_play,
    rest_account,
    rest_contacts,
    rest_conversations,
    rest_files,
    rest_messages,
)
from sandbox.chatwoot.config import ChatwootSandboxConfig
from sandbox.chatwoot.delivery import resume_deliveries
from sandbox.chatwoot.fault_middleware import FaultMiddleware
from sandbox.chatwoot.sandbox import ChatwootSandbox
from sandbox.chatwoot.webhook_failures import webhook_failed


def make_chatwoot(config: ChatwootSandboxConfig) -> Starlette:
    """The stand-in for Chatwoot. Its `ChatwootSandbox` is `app.state.sandbox`.

    Mounted in another application it gets no lifespan: the owner awaits `app.state.sandbox.start()` and `.stop()`.
    """
    sandbox = ChatwootSandbox(config, at_start=resume_deliveries, when_webhook_failed=webhook_failed)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await sandbox.start()
        yield
        await sandbox.stop()

    suffering = Middleware(FaultMiddleware, faults=sandbox.faults, in_background=sandbox.in_background)
    app = Starlette(
        routes=[
            Mount(
                "/api",
                routes=[
                    *rest_messages.ROUTES,
                    *rest_conversations.ROUTES,
                    *rest_contacts.ROUTES,
                    *rest_account.ROUTES,
                ],
                middleware=[suffering],
            ),
            Mount("/rails", routes=rest_files.ROUTES, middleware=[suffering]),
            Mount("/control", routes=[*control.ROUTES, *control_play.ROUTES, *control_people.ROUTES]),
        ],
        lifespan=lifespan,
    )
    app.state.sandbox = sandbox
    return app

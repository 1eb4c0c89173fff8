"""What all nodes share: services, log lines that say whose turn this is, and how an attempt ends early.

Two errors are no failures. A stale attempt ends without effect. A superseded turn goes back to collecting, with the new
messages in it, and is claimed again. Everything else is raised, so that the server marks the run failed and the bridge
tries the turn again.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda

from domain.errors import StaleAttempt, TurnSuperseded
from domain.tracing import span
from graphs.purchase_order.services import Services
from graphs.purchase_order.state import ConversationState
from storage.approvals import Approvals
from storage.turns import Turns

log = structlog.get_logger(__name__)

Update = dict[str, Any]
Node = Callable[[ConversationState, Services], Awaitable[Update]]


def bound(node: Node, provide: Callable[[], Awaitable[Services]]) -> Runnable[ConversationState, Update]:
    """Make a node function into what LangGraph calls."""

    async def run(state: ConversationState, config: RunnableConfig) -> Update:
        services = await provide()
        turn = state.get("turn") or {}
        # Before the state is filled, the metadata that the bridge gave the run says whose it is.
        metadata = config.get("metadata") or {}
        whose = {
            "supplier": turn.get("supplier_id") or metadata.get("supplier_id"),
            "conversation": turn.get("conversation_id") or metadata.get("conversation_id"),
            "turn": state.get("turn_id") or turn.get("id"),
            "run": metadata.get("run_id"),
        }
        # The run's span is the bridge's, which may be another process.
        with structlog.contextvars.bound_contextvars(**whose), span(node.__name__, parent=metadata.get("traceparent"), **whose):
            try:
                update = await node(state, services)
            except StaleAttempt as stale:
                log.info("attempt ended without effect", node=node.__name__, why=stale.detail)
                return {"status": "stale"}
            except TurnSuperseded as superseded:
                log.info("turn starts over", node=node.__name__, why=superseded.detail)
                return await _start_over(turn, services)
            log.info("node done", node=node.__name__)
            return update

    return RunnableLambda(run, name=node.__name__)


async def _start_over(turn: dict[str, Any], services: Services) -> Update:
    try:
        async with services.database.session() as session:
            held = await Turns(session).held(turn["id"], turn["attempt"])
            await Turns(session).start_over(held, now=services.now(), quiet=services.quiet)
            await Approvals(session).expire(held.id, at=services.now())
    except StaleAttempt:
        return {"status": "stale"}
    return {"status": "superseded"}

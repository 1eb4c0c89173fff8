"""Third node: take the plan's next step, one a pass, through the one door to the tools.

A step that policy gave to a person opens an approval, once. Everything a step came to is an outcome: the reply is written
from outcomes alone.
"""

from uuid import UUID

from domain.keys import operation_key
from domain.modes import AgentMode
from domain.plan import Action, Outcome, Plan, Step, Verdict
from graphs.purchase_order.node import Update
from graphs.purchase_order.services import Services
from graphs.purchase_order.state import ConversationState
from storage.approvals import Approvals
from storage.turns import Turns
from tools.permissions import TOOLS, use


async def order_handler(state: ConversationState, services: Services) -> Update:
    """Add one outcome. Raises `TurnSuperseded` and `StaleAttempt` from the tools, and `UpstreamError`."""
    step = Plan.from_json(state["plan"]).steps[len(state["outcomes"])]
    outcome = await _take(step, state, services)
    update: Update = {"outcomes": [*state["outcomes"], outcome.to_json()]}
    if "order" in outcome.facts:
        update["order"] = outcome.facts["order"]
    return update


async def _take(step: Step, state: ConversationState, services: Services) -> Outcome:
    if step.verdict is Verdict.PROPOSE:
        return await _ask_a_person(step, state, services)
    if step.verdict is not Verdict.DO:
        return Outcome(step=step.number, kind=step.rule, facts=step.facts)
    if step.action not in TOOLS:
        return Outcome(step=step.number, kind=step.rule)
    result = await use(step.action, services.tool_context(state["turn"], step=step.number), **step.arguments)
    if "refused" in result:
        return Outcome(step=step.number, kind="refused", facts=result)
    kind = step.action if step.action is Action.CHECK_STATUS else f"{step.action}.{result['order']['state']}"
    return Outcome(step=step.number, kind=kind, facts=result)


async def _ask_a_person(step: Step, state: ConversationState, services: Services) -> Outcome:
    turn = state["turn"]
    key = operation_key(conversation_id=UUID(turn["conversation_id"]), turn_id=turn["id"], step=step.number, action=step.action)
    async with services.database.session() as session:
        await Turns(session).held(turn["id"], turn["attempt"])
        # In shadow mode nobody is waiting for a decision: the draft alone shows what would have been asked.
        if turn["mode"] != AgentMode.SHADOW:
            await Approvals(session).open_once(
                operation_key=key,
                conversation_id=UUID(turn["conversation_id"]),
                turn_id=turn["id"],
                kind=step.action,
                question=step.reason,
                proposal={"step": step.to_json(), "understanding": state["understanding"]},
            )
    return Outcome(step=step.number, kind="with_a_person", facts={"rule": step.rule, "reason": step.reason})

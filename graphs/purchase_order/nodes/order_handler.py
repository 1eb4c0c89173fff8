"""Third node: take the plan's next step, one a pass, through the one door to the tools.

A step that policy gave to a person opens an approval, once. A step that the mode does not let the agent do any more (it became
stricter since the plan was made) becomes one of those. Everything a step came to is an outcome: the reply is written from
outcomes alone.
"""

from domain.errors import TurnSuperseded
from domain.modes import AgentMode
from domain.plan import Action, Outcome, Plan, Step, Verdict
from graphs.purchase_order.approved import hindrance, not_carried_out, superseded
from graphs.purchase_order.asking import ask_a_person, key_of
from graphs.purchase_order.node import Update
from graphs.purchase_order.planning import left_to_a_person
from graphs.purchase_order.services import GRAPH, Services
from graphs.purchase_order.state import ConversationState
from storage.models.turn import TurnKind
from storage.operations import Operations
from storage.turns import Turns
from tools.context import Licence
from tools.permissions import EFFECTS, TOOLS, is_permitted, use


async def order_handler(state: ConversationState, services: Services) -> Update:
    """Add one outcome. Raises `TurnSuperseded` and `StaleAttempt` from the tools, and `UpstreamError`."""
    update: Update = {}
    plan = Plan.from_json(state["plan"])
    step = plan.steps[len(state["outcomes"])]
    licence = await _licence(step, state, services)
    if not _within_mode(step, state, licence):
        step = _as_proposal(step, AgentMode(state["turn"]["mode"]))
        update["plan"] = await _store(step, plan, state, services)
    outcome = await _take(step, licence, state, services)
    update["outcomes"] = [*state["outcomes"], outcome.to_json()]
    if "order" in outcome.facts:
        update["order"] = outcome.facts["order"]
    return update


async def _licence(step: Step, state: ConversationState, services: Services) -> Licence | None:
    """Why the step may be done whatever the mode: it was begun before, or a person approved it."""
    if step.verdict is not Verdict.DO or step.action not in EFFECTS:
        return None
    async with services.database.session() as session:
        if await Operations(session).find(key_of(step, state)) is not None:
            return Licence.BEGUN
    return Licence.APPROVED if state["turn"]["kind"] == TurnKind.DECISION else None


def _within_mode(step: Step, state: ConversationState, licence: Licence | None) -> bool:
    mode = AgentMode(state["turn"]["mode"])
    acts = step.verdict is Verdict.DO and step.action in TOOLS
    return not acts or is_permitted(step.action, graph=GRAPH, mode=mode, licence=licence)


def _as_proposal(step: Step, mode: AgentMode) -> Step:
    return step.model_copy(update=left_to_a_person(mode, step.facts).model_dump())


async def _store(step: Step, plan: Plan, state: ConversationState, services: Services) -> dict[str, object]:
    """Change the turn's plan, so that no later attempt does what a person was asked to decide."""
    steps = tuple(step if one.number == step.number else one for one in plan.steps)
    changed = plan.model_copy(update={"steps": steps}).to_json()
    async with services.database.session() as session:
        turn = await Turns(session).held(state["turn"]["id"], state["turn"]["attempt"])
        turn.plan = changed
    return changed


async def _take(step: Step, licence: Licence | None, state: ConversationState, services: Services) -> Outcome:
    if step.verdict is Verdict.PROPOSE:
        if state["turn"]["kind"] == TurnKind.DECISION:
            return not_carried_out(step, step.reason)
        return await ask_a_person(step, state, services)
    if step.verdict is not Verdict.DO or step.action not in TOOLS:
        return Outcome(step=step.number, kind=step.rule, facts=step.facts)
    if licence is Licence.APPROVED:
        hindered = await hindrance(step, state, services)
        if hindered is not None:
            return hindered
    context = services.tool_context(state["turn"], step=step.number, licence=licence)
    try:
        result = await use(step.action, context, **step.arguments)
    except TurnSuperseded as why:
        if licence is not Licence.APPROVED:
            raise
        return await superseded(step, why, state, services)
    if "refused" in result:
        return Outcome(step=step.number, kind="refused", facts=result)
    kind = step.action if step.action is Action.CHECK_STATUS else f"{step.action}.{result['order']['state']}"
    return Outcome(step=step.number, kind=kind, facts=result)

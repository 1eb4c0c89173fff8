"""Steps that a person approved: what was approved is what is done, unless the world has changed since.

The person decided on what the proposal showed. If the order is another by now (amount, lines, state), or the supplier has
written again, nothing is done and the person is asked again; what cannot be done any more is told to our own team.
"""

from typing import Any

from domain.errors import TurnSuperseded
from domain.orders import ACTIVE_STATES, OPEN_FOR_CONFIRMATION, Order, OrderState
from domain.plan import Action, Outcome, Step, Verdict
from graphs.purchase_order.asking import ask_a_person
from graphs.purchase_order.services import Services
from graphs.purchase_order.state import ConversationState
from storage.gate import ENDED
from tools.odoo.port import OrderNotFound


async def hindrance(step: Step, state: ConversationState, services: Services) -> Outcome | None:
    """What came of an approved step that must not be done as things stand now; None if it may. Raises `UpstreamError`."""
    if state["turn"]["partner_id"] is None:
        return not_carried_out(step, "The supplier is not linked to Odoo.")
    if step.action is Action.CONFIRM_ORDER:
        return await _confirmation_hindered(step, state, services)
    order = Order.from_json(state["order"]) if state["order"] else None
    if order is not None and order.state in ACTIVE_STATES:
        return not_carried_out(step, f"{order.name} is open by now, and a supplier has one open order at a time.")
    return None


async def _confirmation_hindered(step: Step, state: ConversationState, services: Services) -> Outcome | None:
    order_id, partner_id = step.arguments["order_id"], state["turn"]["partner_id"]
    try:
        order = await services.odoo.get_order_status(partner_id=partner_id, order_id=order_id)
    except OrderNotFound:
        return not_carried_out(step, "The order is no longer in Odoo.")
    if order.state is OrderState.CANCELLED:
        return not_carried_out(step, f"{order.name} was cancelled.")
    if order.state not in OPEN_FOR_CONFIRMATION:
        return Outcome(step=step.number, kind="confirmed_before", facts={"order": order.to_json()})
    seen = step.facts.get("seen")
    if seen is not None and _terms(Order.from_json(seen)) == _terms(order):
        return None
    return await ask_again(step, f"{order.name} has changed since.", state, services, seen=order)


def _terms(order: Order) -> tuple[Any, ...]:
    """What a person who approves an order has looked at."""
    lines = [(line.product_id, line.quantity, line.unit, line.unit_price) for line in order.lines]
    return order.order_id, order.state, order.currency, order.amount_untaxed, order.amount_total, lines


async def superseded(step: Step, why: TurnSuperseded, state: ConversationState, services: Services) -> Outcome:
    """The last door was shut: what is asked again depends on why."""
    if why.detail == ENDED:
        return not_carried_out(step, why.detail)
    return await ask_again(step, why.detail, state, services)


async def ask_again(
    step: Step, why: str, state: ConversationState, services: Services, *, seen: Order | None = None
) -> Outcome:
    """A new approval of the same step, with the order as it is now (`seen`) if that was the reason."""
    facts = {name: fact for name, fact in step.facts.items() if name != "approval"}
    facts |= {"seen": seen.to_json()} if seen else {}
    anew = step.model_copy(update={"verdict": Verdict.PROPOSE, "rule": "asked_again", "reason": why, "facts": facts})
    outcome = await ask_a_person(anew, state, services, kind="asked_again")
    return outcome.model_copy(update={"facts": outcome.facts | {"approved": step.facts["approval"]}})


def not_carried_out(step: Step, why: str) -> Outcome:
    """Nothing is done, and only our own team hears of it."""
    return Outcome(step=step.number, kind="not_carried_out", facts={"approved": step.facts["approval"], "reason": why})

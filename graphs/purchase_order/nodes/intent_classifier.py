"""Second node: read the burst once, judge it by policy once, and store both before anything is done.

A later attempt of the same turn finds them stored and asks no reader and no policy again: a model that answers differently
the second time cannot make the agent do two different things.
"""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.fault_points import reach
from domain.orders import Order, OrderState
from domain.understanding import Intent, ModelUsage, OfferedLine, OpenOrderFacts, ReadingContext, Understanding
from graphs.purchase_order.node import Update
from graphs.purchase_order.planning import make_plan
from graphs.purchase_order.services import Services
from graphs.purchase_order.state import ConversationState
from storage.audit import Audit
from storage.turns import Turns

#: The states as Odoo words them, which is how readers know them.
ODOO_STATES = {
    OrderState.DRAFT: "draft",
    OrderState.SENT: "sent",
    OrderState.TO_APPROVE: "to approve",
    OrderState.CONFIRMED: "purchase",
    OrderState.RECEIVED: "purchase",
    OrderState.BILLED: "purchase",
    OrderState.CANCELLED: "cancel",
}


async def intent_classifier(state: ConversationState, services: Services) -> Update:
    """Fill `understanding` and `plan`. Raises `UpstreamError` if reader or Odoo cannot answer now."""
    if state["plan"] is not None:
        return {}
    turn = state["turn"]
    order = Order.from_json(state["order"]) if state["order"] else None
    understanding = await _read(state, order, services)
    if understanding.usage is not None:
        await _note_usage(understanding.usage, turn, services)
    plan = await make_plan(
        understanding, open_order=order, opened_by_agent=state["opened_by_agent"], turn=turn, services=services
    )
    async with services.database.session() as session:
        held = await Turns(session).held(turn["id"], turn["attempt"])
        held.understanding, held.plan = understanding.to_json(), plan.to_json()
        for step in plan.steps:
            Audit(session).add(
                actor="policy",
                action=f"{step.action}.{step.verdict}",
                entity="turn",
                entity_id=held.id,
                # Reason and facts may hold the supplier's words: they are kept in the plan, which can be erased.
                after={"step": step.number, "rule": step.rule},
                turn_id=held.id,
            )
    reach("graph.plan_stored")
    return {"understanding": understanding.to_json(), "plan": plan.to_json()}


async def _read(state: ConversationState, order: Order | None, services: Services) -> Understanding:
    """What the words mean. Without any (a file alone, a recording) there is nothing to read, so a person looks at it."""
    if any(text.strip() for text in state["burst"]):
        return await services.reader.read(state["burst"], _context(state, order, services))
    return Understanding(
        intent=Intent.UNCLEAR,
        language=state["turn"]["language"],
        needs_human=True,
        reason="There are no words to read.",
        confidence=0,
    )


async def _note_usage(usage: ModelUsage, turn: dict[str, Any], services: Services) -> None:
    """What the model cost is kept at once: it was spent, whatever becomes of this attempt."""
    async with services.database.session() as session:
        held = await Turns(session).held(turn["id"], turn["attempt"])
        held.usage = usage.added_to(held.usage)


def _context(state: ConversationState, order: Order | None, services: Services) -> ReadingContext:
    answers = [message["content"] for message in state["messages"] if message["type"] == "ai"]
    return ReadingContext(
        today=local_date(services.now(), services.timezone),
        timezone=services.timezone,
        channel=state["turn"]["channel"],
        open_order=_facts_of(order) if order else None,
        last_agent_message=answers[-1] if answers else None,
    )


def _facts_of(order: Order) -> OpenOrderFacts:
    return OpenOrderFacts(
        ref=order.name,
        state=ODOO_STATES[order.state],
        delivery_date=order.planned_date,
        lines=tuple(
            OfferedLine(
                product=line.product,
                quantity=line.quantity,
                unit=line.unit,
                unit_price=line.unit_price,
                currency=order.currency,
            )
            for line in order.lines
        ),
    )


def local_date(now: datetime, timezone: str) -> date:
    """The date that people in `timezone` have now."""
    return now.astimezone(ZoneInfo(timezone)).date()

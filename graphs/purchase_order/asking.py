"""Asking a person: an approval that holds everything that is needed to carry out what it asks for, and to answer.

What an approval asks for is done as it was proposed (`approved`), so the step is stored with it; so is the message that led
to it, for the answer goes where that came from.
"""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from domain.keys import operation_key
from domain.modes import AgentMode
from domain.plan import Outcome, Step
from graphs.purchase_order.services import Services
from graphs.purchase_order.state import ConversationState
from storage.approvals import Approvals
from storage.turns import Turns
from tools.permissions import EFFECTS, TOOLS


async def ask_a_person(step: Step, state: ConversationState, services: Services, *, kind: str = "with_a_person") -> Outcome:
    """Open the step's approval, once, and answer an outcome of this kind. In shadow mode nobody is asked."""
    turn = state["turn"]
    facts: dict[str, Any] = {"rule": step.rule, "reason": step.reason}
    async with services.database.session() as session:
        await Turns(session).held(turn["id"], turn["attempt"])
        # In shadow mode nobody is waiting for a decision: the draft alone shows what would have been asked.
        if turn["mode"] != AgentMode.SHADOW:
            approval = await Approvals(session).open_once(
                operation_key=key_of(step, state),
                conversation_id=UUID(turn["conversation_id"]),
                turn_id=turn["id"],
                kind=step.action,
                question=step.reason,
                proposal={
                    "step": step.to_json(),
                    "understanding": state["understanding"],
                    "answers": turn["answers"],
                    "executable": is_executable(step),
                },
            )
            facts |= {"approval": approval.id, "executable": approval.proposal["executable"]}
    return Outcome(step=step.number, kind=kind, facts=facts)


def is_executable(step: Step) -> bool:
    """Whether the agent could do it if a person approves: a tool that acts, with all that it must be told."""
    if step.action not in EFFECTS:
        return False
    schema = TOOLS[step.action].tool_call_schema
    if not (isinstance(schema, type) and issubclass(schema, BaseModel)):
        return False
    try:
        schema.model_validate(step.arguments)
    except ValidationError:
        return False
    return True


def key_of(step: Step, state: ConversationState) -> str:
    """The key of the step's operation, and of its approval."""
    turn = state["turn"]
    conversation_id = UUID(turn["conversation_id"])
    return operation_key(conversation_id=conversation_id, turn_id=turn["id"], step=step.number, action=step.action)

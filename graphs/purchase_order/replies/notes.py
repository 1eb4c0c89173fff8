"""What only our own team reads: private notes in the Chatwoot conversation. In English, like everything for our own people."""

from collections.abc import Sequence
from typing import Any

from domain.orders import Order
from domain.plan import Outcome
from domain.understanding import Understanding


def write_notes(outcomes: Sequence[Outcome], *, understanding: Understanding, files: int) -> list[str]:
    """One note for all that waits for a person or was not done, and for files that nobody read."""
    lines = []
    waiting = [outcome for outcome in outcomes if outcome.kind in ("with_a_person", "refused")]
    if waiting:
        reasons = "; ".join(str(outcome.facts.get("reason", "")) for outcome in waiting)
        about = f" ({understanding.order_ref})" if understanding.order_ref else ""
        lines.append(f"A person is needed: read as {understanding.intent}{about}. {reasons}")
    lines += [_not_done(outcome.facts) for outcome in outcomes if outcome.kind in ("asked_again", "not_carried_out")]
    lines += [_how_to_decide(outcome.facts) for outcome in outcomes if outcome.facts.get("approval")]
    if files:
        lines.append(f"Files came with it that the agent has not read: {files}.")
    return ["\n".join(lines)] if lines else []


def _not_done(facts: dict[str, Any]) -> str:
    again = " You are asked again." if facts.get("approval") else ""
    return f"Approval {facts['approved']} was not carried out: {facts['reason']}{again}"


def _how_to_decide(facts: dict[str, Any]) -> str:
    number = facts["approval"]
    if facts["executable"]:
        return f"Approval {number}: «po-agent approvals approve {number}» does it, «… reject {number}» does not."
    return f"Approval {number}: close it with «po-agent approvals approve {number}» once it is dealt with."


def draft_note(parts: Sequence[str], *, approval_id: int) -> str:
    """A reply that waits for a person (assist mode)."""
    return (
        f"A reply waits for you (approval {approval_id}): «po-agent approvals approve {approval_id}» sends it, "
        f"«po-agent approvals reject {approval_id}» does not. POST /approvals/{approval_id} also takes other words.\n\n"
        + "\n\n".join(parts)
    )


def not_said_note(parts: Sequence[str], *, effects: Sequence[Outcome], why: str) -> str:
    """A reply that nobody gets; first of all, what was done and the supplier does not know."""
    lines = [f"Not sent to the supplier: {why}"]
    if effects:
        orders = [Order.from_json(outcome.facts["order"]) for outcome in effects]
        done = "; ".join(f"{order.name} is {order.state} in Odoo" for order in orders)
        lines = [f"Done, and the supplier was not told: {done}.", why]
    return "\n".join(lines) + "\n\n" + "\n\n".join(parts)

"""What a bare yes says: the values of the question that we asked last."""

from domain.understanding import Intent, OfferedLine, OpenOrderFacts, Understanding
from graphs.reading.offline.burst import Burst
from graphs.reading.offline.outcome import only, unclear
from graphs.reading.offline.proposals import Proposal, ProposalKind


def answered(burst: Burst, proposal: Proposal) -> Understanding | None:
    """What a bare yes says to our proposal: its values; None where it asks nothing that a yes could answer."""
    order = burst.context.open_order
    kind = proposal.kind
    if kind is ProposalKind.PERSON:
        return Understanding(intent=Intent.TALK_TO_HUMAN, order_ref=None, needs_human=True, reason="They ask for a person.")
    if kind is ProposalKind.BILLING:
        return Understanding(intent=Intent.BILLING_QUESTION, order_ref=proposal.ref or burst.open_ref)
    if kind in (ProposalKind.CHOICE, ProposalKind.OTHER, ProposalKind.CANCEL):
        return unclear("A yes to a question with more than one answer.")
    ref = only(burst.named_refs) or proposal.ref or burst.open_ref
    if order is None or ref is None or ref != order.ref or (proposal.ref and proposal.ref != ref):
        return unclear("A yes, and no open order that it is about.")
    other_day = proposal.day if proposal.day and proposal.day != order.delivery_date else None
    other = tuple(line for line in proposal.lines if not _is_of_order(line, order))
    if kind is ProposalKind.DELIVERY:
        intent = Intent.MODIFY_ORDER if other_day and order.delivery_date else Intent.DELIVERY_UPDATE
        return Understanding(intent=intent, order_ref=ref, delivery_date=proposal.day)
    if other or other_day:
        lines = other if len(order.lines) == 1 or not other else ()
        if other and not lines:
            return unclear("A yes to a change, and more than one line it could be about.")
        return Understanding(intent=Intent.MODIFY_ORDER, order_ref=ref, lines=lines, delivery_date=other_day)
    if kind is ProposalKind.CHANGE or order.state not in ("draft", "sent"):
        return None
    if all(line.unit_price == 0 for line in order.lines):
        return unclear("A yes to an order without prices.")
    return Understanding(intent=Intent.CONFIRM_ORDER, order_ref=ref)


def _is_of_order(line: OfferedLine, order: OpenOrderFacts) -> bool:
    same_quantity = line.quantity is None or any(line.quantity == own.quantity for own in order.lines)
    return same_quantity and (line.unit_price is None or any(line.unit_price == own.unit_price for own in order.lines))

"""May an order be given up because its supplier declines or cancels it? An RFQ may; what we count on is a person's matter."""

from domain.orders import OPEN_FOR_CONFIRMATION, OrderState
from domain.plan import Decision, Verdict
from domain.policy import words
from domain.policy.facts import OrderCase
from domain.policy.limits import PolicyLimits
from domain.policy.rulebook import Rulebook, Says, ask, propose, refuse
from domain.understanding import Intent


class CancellationCase(OrderCase):
    """See `OrderCase`."""


def cancelled_before(case: CancellationCase, limits: PolicyLimits) -> Says | None:
    """It is cancelled already."""
    if case.order is None or case.order.state is not OrderState.CANCELLED:
        return None
    return Says(f"{case.order.name} is cancelled already.")


def also_accepts(case: CancellationCase, limits: PolicyLimits) -> Says | None:
    """The same messages also accept or change the order."""
    read = {case.reading.intent, *case.reading.also} & {Intent.CONFIRM_ORDER, Intent.MODIFY_ORDER}
    return Says("The same messages also accept or change the order.", {"also": sorted(read)}) if read else None


def part_only(case: CancellationCase, limits: PolicyLimits) -> Says | None:
    """They name lines: it is not clear that all of the order is given up."""
    return Says("They speak of single lines.") if case.reading.lines else None


def received_in_part(case: CancellationCase, limits: PolicyLimits) -> Says | None:
    """Something of it has arrived or was billed."""
    if case.order is None or not any(line.received > 0 or line.billed > 0 for line in case.order.lines):
        return None
    return Says(f"Something of {case.order.name} has arrived or was billed.")


def counted_on(case: CancellationCase, limits: PolicyLimits) -> Says | None:
    """It is confirmed, or past that: the goods are counted on."""
    if case.order is None or case.order.state in OPEN_FOR_CONFIRMATION:
        return None
    return Says(f"{case.order.name} is {case.order.state}: its goods are counted on.")


CANCELLATION: Rulebook[CancellationCase] = Rulebook(
    rules=(
        propose(words.needs_human),
        propose(words.unknown_supplier),
        ask(words.no_open_order),
        propose(words.not_their_order),
        propose(words.other_order),
        refuse(cancelled_before),
        ask(words.not_sure),
        propose(also_accepts),
        propose(part_only),
        propose(words.order_of_a_person),
        propose(received_in_part),
        propose(counted_on),
    ),
    otherwise=Verdict.DO,
    otherwise_rule="declined",
    otherwise_reason="The supplier declines an RFQ that binds nobody.",
)


def judge_cancellation(*, case: CancellationCase, limits: PolicyLimits) -> Decision:
    """Decide on a refusal or cancellation by the supplier."""
    return CANCELLATION.judge(case, limits)

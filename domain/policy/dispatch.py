"""May the news of a dispatch be noted? It is a note at the order and nothing else: receiving stays with the warehouse."""

from datetime import date

from domain.orders import OrderState
from domain.plan import Decision, Verdict
from domain.policy import words
from domain.policy.calendar import is_working_day
from domain.policy.facts import OrderCase
from domain.policy.limits import PolicyLimits
from domain.policy.rulebook import Rulebook, Says, ask, propose, refuse


class DispatchCase(OrderCase):
    """`agreed_date`: the arrival that was agreed. Lines in the reading say that a part is on its way."""

    agreed_date: date | None = None


def arrived_before(case: DispatchCase, limits: PolicyLimits) -> Says | None:
    """It was received in full already."""
    if case.order is None or case.order.state not in (OrderState.RECEIVED, OrderState.BILLED):
        return None
    return Says(f"{case.order.name} is {case.order.state}.")


def not_ordered(case: DispatchCase, limits: PolicyLimits) -> Says | None:
    """Goods are on their way that we have not ordered: it is no confirmed order."""
    if case.order is None or case.order.state is OrderState.CONFIRMED:
        return None
    return Says(f"{case.order.name} is {case.order.state}: nothing should be on its way.")


def part_only(case: DispatchCase, limits: PolicyLimits) -> Says | None:
    """They name lines or quantities: what does not come is a person's matter."""
    return Says("They speak of a part of the order.") if case.reading.lines else None


def delay(case: DispatchCase, limits: PolicyLimits) -> Says | None:
    """It arrives more than `POLICY_DATE_TOLERANCE_DAYS` after the date agreed."""
    day = case.reading.delivery_date
    if day is None or case.agreed_date is None or (day - case.agreed_date).days <= limits.date_tolerance_days:
        return None
    return Says("It arrives later than agreed.", {"date": day.isoformat(), "agreed": case.agreed_date.isoformat()})


def closed_that_day(case: DispatchCase, limits: PolicyLimits) -> Says | None:
    """It arrives on a holiday or on no working day of ours."""
    day = case.reading.delivery_date
    if day is None or is_working_day(day, limits=limits):
        return None
    return Says("We are closed on the day of arrival.", {"date": day.isoformat()})


DISPATCH: Rulebook[DispatchCase] = Rulebook(
    rules=(
        propose(words.needs_human),
        propose(words.unknown_supplier),
        ask(words.no_open_order),
        propose(words.not_their_order),
        propose(words.other_order),
        propose(words.order_cancelled),
        refuse(arrived_before),
        ask(words.not_sure),
        propose(not_ordered),
        propose(part_only),
        propose(words.date_in_past),
        propose(delay),
        propose(closed_that_day),
    ),
    otherwise=Verdict.DO,
    otherwise_rule="dispatch_noted",
    otherwise_reason="News of a dispatch is noted at the order.",
)


def judge_dispatch(*, case: DispatchCase, limits: PolicyLimits) -> Decision:
    """Decide on the news of a dispatch."""
    return DISPATCH.judge(case, limits)

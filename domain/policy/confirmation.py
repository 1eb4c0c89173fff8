"""May an order be confirmed because its supplier accepted it? This is what binds the company: everything is looked at."""

from datetime import date

from domain.orders import OPEN_FOR_CONFIRMATION, Order
from domain.plan import Decision, Verdict
from domain.policy import prices, quantities, words
from domain.policy.calendar import is_working_day
from domain.policy.facts import OrderGoodsCase
from domain.policy.limits import PolicyLimits
from domain.policy.rulebook import Rulebook, Says, ask, propose, refuse


class ConfirmationCase(OrderGoodsCase):
    """`earlier_orders`: how many orders of this supplier were ever confirmed, this one aside.

    `told`: the order as the supplier was last told of it, if that is known. `agreed_date`: the arrival that was agreed.
    """

    earlier_orders: int
    told: Order | None = None
    agreed_date: date | None = None


def confirmed_before(case: ConfirmationCase, limits: PolicyLimits) -> Says | None:
    """It is past confirmation already."""
    if case.order is None or case.order.state in OPEN_FOR_CONFIRMATION:
        return None
    return Says(f"{case.order.name} is {case.order.state}.")


def names_terms(case: ConfirmationCase, limits: PolicyLimits) -> Says | None:
    """The acceptance comes with quantities or prices: whoever names them accepts those, which need not be the order's."""
    return Says("The acceptance names terms of its own.") if case.reading.lines else None


def changed_since_told(case: ConfirmationCase, limits: PolicyLimits) -> Says | None:
    """A person changed it in Odoo since the supplier was last told of it: they accept what they have read."""
    if case.order is None or case.told is None or _as_told(case.told) == _as_told(case.order):
        return None
    return Says(f"{case.order.name} was changed since its supplier was told of it.")


def other_date(case: ConfirmationCase, limits: PolicyLimits) -> Says | None:
    """The date that they name is more than `POLICY_DATE_TOLERANCE_DAYS` away from the one agreed."""
    day = case.reading.delivery_date
    if day is None or case.agreed_date is None or abs((day - case.agreed_date).days) <= limits.date_tolerance_days:
        return None
    facts = {"date": day.isoformat(), "agreed": case.agreed_date.isoformat()}
    return Says("They name another date than the one agreed.", facts)


def closed_that_day(case: ConfirmationCase, limits: PolicyLimits) -> Says | None:
    """The date that they name is a holiday or no working day of ours, and not the one agreed."""
    day = case.reading.delivery_date
    if day is None or day == case.agreed_date or is_working_day(day, limits=limits):
        return None
    return Says("We are closed on the day that they name.", {"date": day.isoformat()})


def first_order(case: ConfirmationCase, limits: PolicyLimits) -> Says | None:
    """No order of this supplier was ever confirmed (unless `POLICY_FIRST_ORDER_TO_PERSON` is false)."""
    if case.earlier_orders > 0 or not limits.first_order_to_person:
        return None
    return Says("It would be the first order of this supplier.")


CONFIRMATION: Rulebook[ConfirmationCase] = Rulebook(
    rules=(
        propose(words.needs_human),
        propose(words.unknown_supplier),
        ask(words.no_open_order),
        propose(words.not_their_order),
        propose(words.other_order),
        propose(words.order_cancelled),
        refuse(confirmed_before),
        propose(words.conditional),
        ask(words.not_sure),
        propose(names_terms),
        propose(words.order_of_a_person),
        propose(changed_since_told),
        propose(prices.implausible_lines),
        propose(words.date_in_past),
        propose(other_date),
        propose(closed_that_day),
        propose(prices.over_confirm_limit),
        propose(prices.freight_above_limit),
        propose(prices.no_known_price),
        propose(prices.price_above_list),
        propose(prices.price_above_last),
        propose(quantities.quantity_unusual),
        propose(quantities.already_enough),
        propose(first_order),
        propose(prices.below_minimum),
        propose(prices.price_far_below),
    ),
    otherwise=Verdict.DO,
    otherwise_rule="within_limits",
    otherwise_reason="Accepted as it stands, within limits.",
)


def judge_confirmation(*, case: ConfirmationCase, limits: PolicyLimits) -> Decision:
    """Decide on an acceptance."""
    return CONFIRMATION.judge(case, limits)


def _as_told(order: Order) -> tuple[object, ...]:
    """What a supplier accepts."""
    return order.currency, *((line.product_id, line.quantity, line.unit, line.net_price) for line in order.lines)

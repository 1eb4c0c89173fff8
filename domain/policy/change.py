"""May an order be changed as its supplier asks: quantity, price, date, other goods, several deliveries?

A change is a proposal with its consequences (`domain/policy/change_case.py`), which are in every decision's facts. Only the
harmless is done: on an RFQ, small differences within all limits; on a confirmed order, a lower price or a day or two. Each
difference is measured from what was agreed (`agreed`), so that many small steps do not make a large one.
"""

from decimal import Decimal

from domain.orders import OPEN_FOR_CONFIRMATION, OrderState
from domain.plan import Decision, Verdict
from domain.policy import prices, quantities, words
from domain.policy.calendar import is_working_day
from domain.policy.change_case import ChangeCase
from domain.policy.limits import PolicyLimits
from domain.policy.rulebook import Rulebook, Says, ask, propose
from domain.units import convert_quantity


def waits_for_approval(case: ChangeCase, limits: PolicyLimits) -> Says | None:
    """It waits for a second approval in Odoo: what is approved must be what was asked."""
    if case.order is None or case.order.state is not OrderState.TO_APPROVE:
        return None
    return Says(f"{case.order.name} waits for its approval.")


def nothing_to_change(case: ChangeCase, limits: PolicyLimits) -> Says | None:
    """It is not said what shall be otherwise."""
    asked = [(change.quantity, change.unit_price, change.substitute) for change in case.changes]
    names_values = any(value is not None for values in asked for value in values)
    if names_values or case.deliveries or case.reading.delivery_date or any(change.in_doubt for change in case.changes):
        return None
    return Says("It is not clear what shall change.")


def product_in_doubt(case: ChangeCase, limits: PolicyLimits) -> Says | None:
    """Words that fit no line or product, or several."""
    doubts = [change.name for change in case.changes if change.in_doubt]
    return Says("It is not clear which product is meant.", {"in_doubt": doubts}) if doubts else None


def line_added(case: ChangeCase, limits: PolicyLimits) -> Says | None:
    """Goods that are not on the order."""
    added = [change.name for change in case.changes if case.line_of(change) is None]
    return Says("The order does not have these goods.", {"added": added}) if added else None


def substitution(case: ChangeCase, limits: PolicyLimits) -> Says | None:
    """Other goods in place of those ordered."""
    swaps = [change.name for change in case.changes if change.substitute is not None]
    return Says("Other goods are offered in place of those ordered.", {"substituted": swaps}) if swaps else None


def split_delivery(case: ChangeCase, limits: PolicyLimits) -> Says | None:
    """More than one delivery."""
    return Says("They want to deliver in parts.") if len(case.deliveries) > 1 else None


def line_dropped(case: ChangeCase, limits: PolicyLimits) -> Says | None:
    """A line is taken off."""
    dropped = [change.name for change in case.changes if change.quantity == 0]
    return Says("A line would be taken off.", {"dropped": dropped}) if dropped else None


def below_received(case: ChangeCase, limits: PolicyLimits) -> Says | None:
    """Less than was received or billed already."""
    for line, _, terms in case.lines():
        if terms.quantity < max(line.received, line.billed):
            return Says(f"{line.product}: more than that has arrived.", {"received": str(line.received)})
    return None


def other_currency(case: ChangeCase, limits: PolicyLimits) -> Says | None:
    """A price in another currency than the order's."""
    odd = [change.currency for change in case.changes if change.currency not in (None, case.currency)]
    return Says(f"The order is in {case.currency}.", {"currencies": odd}) if odd else None


def other_unit(case: ChangeCase, limits: PolicyLimits) -> Says | None:
    """A unit that the product's units in Odoo do not lead to."""
    for change in case.changes:
        line = case.line_of(change)
        product = case.product(line.product_id) if line else None
        if line is None or change.unit is None:
            continue
        if product is None or convert_quantity(Decimal(1), change.unit, line.unit, product=product) is None:
            return Says("A unit is not one that the product is bought in.", {"unit": change.unit})
    return None


def binding_terms(case: ChangeCase, limits: PolicyLimits) -> Says | None:
    """On a confirmed order: another quantity, or a higher price, however little."""
    if case.order is None or case.order.state in OPEN_FOR_CONFIRMATION:
        return None
    for line, _, terms in case.lines():
        if terms.quantity != line.quantity or terms.unit_price > line.net_price:
            return Says(f"{case.order.name} is confirmed: its terms are agreed.", {"product": line.product})
    return None


def quantity_moves(case: ChangeCase, limits: PolicyLimits) -> Says | None:
    """A quantity more than `POLICY_QUANTITY_TOLERANCE` away from the one agreed, up or down."""
    for line, _, terms in case.lines():
        agreed = case.agreed_line(line).quantity
        if abs(terms.quantity - agreed) > agreed * limits.quantity_tolerance:
            facts = {"product": line.product, "quantity": str(terms.quantity), "agreed": str(agreed)}
            return Says(f"{line.product}: the quantity changes by more than is left to the agent.", facts)
    return None


def price_above_rfq(case: ChangeCase, limits: PolicyLimits) -> Says | None:
    """A price more than `POLICY_PRICE_TOLERANCE` above the one agreed. An RFQ that asks for a price agrees on none."""
    for line, _, terms in case.lines():
        agreed = case.agreed_line(line).net_price
        if agreed > 0 and terms.unit_price > agreed * (1 + limits.price_tolerance):
            facts = {"product": line.product, "price": str(terms.unit_price), "agreed": str(agreed)}
            return Says(f"{line.product}: the price rises by more than is left to the agent.", facts)
    return None


def date_moves(case: ChangeCase, limits: PolicyLimits) -> Says | None:
    """A date more than `POLICY_DATE_TOLERANCE_DAYS` from the one agreed, or where none was agreed."""
    day, baseline = case.reading.delivery_date, case.baseline
    if day is None or baseline is None:
        return None
    if baseline.planned_date is not None and abs((day - baseline.planned_date).days) <= limits.date_tolerance_days:
        return None
    return Says("The date moves by more than is left to the agent.", {"date": day.isoformat()})


def closed_that_day(case: ChangeCase, limits: PolicyLimits) -> Says | None:
    """The new date is a holiday or no working day of ours."""
    day = case.reading.delivery_date
    if day is None or is_working_day(day, limits=limits):
        return None
    return Says("We are closed on the day that they name.", {"date": day.isoformat()})


def over_confirm_limit(case: ChangeCase, limits: PolicyLimits) -> Says | None:
    """It would cost more than agreed, and more than `POLICY_CONFIRM_LIMIT`."""
    return prices.over_confirm_limit(case, limits) if case.amount > case.agreed_amount else None


CHANGE: Rulebook[ChangeCase] = Rulebook(
    rules=(
        propose(words.needs_human),
        propose(words.unknown_supplier),
        ask(words.no_open_order),
        propose(words.not_their_order),
        propose(words.other_order),
        propose(words.order_ended),
        propose(waits_for_approval),
        ask(words.not_sure),
        ask(nothing_to_change),
        ask(product_in_doubt),
        ask(words.date_in_past),
        propose(words.order_of_a_person),
        propose(line_added),
        propose(substitution),
        propose(split_delivery),
        propose(line_dropped),
        propose(prices.implausible_lines),
        propose(below_received),
        propose(other_currency),
        propose(other_unit),
        propose(binding_terms),
        propose(quantity_moves),
        propose(price_above_rfq),
        propose(date_moves),
        propose(closed_that_day),
        propose(over_confirm_limit),
        propose(prices.freight_above_limit),
        propose(prices.no_known_price),
        propose(prices.price_above_list),
        propose(prices.price_above_last),
        propose(quantities.quantity_unusual),
        propose(prices.below_minimum),
        propose(prices.price_far_below),
    ),
    otherwise=Verdict.DO,
    otherwise_rule="harmless_change",
    otherwise_reason="A small change within limits.",
)


def judge_change(*, case: ChangeCase, limits: PolicyLimits) -> Decision:
    """Decide on a change; `facts.consequences` says what it would make of the order."""
    return CHANGE.judge(case, limits)

"""Rules about the words and the order they are about: who speaks, of which order, and how sure that is."""

from domain.orders import OrderState
from domain.policy.facts import OrderCase
from domain.policy.limits import PolicyLimits
from domain.policy.rulebook import Says
from domain.understanding import Intent

_TAKES_BACK = {Intent.MODIFY_ORDER, Intent.CANCEL_ORDER}


def needs_human(case: OrderCase, limits: PolicyLimits) -> Says | None:
    """The reading says that a person must step in: changed bank details, threats, instructions aimed at the agent."""
    return Says(case.reading.reason or "The message asks for a person.") if case.reading.needs_human else None


def unknown_supplier(case: OrderCase, limits: PolicyLimits) -> Says | None:
    """The contact is not linked to a supplier in Odoo."""
    return Says("This contact is not linked to a supplier in Odoo.") if case.partner_id is None else None


def no_open_order(case: OrderCase, limits: PolicyLimits) -> Says | None:
    """There is none of theirs."""
    return Says("There is no open order of this supplier that could be meant.") if case.order is None else None


def not_their_order(case: OrderCase, limits: PolicyLimits) -> Says | None:
    """The order is another supplier's. The port does not show such orders; this holds if it ever did."""
    if case.order is None or case.order.partner_id == case.partner_id:
        return None
    return Says("The order is another supplier's.")


def other_order(case: OrderCase, limits: PolicyLimits) -> Says | None:
    """They name another order than the one they may mean."""
    named = case.reading.order_ref
    if case.order is None or named is None or named == case.order.name:
        return None
    return Says(f"The supplier names {named}, the open order is {case.order.name}.")


def order_cancelled(case: OrderCase, limits: PolicyLimits) -> Says | None:
    """It was cancelled."""
    if case.order is None or case.order.state is not OrderState.CANCELLED:
        return None
    return Says(f"{case.order.name} was cancelled.")


def order_ended(case: OrderCase, limits: PolicyLimits) -> Says | None:
    """It was received, billed or cancelled: nothing of it can change any more."""
    if case.order is None or case.order.state not in (OrderState.RECEIVED, OrderState.BILLED, OrderState.CANCELLED):
        return None
    return Says(f"{case.order.name} is {case.order.state}.")


def not_sure(case: OrderCase, limits: PolicyLimits) -> Says | None:
    """Read with less than `POLICY_CONFIDENCE`."""
    if case.reading.confidence >= limits.confidence:
        return None
    return Says("The message was not read with enough confidence.", {"confidence": case.reading.confidence})


def order_of_a_person(case: OrderCase, limits: PolicyLimits) -> Says | None:
    """A person opened it in Odoo, not the agent."""
    if case.order is None or case.opened_by_agent:
        return None
    return Says(f"{case.order.name} was opened by a person.")


def conditional(case: OrderCase, limits: PolicyLimits) -> Says | None:
    """The same messages accept the order and also change or decline it: an acceptance with a condition is none."""
    read = {case.reading.intent, *case.reading.also}
    if not read & _TAKES_BACK:
        return None
    return Says("The acceptance comes with a change: with a condition, it is none.", {"also": sorted(read & _TAKES_BACK)})


def date_in_past(case: OrderCase, limits: PolicyLimits) -> Says | None:
    """The date that they name has passed."""
    day = case.reading.delivery_date
    if day is None or day >= case.today:
        return None
    return Says("The date has passed.", {"date": day.isoformat(), "today": case.today.isoformat()})

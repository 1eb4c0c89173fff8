"""What the agent may do by itself. Pure: facts in, a decision with its reason out; nothing is looked up here.

Every rule has a name, which is stored with the decision and explained in `docs/policy.md`. The order of the rules matters:
the first that speaks decides.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from domain.orders import OPEN_FOR_CONFIRMATION, Order, OrderState
from domain.plan import Decision, Verdict
from domain.understanding import OfferedLine, Understanding
from domain.value import Value

#: A reading less sure than this binds nobody.
SURE_ENOUGH = 0.7


class PolicyLimits(Value):
    """The company's limits. `confirm_limit`: by ISO 4217 code, the untaxed amount a confirmation may reach on its own.

    `price_tolerance` is a share: 0.05 lets a price be up to 5 % above the vendor's list.
    """

    price_tolerance: Decimal = Decimal("0.05")
    confirm_limit: Mapping[str, Decimal] = {"CLP": Decimal(2_000_000), "USD": Decimal(2_500)}


class ListedPrice(Value):
    """What the vendor's price list says of one product, in one currency."""

    price: Decimal
    currency: str


def judge_confirmation(
    *,
    reading: Understanding,
    order: Order | None,
    opened_by_agent: bool,
    listed: Mapping[int, ListedPrice],
    limits: PolicyLimits,
) -> Decision:
    """May the order be confirmed because the supplier accepted it? `listed` is keyed by product id."""
    if reading.needs_human:
        return _propose("needs_human", reading.reason or "The message asks for a person.")
    if order is None:
        return _ask("no_open_order", "There is no open order of this supplier to confirm.")
    facts: dict[str, Any] = {
        "order": order.name,
        "state": order.state,
        "amount": str(order.amount_untaxed),
        "currency": order.currency,
    }
    if reading.order_ref is not None and reading.order_ref != order.name:
        return _propose("other_order", f"The supplier names {reading.order_ref}, the open order is {order.name}.", facts)
    if order.state not in OPEN_FOR_CONFIRMATION:
        if order.state is OrderState.CANCELLED:
            return _propose("order_cancelled", f"{order.name} was cancelled.", facts)
        return Decision(verdict=Verdict.REFUSE, rule="confirmed_before", reason=f"{order.name} is {order.state}.", facts=facts)
    if reading.confidence < SURE_ENOUGH:
        return _ask("not_sure", "The acceptance was not read with enough confidence.", facts)
    if reading.lines:
        # Whoever names quantities or prices accepts those, which need not be the order's.
        return _propose("names_terms", "The acceptance names terms of its own.", facts)
    if not opened_by_agent:
        return _propose("order_of_a_person", f"{order.name} was opened by a person.", facts)
    if not order.lines or any(line.quantity <= 0 or line.unit_price <= 0 for line in order.lines):
        return _propose("implausible_lines", f"{order.name} has no lines, or a quantity or price that is not positive.", facts)
    limit = limits.confirm_limit.get(order.currency)
    if limit is None or order.amount_untaxed > limit:
        facts |= {"limit": None if limit is None else str(limit)}
        return _propose("over_confirm_limit", "The amount is above what may be confirmed without a person.", facts)
    for line in order.lines:
        list_price = listed.get(line.product_id)
        if list_price is None or list_price.currency != order.currency:
            facts |= {"product": line.product, "price": str(line.unit_price)}
            return _propose("no_list_price", f"The vendor's price list has no comparable price of {line.product}.", facts)
        if line.unit_price > list_price.price * (1 + limits.price_tolerance):
            facts |= {"product": line.product, "price": str(line.unit_price), "list_price": str(list_price.price)}
            return _propose("price_above_list", f"{line.product} is dearer than the vendor's price list allows.", facts)
    return Decision(verdict=Verdict.DO, rule="within_limits", reason="Accepted as it stands, within limits.", facts=facts)


def judge_quote(
    *,
    reading: Understanding,
    is_linked: bool,
    open_order: Order | None,
    unmatched: Sequence[OfferedLine],
    wrong_unit: Sequence[OfferedLine],
) -> Decision:
    """May an RFQ be opened for what the supplier offers? An RFQ binds nobody, so its price is judged on confirmation.

    `unmatched`: lines whose product is in doubt. `wrong_unit`: lines whose unit is not the product's.
    """
    facts = {"lines": [line.to_json() for line in reading.lines]}
    if reading.needs_human:
        return _propose("needs_human", reading.reason or "The message asks for a person.", facts)
    if not is_linked:
        return _propose("unknown_supplier", "This contact is not linked to a supplier in Odoo.", facts)
    if open_order is not None:
        return _propose("order_open", f"{open_order.name} is open: its supplier has made a further offer.", facts)
    if not reading.lines or reading.confidence < SURE_ENOUGH:
        return _ask("not_sure", "The offer was not read with enough confidence.", facts)
    if unmatched:
        return _ask("product_in_doubt", "It is not clear which product is meant.", facts)
    if any(line.unit_price is None or line.currency is None for line in reading.lines):
        return _ask("price_missing", "A price or its currency is missing.", facts)
    if len({line.currency for line in reading.lines}) > 1:
        return _propose("mixed_currencies", "One order has one currency.", facts)
    if any(line.quantity is None for line in reading.lines):
        return _propose("quantity_open", "Prices were given without quantities: a buyer decides how much.", facts)
    if any((line.quantity or 0) <= 0 or (line.unit_price or 0) <= 0 for line in reading.lines):
        return _ask("implausible_lines", "A quantity or a price is not positive.", facts)
    if wrong_unit:
        return _propose("other_unit", "A unit is not the one the product is bought in.", facts)
    return Decision(
        verdict=Verdict.DO, rule="complete_offer", reason="The offer is complete; an RFQ binds nobody.", facts=facts
    )


def _ask(rule: str, reason: str, facts: Mapping[str, Any] | None = None) -> Decision:
    return Decision(verdict=Verdict.ASK, rule=rule, reason=reason, facts=dict(facts or {}))


def _propose(rule: str, reason: str, facts: Mapping[str, Any] | None = None) -> Decision:
    return Decision(verdict=Verdict.PROPOSE, rule=rule, reason=reason, facts=dict(facts or {}))

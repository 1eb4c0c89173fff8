"""May an RFQ be opened and sent because a buyer, or another agent, asks for it?

What a person asks for is done as asked, unless it cannot be; what an agent asks for is looked at like an order, since nobody
has looked at the need. `not_before` in the facts binds: until then nothing is sent (quiet hours, holidays).
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pydantic import AwareDatetime

from domain.orders import Order
from domain.plan import Decision, Verdict
from domain.policy import calendar, prices, quantities
from domain.policy.facts import GoodsCase, Terms
from domain.policy.limits import PolicyLimits
from domain.policy.rulebook import Rulebook, Says, propose, refuse
from domain.units import convert_quantity
from domain.value import Value


class Wanted(Value):
    """Goods to be asked for. `quantity` in `unit`, else in the unit that the vendor sells in."""

    product_id: int
    quantity: Decimal
    unit: str | None = None


class StartCase(GoodsCase):
    """`open_order`: the agent's active order of this supplier; `by_person`: whether a person asks, not an agent.

    `can_be_reached`: there is a contact to write to. `now` is aware, `timezone` the company's.
    """

    partner_id: int | None
    wanted: tuple[Wanted, ...]
    wanted_date: date | None = None
    open_order: Order | None = None
    by_person: bool
    can_be_reached: bool = True
    now: AwareDatetime
    timezone: str

    def shown(self, limits: PolicyLimits) -> dict[str, Any]:
        """From when on it may be sent."""
        return {"not_before": calendar.not_before(self.now, timezone=self.timezone, limits=limits).isoformat()}

    @property
    def currency(self) -> str:
        """The vendor's, from its price list; none if it has no list."""
        return next((product.currency for product in self.products if product.currency), "")

    @property
    def terms(self) -> tuple[Terms, ...]:
        """What it would come to at the listed prices; 0 where none is listed."""
        return tuple(self._expected(wanted) for wanted in self.wanted)

    def _expected(self, wanted: Wanted) -> Terms:
        product = self.product(wanted.product_id)
        if product is None:
            return Terms(name=str(wanted.product_id), quantity=wanted.quantity, unit=wanted.unit or "", unit_price=Decimal(0))
        unit = wanted.unit or product.unit
        quantity = convert_quantity(wanted.quantity, unit, product.unit, product=product)
        terms = Terms(
            name=product.name,
            quantity=wanted.quantity if quantity is None else quantity,
            unit=product.unit,
            unit_price=Decimal(0),
            product=product,
        )
        return terms.model_copy(update={"unit_price": min(prices.listed(terms, self), default=Decimal(0))})


def unknown_supplier(case: StartCase, limits: PolicyLimits) -> Says | None:
    """There is no such supplier in Odoo."""
    return Says("There is no such supplier in Odoo.") if case.partner_id is None else None


def unreachable(case: StartCase, limits: PolicyLimits) -> Says | None:
    """There is no contact to write to."""
    return None if case.can_be_reached else Says("There is no contact of this supplier to write to.")


def implausible_lines(case: StartCase, limits: PolicyLimits) -> Says | None:
    """No lines, or a quantity that is not above zero."""
    if case.wanted and all(wanted.quantity > 0 for wanted in case.wanted):
        return None
    return Says("There are no lines, or a quantity that is not positive.")


def unknown_product(case: StartCase, limits: PolicyLimits) -> Says | None:
    """Goods that this supplier neither lists nor ever sold us."""
    unknown = [wanted.product_id for wanted in case.wanted if case.product(wanted.product_id) is None]
    return Says("Not all of these goods are this supplier's.", {"unknown": unknown}) if unknown else None


def other_unit(case: StartCase, limits: PolicyLimits) -> Says | None:
    """A unit that the product's units in Odoo do not lead to."""
    for wanted in case.wanted:
        product = case.product(wanted.product_id)
        if product and convert_quantity(Decimal(1), wanted.unit, product.unit, product=product) is None:
            return Says(f"{product.name} is not bought in this unit.", {"unit": wanted.unit})
    return None


def date_in_past(case: StartCase, limits: PolicyLimits) -> Says | None:
    """The date wanted has passed."""
    if case.wanted_date is None or case.wanted_date >= case.today:
        return None
    return Says("The date wanted has passed.", {"date": case.wanted_date.isoformat()})


def order_open(case: StartCase, limits: PolicyLimits) -> Says | None:
    """The agent has an active order with this supplier: one at a time."""
    if case.open_order is None:
        return None
    return Says(f"{case.open_order.name} is open with this supplier.", {"order": case.open_order.name})


def too_soon(case: StartCase, limits: PolicyLimits) -> Says | None:
    """An agent wants it sooner than the vendor's lead time allows."""
    if case.by_person or case.wanted_date is None:
        return None
    lead = max((product.lead_days or 0 for wanted in case.wanted if (product := case.product(wanted.product_id))), default=0)
    soonest = case.today + timedelta(days=lead)
    if case.wanted_date >= soonest:
        return None
    facts = {"date": case.wanted_date.isoformat(), "soonest": soonest.isoformat()}
    return Says("It is wanted sooner than this vendor delivers.", facts)


def closed_that_day(case: StartCase, limits: PolicyLimits) -> Says | None:
    """An agent wants it on a holiday or on no working day of ours."""
    if case.by_person or case.wanted_date is None or calendar.is_working_day(case.wanted_date, limits=limits):
        return None
    return Says("We are closed on the day that is wanted.", {"date": case.wanted_date.isoformat()})


def below_minimum(case: StartCase, limits: PolicyLimits) -> Says | None:
    """An agent wants less than the vendor sells."""
    return None if case.by_person else prices.below_minimum(case, limits)


def quantity_unusual(case: StartCase, limits: PolicyLimits) -> Says | None:
    """An agent wants more than `POLICY_QUANTITY_FACTOR` times the most that was ever bought at once."""
    return None if case.by_person else quantities.quantity_unusual(case, limits)


def already_enough(case: StartCase, limits: PolicyLimits) -> Says | None:
    """An agent wants what we seem to have enough of."""
    return None if case.by_person else quantities.already_enough(case, limits)


START: Rulebook[StartCase] = Rulebook(
    rules=(
        refuse(unknown_supplier),
        refuse(unreachable),
        refuse(implausible_lines),
        refuse(unknown_product),
        refuse(other_unit),
        refuse(date_in_past),
        refuse(order_open),
        propose(too_soon),
        propose(closed_that_day),
        propose(quantity_unusual),
        propose(already_enough),
        propose(below_minimum),
    ),
    otherwise=Verdict.DO,
    otherwise_rule="may_be_asked",
    otherwise_reason="A request for a quote binds nobody.",
)


def judge_start(*, case: StartCase, limits: PolicyLimits) -> Decision:
    """Decide on a request of ours; `facts.not_before` is the first moment at which it may be sent."""
    return START.judge(case, limits)

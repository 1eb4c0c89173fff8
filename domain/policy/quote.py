"""May what a supplier offers become an RFQ, or fill in the one that we sent it? An RFQ binds nobody: its prices are judged
again when it is confirmed. What is judged here is whether it is understood, and whether it may stand beside what is open.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from domain.goods import Product
from domain.money import convert, net_of
from domain.orders import Order
from domain.plan import Decision, Verdict
from domain.policy.facts import OrderCase, names_freight
from domain.policy.limits import PolicyLimits
from domain.policy.rulebook import Rulebook, Says, ask, propose
from domain.policy.words import date_in_past, needs_human, unknown_supplier
from domain.policy.words import not_sure as not_sure_of_words
from domain.understanding import OfferedLine
from domain.units import convert_price, convert_quantity
from domain.value import Value

#: How near a price must be to the listed one with tax on it to look like that.
_LOOKS_ALIKE = Decimal("0.005")


class Offer(Value):
    """One line as they word it, and the product that it means; None where that is in doubt."""

    line: OfferedLine
    product: Product | None = None


class QuoteCase(OrderCase):
    """`order` is the agent's active order of this supplier, if any; `answers` whether the offer answers it (our RFQ).

    `includes_tax`: they say that their prices are with tax and name no net ones. `tax_rate`: a share, 0.19 in Chile.
    """

    offers: tuple[Offer, ...]
    answers: bool = False
    includes_tax: bool = False
    tax_rate: Decimal = Decimal("0.19")
    rates: Mapping[str, Decimal] = {}

    def shown(self, limits: PolicyLimits) -> dict[str, Any]:
        """What they offer."""
        return super().shown(limits) | {"lines": [offer.line.to_json() for offer in self.offers]}


def order_open(case: QuoteCase, limits: PolicyLimits) -> Says | None:
    """An order of the agent's with this supplier is open, and the offer does not answer it: one at a time."""
    if case.order is None or case.answers:
        return None
    return Says(f"{case.order.name} is open: its supplier has made a further offer.")


def not_sure(case: QuoteCase, limits: PolicyLimits) -> Says | None:
    """No lines, or read with less than `POLICY_CONFIDENCE`."""
    if case.offers:
        return not_sure_of_words(case, limits)
    return Says("The offer was not read with enough confidence.")


def freight_apart(case: QuoteCase, limits: PolicyLimits) -> Says | None:
    """Freight is offered that none of our products stands for: a person says how it is ordered."""
    for offer in case.offers:
        if offer.product is None and names_freight(offer.line.product or ""):
            return Says("Freight is offered, and there is no product for it.", {"freight": str(offer.line.unit_price)})
    return None


def product_in_doubt(case: QuoteCase, limits: PolicyLimits) -> Says | None:
    """Words that fit no product, or several: the candidates are named."""
    if all(offer.product for offer in case.offers):
        return None
    return Says("It is not clear which product is meant.")


def price_missing(case: QuoteCase, limits: PolicyLimits) -> Says | None:
    """A price or its currency was not said."""
    if all(offer.line.unit_price is not None and offer.line.currency is not None for offer in case.offers):
        return None
    return Says("A price or its currency is missing.")


def mixed_currencies(case: QuoteCase, limits: PolicyLimits) -> Says | None:
    """More than one currency, or another than that of the RFQ which it answers."""
    asked = {case.order.currency} if case.answers and case.order else set()
    if len({offer.line.currency for offer in case.offers} | asked) == 1:
        return None
    return Says("One order has one currency.")


def not_in_rfq(case: QuoteCase, limits: PolicyLimits) -> Says | None:
    """It answers our RFQ with goods that were not asked for."""
    if not case.answers or case.order is None:
        return None
    asked = {line.product_id for line in case.order.lines}
    odd = [offer.line.product for offer in case.offers if offer.product and offer.product.product_id not in asked]
    return Says(f"{case.order.name} does not ask for all of this.", {"not_asked": odd}) if odd else None


def quantity_open(case: QuoteCase, limits: PolicyLimits) -> Says | None:
    """Prices without quantities, where no RFQ of ours says how much: a buyer decides."""
    if case.answers or all(offer.line.quantity is not None for offer in case.offers):
        return None
    return Says("Prices were given without quantities: a buyer decides how much.")


def implausible_lines(case: QuoteCase, limits: PolicyLimits) -> Says | None:
    """A quantity or a price that is not above zero."""
    for offer in case.offers:
        quantity, price = offer.line.quantity, offer.line.unit_price
        if (quantity is not None and quantity <= 0) or (price is not None and price <= 0):
            return Says("A quantity or a price is not positive.")
    return None


def other_unit(case: QuoteCase, limits: PolicyLimits) -> Says | None:
    """A unit that is not the product's, and that its units in Odoo do not lead to."""
    for offer in case.offers:
        if offer.product and convert_quantity(Decimal(1), offer.line.unit, offer.product.unit, product=offer.product) is None:
            return Says("A unit is not one that the product is bought in.", {"unit": offer.line.unit})
    return None


def net_or_gross(case: QuoteCase, limits: PolicyLimits) -> Says | None:
    """The prices are with tax, or a price is the listed one with tax on it, nearly to the peso: orders are net."""
    if case.includes_tax:
        return Says("The prices are with tax.")
    for offer in case.offers:
        if _looks_gross(offer, case):
            return Says("A price looks as if tax were on it.", {"product": offer.line.product})
    return None


def price_above_rfq(case: QuoteCase, limits: PolicyLimits) -> Says | None:
    """More than `POLICY_PRICE_TOLERANCE` above the price in the RFQ that it answers, if that has one."""
    for offer in case.offers if case.answers and case.order else ():
        price, asked = offer.line.unit_price, _asked_price(offer, case.order)
        if price is not None and asked is not None and price > asked * (1 + limits.price_tolerance):
            facts = {"product": offer.line.product, "price": str(price), "asked_price": str(asked)}
            return Says("A price is above that of our RFQ.", facts)
    return None


QUOTE: Rulebook[QuoteCase] = Rulebook(
    rules=(
        propose(needs_human),
        propose(unknown_supplier),
        propose(order_open),
        ask(not_sure),
        propose(freight_apart),
        ask(product_in_doubt),
        ask(price_missing),
        propose(mixed_currencies),
        propose(not_in_rfq),
        propose(quantity_open),
        ask(implausible_lines),
        propose(other_unit),
        ask(net_or_gross),
        propose(price_above_rfq),
        propose(date_in_past),
    ),
    otherwise=Verdict.DO,
    otherwise_rule="complete_offer",
    otherwise_reason="The offer is complete; an RFQ binds nobody.",
)


def judge_quote(*, case: QuoteCase, limits: PolicyLimits) -> Decision:
    """Decide on an offer."""
    return QUOTE.judge(case, limits)


def _asked_price(offer: Offer, rfq: Order | None) -> Decimal | None:
    """The RFQ's price of the goods per unit as they word it; None where it asks for a price, or the units do not tell."""
    if offer.product is None or rfq is None:
        return None
    asked = [line for line in rfq.lines if line.product_id == offer.product.product_id and line.unit_price > 0]
    prices = [convert_price(line.net_price, line.unit, offer.line.unit or line.unit, product=offer.product) for line in asked]
    return min((price for price in prices if price is not None), default=None)


def _looks_gross(offer: Offer, case: QuoteCase) -> bool:
    product, line = offer.product, offer.line
    if not (product and product.list_price and product.currency and line.unit_price and line.currency and case.tax_rate):
        return False
    per_unit = convert_price(line.unit_price, line.unit, product.unit, product=product)
    price = None if per_unit is None else convert(per_unit, line.currency, product.currency, rates=case.rates)
    if price is None:
        return False
    net = net_of(price, tax_rate=case.tax_rate)
    listed = [tier.price for tier in product.tiers] or [product.list_price]
    return any(abs(net - one) <= one * _LOOKS_ALIKE for one in listed)

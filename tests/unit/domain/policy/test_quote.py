"""Offers, rule by rule: one fact is changed from a case that passes, and exactly that rule must speak."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.plan import Decision
from domain.policy import Offer, PolicyLimits, judge_quote
from domain.understanding import Understanding
from tests.unit.domain.policy.cases import GOODS, OFFERED, ORDER, QUOTE, TODAY, line

RFQ = line(unit_price=Decimal(0))


def quote(**changed: Any) -> Decision:
    return judge_quote(case=QUOTE.model_copy(update=changed), limits=PolicyLimits())


def reading(**changes: Any) -> Understanding:
    return QUOTE.reading.model_copy(update=changes)


def offered(meant: Any = GOODS, **changes: Any) -> tuple[Offer, ...]:
    """A good line, and a second one that is changed."""
    return *QUOTE.offers, Offer(line=OFFERED.model_copy(update=changes), product=meant)


@pytest.mark.parametrize(
    ("rule", "verdict", "changed"),
    [
        ("complete_offer", "do", {}),
        ("complete_offer", "do", {"reading": reading(confidence=0.7)}),
        ("complete_offer", "do", {"order": ORDER, "answers": True}),
        ("complete_offer", "do", {"order": RFQ, "answers": True, "offers": offered(quantity=None)}),
        ("complete_offer", "do", {"order": RFQ, "answers": True, "offers": offered(unit_price=Decimal(99_999))}),
        ("complete_offer", "do", {"offers": offered(unit="pallet", unit_price=Decimal(400_000))}),
        ("complete_offer", "do", {"offers": offered(unit=None)}),
        ("needs_human", "propose", {"reading": reading(needs_human=True)}),
        ("unknown_supplier", "propose", {"partner_id": None}),
        ("order_open", "propose", {"order": ORDER}),
        ("not_sure", "ask", {"offers": ()}),
        ("not_sure", "ask", {"reading": reading(confidence=0.69)}),
        ("freight_apart", "propose", {"offers": offered(None, product="Flete a bodega")}),
        ("product_in_doubt", "ask", {"offers": offered(None)}),
        ("price_missing", "ask", {"offers": offered(unit_price=None)}),
        ("price_missing", "ask", {"offers": offered(currency=None)}),
        ("mixed_currencies", "propose", {"offers": offered(currency="USD")}),
        ("mixed_currencies", "propose", {"order": line(), "answers": True, "offers": offered(currency="USD")[1:]}),
        ("not_in_rfq", "propose", {"order": line(product_id=11), "answers": True}),
        ("quantity_open", "propose", {"offers": offered(quantity=None)}),
        ("implausible_lines", "ask", {"offers": offered(quantity=Decimal(0))}),
        ("implausible_lines", "ask", {"offers": offered(quantity=Decimal(-1))}),
        ("implausible_lines", "ask", {"offers": offered(unit_price=Decimal(0))}),
        ("other_unit", "propose", {"offers": offered(unit="kg")}),
        ("other_unit", "propose", {"offers": offered(unit="docena")}),
        ("net_or_gross", "ask", {"includes_tax": True}),
        ("date_in_past", "propose", {"reading": reading(delivery_date=TODAY - timedelta(days=1))}),
        ("complete_offer", "do", {"reading": reading(delivery_date=TODAY)}),
    ],
)
def test_offers(rule: str, verdict: str, changed: dict[str, Any]) -> None:
    decision = quote(**changed)
    assert (decision.rule, decision.verdict) == (rule, verdict)
    assert decision.reason


@pytest.mark.parametrize(
    ("price", "rule"),
    [
        ("11900", "net_or_gross"),
        ("11959.5", "net_or_gross"),
        ("11960", "complete_offer"),
        ("11840", "complete_offer"),
        ("10710", "net_or_gross"),  # the tier from 100, with tax
        ("10500", "complete_offer"),
    ],
)
def test_the_listed_price_with_tax_on_it_is_asked_about(price: str, rule: str) -> None:
    assert quote(offers=offered(unit_price=Decimal(price))).rule == rule


@pytest.mark.parametrize(("price", "rule"), [("10500", "complete_offer"), ("10500.01", "price_above_rfq")])
def test_an_answer_is_held_against_the_price_of_our_rfq(price: str, rule: str) -> None:
    assert quote(order=ORDER, answers=True, offers=offered(unit_price=Decimal(price))).rule == rule
    by_pallet = offered(unit="pallet", unit_price=Decimal(price) * 40)
    assert quote(order=ORDER, answers=True, offers=by_pallet).rule == rule

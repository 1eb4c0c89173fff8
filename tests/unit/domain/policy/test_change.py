"""Changes: what is harmless is done, the rest is a proposal that says what it would make of the order."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.orders import Order, OrderState
from domain.plan import Decision
from domain.policy import AskedChange, Delivery, PolicyLimits, judge_change
from domain.understanding import Understanding
from tests.unit.domain.policy.cases import AGREED, CHANGE, FLOUR, GOODS, ORDER, PAID, TODAY, order

OTHER_GOODS = GOODS.model_copy(update={"product_id": 11, "name": "Harina integral 25 kg"})
CHEAPER = GOODS.model_copy(update={"tiers": (), "list_price": Decimal(9_000)})
PAID_LESS = PAID.model_copy(update={"unit_price": Decimal(9_000)})
CONFIRMED = order(state=OrderState.CONFIRMED)


def change(limits: PolicyLimits | None = None, **changed: Any) -> Decision:
    return judge_change(case=CHANGE.model_copy(update=changed), limits=limits or PolicyLimits())


def reading(**changes: Any) -> Understanding:
    return CHANGE.reading.model_copy(update={"delivery_date": None} | changes)


def asks(confirmed: bool = False, **wanted: Any) -> dict[str, Any]:
    """Only the line is to change."""
    asked = AskedChange(name="harina", **({"line_id": 1} | wanted))
    return {"reading": reading(), "changes": (asked,), "order": CONFIRMED if confirmed else ORDER}


def received(quantity: int) -> Order:
    return order(lines=(FLOUR.model_copy(update={"received": Decimal(quantity)}),))


@pytest.mark.parametrize(
    ("rule", "verdict", "changed"),
    [
        ("harmless_change", "do", {}),
        ("harmless_change", "do", {"order": CONFIRMED}),
        ("harmless_change", "do", asks(unit_price=Decimal(9_900))),
        ("harmless_change", "do", asks(confirmed=True, unit_price=Decimal(9_900))),
        ("harmless_change", "do", asks(quantity=Decimal(19))),
        ("harmless_change", "do", asks(quantity=Decimal(21))),
        ("harmless_change", "do", asks(unit_price=Decimal(10_500))),
        ("harmless_change", "do", asks(unit="pallet", unit_price=Decimal(400_000))),
        ("needs_human", "propose", {"reading": reading(needs_human=True)}),
        ("unknown_supplier", "propose", {"partner_id": None}),
        ("no_open_order", "ask", {"order": None}),
        ("not_their_order", "propose", {"order": order(partner_id=4)}),
        ("other_order", "propose", {"reading": reading(order_ref="P00006")}),
        ("order_ended", "propose", {"order": order(state=OrderState.RECEIVED)}),
        ("order_ended", "propose", {"order": order(state=OrderState.BILLED)}),
        ("order_ended", "propose", {"order": order(state=OrderState.CANCELLED)}),
        ("waits_for_approval", "propose", {"order": order(state=OrderState.TO_APPROVE)}),
        ("not_sure", "ask", {"reading": reading(confidence=0.69)}),
        ("nothing_to_change", "ask", {"reading": reading()}),
        ("nothing_to_change", "ask", asks()),
        ("product_in_doubt", "ask", asks(line_id=None, in_doubt=True)),
        ("date_in_past", "ask", {"reading": reading(delivery_date=TODAY - timedelta(days=1))}),
        ("order_of_a_person", "propose", {"opened_by_agent": False}),
        ("line_added", "propose", asks(line_id=None, quantity=Decimal(5))),
        ("line_added", "propose", asks(line_id=99, quantity=Decimal(5))),
        ("substitution", "propose", asks(substitute=OTHER_GOODS)),
        ("split_delivery", "propose", {"deliveries": (Delivery(on=AGREED), Delivery(on=AGREED + timedelta(days=7)))}),
        ("line_dropped", "propose", asks(quantity=Decimal(0))),
        ("implausible_lines", "propose", asks(quantity=Decimal(-1))),
        ("implausible_lines", "propose", asks(unit_price=Decimal(0))),
        ("below_received", "propose", asks(quantity=Decimal(19)) | {"order": received(20)}),
        ("other_currency", "propose", asks(unit_price=Decimal(11), currency="USD")),
        ("other_unit", "propose", asks(unit="kg", quantity=Decimal(20))),
        ("other_unit", "propose", asks(unit="kg", quantity=Decimal(20)) | {"products": ()}),
        ("binding_terms", "propose", asks(confirmed=True, quantity=Decimal(19))),
        ("binding_terms", "propose", asks(confirmed=True, unit_price=Decimal("10000.01"))),
        ("quantity_moves", "propose", asks(quantity=Decimal("21.01"))),
        ("quantity_moves", "propose", asks(quantity=Decimal("18.99"))),
        ("price_above_rfq", "propose", asks(unit_price=Decimal("10500.01"))),
        ("closed_that_day", "propose", {"reading": reading(delivery_date=AGREED - timedelta(days=1))}),
        ("no_known_price", "propose", asks(unit_price=Decimal(9_900)) | {"products": (), "past": ()}),
        ("price_above_list", "propose", asks(unit_price=Decimal(10_400)) | {"products": (CHEAPER,), "past": ()}),
        ("price_above_last", "propose", asks(unit_price=Decimal(10_400)) | {"past": (PAID_LESS,)}),
        ("price_far_below", "propose", asks(unit_price=Decimal("6999.99"))),
        ("harmless_change", "do", asks(unit_price=Decimal(7_000))),
    ],
)
def test_changes(rule: str, verdict: str, changed: dict[str, Any]) -> None:
    decision = change(**changed)
    assert (decision.rule, decision.verdict) == (rule, verdict)
    assert decision.reason


@pytest.mark.parametrize(("days", "rule"), [(2, "harmless_change"), (3, "date_moves"), (-3, "date_moves")])
def test_a_delivery_may_move_by_two_days(days: int, rule: str) -> None:
    assert change(reading=reading(delivery_date=AGREED + timedelta(days=days))).rule == rule


def test_many_small_steps_are_measured_from_what_was_agreed() -> None:
    """Each step is within the tolerance of the one before; the second is not within that of the agreement."""
    moved = ORDER.model_copy(update={"planned_date": AGREED + timedelta(days=2)})
    later = reading(delivery_date=AGREED + timedelta(days=4))
    assert change(order=moved, reading=later).rule == "harmless_change"
    assert change(order=moved, agreed=ORDER, reading=later).rule == "date_moves"
    shrunk = order(lines=(FLOUR.model_copy(update={"quantity": Decimal(19)}),))
    assert change(**(asks(quantity=Decimal("18.5")) | {"order": shrunk})).rule == "harmless_change"
    assert change(**(asks(quantity=Decimal("18.5")) | {"order": shrunk, "agreed": ORDER})).rule == "quantity_moves"
    dearer = order(lines=(FLOUR.model_copy(update={"unit_price": Decimal(10_400)}),))
    again = asks(unit_price=Decimal(10_600)) | {"order": dearer, "agreed": ORDER, "past": (), "products": ()}
    assert change(**again).rule == "price_above_rfq"


def test_a_date_where_none_was_agreed_is_a_persons() -> None:
    assert change(order=order(planned_date=None)).rule == "date_moves"


def test_dearer_and_above_the_limit_goes_to_a_person_but_an_old_large_order_may_move_a_day() -> None:
    limits = PolicyLimits(confirm_limit={"CLP": Decimal(200_000)})
    assert change(limits, **asks(unit_price=Decimal(10_000), quantity=Decimal(21))).rule == "over_confirm_limit"
    assert change(PolicyLimits(confirm_limit={"CLP": Decimal(1)})).rule == "harmless_change"


def test_a_proposal_says_what_would_come_of_it() -> None:
    day = date(2026, 12, 7)
    facts = change(
        reading=reading(delivery_date=day),
        changes=(AskedChange(name="harina", line_id=1, quantity=Decimal(1), unit="pallet", unit_price=Decimal(9_000) * 40),),
    ).facts
    assert facts["order"] == "P00005"
    assert facts["consequences"] == {
        "lines": [
            {
                "product": "Harina 25 kg",
                "becomes": "Harina 25 kg",
                "quantity": ["20", "40"],
                "unit_price": ["10000", "9000"],
            }
        ],
        "amount": ["200000", "360000"],
        "difference": "160000",
        "date": ["2026-11-30", "2026-12-07"],
        "days_later": 7,
        "deliveries": [],
    }


def test_another_suppliers_order_is_not_spoken_of() -> None:
    decision = change(order=order(partner_id=4), changes=(AskedChange(name="x", line_id=1, quantity=Decimal(1)),))
    assert decision.rule == "not_their_order"
    assert "P00005" not in decision.reason + str(decision.facts)
    assert decision.facts["consequences"] == {}

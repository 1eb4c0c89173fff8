"""Whatever else is true, the agent never binds the company where it must not: properties over generated facts.

The facts are drawn near the limits, not anywhere: most draws would otherwise fail at the first rule and show nothing.
"""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from domain.goods import PastPrice, PriceTier, Product
from domain.money import convert
from domain.orders import Order, OrderLine, OrderState
from domain.plan import Decision, Verdict
from domain.policy import (
    RULEBOOKS,
    AskedChange,
    ChangeCase,
    ConfirmationCase,
    PolicyLimits,
    judge_again,
    judge_change,
    judge_confirmation,
)
from domain.policy.rulebook import Case
from domain.understanding import Intent, Understanding
from tests.unit.domain.policy.cases import AGREED, CHANGE, CONFIRMATION, GOOD_CASES, OFFERED, ORDER, TODAY

RATES = {"CLP": Decimal(1), "USD": Decimal(900), "CLF": Decimal(40_000)}
#: What a larger order, or a dearer price, rightly heals.
HEALED_BY_MORE = {"below_minimum", "price_far_below"}

prices = st.sampled_from([Decimal(text) for text in ("1", "6999", "7000", "9000", "9524", "10000", "10500", "10501", "99999")])
amounts_ = st.sampled_from([Decimal(text) for text in ("0.5", "1", "19", "20", "60", "61", "100", "200")])
currencies = st.sampled_from(["CLP", "CLP", "CLP", "USD", "EUR", "CLF"])
units = st.sampled_from(["saco", "saco", "saco", "pallet", "docena"])
lines = st.builds(
    OrderLine,
    line_id=st.integers(1, 3),
    product_id=st.sampled_from([10, 10, 11]),
    product=st.sampled_from(["Harina 25 kg", "Harina 25 kg", "Flete"]),
    quantity=amounts_,
    unit=units,
    unit_price=prices,
)
products = st.builds(
    Product,
    product_id=st.sampled_from([10, 10, 11]),
    name=st.just("Harina 25 kg"),
    unit=units,
    base_unit=st.just("saco"),
    units=st.just(tuple(CONFIRMATION.products[0].units)),
    currency=st.none() | currencies,
    list_price=st.none() | prices,
    tiers=st.lists(st.builds(PriceTier, min_quantity=amounts_, price=prices), max_size=3).map(tuple),
    forecast=st.sampled_from([Decimal(-5), Decimal(0), Decimal(40), Decimal(500), Decimal(10**6)]),
    min_quantity=st.sampled_from([Decimal(0), Decimal(0), Decimal(20)]),
)
past = st.builds(
    PastPrice,
    product_id=st.sampled_from([10, 10, 11]),
    order=st.just("P00001"),
    unit_price=prices,
    currency=currencies,
    unit=units,
    quantity=amounts_,
    date=st.sampled_from([TODAY - timedelta(days=days) for days in (1, 180, 181)]),
)
orders = st.builds(
    Order,
    order_id=st.just(5),
    name=st.just("P00005"),
    partner_id=st.sampled_from([3, 3, 3, 4]),
    state=st.sampled_from([OrderState.SENT, OrderState.SENT, *OrderState]),
    currency=currencies,
    amount_untaxed=st.sampled_from([Decimal(0), Decimal(200_000), Decimal(2_000_000), Decimal(2_000_001)]),
    amount_total=st.just(Decimal(0)),
    lines=st.lists(lines, min_size=1, max_size=3, unique_by=lambda line: line.line_id).map(tuple),
    planned_date=st.none() | st.dates(TODAY, TODAY + timedelta(days=20)),
)
readings = st.builds(
    Understanding,
    intent=st.just(Intent.CONFIRM_ORDER),
    order_ref=st.sampled_from([None, "P00005", "P00005", "P00006"]),
    needs_human=st.sampled_from([False, False, True]),
    confidence=st.sampled_from([0.69, 0.7, 1.0]),
    also=st.sampled_from([(), (), (Intent.ORDER_STATUS,), (Intent.MODIFY_ORDER,), (Intent.CANCEL_ORDER,)]),
    lines=st.sampled_from([(), (), (OFFERED,)]),
    delivery_date=st.none() | st.dates(TODAY - timedelta(days=2), TODAY + timedelta(days=20)),
)
confirmations = st.builds(
    ConfirmationCase,
    reading=readings,
    partner_id=st.sampled_from([3, 3, 3, None]),
    order=orders,
    opened_by_agent=st.sampled_from([True, True, False]),
    today=st.just(TODAY),
    products=st.lists(products, max_size=2, unique_by=lambda product: product.product_id).map(tuple),
    past=st.lists(past, max_size=3).map(tuple),
    rates=st.sampled_from([RATES, RATES, {}]),
    earlier_orders=st.integers(0, 2),
    told=st.none() | orders,
    agreed_date=st.none() | st.dates(TODAY, TODAY + timedelta(days=20)),
)
#: As confirmations, but only the goods and their prices vary: these reach the rules about money.
sound_confirmations = st.builds(
    lambda case, one, sold, bought: case.model_copy(
        update={
            "order": case.order.model_copy(update={"lines": (one,), "amount_untaxed": one.quantity * one.unit_price}),
            "products": (sold,),
            "past": tuple(bought),
        }
    ),
    st.just(CONFIRMATION),
    lines,
    products,
    st.lists(past, max_size=3),
)
limits = st.builds(
    PolicyLimits,
    price_tolerance=st.sampled_from([Decimal(0), Decimal("0.05"), Decimal(1)]),
    confirm_limit=st.dictionaries(st.sampled_from(["CLP", "USD", "EUR"]), st.sampled_from([Decimal(1), Decimal(2_000_000)])),
    first_order_to_person=st.booleans(),
    stock_cover=st.sampled_from([Decimal(1), Decimal(3)]),
)
more = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def amount_in(order: Order, currency: str, rates: Any) -> Decimal | None:
    """The promise in other words than the code's: what an order comes to."""
    of_lines = sum((line.quantity * line.unit_price for line in order.lines), Decimal(0))
    return convert(max(of_lines, order.amount_untaxed), order.currency, currency, rates=rates)


def breaks(case: ConfirmationCase, allowed: PolicyLimits) -> list[str]:
    """What of the promise a confirmation of this case would break."""
    order, said = case.order, case.reading
    assert order is not None
    broken = {
        "another supplier's": order.partner_id != case.partner_id,
        "another order": said.order_ref not in (None, order.name),
        "a person's": not case.opened_by_agent,
        "state": order.state not in ("draft", "sent"),
        "needs human": said.needs_human,
        "not sure": said.confidence < allowed.confidence,
        "condition": bool({"modify_order", "cancel_order"} & set(said.also)) or bool(said.lines),
        "first order": allowed.first_order_to_person and case.earlier_orders == 0,
        "past": said.delivery_date is not None and said.delivery_date < TODAY,
        "told otherwise": case.told is not None and case.told.lines != order.lines,
    }
    if order.currency in allowed.confirm_limit:
        within: Any = (amount_in(order, order.currency, {}) or 0) <= allowed.confirm_limit[order.currency]
    else:
        worth = [(amount_in(order, into, case.rates), limit) for into, limit in allowed.confirm_limit.items()]
        within = [amount <= limit for amount, limit in worth if amount is not None]
        within = within and all(within)
    broken["over limit"] = not within
    for line in order.lines:
        if line.product == "Flete":
            continue
        sold = next((product for product in case.products if product.product_id == line.product_id), None)
        broken["unknown goods"] = broken.get("unknown goods", False) or sold is None
        if sold and sold.unit == line.unit and sold.currency == order.currency and sold.tiers:
            reached = [tier.price for tier in sold.tiers if tier.min_quantity <= line.quantity]
            too_dear = bool(reached) and line.unit_price > min(reached) * (1 + allowed.price_tolerance)
            broken["over tolerance"] = broken.get("over tolerance", False) or too_dear
    return [name for name, is_broken in broken.items() if is_broken]


@more
@given(confirmations | sound_confirmations, limits)
def test_nothing_is_confirmed_outside_policy(case: ConfirmationCase, allowed: PolicyLimits) -> None:
    decision = judge_confirmation(case=case, limits=allowed)
    assert decision.verdict is not Verdict.DO or breaks(case, allowed) == []


@settings(more, max_examples=40)
@given(sound_confirmations, limits, st.data())
def test_one_fault_alone_is_enough(case: ConfirmationCase, allowed: PolicyLimits, data: Any) -> None:
    assume(judge_confirmation(case=case, limits=allowed).verdict is Verdict.DO)
    assert case.order is not None
    said = case.reading
    fault: dict[str, Any] = data.draw(
        st.sampled_from(
            [
                {"reading": said.model_copy(update={"needs_human": True})},
                {"reading": said.model_copy(update={"confidence": 0.69})},
                {"reading": said.model_copy(update={"order_ref": "P00006"})},
                {"reading": said.model_copy(update={"also": (Intent.MODIFY_ORDER,)})},
                {"reading": said.model_copy(update={"lines": (OFFERED,)})},
                {"reading": said.model_copy(update={"delivery_date": TODAY - timedelta(days=1)})},
                {"order": case.order.model_copy(update={"partner_id": 4})},
                {"order": case.order.model_copy(update={"amount_untaxed": Decimal(10**12)})},
                {"order": case.order.model_copy(update={"currency": "XXX"})},
                {"order": None},
                {"opened_by_agent": False},
                {"partner_id": None},
                {"told": case.order.model_copy(update={"lines": ()})},
            ]
        )
    )
    assert judge_confirmation(case=case.model_copy(update=fault), limits=allowed).verdict is not Verdict.DO
    strict = allowed.model_copy(update={"first_order_to_person": True})
    first = case.model_copy(update={"earlier_orders": 0})
    assert judge_confirmation(case=first, limits=strict).verdict is not Verdict.DO


@more
@given(
    confirmations | sound_confirmations,
    limits,
    st.sampled_from(["unit_price", "quantity", "amount"]),
    st.sampled_from([Decimal("1.01"), Decimal(2), Decimal(10), Decimal(1000)]),
)
def test_more_of_anything_never_makes_it_allowed(
    case: ConfirmationCase, allowed: PolicyLimits, what: str, factor: Decimal
) -> None:
    before = judge_confirmation(case=case, limits=allowed)
    assume(before.verdict is not Verdict.DO and before.rule not in HEALED_BY_MORE)
    assert case.order is not None
    if what == "amount":
        changed = {"amount_untaxed": case.order.amount_untaxed * factor}
    else:
        raised = [line.model_copy(update={what: getattr(line, what) * factor}) for line in case.order.lines]
        changed = {"lines": tuple(raised)}
    dearer = case.model_copy(update={"order": case.order.model_copy(update=changed)})
    after = judge_confirmation(case=dearer, limits=allowed)
    assert after.verdict is not Verdict.DO


changes = st.builds(
    lambda order, asked, confirmed, day, sold, bought: CHANGE.model_copy(
        update={
            "order": order.model_copy(
                update={"partner_id": 3, "state": OrderState.CONFIRMED if confirmed else OrderState.SENT}
            ),
            "changes": tuple(asked),
            "reading": CHANGE.reading.model_copy(update={"delivery_date": day}),
            "products": tuple(sold),
            "past": tuple(bought),
        }
    ),
    orders,
    st.lists(
        st.builds(
            AskedChange,
            name=st.just("harina"),
            line_id=st.sampled_from([None, 1, 2, 3]),
            quantity=st.none() | amounts_ | st.sampled_from([Decimal(0), Decimal(-1)]),
            unit=st.none() | units,
            unit_price=st.none() | prices | st.sampled_from([Decimal(0), Decimal(-1)]),
            currency=st.none() | currencies,
            in_doubt=st.booleans(),
        ),
        max_size=2,
    ),
    st.booleans(),
    st.none() | st.dates(TODAY - timedelta(days=2), TODAY + timedelta(days=22)),
    st.lists(products, max_size=2, unique_by=lambda product: product.product_id),
    st.lists(past, max_size=2),
)


#: The order as it should be, and small wishes: these reach what is done.
small_changes = st.builds(
    lambda quantity, price, day, confirmed: CHANGE.model_copy(
        update={
            "order": ORDER.model_copy(update={"state": OrderState.CONFIRMED if confirmed else OrderState.SENT}),
            "changes": (AskedChange(name="harina", line_id=1, quantity=quantity, unit_price=price),),
            "reading": CHANGE.reading.model_copy(update={"delivery_date": day}),
        }
    ),
    st.none() | st.sampled_from([Decimal(text) for text in ("18.99", "19", "20", "21", "21.01")]),
    st.none() | st.sampled_from([Decimal(text) for text in ("6999", "9500", "10000", "10500", "10501")]),
    st.none() | st.dates(AGREED - timedelta(days=4), AGREED + timedelta(days=4)),
    st.booleans(),
)


@more
@given(changes | small_changes, limits)
def test_only_the_harmless_is_changed(case: ChangeCase, allowed: PolicyLimits) -> None:
    decision = judge_change(case=case, limits=allowed)
    if decision.verdict is not Verdict.DO:
        return
    assert case.order is not None
    was_due, day = case.order.planned_date, case.reading.delivery_date
    if day is not None:
        assert was_due is not None
        assert abs((day - was_due).days) <= allowed.date_tolerance_days
        assert day >= TODAY
    after = case.terms
    assert len(after) == len(case.order.lines), "no line is taken off or added"
    for line, becomes in zip(case.order.lines, after, strict=True):
        assert abs(becomes.quantity - line.quantity) <= line.quantity * allowed.quantity_tolerance
        assert 0 < becomes.unit_price <= line.unit_price * (1 + allowed.price_tolerance)
        if case.order.state is OrderState.CONFIRMED:
            assert becomes.quantity == line.quantity
            assert becomes.unit_price <= line.unit_price


@settings(deadline=None)
@given(confirmations | sound_confirmations | changes | small_changes, limits)
def test_a_decision_is_the_same_again_from_what_was_stored(case: Case, allowed: PolicyLimits) -> None:
    decision = RULEBOOKS[type(case)].judge(case, allowed)
    assert decision == RULEBOOKS[type(case)].judge(case, allowed)
    stored = json.loads(json.dumps(decision.to_json()))
    assert Decision.from_json(stored) == decision
    assert judge_again(stored["case"]) == decision


@pytest.mark.parametrize("case", GOOD_CASES, ids=lambda case: type(case).__name__)
def test_every_judge_decides_the_same_again_from_what_was_stored(case: Case) -> None:
    decision = RULEBOOKS[type(case)].judge(case, PolicyLimits())
    stored = json.loads(json.dumps(decision.to_json()))
    assert judge_again(stored["case"]) == Decision.from_json(stored) == decision
    assert decision.verdict is Verdict.DO


def test_a_case_that_no_judge_knows_is_said_so() -> None:
    with pytest.raises(LookupError, match="Nonsense"):
        judge_again({"kind": "Nonsense", "facts": {}, "limits": {}})


def test_the_generated_cases_reach_what_they_are_about() -> None:
    """Without this, the properties above could hold because nothing ever passes."""
    seen: set[str] = set()

    @settings(max_examples=500, deadline=None, database=None, derandomize=True)
    @given(sound_confirmations, small_changes)
    def collect(case: ConfirmationCase, change: ChangeCase) -> None:
        seen.add(judge_confirmation(case=case, limits=PolicyLimits()).rule)
        seen.add(judge_change(case=change, limits=PolicyLimits()).rule)

    collect()
    about_money = {"over_confirm_limit", "no_known_price", "price_above_list", "price_above_last", "already_enough"}
    assert {"within_limits", "harmless_change", *about_money} <= seen


def test_dates_of_a_leap_day_and_year_end_do_not_break_it() -> None:
    for day in (date(2028, 2, 29), date(2026, 12, 31)):
        case = CONFIRMATION.model_copy(update={"today": day, "reading": CONFIRMATION.reading})
        assert judge_confirmation(case=case, limits=PolicyLimits()).rule

"""Policy, rule by rule: one fact is changed from a case that passes, and exactly that rule must speak.

Then properties: whatever else is true, the agent never binds the company where it must not.
"""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.orders import Order, OrderLine, OrderState
from domain.plan import Decision, Verdict
from domain.policy import SURE_ENOUGH, ListedPrice, PolicyLimits, judge_confirmation, judge_quote
from domain.understanding import Intent, OfferedLine, Understanding

FLOUR = OrderLine(
    line_id=1, product_id=10, product="Harina 25 kg", quantity=Decimal(20), unit="saco", unit_price=Decimal(10_000)
)
ORDER = Order(
    order_id=5,
    name="P00005",
    partner_id=3,
    state=OrderState.SENT,
    currency="CLP",
    amount_untaxed=Decimal(200_000),
    amount_total=Decimal(238_000),
    lines=(FLOUR,),
)
ACCEPTED = Understanding(intent=Intent.CONFIRM_ORDER, order_ref="P00005", confidence=0.95)
OFFERED = OfferedLine(product="Harina", quantity=Decimal(20), unit="saco", unit_price=Decimal(10_000), currency="CLP")
OFFER = Understanding(intent=Intent.NEW_QUOTE, lines=(OFFERED,), confidence=0.95)


def confirmation(**changed: Any) -> Decision:
    facts: dict[str, Any] = {
        "reading": ACCEPTED,
        "order": ORDER,
        "opened_by_agent": True,
        "listed": {10: ListedPrice(price=Decimal(10_000), currency="CLP")},
        "limits": PolicyLimits(),
    }
    return judge_confirmation(**(facts | changed))


def quote(**changed: Any) -> Decision:
    facts: dict[str, Any] = {"reading": OFFER, "is_linked": True, "open_order": None, "unmatched": [], "wrong_unit": []}
    return judge_quote(**(facts | changed))


def reading(**changes: Any) -> Understanding:
    return ACCEPTED.model_copy(update=changes)


def order(**changes: Any) -> Order:
    return ORDER.model_copy(update=changes)


def line(**changes: Any) -> Order:
    return order(lines=(FLOUR, FLOUR.model_copy(update=changes)))


def listed(price: str, currency: str = "CLP") -> dict[int, ListedPrice]:
    return {10: ListedPrice(price=Decimal(price), currency=currency)}


@pytest.mark.parametrize(
    ("rule", "verdict", "changed"),
    [
        ("within_limits", "do", {}),
        ("within_limits", "do", {"reading": reading(order_ref=None)}),
        ("within_limits", "do", {"order": order(state=OrderState.DRAFT)}),
        ("within_limits", "do", {"reading": reading(confidence=SURE_ENOUGH)}),
        ("within_limits", "do", {"order": order(amount_untaxed=Decimal(2_000_000))}),
        ("within_limits", "do", {"listed": listed("9523.81")}),
        ("needs_human", "propose", {"reading": reading(needs_human=True)}),
        ("no_open_order", "ask", {"order": None}),
        ("other_order", "propose", {"reading": reading(order_ref="P00006")}),
        ("other_order", "propose", {"reading": reading(order_ref="")}),
        ("order_cancelled", "propose", {"order": order(state=OrderState.CANCELLED)}),
        ("confirmed_before", "refuse", {"order": order(state=OrderState.TO_APPROVE)}),
        ("confirmed_before", "refuse", {"order": order(state=OrderState.CONFIRMED)}),
        ("confirmed_before", "refuse", {"order": order(state=OrderState.RECEIVED)}),
        ("confirmed_before", "refuse", {"order": order(state=OrderState.BILLED)}),
        ("not_sure", "ask", {"reading": reading(confidence=SURE_ENOUGH - 0.01)}),
        ("order_of_a_person", "propose", {"opened_by_agent": False}),
        ("implausible_lines", "propose", {"order": order(lines=())}),
        ("implausible_lines", "propose", {"order": line(quantity=Decimal(0))}),
        ("implausible_lines", "propose", {"order": line(quantity=Decimal(-20))}),
        ("over_confirm_limit", "propose", {"order": order(amount_untaxed=Decimal("2000000.01"))}),
        ("over_confirm_limit", "propose", {"order": order(currency="EUR")}),
        ("over_confirm_limit", "propose", {"limits": PolicyLimits(confirm_limit={})}),
        ("no_list_price", "propose", {"listed": {}}),
        ("no_list_price", "propose", {"listed": listed("10000", "USD")}),
        ("no_list_price", "propose", {"order": line(product_id=11)}),
        ("price_above_list", "propose", {"listed": listed("9523.80")}),
        ("price_above_list", "propose", {"order": line(unit_price=Decimal("10500.01"))}),
        ("price_above_list", "propose", {"listed": listed("0")}),
    ],
)
def test_confirmation(rule: str, verdict: str, changed: dict[str, Any]) -> None:
    decision = confirmation(**changed)
    assert (decision.rule, decision.verdict) == (rule, verdict)
    assert decision.reason


def offer(**changes: Any) -> Understanding:
    return OFFER.model_copy(update=changes)


def offered(**changes: Any) -> Understanding:
    return offer(lines=(OFFERED, OFFERED.model_copy(update=changes)))


@pytest.mark.parametrize(
    ("rule", "verdict", "changed"),
    [
        ("complete_offer", "do", {}),
        ("complete_offer", "do", {"reading": offer(confidence=SURE_ENOUGH)}),
        ("needs_human", "propose", {"reading": offer(needs_human=True)}),
        ("unknown_supplier", "propose", {"is_linked": False}),
        ("order_open", "propose", {"open_order": ORDER}),
        ("not_sure", "ask", {"reading": offer(lines=())}),
        ("not_sure", "ask", {"reading": offer(confidence=SURE_ENOUGH - 0.01)}),
        ("product_in_doubt", "ask", {"unmatched": [OFFERED]}),
        ("price_missing", "ask", {"reading": offered(unit_price=None)}),
        ("price_missing", "ask", {"reading": offered(currency=None)}),
        ("mixed_currencies", "propose", {"reading": offered(currency="USD")}),
        ("quantity_open", "propose", {"reading": offered(quantity=None)}),
        ("implausible_lines", "ask", {"reading": offered(quantity=Decimal(0))}),
        ("implausible_lines", "ask", {"reading": offered(quantity=Decimal(-1))}),
        ("other_unit", "propose", {"wrong_unit": [OFFERED]}),
    ],
)
def test_quotes(rule: str, verdict: str, changed: dict[str, Any]) -> None:
    decision = quote(**changed)
    assert (decision.rule, decision.verdict) == (rule, verdict)
    assert decision.reason


def test_the_rules_speak_in_their_order() -> None:
    """The gravest fault decides what a person reads, also when everything is wrong at once."""
    wrong = order(state=OrderState.CANCELLED, lines=(), amount_untaxed=Decimal(10**9))
    all_wrong = {"order": wrong, "opened_by_agent": False, "listed": {}}
    assert confirmation(**all_wrong, reading=reading(needs_human=True, order_ref="P1", confidence=0)).rule == "needs_human"
    assert confirmation(**all_wrong, reading=reading(order_ref="P1", confidence=0)).rule == "other_order"
    assert confirmation(**all_wrong, reading=reading(confidence=0)).rule == "order_cancelled"


def test_a_decision_is_fit_to_be_stored() -> None:
    for decision in (confirmation(), confirmation(listed={}), quote(), quote(is_linked=False)):
        assert Decision.from_json(decision.to_json()).to_json() == decision.to_json()


def test_what_goes_over_the_limit_tells_the_limit() -> None:
    facts = confirmation(order=order(amount_untaxed=Decimal(3_000_000))).facts
    assert (facts["amount"], facts["limit"], facts["currency"]) == ("3000000", "2000000", "CLP")


money = st.decimals(min_value=-(10**7), max_value=10**7, places=2)
readings = st.builds(
    Understanding,
    intent=st.just(Intent.CONFIRM_ORDER),
    order_ref=st.sampled_from([None, "P00005", "P00006", ""]),
    needs_human=st.booleans(),
    confidence=st.sampled_from([0.0, 0.69, 0.7, 1.0]),
)
orders = st.none() | st.builds(
    Order,
    order_id=st.just(5),
    name=st.sampled_from(["P00005", "P00006"]),
    partner_id=st.just(3),
    state=st.sampled_from(OrderState),
    currency=st.sampled_from(["CLP", "USD", "EUR"]),
    amount_untaxed=money,
    amount_total=money,
    lines=st.lists(
        st.builds(
            OrderLine,
            line_id=st.just(1),
            product_id=st.integers(1, 3),
            product=st.just("x"),
            quantity=st.sampled_from([Decimal(-1), Decimal(0), Decimal(1), Decimal(20)]),
            unit=st.just("kg"),
            unit_price=money,
        ),
        max_size=3,
    ).map(tuple),
)
price_lists = st.dictionaries(
    st.integers(1, 3), st.builds(ListedPrice, price=money, currency=st.sampled_from(["CLP", "USD", "EUR"]))
)
limits = st.builds(
    PolicyLimits,
    price_tolerance=st.sampled_from([Decimal(0), Decimal("0.05"), Decimal(1)]),
    confirm_limit=st.dictionaries(st.sampled_from(["CLP", "USD", "EUR"]), money),
)


def _is_within(
    reading: Understanding, order: Order, opened: bool, listed: dict[int, ListedPrice], allowed: PolicyLimits
) -> bool:
    """The promise in other words than the code's."""
    prices_fit = all(
        line.product_id in listed
        and listed[line.product_id].currency == order.currency
        and line.unit_price <= listed[line.product_id].price * (1 + allowed.price_tolerance)
        for line in order.lines
    )
    return (
        opened
        and not reading.needs_human
        and reading.order_ref in (None, order.name)
        and reading.confidence >= 0.7
        and order.state in ("draft", "sent")
        and order.currency in allowed.confirm_limit
        and order.amount_untaxed <= allowed.confirm_limit[order.currency]
        and len(order.lines) > 0
        and all(line.quantity > 0 for line in order.lines)
        and prices_fit
    )


@given(readings, orders, st.booleans(), price_lists, limits)
def test_nothing_is_confirmed_outside_policy_and_all_within_it_is(
    said: Understanding, order: Order | None, opened: bool, prices: dict[int, ListedPrice], allowed: PolicyLimits
) -> None:
    decision = judge_confirmation(reading=said, order=order, opened_by_agent=opened, listed=prices, limits=allowed)
    does = decision.verdict is Verdict.DO
    assert does == (order is not None and _is_within(said, order, opened, prices, allowed))


@given(
    readings,
    orders.filter(lambda order: order is not None),
    st.sampled_from(["over limit", "other order", "needs human", "of a person", "low confidence"]),
)
def test_one_fault_alone_is_enough(said: Understanding, order: Order, fault: str) -> None:
    """The rest is as good as can be; the fault is the only reason not to do it."""
    sound = order.model_copy(
        update={"state": OrderState.SENT, "amount_untaxed": Decimal(1), "currency": "CLP", "lines": (FLOUR,)}
    )
    said = said.model_copy(update={"needs_human": False, "order_ref": sound.name, "confidence": 1.0})
    given_facts: dict[str, Any] = {"reading": said, "order": sound, "opened_by_agent": True}
    assert confirmation(**given_facts).verdict is Verdict.DO
    faults: dict[str, dict[str, Any]] = {
        "over limit": {"order": sound.model_copy(update={"amount_untaxed": Decimal(2_000_001)})},
        "other order": {"reading": said.model_copy(update={"order_ref": sound.name + "0"})},
        "needs human": {"reading": said.model_copy(update={"needs_human": True})},
        "of a person": {"opened_by_agent": False},
        "low confidence": {"reading": said.model_copy(update={"confidence": 0.69})},
    }
    assert confirmation(**(given_facts | faults[fault])).verdict is not Verdict.DO

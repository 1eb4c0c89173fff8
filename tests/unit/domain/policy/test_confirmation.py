"""Acceptances, rule by rule: one fact is changed from a case that passes, and exactly that rule must speak, at its boundary."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.goods import PriceTier
from domain.orders import OrderState
from domain.plan import Decision
from domain.policy import PolicyLimits, judge_confirmation
from domain.understanding import Intent, Understanding
from tests.unit.domain.policy.cases import (
    ACCEPTED,
    AGREED,
    CONFIRMATION,
    FLOUR,
    FREIGHT,
    GOODS,
    OFFERED,
    ORDER,
    TODAY,
    goods,
    line,
    listed,
    order,
    paid,
)

NO_LIST = goods(tiers=(), list_price=None, currency=None)


def confirmation(limits: PolicyLimits | None = None, **changed: Any) -> Decision:
    case = CONFIRMATION.model_copy(update=changed)
    return judge_confirmation(case=case, limits=limits or PolicyLimits())


def reading(**changes: Any) -> Understanding:
    return ACCEPTED.model_copy(update=changes)


def with_freight(price: str) -> Any:
    return order(lines=(FLOUR, FREIGHT.model_copy(update={"unit_price": Decimal(price)})))


@pytest.mark.parametrize(
    ("rule", "verdict", "changed"),
    [
        ("within_limits", "do", {}),
        ("within_limits", "do", {"reading": reading(order_ref=None)}),
        ("within_limits", "do", {"order": order(state=OrderState.DRAFT)}),
        ("within_limits", "do", {"reading": reading(confidence=0.7)}),
        ("within_limits", "do", {"reading": reading(delivery_date=AGREED)}),
        ("within_limits", "do", {"told": ORDER.model_copy(update={"state": OrderState.DRAFT})}),
        ("needs_human", "propose", {"reading": reading(needs_human=True)}),
        ("unknown_supplier", "propose", {"partner_id": None}),
        ("no_open_order", "ask", {"order": None}),
        ("not_their_order", "propose", {"order": order(partner_id=4)}),
        ("not_their_order", "propose", {"order": order(partner_id=4, state=OrderState.CANCELLED)}),
        ("other_order", "propose", {"reading": reading(order_ref="P00006")}),
        ("other_order", "propose", {"reading": reading(order_ref="")}),
        ("order_cancelled", "propose", {"order": order(state=OrderState.CANCELLED)}),
        ("confirmed_before", "refuse", {"order": order(state=OrderState.TO_APPROVE)}),
        ("confirmed_before", "refuse", {"order": order(state=OrderState.CONFIRMED)}),
        ("confirmed_before", "refuse", {"order": order(state=OrderState.RECEIVED)}),
        ("confirmed_before", "refuse", {"order": order(state=OrderState.BILLED)}),
        ("conditional", "propose", {"reading": reading(also=(Intent.MODIFY_ORDER,))}),
        ("conditional", "propose", {"reading": reading(also=(Intent.CANCEL_ORDER,))}),
        ("conditional", "propose", {"reading": reading(intent=Intent.MODIFY_ORDER, also=(Intent.CONFIRM_ORDER,))}),
        ("not_sure", "ask", {"reading": reading(confidence=0.69)}),
        ("names_terms", "propose", {"reading": reading(lines=(OFFERED,))}),
        ("order_of_a_person", "propose", {"opened_by_agent": False}),
        ("changed_since_told", "propose", {"told": line(quantity=Decimal(19))}),
        ("changed_since_told", "propose", {"told": order(currency="USD")}),
        ("implausible_lines", "propose", {"order": order(lines=())}),
        ("implausible_lines", "propose", {"order": line(quantity=Decimal(0))}),
        ("implausible_lines", "propose", {"order": line(quantity=Decimal(-20))}),
        ("implausible_lines", "propose", {"order": line(unit_price=Decimal(0))}),
        ("implausible_lines", "propose", {"order": line(discount=Decimal(100))}),
        ("date_in_past", "propose", {"reading": reading(delivery_date=TODAY - timedelta(days=1))}),
        ("first_order", "propose", {"earlier_orders": 0}),
    ],
)
def test_words_and_order(rule: str, verdict: str, changed: dict[str, Any]) -> None:
    decision = confirmation(**changed)
    assert (decision.rule, decision.verdict) == (rule, verdict)
    assert decision.reason


@pytest.mark.parametrize(
    ("day", "rule"),
    [
        (AGREED + timedelta(days=2), "within_limits"),
        (AGREED + timedelta(days=3), "other_date"),
        (AGREED - timedelta(days=3), "within_limits"),  # a Friday: the day before the weekend is asked for below
        (AGREED - timedelta(days=1), "closed_that_day"),
    ],
)
def test_another_date_within_days(day: Any, rule: str) -> None:
    limits = PolicyLimits(date_tolerance_days=3 if day < AGREED else 2)
    assert confirmation(limits, reading=reading(delivery_date=day)).rule == rule


def test_the_day_agreed_is_no_objection_even_if_it_is_a_holiday() -> None:
    christmas = TODAY.replace(month=12, day=25)
    assert confirmation(reading=reading(delivery_date=christmas), agreed_date=christmas).rule == "within_limits"
    assert confirmation(reading=reading(delivery_date=christmas), agreed_date=None).rule == "closed_that_day"


@pytest.mark.parametrize(
    ("changed", "within"),
    [
        ({"order": order(amount_untaxed=Decimal(2_000_000))}, True),
        ({"order": order(amount_untaxed=Decimal("2000000.01"))}, False),
        # 2 222.22 dollars at 900 are 1 999 998 pesos, but dollars have a limit of their own.
        (
            {"order": line(unit_price=Decimal(125)).model_copy(update={"currency": "USD"}), "products": listed("125", "USD")},
            True,
        ),
        (
            {
                "order": line(unit_price=Decimal("125.01")).model_copy(update={"currency": "USD"}),
                "products": listed("125", "USD"),
            },
            False,
        ),
        ({"order": order(currency="EUR")}, False),
        ({"order": order(currency="CLF", amount_untaxed=Decimal(50)).model_copy(update={"lines": ()})}, None),
    ],
)
def test_the_limit_of_an_amount(changed: dict[str, Any], within: bool | None) -> None:
    rule = confirmation(past=(), **changed).rule
    if within is None:
        assert rule == "implausible_lines"
    else:
        assert (rule == "over_confirm_limit") is not within
        assert within is (rule == "within_limits")


@pytest.mark.parametrize(("price", "rule"), [("2.5", "within_limits"), ("2.5001", "over_confirm_limit")])
def test_an_order_in_uf_is_converted_at_the_rate_given(price: str, rule: str) -> None:
    """20 sacks at 2.5 UF of 40 000 are 2 000 000 pesos; at 900 a dollar that is within 2 500 dollars."""
    uf = line(unit_price=Decimal(price)).model_copy(update={"currency": "CLF"})
    facts = {"order": uf, "products": listed("2.5", "CLF"), "past": ()}
    limits = PolicyLimits(confirm_limit={"CLP": Decimal(2_000_000)})
    assert confirmation(limits, **facts).rule == rule
    assert confirmation(limits, **facts, rates={}).rule == "over_confirm_limit"


def test_an_amount_without_a_limit_of_its_own_must_be_within_all_that_it_converts_to() -> None:
    uf = line(unit_price=Decimal("2.5")).model_copy(update={"currency": "CLF"})
    limits = PolicyLimits(confirm_limit={"CLP": Decimal(2_000_000), "USD": Decimal(2_000)})
    assert confirmation(limits, order=uf, products=listed("2.5", "CLF"), past=()).rule == "over_confirm_limit"


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("within_limits", {"products": listed("9523.81")}),
        ("price_above_list", {"products": listed("9523.80")}),
        ("price_above_list", {"order": line(unit_price=Decimal("10500.01")), "past": (paid("20000"),)}),
        ("within_limits", {"order": line(unit_price=Decimal("10500")), "past": (paid("20000"),)}),
        ("price_above_list", {"products": listed("0")}),
        # The tier that the quantity reaches.
        ("price_above_list", {"order": line(quantity=Decimal(100)), "past": (paid("10000", quantity="100"),)}),
        (
            "within_limits",
            {"order": line(quantity=Decimal(100), unit_price=Decimal(9450)), "past": (paid("9000", quantity="100"),)},
        ),
        # What was paid lately: the dearest of it.
        ("within_limits", {"past": (paid("9523.81"),)}),
        ("price_above_last", {"past": (paid("9523.80"),)}),
        ("within_limits", {"past": (paid("5000"), paid("9523.81"))}),
        ("within_limits", {"past": (paid("5000", days_ago=181),)}),
        ("price_above_last", {"past": (paid("5000", days_ago=180),)}),
        # Other currencies and units.
        ("within_limits", {"products": listed("11.12", "USD")}),
        ("price_above_list", {"products": listed("10.58", "USD")}),
        ("no_known_price", {"products": listed("10.58", "EUR"), "past": ()}),
        ("no_known_price", {"products": listed("11.12", "USD"), "past": (), "rates": {}}),
        ("within_limits", {"products": listed("381000", unit="pallet")}),
        ("price_above_list", {"products": listed("380900", unit="pallet")}),
        ("no_known_price", {"products": listed("10000", unit="docena"), "past": ()}),
        ("no_known_price", {"products": NO_LIST, "past": ()}),
        ("no_known_price", {"products": (), "past": ()}),
        ("no_known_price", {"products": NO_LIST, "past": (paid("10000", days_ago=181),)}),
        ("within_limits", {"products": NO_LIST}),
        ("no_known_price", {"products": NO_LIST, "past": (paid("10000", unit="docena"),)}),
        # Far below is odd too.
        ("within_limits", {"order": line(unit_price=Decimal(7000))}),
        ("price_far_below", {"order": line(unit_price=Decimal("6999.99"))}),
        ("price_far_below", {"order": line(discount=Decimal(31))}),
    ],
)
def test_prices(rule: str, changed: dict[str, Any]) -> None:
    assert confirmation(**changed).rule == rule


def test_a_price_in_a_list_without_tiers_counts() -> None:
    bare = goods(tiers=(), list_price=Decimal(9_000))
    assert confirmation(products=bare).rule == "price_above_list"


@pytest.mark.parametrize(
    ("price", "rule"), [("30000", "within_limits"), ("50000", "within_limits"), ("50000.01", "freight_above_limit")]
)
def test_freight_has_a_line_and_a_limit_of_its_own(price: str, rule: str) -> None:
    assert confirmation(order=with_freight(price)).rule == rule


def test_freight_in_uf_is_converted_too() -> None:
    uf = ORDER.model_copy(update={"currency": "CLF", "lines": (FREIGHT.model_copy(update={"unit_price": Decimal(2)}),)})
    limits = PolicyLimits(confirm_limit={"CLF": Decimal(10**6)}, freight_limit={"CLP": Decimal(79_999)})
    assert confirmation(limits, order=uf).rule == "freight_above_limit"


@pytest.mark.parametrize(
    ("quantity", "rule"), [("60", "within_limits"), ("60.01", "quantity_unusual"), ("200", "quantity_unusual")]
)
def test_more_than_three_times_what_was_ever_bought_is_unusual(quantity: str, rule: str) -> None:
    ordered = line(quantity=Decimal(quantity), unit_price=Decimal(9_000))
    assert confirmation(order=ordered, products=goods(forecast=Decimal(0))).rule == rule


def test_two_lines_of_the_same_goods_are_added_up() -> None:
    half = FLOUR.model_copy(update={"quantity": Decimal(31)})
    twice = order(lines=(half, half.model_copy(update={"line_id": 2})))
    assert confirmation(order=twice, products=goods(forecast=Decimal(0))).rule == "quantity_unusual"


def test_old_purchases_still_say_what_is_usual_and_units_convert() -> None:
    ordered = line(quantity=Decimal(100), unit_price=Decimal(9_000))
    pallet = paid("360000", quantity="1", unit="pallet", days_ago=400)
    assert confirmation(order=ordered, past=(pallet,), products=goods(forecast=Decimal(0))).rule == "within_limits"
    assert confirmation(order=ordered, past=(paid("9000"),), products=goods(forecast=Decimal(0))).rule == "quantity_unusual"


@pytest.mark.parametrize(
    ("forecast", "rule"),
    [("40", "within_limits"), ("40.01", "already_enough"), ("1000", "already_enough"), ("-500", "within_limits")],
)
def test_what_we_have_already_is_asked_about(forecast: str, rule: str) -> None:
    """Three purchases of 20: with this order we may hold 60."""
    assert confirmation(products=goods(forecast=Decimal(forecast))).rule == rule


@pytest.mark.parametrize(("forecast", "rule"), [("580", "within_limits"), ("580.01", "already_enough")])
def test_of_goods_never_bought_their_worth_counts(forecast: str, rule: str) -> None:
    """600 sacks of 10 000 are three times the limit of 2 000 000."""
    assert confirmation(products=goods(forecast=Decimal(forecast)), past=()).rule == rule


def test_stock_is_counted_in_its_own_unit() -> None:
    by_kilo = GOODS.model_copy(update={"base_unit": "kg", "units": (unit("saco", 25), unit("kg", 1))})
    assert confirmation(products=(by_kilo.model_copy(update={"forecast": Decimal(1000)}),)).rule == "within_limits"
    assert confirmation(products=(by_kilo.model_copy(update={"forecast": Decimal(1001)}),)).rule == "already_enough"


def unit(name: str, factor: int) -> Any:
    return GOODS.units[0].model_copy(update={"name": name, "factor": Decimal(factor)})


@pytest.mark.parametrize(("least", "rule"), [("20", "within_limits"), ("21", "below_minimum")])
def test_less_than_the_vendor_sells(least: str, rule: str) -> None:
    assert confirmation(products=goods(min_quantity=Decimal(least))).rule == rule
    tiers = (PriceTier(min_quantity=Decimal(least), price=Decimal(10_000)),)
    assert confirmation(products=goods(tiers=tiers)).rule == rule


def test_first_orders_may_be_let_through() -> None:
    assert confirmation(PolicyLimits(first_order_to_person=False), earlier_orders=0).rule == "within_limits"


def test_another_suppliers_order_is_not_spoken_of() -> None:
    decision = confirmation(order=order(partner_id=4), reading=reading(order_ref=None))
    assert "P00005" not in decision.reason + str(decision.facts)

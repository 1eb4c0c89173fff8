"""What we start ourselves, and when; and what may be booked as received."""

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.orders import OrderState
from domain.plan import Decision
from domain.policy import Arrived, PolicyLimits, Wanted, judge_receipt, judge_start
from domain.policy.calendar import is_working_day, not_before
from domain.public_holidays import holiday_name, known_countries
from tests.unit.domain.policy.cases import FLOUR, ORDER, RECEIPT, START, TODAY, goods, order

ROOT = Path(__file__).parents[4]
SANTIAGO = "America/Santiago"


def start(limits: PolicyLimits | None = None, **changed: Any) -> Decision:
    return judge_start(case=START.model_copy(update=changed), limits=limits or PolicyLimits())


def wants(quantity: str, **changes: Any) -> tuple[Wanted, ...]:
    return (Wanted(product_id=10, quantity=Decimal(quantity), **changes),)


@pytest.mark.parametrize(
    ("rule", "verdict", "changed"),
    [
        ("may_be_asked", "do", {}),
        ("may_be_asked", "do", {"wanted_date": None}),
        ("may_be_asked", "do", {"wanted": wants("1", unit="pallet")}),
        ("unknown_supplier", "refuse", {"partner_id": None}),
        ("unreachable", "refuse", {"can_be_reached": False}),
        ("implausible_lines", "refuse", {"wanted": ()}),
        ("implausible_lines", "refuse", {"wanted": wants("0")}),
        ("implausible_lines", "refuse", {"wanted": wants("-1")}),
        ("unknown_product", "refuse", {"wanted": (Wanted(product_id=11, quantity=Decimal(1)),)}),
        ("other_unit", "refuse", {"wanted": wants("20", unit="kg")}),
        ("date_in_past", "refuse", {"wanted_date": TODAY - timedelta(days=1)}),
        ("order_open", "refuse", {"open_order": ORDER}),
        ("too_soon", "propose", {"wanted_date": TODAY + timedelta(days=2)}),
        ("may_be_asked", "do", {"wanted_date": TODAY + timedelta(days=3)}),
        ("closed_that_day", "propose", {"wanted_date": date(2026, 12, 25)}),
        ("quantity_unusual", "propose", {"wanted": wants("61"), "products": goods(forecast=Decimal(0))}),
        ("quantity_unusual", "propose", {"wanted": wants("2", unit="pallet"), "products": goods(forecast=Decimal(0))}),
        ("already_enough", "propose", {"products": goods(forecast=Decimal("40.01"))}),
        ("below_minimum", "propose", {"products": goods(min_quantity=Decimal(21))}),
        ("may_be_asked", "do", {"products": goods(tiers=(), list_price=None, currency=None), "past": ()}),
    ],
)
def test_requests_of_agents(rule: str, verdict: str, changed: dict[str, Any]) -> None:
    decision = start(**changed)
    assert (decision.rule, decision.verdict) == (rule, verdict)
    refused = decision.verdict == "refuse"
    # What is impossible is so for a person too; what is unwise is theirs to decide.
    assert start(by_person=True, **changed).rule == (rule if refused else "may_be_asked")


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-23T12:00", "2026-11-23T12:00"),
        ("2026-11-23T08:00", "2026-11-23T08:00"),
        ("2026-11-23T07:59", "2026-11-23T08:00"),
        ("2026-11-23T19:59", "2026-11-23T19:59"),
        ("2026-11-23T20:00", "2026-11-24T08:00"),
        ("2026-11-27T20:00", "2026-11-30T08:00"),  # Friday evening: on Monday
        ("2026-11-28T12:00", "2026-11-30T08:00"),
        ("2026-12-24T21:00", "2026-12-28T08:00"),  # Christmas is a Friday
        ("2026-12-07T23:30", "2026-12-09T08:00"),  # the 8th is a holiday
        ("2027-04-03T22:00", "2027-04-05T08:00"),  # that night the clocks go back
    ],
)
def test_what_we_start_waits_for_the_next_working_moment(now: str, then: str) -> None:
    local = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(SANTIAGO))
    expected = datetime.fromisoformat(then).replace(tzinfo=ZoneInfo(SANTIAGO))
    decision = start(now=local.astimezone(UTC), today=local.date(), wanted_date=None)
    assert decision.verdict == "do"
    assert datetime.fromisoformat(decision.facts["not_before"]) == expected


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)),
    st.tuples(st.times().map(lambda t: t.replace(microsecond=0)), st.times().map(lambda t: t.replace(microsecond=0))),
    st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))),
    st.sampled_from([None, "CL", "BR", "US"]),
)
@settings(deadline=None)
def test_the_moment_is_never_past_and_always_awake(
    now: datetime, quiet: tuple[time, time], workdays: tuple[int, ...], country: str | None
) -> None:
    limits = PolicyLimits(quiet_hours=quiet, workdays=workdays, holidays=country)
    moment = not_before(now, timezone=SANTIAGO, limits=limits)
    assert moment >= now
    assert not_before(moment, timezone=SANTIAGO, limits=limits) == moment
    local = moment.astimezone(ZoneInfo(SANTIAGO))
    assert is_working_day(local.date(), limits=limits)
    begin, end = quiet
    clock = local.time()
    asleep = begin <= clock < end if begin <= end else clock >= begin or clock < end
    assert not asleep


def test_who_keeps_no_hours_and_no_holidays_is_always_awake() -> None:
    sunday_night = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
    free = PolicyLimits(quiet_hours=None, holidays=None, workdays=(1, 2, 3, 4, 5, 6, 7))
    assert not_before(sunday_night, timezone=SANTIAGO, limits=free) == sunday_night


def test_holidays_are_those_of_the_country_and_year() -> None:
    assert holiday_name(date(2026, 9, 18), country="CL") is not None
    assert holiday_name(date(2026, 9, 17), country="CL") is None
    assert holiday_name(date(2026, 9, 18), country="US") is None
    # San Pedro y San Pablo is kept on a Monday: 29 June is one in 2026, in 2027 it is moved to the 28th.
    assert holiday_name(date(2027, 6, 28), country="CL") is not None
    assert holiday_name(date(2027, 6, 29), country="CL") is None
    assert {"CL", "BR", "US"} <= set(known_countries())
    with pytest.raises(ValueError, match="XX"):
        PolicyLimits(holidays="XX")


def test_no_event_loop_waits_for_the_files_of_holidays() -> None:
    """In a process of its own: here they may have been read before."""
    script = (
        "import asyncio, datetime\n"
        "from blockbuster import blockbuster_ctx\n"
        "from domain.policy import PolicyLimits\n"
        "from domain.policy.calendar import is_working_day\n"
        "limits = PolicyLimits()\n"
        "async def asked():\n"
        "    with blockbuster_ctx():\n"
        "        return [is_working_day(datetime.date(year, 9, 18), limits=limits) for year in (2026, 2031)]\n"
        "print(asyncio.run(asked()))\n"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT)
    assert told.stdout.strip() == "[False, False]", told.stderr


KILOS = FLOUR.model_copy(update={"unit": "kg"})


def receipt(quantity: str | None = None, **changed: Any) -> Decision:
    arrived = () if quantity is None else (Arrived(line_id=1, quantity=Decimal(quantity)),)
    case = RECEIPT.model_copy(update={"arrived": arrived} | changed)
    return judge_receipt(case=case, limits=PolicyLimits())


def confirmed(line: Any) -> Any:
    return order(state=OrderState.CONFIRMED, lines=(line,))


@pytest.mark.parametrize(
    ("rule", "quantity", "changed"),
    [
        ("as_ordered", None, {}),
        ("as_ordered", "20", {}),
        ("as_ordered", "0.5", {}),
        ("over_delivery", "20.01", {}),
        ("as_ordered", "21", {"order": confirmed(KILOS)}),
        ("over_delivery", "21.001", {"order": confirmed(KILOS)}),
        ("as_ordered", "11", {"order": confirmed(KILOS.model_copy(update={"received": Decimal(10)}))}),
        ("over_delivery", "11.01", {"order": confirmed(KILOS.model_copy(update={"received": Decimal(10)}))}),
        ("over_delivery", "1", {"order": confirmed(FLOUR.model_copy(update={"received": Decimal(20)}))}),
        ("implausible_quantity", "0", {}),
        ("implausible_quantity", "-1", {}),
        ("not_confirmed", "1", {"order": ORDER}),
        ("not_confirmed", "1", {"order": order(state=OrderState.RECEIVED)}),
        ("not_on_order", None, {"arrived": (Arrived(line_id=2, quantity=Decimal(1)),)}),
        ("not_on_order", None, {"arrived": (Arrived(line_id=1, quantity=Decimal(11)),) * 2}),
    ],
)
def test_receipts(rule: str, quantity: str | None, changed: dict[str, Any]) -> None:
    decision = receipt(quantity, **changed)
    assert decision.rule == rule
    assert decision.verdict == ("do" if rule == "as_ordered" else "refuse")

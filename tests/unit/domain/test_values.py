"""Values: to JSON and back without loss, never changed, never misspelt; and what makes two readings equal."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity import Channel, Sender
from domain.orders import Order, OrderLine, OrderState
from domain.plan import Action, Plan, Step, Verdict
from domain.understanding import Intent, OfferedLine, Understanding, same_binding_reading
from domain.value import Value

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=6)
LINE = OfferedLine(product="Harina", quantity=Decimal("20"), unit="saco", unit_price=Decimal("10.50"), currency="CLP")
READING = Understanding(intent=Intent.NEW_QUOTE, order_ref="P00045", lines=(LINE,), delivery_date=date(2026, 12, 1))


@given(
    st.builds(
        Understanding,
        intent=st.sampled_from(Intent),
        order_ref=st.none() | st.text(),
        lines=st.lists(st.builds(OfferedLine, quantity=st.none() | amounts, unit_price=st.none() | amounts)).map(tuple),
        delivery_date=st.none() | st.dates(),
        confidence=st.floats(0, 1),
        also=st.lists(st.sampled_from(Intent)).map(tuple),
    )
)
def test_an_understanding_comes_back_from_json_as_it_went(reading: Understanding) -> None:
    assert Understanding.from_json(json.loads(json.dumps(reading.to_json()))) == reading


@pytest.mark.parametrize(
    "value",
    [
        Sender(channel=Channel.WHATSAPP, account_id=1, phone="+56912345678"),
        Order(
            order_id=1, name="P00001", partner_id=2, state=OrderState.SENT, currency="CLP",
            amount_untaxed=Decimal("0.1"), amount_total=Decimal("0.30000000000000000004"),
            lines=(OrderLine(line_id=1, product_id=2, product="x", quantity=Decimal("1E+2"), unit="kg", unit_price=0),),
            planned_date=date(2026, 2, 28),
        ),
        Plan(steps=(Step(number=1, action=Action.CLARIFY, verdict=Verdict.ASK, rule="r", reason="s", facts={"a": [1, None]}),)),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_values_come_back_from_json_as_they_went(value: Value) -> None:
    back = type(value).from_json(json.loads(json.dumps(value.to_json())))
    assert back == value
    assert back.to_json() == value.to_json()


def test_decimals_travel_as_text() -> None:
    assert LINE.to_json()["unit_price"] == "10.50"


def test_a_value_is_not_changed() -> None:
    with pytest.raises(pydantic.ValidationError):
        LINE.quantity = Decimal(200)  # type: ignore[misc]


@pytest.mark.parametrize(
    "fault",
    [{"intnt": "smalltalk"}, {"confidence": 1.01}, {"confidence": -0.01}, {"confidence": float("nan")},
     {"intent": "pay_me"}, {"language": "fr"}, {"lines": [{"quantity": "NaN"}]}, {"lines": [{"price": 1}]}],
)  # fmt: skip
def test_what_a_model_makes_up_is_refused(fault: dict[str, Any]) -> None:
    assert Understanding.from_json({"intent": "smalltalk"}).confidence == 1
    with pytest.raises(pydantic.ValidationError):
        Understanding.from_json({"intent": "smalltalk"} | fault)


@pytest.mark.parametrize(
    "change",
    [
        {"intent": Intent.CONFIRM_ORDER},
        {"order_ref": "P00046"},
        {"order_ref": None},
        {"delivery_date": date(2026, 12, 2)},
        {"needs_human": True},
        {"lines": ()},
        {"lines": (LINE, LINE)},
        {"lines": (LINE.model_copy(update={"quantity": Decimal(200)}),)},
        {"lines": (LINE.model_copy(update={"unit_price": Decimal("10.51")}),)},
        {"lines": (LINE.model_copy(update={"currency": "USD"}),)},
        {"lines": (LINE.model_copy(update={"product": "Azúcar"}),)},
        {"lines": (LINE.model_copy(update={"quantity": None}),)},
    ],
)
def test_readings_that_would_bind_to_different_things_differ(change: dict[str, Any]) -> None:
    other = READING.model_copy(update=change)
    assert not same_binding_reading(READING, other)
    assert not same_binding_reading(other, READING)


@pytest.mark.parametrize(
    "change",
    [
        {"confidence": 0.4},
        {"language": "en"},
        {"reason": "because"},
        {"lines": (LINE.model_copy(update={"product": " HARINA "}),)},
        {"lines": (LINE.model_copy(update={"unit_price": Decimal("10.5")}),)},
    ],
)
def test_readings_that_bind_to_the_same_are_equal(change: dict[str, Any]) -> None:
    assert same_binding_reading(READING, READING.model_copy(update=change))

"""The steps an order may take, pair by pair, and the values an order is made of."""

from decimal import Decimal
from itertools import product

import pydantic
import pytest

from domain.errors import ImpossibleTransition
from domain.orders import ACTIVE_STATES, OPEN_FOR_CONFIRMATION, OrderState, RfqItem, check_transition

POSSIBLE = {
    "draft": "sent to_approve confirmed cancelled",
    "sent": "to_approve confirmed cancelled",
    "to_approve": "confirmed cancelled",
    "confirmed": "received billed cancelled",
    "received": "billed",
    "billed": "",
    "cancelled": "",
}


@pytest.mark.parametrize(("before", "after"), list(product(OrderState, OrderState)))
def test_every_step_is_as_the_table_says(before: OrderState, after: OrderState) -> None:
    if after in POSSIBLE[before].split():
        check_transition(before, after, what="Trying")
        return
    with pytest.raises(ImpossibleTransition, match=f"Trying: the order is {before}, so it cannot become {after}"):
        check_transition(before, after, what="Trying")


def test_what_can_be_confirmed_is_active_and_may_become_confirmed() -> None:
    assert OPEN_FOR_CONFIRMATION < ACTIVE_STATES
    for state in OPEN_FOR_CONFIRMATION:
        check_transition(state, OrderState.CONFIRMED, what="Confirming")


def test_an_ended_order_never_becomes_active_again() -> None:
    for ended in set(OrderState) - ACTIVE_STATES:
        assert not set(POSSIBLE[ended].split()) & ACTIVE_STATES


@pytest.mark.parametrize(
    "fault",
    [{"quantity": 0}, {"quantity": "-1"}, {"unit_price": "-0.01"}, {"currency": "clp"}, {"currency": "PESOS"},
     {"quantity": "NaN"}, {"quantity": "Infinity"}, {"unit_price": "NaN"}, {"price": 1}],
)  # fmt: skip
def test_an_implausible_item_is_no_item(fault: dict[str, object]) -> None:
    sound: dict[str, object] = {"product_id": 1, "quantity": "2.5", "unit_price": "0", "currency": "CLP"}
    assert RfqItem.model_validate(sound).quantity == Decimal("2.5")
    with pytest.raises(pydantic.ValidationError):
        RfqItem.model_validate(sound | fault)

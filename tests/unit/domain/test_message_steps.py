"""Every pair of statuses, in both directions, against a table written down here by hand."""

from itertools import product

import pytest

from domain.errors import ImpossibleTransition
from domain.messages import STATUSES, Direction, MessageStatus, check_message_step

POSSIBLE = {
    "inbound": {"received": "read withdrawn", "read": "", "withdrawn": ""},
    "outbound": {
        "queued": "sent delivered read failed cancelled",
        "sent": "delivered read failed",
        "delivered": "read failed",
        "read": "",
        "failed": "queued",
        "cancelled": "",
    },
}


@pytest.mark.parametrize(("direction", "before", "after"), list(product(Direction, MessageStatus, MessageStatus)))
def test_every_step_is_as_the_table_says(direction: Direction, before: MessageStatus, after: MessageStatus) -> None:
    if after in POSSIBLE[direction].get(before, "").split():
        check_message_step(direction, before, after)
        return
    with pytest.raises(ImpossibleTransition) as refused:
        check_message_step(direction, before, after)
    assert f"An {direction} message that is {before} cannot become {after}." in str(refused.value)


def test_no_status_stays_as_it_is_by_a_step() -> None:
    assert not [(way, status) for way, steps in POSSIBLE.items() for status, after in steps.items() if status in after.split()]


def test_each_status_belongs_to_the_directions_of_the_table() -> None:
    assert {way: set(statuses) for way, statuses in STATUSES.items()} == {way: set(steps) for way, steps in POSSIBLE.items()}
    assert set(MessageStatus) == set().union(*STATUSES.values())

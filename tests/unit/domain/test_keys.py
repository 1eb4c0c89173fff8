"""Keys come out the same for the same work, and different for any other: that is all idempotency rests on."""

import re
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from domain.keys import delivery_key, operation_key, requested_delivery_key, thread_id_of

CONVERSATION, OTHER = UUID(int=1), UUID(int=2)
ids = st.integers(min_value=1, max_value=2**63 - 1)
work = st.tuples(st.uuids(), ids, st.integers(1, 1000), st.text(max_size=40))


def _operation(unit: tuple[UUID, int, int, str]) -> str:
    conversation, turn, step, action = unit
    return operation_key(conversation_id=conversation, turn_id=turn, step=step, action=action)


@given(work, work)
def test_operation_keys_are_equal_exactly_for_the_same_work(
    one: tuple[UUID, int, int, str], other: tuple[UUID, int, int, str]
) -> None:
    assert (_operation(one) == _operation(other)) == (one == other)
    assert re.fullmatch(r"[0-9a-f]{32}", _operation(one))


def test_each_part_of_the_work_changes_the_operation_key() -> None:
    unit = (CONVERSATION, 7, 1, "confirm_purchase_order")
    near = [
        (OTHER, 7, 1, "confirm_purchase_order"),
        (CONVERSATION, 8, 1, "confirm_purchase_order"),
        (CONVERSATION, 7, 2, "confirm_purchase_order"),
        (CONVERSATION, 7, 1, "create_purchase_quote"),
        # Digits that would run into each other if nothing stood between them.
        (CONVERSATION, 71, 1, "confirm_purchase_order"),
        (CONVERSATION, 7, 11, "confirm_purchase_order"),
    ]
    assert len({_operation(other) for other in [unit, *near]}) == len(near) + 1


def test_delivery_keys_tell_parts_turns_and_conversations_apart() -> None:
    units = [(c, turn, seq) for c in (CONVERSATION, OTHER) for turn in (1, 11, 111) for seq in (1, 11, 111)]
    keys = {delivery_key(conversation_id=c, turn_id=turn, seq=seq) for c, turn, seq in units}
    assert len(keys) == len(units)
    assert delivery_key(conversation_id=CONVERSATION, turn_id=1, seq=1) in keys


@given(st.text(), st.text())
def test_a_callers_keys_stay_apart(one: str, other: str) -> None:
    assert (requested_delivery_key(one) == requested_delivery_key(other)) == (one == other)


def test_a_caller_cannot_name_a_key_of_a_turns_own() -> None:
    own = delivery_key(conversation_id=CONVERSATION, turn_id=1, seq=1)
    assert requested_delivery_key(f"delivery:{CONVERSATION}:1:1") != own
    assert requested_delivery_key(own) != own


def test_a_thread_is_the_conversations_for_ever() -> None:
    conversations = [uuid4() for _ in range(100)]
    assert [thread_id_of(c) for c in conversations] == [thread_id_of(c) for c in conversations]
    assert len({thread_id_of(c) for c in conversations}) == 100
    # Written down: a change of the recipe would lose the threads of every conversation there is.
    assert thread_id_of(CONVERSATION) == UUID("49d4e530-dfb1-5740-96bc-955d4e81a2fe")
    assert _operation((CONVERSATION, 7, 1, "confirm_purchase_order")) == "24ff1daa77f052c59b46832a45d88d83"

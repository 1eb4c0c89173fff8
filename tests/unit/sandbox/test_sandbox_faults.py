"""Faults are set by name and type, and used up by count."""

import pytest

from sandbox.chatwoot.faults import Faults, WebhookFaults


@pytest.mark.parametrize("changes", [{"no_such": 1}, {"failure_rate": "often"}, {"webhooks": {"lose": 1}}, {"webhooks": 3}])
def test_what_is_not_known_is_refused_and_changes_nothing(changes: dict[str, object]) -> None:
    faults = Faults()
    with pytest.raises(ValueError, match=r"must be|no fault"):
        faults.update({"answer_next": 2} | changes)
    assert faults.to_json() == Faults().to_json()


def test_a_count_strikes_so_often_and_only_the_named_event() -> None:
    faults = WebhookFaults(drop=2, event="message_created")
    struck = [faults.wants("drop", event) for event in ("contact_created", *["message_created"] * 3)]
    assert struck == [False, True, True, False]


def test_clear_makes_all_well() -> None:
    faults = Faults()
    faults.update({"failure_rate": 1, "webhooks": {"drop_rate": 1.0}})
    faults.clear()
    assert faults.to_json() == Faults().to_json()
    assert not faults.webhooks.wants("drop", "message_created")

"""WhatsApp's window and the template that goes through it when it is closed."""

from datetime import UTC, datetime, timedelta

import pytest

from webhook_bridge.window import Template, is_closed

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("can_reply", "heard", "closed"),
    [
        (True, HOUR, False),
        (True, 23 * HOUR, False),
        (True, 24 * HOUR - timedelta(seconds=30), True),  # it would be closed before WhatsApp gets it
        (True, 24 * HOUR, True),
        (True, 30 * 24 * HOUR, True),
        (True, None, False),
        (False, HOUR, True),
        (False, None, True),
    ],
)
def test_either_side_may_know_that_it_is_closed(can_reply: bool, heard: timedelta | None, closed: bool) -> None:
    last_heard_at = NOW - heard if heard is not None else None
    assert is_closed(can_reply=can_reply, last_heard_at=last_heard_at, now=NOW) is closed


def test_a_template_takes_the_text_as_whatsapp_allows_it() -> None:
    template = Template.parse("mensaje_compras:es_CL")
    assert str(template) == "mensaje_compras:es_CL"
    assert template.filled_with("Buenas,\n\nvale\t9    CLP {{contact.email}}") == {
        "name": "mensaje_compras",
        "language": "es_CL",
        "category": "UTILITY",
        "processed_params": {"body": {"1": 'Buenas, vale 9 CLP {{ "{" }}{contact.email}}'}},
    }


@pytest.mark.parametrize("setting", ["mensaje_compras", "mensaje_compras:", ":es", ":"])
def test_a_template_without_name_or_language_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match="name:language"):
        Template.parse(setting)

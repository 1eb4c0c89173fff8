"""What parse_event promises beyond the manifest: it refuses what it cannot read, in one way only, and guesses nothing."""

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.material import MANIFEST, OURS, fixture
from webhook_bridge.chatwoot.events import (
    ConversationChanged,
    Ignored,
    MessageDeleted,
    MessageStatusChange,
    OwnEcho,
    PersonMessage,
    SupplierMessage,
)
from webhook_bridge.chatwoot.payloads import NotUnderstood, parse_event


def parsed(payload: Any) -> Any:
    return parse_event(json.dumps(payload).encode())


def changed(name: str, **changes: Any) -> dict[str, Any]:
    """A fixture with values replaced at paths such as conversation__meta__sender; `...` removes the key."""
    payload: dict[str, Any] = fixture(name)
    for path, value in changes.items():
        *parents, last = path.split("__")
        node = payload
        for key in parents:
            node = node[key]
        if value is ...:
            del node[last]
        else:
            node[last] = value
    return payload


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b'"message_created"',
        b"{",
        b"{}",
        b'{"event": null}',
        b'{"event": 7}',
        b'{"event": "message_exploded"}',
        b'{"event": "message_created"}',
        b'{"event": "conversation_updated", "id": 1}',
        b"\xff\xfe{}",
        b'{"event": NaN}',
        b'{"event": "message_created", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"event": "contact_created", "x": ' + b"9" * 100_000 + b"}",
    ],
    ids=lambda body: repr(body[:40]),
)
def test_what_cannot_be_read_is_not_understood(body: bytes) -> None:
    with pytest.raises(NotUnderstood):
        parse_event(body)


@pytest.mark.parametrize("missing", ["id", "account", "inbox", "conversation", "message_type", "private", "created_at"])
def test_a_message_without_what_it_must_have_is_not_understood(missing: str) -> None:
    with pytest.raises(NotUnderstood, match=missing):
        parsed(changed("whatsapp_message_created", **{missing: ...}))


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "5001"},
        {"id": 5001.0},
        {"id": True},
        {"id": 0},
        {"id": -1},
        {"id": 2**63},
        {"id": 10**40},
        {"content": 5},
        {"content": ["a"]},
        {"private": "false"},
        {"message_type": 0},
        {"message_type": "shouted"},
        {"created_at": "yesterday"},
        {"created_at": "0001-01-01T00:00:00+23:59"},
        {"account__id": "1"},
        {"conversation__contact_inbox__contact_id": "501"},
        {"conversation__status": "asleep"},
        {"conversation__channel": None},
        {"sender": {"id": 7, "type": "user", "name": "A user as sender of an incoming message"}},
        {"content_attributes": "{}"},
        {"attachments": {"0": "x"}},
        {"event": "Message_Created"},
    ],
    ids=str,
)
def test_values_of_the_wrong_kind_are_not_guessed_at(changes: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood):
        parsed(changed("whatsapp_message_created", **changes))


def test_a_refusal_names_the_place_and_never_the_words() -> None:
    with pytest.raises(NotUnderstood) as caught:
        parsed(changed("whatsapp_message_created", content={"secret": "our bank details"}, id="my number"))
    assert "content" in str(caught.value)
    assert "bank" not in str(caught.value)
    assert "my number" not in str(caught.value)


def test_a_nul_is_dropped_and_nothing_else_is() -> None:
    payload = changed("whatsapp_message_created", content="20\x00 sacos\x00, ✅")
    payload["sender"]["name"] = payload["conversation"]["meta"]["sender"]["name"] = "Ana\x00"
    event = parsed(payload)
    assert event.text == "20 sacos, ✅"
    assert event.sender.name == "Ana"


def test_half_a_surrogate_pair_is_refused_and_a_whole_one_read() -> None:
    body = json.dumps(fixture("whatsapp_message_created"))
    with pytest.raises(NotUnderstood):
        parse_event(body.replace("Hello", "\\ud83d").encode())
    assert parse_event(body.replace("Hello", "\\ud83d\\ude00").encode()).text.startswith("😀")  # type: ignore[union-attr]


def test_only_the_top_level_speaks_of_the_message() -> None:
    payload = fixture("whatsapp_message_created")
    payload["conversation"]["messages"][0] |= {"id": 4999, "content": "an older one", "content_attributes": {"deleted": True}}
    event = parsed(payload)
    assert (event.chatwoot_message_id, event.text) == (5001, "Hello, I can offer 200 m2 at 12.50")
    payload["conversation"]["messages"] = []
    assert parsed(payload) == event


def test_time_is_utc_whatever_its_offset() -> None:
    event = parsed(changed("whatsapp_message_created", created_at="2026-07-29T05:00:01.123-04:00"))
    assert event.sent_at == datetime(2026, 7, 29, 9, 0, 1, 123000, tzinfo=UTC)
    assert event.sent_at.tzinfo is UTC


@pytest.mark.parametrize("channel", ["Channel::Telegram", "Channel::TwilioSms", "Channel::FacebookPage"])
@pytest.mark.parametrize(
    "name", ["whatsapp_message_created", "whatsapp_message_created_outgoing_agent", "whatsapp_conversation_created"]
)
def test_other_channels_are_understood_and_left_alone(name: str, channel: str) -> None:
    where = "channel" if "conversation_created" in name else "conversation__channel"
    event = parsed(changed(name, **{where: channel}))
    assert isinstance(event, Ignored)
    assert channel in event.reason


def test_every_event_chatwoot_has_is_known() -> None:
    events = json.loads((OURS / "facts.json").read_text())["webhook_events"]
    shown = {payload["event"]: payload for payload in map(fixture, MANIFEST["fixtures"])}
    for name in sorted({*events["account"], *events["api_inbox"], *events["agent_bot"]}):
        # Two events come only with a setting of the server and have no fixture; nothing of them is read.
        event = parsed(shown.get(name, {"event": name}))
        assert isinstance(event, Ignored) or name.startswith(("message_", "conversation_"))
    assert isinstance(parsed({"event": "automation_event.conversation_opened", "id": 1}), Ignored)


def test_a_conversation_of_unknown_status_or_without_account() -> None:
    assert isinstance(parsed(changed("whatsapp_conversation_created", status="archived")), Ignored)
    old = changed("whatsapp_conversation_created", account=..., messages=[], meta__assignee_type=...)
    assert parsed(old).account_id is None


@pytest.mark.parametrize(("kind", "told"), [("user", "User"), ("agent_bot", "AgentBot"), (None, "User")])
def test_before_4_8_the_assignee_itself_tells_its_type(kind: str | None, told: str) -> None:
    payload = changed("whatsapp_conversation_created", meta__assignee={"id": 7, "type": kind}, meta__assignee_type=...)
    event = parsed(payload)
    assert isinstance(event, ConversationChanged)
    assert (event.assignee_type, event.assignee_id) == (told, 7)


# Outgoing messages: whose are they?


def test_our_key_marks_our_own_message_whoever_is_the_sender_and_even_a_note() -> None:
    for sender in (None, {"id": 7, "type": "user", "name": "A"}, {"id": 1, "type": "captain_assistant"}):
        for private in (True, False):
            event = parsed(
                changed(
                    "whatsapp_message_created_outgoing_agent",
                    sender=sender,
                    private=private,
                    content_attributes={"bridge_message_id": "key-1"},
                )
            )
            assert isinstance(event, OwnEcho)
            assert event.delivery_key == "key-1"


@pytest.mark.parametrize("key", ["", None, 7, {"a": 1}])
def test_what_is_no_key_of_ours_leaves_it_a_persons(key: Any) -> None:
    payload = changed("whatsapp_message_created_outgoing_agent", content_attributes={"bridge_message_id": key})
    assert isinstance(parsed(payload), PersonMessage)


def test_a_supplier_cannot_pass_for_us() -> None:
    payload = changed("whatsapp_message_created", content_attributes={"bridge_message_id": "key-1"})
    assert isinstance(parsed(payload), SupplierMessage)


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": None},
        {"content_attributes": {"automation_rule_id": 1}},
        {"additional_attributes": {"campaign_id": 3}},
        {"sender": {"id": 1, "type": "captain_assistant", "name": "Captain"}},
        {"private": True},
        {"message_type": "activity"},
        {"message_type": "template", "sender": None},
    ],
    ids=str,
)
def test_what_no_person_wrote_is_no_persons_message(changes: dict[str, Any]) -> None:
    assert isinstance(parsed(changed("whatsapp_message_created_outgoing_agent", **changes)), Ignored)


def test_an_unknown_kind_of_sender_is_set_aside() -> None:
    with pytest.raises(NotUnderstood):
        parsed(changed("whatsapp_message_created_outgoing_agent", sender={"id": 1, "type": "robot_overlord"}))


# Updates: what can be told of a message?


@pytest.mark.parametrize("status", ["sent", "delivered", "read", "failed"])
def test_a_status_is_told_only_while_messages_0_is_the_same_message(status: str) -> None:
    payload = fixture("whatsapp_message_updated_delivered")
    newest = payload["conversation"]["messages"][0]
    newest["status"] = status
    event = parsed(payload)
    assert isinstance(event, MessageStatusChange)
    assert event.status == status
    newest["id"] += 1
    assert isinstance(parsed(payload), Ignored)


def test_a_failure_is_told_without_messages_0() -> None:
    payload = changed("whatsapp_message_updated_failed_provider", conversation__messages=[])
    event = parsed(payload)
    assert (event.status, event.failure) == ("failed", "131047: Re-engagement message")


def test_born_sent_is_not_sent() -> None:
    assert isinstance(parsed(changed("whatsapp_message_updated_provider_accepted", source_id=None)), Ignored)


@pytest.mark.parametrize(
    "name", ["whatsapp_message_created", "whatsapp_message_updated_delivered", "whatsapp_message_created_private_note"]
)
def test_a_deletion_is_one_whatever_was_deleted(name: str) -> None:
    event = parsed(changed(name, event="message_updated", content_attributes={"deleted": True}))
    assert isinstance(event, MessageDeleted)


def test_an_update_of_an_incoming_message_is_not_said_twice() -> None:
    assert isinstance(parsed(changed("whatsapp_message_created_audio", event="message_updated")), Ignored)


def test_a_form_is_answered_field_by_field_at_the_time_of_the_answer() -> None:
    payload = changed(
        "webwidget_message_updated_input_select_answered",
        content_type="form",
        content_attributes={
            "items": [{"name": "qty", "label": "Cantidad", "type": "number"}],
            "submitted_values": [{"name": "qty", "value": 20}, {"name": "unit", "value": "sacos"}],
        },
    )
    payload["conversation"]["messages"][0]["updated_at"] = "2026-07-29T10:30:00.000Z"
    event = parsed(payload)
    assert (event.kind, event.text) == ("submitted", "Cantidad: 20\nunit: sacos")
    assert event.sent_at == datetime(2026, 7, 29, 10, 30, tzinfo=UTC)


def test_an_answer_that_cannot_be_read_is_set_aside() -> None:
    with pytest.raises(NotUnderstood):
        parsed(changed("webwidget_message_updated_input_select_answered", content_attributes={"submitted_values": {"a": []}}))


@pytest.mark.parametrize(
    ("given", "told"), [(5001, 5001), ("5001", 5001), ("x", None), (2**70, None), ("9" * 30, None), (True, None)]
)
def test_in_reply_to_is_a_message_id_or_nothing(given: Any, told: int | None) -> None:
    event = parsed(changed("whatsapp_message_created_reply_to", content_attributes={"in_reply_to": given}))
    assert event.in_reply_to == told


# Anything at all, wherever: either an event or NotUnderstood.

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(
        ["", "user", "agent_bot", "Channel::Email", "outgoing", "template", "\x00", "9" * 400, "<div>x", "From: a\nTo: b"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_READ = sorted(name for name in MANIFEST["fixtures"] if "typing" not in name and "contact_" not in name)


def _places(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from _places(value, (*path, key))


@settings(max_examples=600, deadline=None)
@given(data=st.data(), name=st.sampled_from(_READ))
def test_any_change_to_a_payload_is_read_or_refused_and_never_fails_otherwise(data: st.DataObject, name: str) -> None:
    payload = copy.deepcopy(fixture(name))
    for _ in range(data.draw(st.integers(1, 3))):
        *parents, last = data.draw(st.sampled_from([place for place in _places(payload) if place]))
        node = payload
        for key in parents:
            node = node[key]
        if isinstance(node, dict) and data.draw(st.booleans()):
            del node[last]
        else:
            node[last] = data.draw(_JSON)
    try:
        event = parsed(payload)
    except NotUnderstood:
        return
    stored = json.dumps(event.to_json())
    assert "\\u0000" not in stored
    assert type(event).from_json(json.loads(stored)) == event


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with pytest.raises(NotUnderstood):
        parse_event(body)

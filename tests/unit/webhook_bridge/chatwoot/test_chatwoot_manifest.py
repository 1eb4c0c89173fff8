"""Every webhook of the contract, ours and captured ones, means what the manifest argues that it means."""

import hashlib
from typing import Any

import pytest

from tests.contract.material import MANIFEST, OURS, SHARED, captured_bytes, fixture_bytes
from webhook_bridge.chatwoot.events import Event, PersonMessage, SupplierMessage
from webhook_bridge.chatwoot.payloads import parse_event


@pytest.mark.parametrize("name", MANIFEST["fixtures"])
def test_fixture_means_what_the_manifest_says(name: str) -> None:
    assert _as_in_manifest(parse_event(fixture_bytes(name)), MANIFEST["fixtures"][name]) == MANIFEST["fixtures"][name]


@pytest.mark.parametrize("name", MANIFEST["captured"])
def test_captured_payload_means_what_the_manifest_says(name: str) -> None:
    expected = MANIFEST["captured"][name]
    assert _as_in_manifest(parse_event(captured_bytes(name)), expected) == expected


def test_the_manifest_leaves_out_no_fixture() -> None:
    files = {path.stem for path in (OURS / "fixtures").glob("*.json")}
    assert files == set(MANIFEST["fixtures"]) | set(MANIFEST["rest"])


def test_the_manifest_leaves_out_no_captured_payload() -> None:
    if not (SHARED / "captured").exists():
        pytest.skip(f"NOT CHECKED against real Chatwoot payloads: there is no {SHARED / 'captured'}")
    assert {path.stem for path in (SHARED / "captured").glob("*.json")} == set(MANIFEST["captured"])


def test_each_line_of_the_manifest_is_argued() -> None:
    lines = [line for part in ("fixtures", "captured", "rest") for line in MANIFEST[part].values()]
    assert all(len(line["why"]) > 15 for line in lines)


def _as_in_manifest(event: Event, expected: dict[str, Any]) -> dict[str, Any]:
    """The event in the manifest's words. The optional ones appear exactly when they say something."""
    told: dict[str, Any] = {"event": type(event).__name__, "author": None, "why": expected["why"]}
    if isinstance(event, SupplierMessage):
        told |= {
            "author": "supplier",
            "key": [event.account_id, event.chatwoot_message_id, event.kind],
            "channel": event.channel,
            "user_identifier": event.sender.user_identifier,
            "text": event.text,
            "subject": event.subject,
            "attachments": [attachment.to_json() for attachment in event.attachments],
            "auto_reply": event.auto_reply,
            "in_reply_to": event.in_reply_to,
            "verified": event.sender.verified,
        }
        told = {key: value for key, value in told.items() if key in ("author", "text") or value}
    elif isinstance(event, PersonMessage):
        told |= {
            "author": "person",
            "key": [event.account_id, event.chatwoot_message_id, "created"],
            "channel": event.channel,
            "text": event.text,
            "author_name": event.author,
            "contact_id": event.contact_id,
        }
    else:
        told |= {key: value for key, value in event.to_json().items() if key in _TOLD_OF_OTHERS[type(event).__name__]}
    if "text_sha256" in expected:
        told["text_sha256"] = hashlib.sha256(told.pop("text").encode()).hexdigest()
        told.pop("author_name", None)
    return told


_TOLD_OF_OTHERS = {
    "OwnEcho": {"chatwoot_message_id", "delivery_key"},
    "MessageStatusChange": {"chatwoot_message_id", "delivery_key", "status", "failure"},
    "MessageDeleted": {"chatwoot_message_id"},
    "ConversationChanged": {"account_id", "chatwoot_conversation_id", "status", "assignee_type"},
    "Ignored": set(),
}

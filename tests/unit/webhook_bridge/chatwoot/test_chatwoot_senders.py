"""Who wrote: nobody gets another's identity, by what they claim or by what is missing. Nothing is faked."""

import json
from typing import Any

import pytest

from domain.identity import Sender
from tests.contract.material import fixture
from webhook_bridge.chatwoot.events import SupplierMessage
from webhook_bridge.chatwoot.payloads import NotUnderstood, parse_event


def sender_of(payload: dict[str, Any]) -> Sender:
    event = parse_event(json.dumps(payload).encode())
    assert isinstance(event, SupplierMessage)
    return event.sender


def with_contact(payload: dict[str, Any], **details: Any) -> dict[str, Any]:
    payload["sender"] |= details
    payload["conversation"]["meta"]["sender"] |= details
    return payload


def test_whatsapp_vouches_for_its_number_not_for_the_one_in_the_contact() -> None:
    payload = with_contact(fixture("whatsapp_message_created"), phone_number="+56911112222")
    assert sender_of(payload).user_identifier == "+15550100123"


@pytest.mark.parametrize("source_id", ["US.13491208655302741918", "US.ENT.13491208655302741918", None, "", "٣٣٣٣٣٣"])
def test_a_user_name_is_no_number(source_id: str | None) -> None:
    payload = fixture("whatsapp_message_created_bsuid_no_phone")
    payload["conversation"]["contact_inbox"]["source_id"] = source_id
    sender = sender_of(payload)
    assert sender.phone is None
    assert sender.user_identifier == "contact:505"
    assert sender_of(with_contact(payload, phone_number="+56 9 1111 2222")).user_identifier == "+56911112222"


def test_anonymous_visitors_are_different_people_whatever_they_claim() -> None:
    seen = set()
    for contact_id in (601, 602):
        payload = with_contact(
            fixture("webwidget_message_created_with_email"), id=contact_id, email="ceo@example.com", phone_number="+15550100123"
        )
        payload["conversation"]["contact_inbox"]["contact_id"] = contact_id
        seen.add(sender_of(payload).user_identifier)
    assert seen == {"contact:601", "contact:602"}


def test_the_contact_is_the_conversations_and_no_other_persons_details_are_taken() -> None:
    payload = fixture("whatsapp_message_created_bsuid_no_phone")
    payload["conversation"]["contact_inbox"]["contact_id"] = 999
    sender = sender_of(with_contact(payload, phone_number="+15550100123", name="Somebody else"))
    assert (sender.contact_id, sender.name, sender.phone) == (999, "", None)


def test_without_any_contact_it_is_not_understood() -> None:
    payload = fixture("whatsapp_message_created")
    payload["conversation"]["contact_inbox"] = payload["conversation"]["meta"]["sender"] = None
    with pytest.raises(NotUnderstood):
        sender_of(payload)


def test_a_contact_that_was_deleted_since_still_wrote() -> None:
    payload = fixture("whatsapp_message_created") | {"sender": None}
    assert sender_of(payload).user_identifier == "+15550100123"


def test_someone_else_in_a_mail_thread_is_someone_else() -> None:
    payload = fixture("email_message_created_reply_with_quote")
    payload["content_attributes"]["email"]["from"] = ["Stranger@Example.net"]
    sender = sender_of(payload)
    assert (sender.user_identifier, sender.name, sender.contact_id) == ("stranger@example.net", "", None)


def test_a_mailing_list_shows_the_original_sender() -> None:
    payload = fixture("email_message_created")
    payload["content_attributes"]["email"] |= {
        "from": ["purchasing-list@example.org"],
        "headers": {"x-original-sender": "Supplier@example.com"},
    }
    assert sender_of(payload).user_identifier == "supplier@example.com"


@pytest.mark.parametrize("mail_from", [["SUPPLIER@Example.com"], [], None, "supplier@example.com", [None, "not an address"]])
def test_a_mails_sender_is_found_and_lower_cased(mail_from: Any) -> None:
    payload = with_contact(fixture("email_message_created"), email="Supplier@EXAMPLE.com ")
    payload["content_attributes"]["email"]["from"] = mail_from
    assert sender_of(payload).user_identifier == "supplier@example.com"


def test_without_an_address_in_the_contact_the_mails_own_is_taken() -> None:
    payload = with_contact(fixture("email_message_created"), email=None)
    assert (sender_of(payload).user_identifier, sender_of(payload).name) == ("supplier@example.com", "Test Sender")
    payload["content_attributes"] = {}
    assert sender_of(payload).user_identifier == "supplier@example.com"  # contact_inbox.source_id


def test_only_the_widgets_hmac_verifies() -> None:
    payload = fixture("webwidget_message_created_identified_hmac")
    assert sender_of(payload).verified
    payload["conversation"]["contact_inbox"]["hmac_verified"] = False
    assert not sender_of(payload).verified


@pytest.mark.parametrize(
    ("identifier", "is_verified", "proven"),
    [
        ("Ventas@Molino.cl", True, "ventas@molino.cl"),
        ("customer-17", True, None),
        (None, True, None),
        ("ventas@molino.cl", False, None),
    ],
)
def test_it_proves_the_identifier_and_no_claim(identifier: str | None, is_verified: bool, proven: str | None) -> None:
    payload = with_contact(
        fixture("webwidget_message_created_identified_hmac"), email="ventas@molino.cl", identifier=identifier
    )
    payload["conversation"]["contact_inbox"]["hmac_verified"] = is_verified
    assert sender_of(payload).proven_email == proven

"""One person is one identity on a channel; two people never share one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity import Channel, Sender, normal_email, normal_phone


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("+56912345678", "+56912345678"),
        ("56 9 1234 5678", "+56912345678"),
        ("9 1234 5678", "+56912345678"),
        ("(+56) 9-1234.5678", "+56912345678"),
        ("+1 415 555 2671", "+14155552671"),
        ("+56 9 1234 5678 ext. 12", "+56912345678"),
        ("+٥٦٩١٢٣٤٥٦٧٨", "+56912345678"),
        ("12", None),
        ("+5691234567890123456", None),
        ("ventas@molino.cl", None),
        ("call me", None),
        ("+", None),
        ("   ", None),
        ("", None),
        (None, None),
    ],
)
def test_a_phone_as_typed(typed: str | None, expected: str | None) -> None:
    assert normal_phone(typed) == expected


def test_the_region_is_only_for_numbers_without_a_country() -> None:
    assert normal_phone("11 91234 5678", region="BR") == "+5511912345678"
    assert normal_phone("+56912345678", region="BR") == "+56912345678"


@given(st.text(max_size=60))
def test_any_text_is_a_phone_in_e164_or_none(text: str) -> None:
    phone = normal_phone(text)
    assert phone is None or (phone[0] == "+" and phone[1:].isascii() and phone[1:].isdigit())
    assert phone is None or normal_phone(phone) == phone


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (" Ventas@Molino.CL ", "ventas@molino.cl"),
        ("josé@molino.cl", "josé@molino.cl"),
        ("Ana <ana@molino.cl>", None),
        ("ana@molino.cl, eva@molino.cl", None),
        ("ana", None),
        ("@molino.cl", None),
        ("ana@", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_as_typed(typed: str | None, expected: str | None) -> None:
    assert normal_email(typed) == expected


@given(st.text(max_size=60))
def test_any_text_is_a_lower_cased_address_or_none(text: str) -> None:
    address = normal_email(text)
    assert address is None or normal_email(address) == address
    assert address is None or not any(char.isspace() for char in address)


def _sender(channel: Channel, **given: Any) -> Sender:
    return Sender(channel=channel, account_id=1, contact_id=given.pop("contact_id", 501), **given)


@pytest.mark.parametrize(
    ("sender", "identifier"),
    [
        (_sender(Channel.WHATSAPP, phone="+56912345678", email="a@b.cl"), "+56912345678"),
        (_sender(Channel.WHATSAPP, email="a@b.cl"), "contact:501"),
        (_sender(Channel.EMAIL, phone="+56912345678", email="a@b.cl"), "a@b.cl"),
        (_sender(Channel.EMAIL, phone="+56912345678"), "contact:501"),
        # What a web visitor or an API client claims identifies nobody.
        (_sender(Channel.WEB, phone="+56912345678", email="a@b.cl"), "contact:501"),
        (_sender(Channel.API, phone="+56912345678", email="a@b.cl"), "contact:501"),
        (_sender(Channel.SDK, email="a@b.cl"), "contact:501"),
    ],
)
def test_only_what_the_channel_vouches_for_identifies(sender: Sender, identifier: str) -> None:
    assert sender.user_identifier == identifier


def test_two_visitors_who_claim_the_same_address_are_two_people() -> None:
    one, other = (_sender(Channel.WEB, contact_id=number, email="jefe@molino.cl") for number in (1, 2))
    assert one.user_identifier != other.user_identifier

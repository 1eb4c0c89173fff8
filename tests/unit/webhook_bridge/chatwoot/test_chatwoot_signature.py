"""The webhook's door: what Chatwoot signed gets in, and nothing else, whatever its headers hold. Nothing is faked."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.material import OURS, fixture_bytes, signed
from webhook_bridge.chatwoot.signature import (
    BadSignature,
    SignatureMismatch,
    SignatureMissing,
    SignatureStale,
    SignatureVerifier,
)

SECRET = "the-webhook's-secret"
NOW = datetime(2026, 7, 29, 9, 0, tzinfo=UTC)
BODY = fixture_bytes("whatsapp_message_created")
HEADERS = signed(BODY, secret=SECRET, timestamp=int(NOW.timestamp()))
VERIFIER = SignatureVerifier([SECRET])


@pytest.mark.parametrize("name", ["signature_vector", "signature_vector_escaped"])
def test_accepts_what_chatwoot_signed_byte_for_byte(name: str) -> None:
    vector = json.loads((OURS / f"{name}.json").read_text())
    body = (OURS / vector["body_file"]).read_bytes()
    signed_at = datetime.fromtimestamp(int(vector["headers"]["X-Chatwoot-Timestamp"]), UTC)
    verifier = SignatureVerifier([vector["secret"]])

    verifier.verify(vector["headers"], body, signed_at)
    with pytest.raises(SignatureStale):
        verifier.verify(vector["headers"], body, signed_at + timedelta(seconds=301))
    with pytest.raises(SignatureMismatch):
        verifier.verify(vector["headers"], body + b" ", signed_at)


def test_the_escaped_vector_would_fail_on_a_body_written_again() -> None:
    vector = json.loads((OURS / "signature_vector_escaped.json").read_text())
    body = (OURS / vector["body_file"]).read_bytes()
    rewritten = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
    signed_at = datetime.fromtimestamp(int(vector["headers"]["X-Chatwoot-Timestamp"]), UTC)
    with pytest.raises(SignatureMismatch):
        SignatureVerifier([vector["secret"]]).verify(vector["headers"], rewritten, signed_at)


@given(position=st.integers(0, len(BODY) - 1), flip=st.integers(1, 255))
def test_one_changed_byte_is_enough(position: int, flip: int) -> None:
    tampered = bytearray(BODY)
    tampered[position] ^= flip
    with pytest.raises(SignatureMismatch):
        VERIFIER.verify(HEADERS, bytes(tampered), NOW)


def test_the_timestamp_is_signed_too() -> None:
    with pytest.raises(SignatureMismatch):
        VERIFIER.verify(HEADERS | {"X-Chatwoot-Timestamp": str(int(NOW.timestamp()) + 1)}, BODY, NOW)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_the_window_holds_on_both_sides(seconds: int) -> None:
    VERIFIER.verify(HEADERS, BODY, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-86_400, -301, 301, 86_400])
def test_a_replay_or_a_wrong_clock_is_stale(seconds: int) -> None:
    with pytest.raises(SignatureStale) as caught:
        VERIFIER.verify(HEADERS, BODY, NOW + timedelta(seconds=seconds))
    assert caught.value.code == "signature_stale"


@pytest.mark.parametrize("gone", ["X-Chatwoot-Signature", "X-Chatwoot-Timestamp"])
def test_without_either_header_it_is_unsigned(gone: str) -> None:
    with pytest.raises(SignatureMissing):
        VERIFIER.verify({name: value for name, value in HEADERS.items() if name != gone}, BODY, NOW)
    with pytest.raises(SignatureMissing):
        VERIFIER.verify(HEADERS | {gone: ""}, BODY, NOW)


@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_header_names_are_found_in_any_case(change) -> None:  # type: ignore[no-untyped-def]
    VERIFIER.verify({change(name): value for name, value in HEADERS.items()}, BODY, NOW)


def test_any_of_several_secrets_will_do_and_no_other() -> None:
    SignatureVerifier(["old", "another", SECRET]).verify(HEADERS, BODY, NOW)
    with pytest.raises(SignatureMismatch):
        SignatureVerifier(["old", "another"]).verify(HEADERS, BODY, NOW)
    with pytest.raises(SignatureMismatch):
        SignatureVerifier([]).verify(HEADERS, BODY, NOW)


@pytest.mark.parametrize("secrets", [[""], [SECRET, " "]])
def test_a_blank_secret_is_refused_at_start(secrets: list[str]) -> None:
    with pytest.raises(ValueError, match="blank"):
        SignatureVerifier(secrets)


def test_unsigned_is_let_through_only_if_allowed_and_a_wrong_signature_never() -> None:
    lenient = SignatureVerifier([SECRET], allow_unsigned=True)
    lenient.verify({}, BODY, NOW)
    lenient.verify(HEADERS, BODY, NOW)
    with pytest.raises(SignatureMismatch):
        lenient.verify(HEADERS, BODY + b" ", NOW)
    with pytest.raises(SignatureStale):
        lenient.verify(HEADERS, BODY, NOW + timedelta(hours=1))


@pytest.mark.parametrize("timestamp", ["NaN", "-1", "1e9", "9" * 5000, "٣٣٣", " 1785315600", "1785315600.5", "ñ", "\udce9"])
def test_odd_timestamps_are_refused_not_crashed_on(timestamp: str) -> None:
    with pytest.raises(SignatureStale):
        VERIFIER.verify(HEADERS | {"X-Chatwoot-Timestamp": timestamp}, BODY, NOW)


@given(timestamp=st.text(), signature=st.text() | st.text().map("sha256=".__add__))
def test_no_header_value_gets_in_or_fails_in_another_way(timestamp: str, signature: str) -> None:
    for headers in (
        {"X-Chatwoot-Timestamp": timestamp, "X-Chatwoot-Signature": signature},
        HEADERS | {"X-Chatwoot-Signature": signature},
        HEADERS | {"X-Chatwoot-Timestamp": timestamp},
    ):
        with pytest.raises(BadSignature):
            VERIFIER.verify(headers, BODY, NOW)

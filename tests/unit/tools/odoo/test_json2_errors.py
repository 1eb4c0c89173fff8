"""What a real Odoo 19 answered over JSON-2 when it failed: each as the same typed error as over JSON-RPC."""

import json

import pytest

from domain.errors import AgentError, NotFound
from tests.unit.tools.odoo.stub_odoo import API_KEY, PASSWORD, StubOdoo, json2_transcript
from tools.odoo.errors import TurnedAway
from tools.odoo.port import OdooForbidden, OdooRefused, OdooUnavailable
from tools.odoo.transport import OdooTransport


def error_of(stub: StubOdoo, method: str = "button_confirm", **changes: object) -> AgentError:
    odoo = OdooTransport(stub.connection(protocol="json2", **changes))
    with pytest.raises(AgentError) as caught:
        odoo.call("purchase.order", method, [1])
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None, "httpx's errors hold the request with the key"
    return caught.value


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("015_err_cancel_locked", OdooRefused, "unlock"),
        ("018_err_bad_key", OdooForbidden, "Invalid apikey"),
        ("019_err_expired_key", OdooForbidden, "Invalid apikey"),
        ("021_err_wrong_db", OdooForbidden, "no such database"),
        ("023_err_missing_model", OdooRefused, "no.model"),
        ("024_err_missing_method", OdooRefused, "no_such"),
        ("025_err_private_method", OdooForbidden, "Private methods"),
        ("026_err_unknown_kwarg", OdooRefused, "zzz"),
        ("027_err_missing_required_arg", OdooRefused, "vals"),
        ("028_err_ids_on_api_model", OdooRefused, "with ids"),
        ("035_err_confirm_missing_record", NotFound, "purchase.order(999999,)"),
        ("036_err_validation_no_partner", OdooRefused, "Vendor"),
        ("037_err_invalid_field", OdooRefused, "zzz"),
        ("038_err_read_invalid_field", OdooRefused, "zzz"),
        ("039_err_access_limited_user", OdooForbidden, "purchase.order"),
    ],
)
@pytest.mark.parametrize("method", ["button_confirm", "read"])
def test_errors_of_odoo(stub: StubOdoo, name: str, kind: type[AgentError], words: str, method: str) -> None:
    stub.answer = json2_transcript(name)
    error = error_of(stub, method)
    assert type(error) is kind
    assert words in error.detail
    assert "Traceback" not in str(error)
    assert not error.retryable
    assert len(stub.calls) == 1, "a no is final, also to a read"


@pytest.mark.parametrize(
    ("name", "message", "kind"),
    [
        ("psycopg2.errors.SerializationFailure", "could not serialize access due to concurrent update", TurnedAway),
        ("psycopg2.errors.DeadlockDetected", "deadlock detected\nDETAIL:  Process 1 waits", TurnedAway),
        ("odoo.exceptions.LockError", "Cannot grab a lock on records", TurnedAway),
        ("psycopg2.OperationalError", "FATAL:  sorry, too many clients already", OdooUnavailable),
    ],
)
def test_a_database_in_trouble_may_be_asked_again(stub: StubOdoo, name: str, message: str, kind: type[AgentError]) -> None:
    stub.answer = (500, json.dumps({"name": name, "message": message, "arguments": [], "context": {}, "debug": ""}).encode())
    error = error_of(stub)
    assert type(error) is kind
    assert error.retryable


def test_another_content_type_in_between_is_nobodys_decision(stub: StubOdoo) -> None:
    stub.answer = json2_transcript("031_err_wrong_content_type")
    assert type(error_of(stub)) is OdooUnavailable


def test_a_key_that_odoo_does_not_know(stub: StubOdoo) -> None:
    assert type(error_of(stub, password="f" * 40)) is OdooForbidden
    assert stub.calls == []


def test_a_password_is_never_sent_as_a_key(stub: StubOdoo) -> None:
    error = error_of(stub, password=PASSWORD)
    assert type(error) is OdooForbidden
    assert "API key" in error.detail
    assert stub.bearers == []


def test_another_users_key_is_not_used(stub: StubOdoo) -> None:
    stub.key_of[API_KEY] = "admin"
    error = error_of(stub)
    assert type(error) is OdooForbidden
    assert "admin's" in error.detail
    assert stub.calls == []

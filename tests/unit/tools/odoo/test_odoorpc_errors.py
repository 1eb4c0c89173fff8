"""What real Odoos (19 and 14) answered over JSON-RPC when they failed: each as the port's typed error."""

import pytest

from domain.errors import AgentError, NotFound
from tests.unit.tools.odoo.stub_odoo import StubOdoo, transcript
from tools.odoo.errors import TurnedAway, is_conflict
from tools.odoo.port import OdooForbidden, OdooRefused, OdooUnavailable
from tools.odoo.transport import OdooTransport


def error_of(stub: StubOdoo, **changes: object) -> AgentError:
    odoo = OdooTransport(stub.connection(protocol="jsonrpc", **changes))
    with pytest.raises(AgentError) as caught:
        odoo.call("purchase.order", "read", [1])
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None, "odoorpc's frames hold the password"
    return caught.value


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("007_execute_wrong_password", OdooForbidden, "Access Denied"),
        ("008_execute_wrong_db", OdooForbidden, "no_such_db"),
        ("028_err_create_without_partner", OdooRefused, "Vendor"),
        ("030_err_create_unknown_partner", NotFound, "res.partner(999999,)"),
        ("031_err_create_invalid_field", OdooRefused, "no_such_field"),
        ("035_err_confirm_missing_record", NotFound, "purchase.order(999999,)"),
        ("037_err_unknown_model", OdooRefused, "purchase.nope"),
        ("038_err_unknown_method", OdooRefused, ""),
        ("039_err_private_method", OdooForbidden, "Private methods"),
        ("104_err_access_create_po", OdooForbidden, "purchase.order"),
        ("odoo14/007_execute_wrong_password", OdooForbidden, "Access Denied"),
        ("odoo14/008_execute_wrong_db", OdooForbidden, "no_such_db"),
        ("odoo14/025_err_create_without_partner", OdooRefused, "Vendor"),
        # 14 lets PostgreSQL find out that there is no such partner, and calls that a ValidationError.
        ("odoo14/027_err_create_unknown_partner", OdooRefused, "another model"),
        ("odoo14/028_err_create_invalid_field", OdooRefused, "no_such_field"),
        ("odoo14/032_err_confirm_missing_record", NotFound, "purchase.order(999999,)"),
        ("odoo14/034_err_unknown_model", OdooRefused, "purchase.nope"),
        ("odoo14/035_err_unknown_method", OdooRefused, ""),
        ("odoo14/036_err_private_method", OdooForbidden, "Private methods"),
        ("odoo14/101_err_access_create_po", OdooForbidden, "purchase.order"),
    ],
)
def test_errors_of_odoo(stub: StubOdoo, name: str, kind: type[AgentError], words: str) -> None:
    stub.answer = transcript(name)
    error = error_of(stub)
    assert type(error) is kind
    assert words in error.detail
    assert "Traceback" not in str(error)
    assert not error.retryable
    assert len(stub.calls) == 1, "a no is final, also to a read"


def test_a_wrong_password_at_login(stub: StubOdoo) -> None:
    stub.login = transcript("002_login_wrong_password")
    assert type(error_of(stub)) is OdooForbidden
    assert stub.calls == []


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("could not serialize access due to concurrent update", TurnedAway),
        ("deadlock detected", TurnedAway),
        ('connection to server at "127.0.0.1", port 5432 failed: Connection refused', OdooUnavailable),
        ("FATAL:  sorry, too many clients already", OdooUnavailable),
    ],
)
def test_a_database_in_trouble_may_be_asked_again(stub: StubOdoo, message: str, kind: type[OdooUnavailable]) -> None:
    data = {"name": "psycopg2.OperationalError", "message": message, "arguments": [], "debug": ""}
    stub.answer = {"error": {"code": 0, "message": "Odoo Server Error", "data": data}}
    error = error_of(stub)
    assert type(error) is kind
    assert error.retryable


def test_a_failed_login_is_tried_anew(stub: StubOdoo) -> None:
    odoo = OdooTransport(stub.connection(protocol="jsonrpc"))
    stub.answer = transcript("007_execute_wrong_password")
    with pytest.raises(OdooForbidden):
        odoo.call("purchase.order", "read", [1])
    stub.login, stub.answer = {"result": 7}, {"result": []}
    assert odoo.call("purchase.order", "read", [1]) == []
    assert stub.calls[-1]["args"][1] == 7, "logged in again: the user's id may have changed with a restored database"


@pytest.mark.parametrize("name", ["094_button_cancel_po2", "odoo14/091_button_cancel_po2"])
def test_a_method_that_returns_none(stub: StubOdoo, name: str) -> None:
    stub.answer = transcript(name)
    assert "result" not in stub.answer
    assert OdooTransport(stub.connection(protocol="jsonrpc")).call("purchase.order", "button_cancel", [1]) is None


def test_the_loser_of_a_race_is_told_from_a_refusal() -> None:
    [lost] = transcript("load_lost_the_race")["result"]["messages"]
    assert is_conflict(lost["message"])
    assert not is_conflict("No matching record found for database id '999999' in field 'Vendor'")

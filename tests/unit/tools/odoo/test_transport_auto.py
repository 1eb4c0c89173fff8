"""Which protocol `auto` speaks with which Odoo and credential. Faked: Odoo (see `stub_odoo.py`)."""

import asyncio

import pytest

from tests.unit.tools.odoo.stub_odoo import API_KEY, PASSWORD, Answer, StubOdoo
from tools.odoo.port import OdooForbidden, OdooUnavailable
from tools.odoo.transport import OdooTransport


def spoken(stub: StubOdoo, **changes: object) -> str:
    """The protocol in which one call went out."""
    stub.answer = {"result": []}
    odoo = OdooTransport(stub.connection(protocol="auto", **changes))
    assert odoo.call("purchase.order", "read", [1]) == []
    return "json2" if "path" in stub.calls[-1] else "jsonrpc"


@pytest.mark.parametrize("release", [b"19.0", b"saas~19.2", b"22.0"])
def test_json2_where_odoo_has_it_and_knows_the_key(stub: StubOdoo, release: bytes) -> None:
    number = release.removeprefix(b"saas~")[:2]
    stub.version_page = (200, b'{"version": "%s", "version_info": [%s, 0, 0, "final", 0, ""]}' % (release, number))
    assert spoken(stub, password=API_KEY) == "json2"


@pytest.mark.parametrize(
    "page",
    [
        (404, b"<html>Not Found</html>"),
        (200, b"<html>some website</html>"),
        (200, b'{"version": "18.0", "version_info": [18, 0, 0, "final", 0, ""]}'),
        (200, b'{"version_info": []}'),
        (200, b"[]"),
    ],
)
def test_an_older_odoo_speaks_jsonrpc_also_with_a_key(stub: StubOdoo, page: Answer) -> None:
    stub.version_page = page
    assert spoken(stub, password=API_KEY) == "jsonrpc"
    assert stub.bearers == []


def test_a_password_goes_over_jsonrpc_and_nowhere_else(stub: StubOdoo) -> None:
    assert spoken(stub, password=PASSWORD) == "jsonrpc"
    assert stub.bearers == []


def test_a_password_that_looks_like_a_key(stub: StubOdoo) -> None:
    assert spoken(stub, password="Sommer2026") == "jsonrpc"


def test_another_users_key_is_left_to_jsonrpc_to_refuse(stub: StubOdoo) -> None:
    stub.key_of[API_KEY] = "admin"
    stub.login = {"result": False}
    odoo = OdooTransport(stub.connection(protocol="auto", password=API_KEY))
    with pytest.raises(OdooForbidden):
        odoo.call("purchase.order", "read", [1])
    assert stub.calls == []


@pytest.mark.parametrize("page", [(502, b"<html>"), (503, b""), (500, b"<html>"), (429, b""), (0, b"")])
def test_nothing_is_decided_on_a_bad_moment(stub: StubOdoo, page: Answer) -> None:
    odoo = OdooTransport(stub.connection(protocol="auto", password=API_KEY))
    stub.version_page = page
    with pytest.raises(OdooUnavailable):
        odoo.call("purchase.order", "read", [1])
    stub.version_page, stub.answer = None, {"result": []}
    assert odoo.call("purchase.order", "read", [1]) == []
    assert "path" in stub.calls[-1], "JSON-2, as if nothing had been"


async def test_the_choice_is_made_once(stub: StubOdoo) -> None:

    stub.answer = {"result": []}
    odoo = OdooTransport(stub.connection(protocol="auto", password=API_KEY))
    await asyncio.gather(*(odoo.run(odoo.call, "res.partner", "read", [1]) for _ in range(8)))
    assert [path for _, path in stub.asked].count("/web/version") == 1
    assert await odoo.run(odoo.version) == "19.0"

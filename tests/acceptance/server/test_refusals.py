"""What the running product refuses, sets aside, or keeps closed; and that it goes on serving afterwards."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from starlette.routing import Mount, Route

from po_agent import app as po_agent_app
from po_agent.settings import Settings
from tests.acceptance.server.product import BOXES, Product, told, whatsapp_webhook
from tests.contract.material import fixture, fixture_bytes
from webhook_bridge.app import OPEN_PATHS

pytestmark = pytest.mark.server

#: The LangGraph server's own pages that are open by design: they tell that it lives, and how to talk to it.
OPEN_OF_LANGGRAPH = {"/ok", "/info", "/docs", "/openapi.json", "/metrics", "/"}

STRANGER = {"id": 70_001, "name": "Un extraño", "phone_number": "+56961239999"}


@pytest.fixture
def unchanged(product: Product) -> Iterator[None]:
    """After the test no row of any kind is there that was not before."""
    before = _sizes(product)
    yield
    assert _sizes(product) == before


@pytest.mark.usefixtures("unchanged")
class TestUnsignedWebhooks:
    def test_a_tampered_body(self, product: Product) -> None:
        body = whatsapp_webhook("Ofrezco 40 sacos", message_id=71_001, conversation_id=7101, contact=STRANGER)
        tampered = body.replace(b"40 sacos", b"90 sacos")
        assert _error(product.door.post("/webhook/chatwoot", content=tampered, headers=product.sign(body)), 401)

    def test_a_stale_timestamp(self, product: Product) -> None:
        body = fixture_bytes("whatsapp_message_created")
        assert _error(product.door.post("/webhook/chatwoot", content=body, headers=product.sign(body, age=3600)), 401)

    def test_a_timestamp_from_the_future(self, product: Product) -> None:
        body = fixture_bytes("whatsapp_message_created")
        assert _error(product.door.post("/webhook/chatwoot", content=body, headers=product.sign(body, age=-3600)), 401)

    @pytest.mark.parametrize("missing", ["X-Chatwoot-Signature", "X-Chatwoot-Timestamp"])
    def test_a_missing_header(self, product: Product, missing: str) -> None:
        body = fixture_bytes("whatsapp_message_created")
        headers = {name: value for name, value in product.sign(body).items() if name != missing}
        assert _error(product.door.post("/webhook/chatwoot", content=body, headers=headers), 401)

    def test_the_bridge_token_is_no_signature(self, product: Product) -> None:
        body = fixture_bytes("whatsapp_message_created")
        assert _error(product.bridge.post("/webhook/chatwoot", content=body), 401)

    def test_five_megabytes_though_signed(self, product: Product) -> None:
        body = json.dumps(fixture("whatsapp_message_created") | {"content": "x" * 5_000_000}).encode()
        assert _error(product.webhook(body), 413) == "too_large"

    def test_five_megabytes_in_pieces_of_unknown_length(self, product: Product) -> None:
        body = b" " * 5_000_000
        pieces = (body[at : at + 65_536] for at in range(0, len(body), 65_536))
        assert _error(product.door.post("/webhook/chatwoot", content=pieces, headers=product.sign(body)), 413) == "too_large"

    def test_another_method(self, product: Product) -> None:
        assert _error(product.door.get("/webhook/chatwoot"), 405)


def _message_with(**changes: Any) -> bytes:
    return json.dumps(fixture("whatsapp_message_created") | {"id": 72_000} | changes).encode()


NONSENSE = {
    "nothing": b"",
    "no JSON": b"hello, Chatwoot here",
    "half a JSON": fixture_bytes("whatsapp_message_created")[:200],
    "not UTF-8": b'{"event": "message_created", "content": "\xff\xfe"}',
    "a list": b"[1, 2, 3]",
    "a number": b"17",
    "null": b"null",
    "not a number": b'{"event": "message_created", "id": NaN}',
    "endless nesting": b"[" * 200_000,
    "no event": b'{"id": 1}',
    "an event that is no text": b'{"event": {"name": "message_created"}}',
    "an unknown event": b'{"event": "message_painted", "id": 1}',
    "an event with a NUL": json.dumps({"event": "message\x00created"}).encode(),
    "a message and nothing else": b'{"event": "message_created"}',
    "an id that is text": _message_with(id="five"),
    "an id beyond any column": _message_with(id=10**30),
    "an id below zero": _message_with(id=-1),
    "an inbox that is a list": _message_with(inbox=[]),
    "a conversation that is text": _message_with(conversation="101"),
    "a sender that is a number": _message_with(sender=5),
    "a content that is an object": _message_with(content={"text": "hello"}),
    "half a surrogate pair": _message_with(content="Hola \ud83d"),
    "a time that is none": _message_with(created_at="yesterday"),
    "an account that is text": _message_with(account="1"),
}


@pytest.mark.parametrize("what", NONSENSE)
def test_signed_nonsense_is_set_aside(product: Product, what: str) -> None:
    body = NONSENSE[what]
    before = _sizes(product)

    assert told(product.webhook(body)) == {"status": "set_aside"}
    kept = product.rows("SELECT headers, reason FROM webhook_set_aside WHERE body = %s", body)
    assert len(kept) == 1
    assert kept[0]["reason"]
    assert "x-chatwoot-signature" in kept[0]["headers"]
    assert _sizes(product) == before | {"webhook_set_aside": before["webhook_set_aside"] + 1}

    assert told(product.webhook(body)) == {"status": "set_aside"}
    assert _sizes(product)["webhook_set_aside"] == before["webhook_set_aside"] + 1


@pytest.mark.parametrize(
    ("number", "words"), [(1, "Hola\x00 adiós"), (2, "\x07\x1b[31m Hola"), (3, "\u202eHola 👩‍🌾"), (4, "x" * 1_000_000)]
)
def test_a_supplier_may_write_anything(product: Product, number: int, words: str) -> None:
    """Text that a column cannot hold as it is must not be lost: the supplier will not write it again."""
    contact = {"id": 73_000 + number, "name": "Quien sea", "phone_number": f"+5696123800{number}"}
    body = whatsapp_webhook(words, message_id=73_000 + number, conversation_id=7300 + number, contact=contact)
    assert told(product.webhook(body)) == {"status": "stored"}
    stored = product.rows("SELECT content FROM message WHERE chatwoot_message_id = %s", 73_000 + number)
    assert len(stored) == 1
    assert "Hola" in stored[0]["content"] or stored[0]["content"] == words


def test_still_serving(product: Product) -> None:
    assert product.answer_to(product.supplier_writes("Hola, buenas tardes", **BOXES))
    assert told(product.door.get("/health")) == {"status": "ok"}


def _routes() -> list[tuple[str, str]]:
    """Every method and path of the app's own that must be closed, asked of the app itself: a new route is among them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(po_agent_app, "configure_logs", lambda _: None)
        routes = po_agent_app.make_app(Settings(environment="development")).routes
    # The sandbox is open, in development only; what is mounted below its path is the stand-in.
    own = [route for route in routes if not getattr(route, "path", "").startswith("/sandbox")]
    assert all(isinstance(route, Route) for route in own), own
    assert [route for route in routes if isinstance(route, Mount)], "the sandbox was not left out but missing"
    return [
        (method, route.path)
        for route in own
        if isinstance(route, Route) and route.path not in OPEN_PATHS and route.include_in_schema
        for method in sorted(route.methods or ())
    ]


def test_there_are_closed_routes() -> None:
    assert {("POST", "/outbound/send"), ("GET", "/messages/latest"), ("GET", "/orders")} <= set(_routes())


@pytest.mark.parametrize("token", [None, "", "Bearer", "Bearer wrong", "Basic development-only", "development-only"])
@pytest.mark.parametrize(("method", "path"), _routes())
def test_a_route_of_the_bridge_without_its_token(product: Product, method: str, path: str, token: str | None) -> None:
    headers = {} if token is None else {"Authorization": token}
    answer = product.door.request(method, path.replace("{conversation_id}", str(uuid4())), headers=headers)
    if method == "HEAD":
        assert answer.status_code == 401
    else:
        assert _error(answer, 401) == "unauthorized"


@pytest.mark.parametrize("path", ["/internal/truncate", "/internal/debug/thread/1", "/deploy", "/deploy/1/stream"])
def test_what_the_development_server_leaves_open_is_shut(product: Product, path: str) -> None:
    for method in ("GET", "POST"):
        assert _error(product.door.request(method, path), 404)


@pytest.mark.parametrize(("method", "path"), [("GET", "/outbound/send"), ("DELETE", "/messages/latest"), ("PUT", "/health")])
def test_another_method_on_a_route_of_the_bridge(product: Product, method: str, path: str) -> None:
    answer = product.bridge.request(method, path)
    assert _error(answer, 405) == "method_not_allowed"
    assert answer.headers["allow"]


def test_a_path_that_is_not_there(product: Product) -> None:
    assert product.bridge.get("/messages/newest").status_code == 404


def test_langgraph_own_routes_with_a_wrong_key(product: Product) -> None:
    described = told(product.door.get("/openapi.json"))["paths"]
    tried = set()
    for path, methods in described.items():
        if path in OPEN_OF_LANGGRAPH or path in OPEN_PATHS or path.startswith("/sandbox"):
            continue
        for method in methods.keys() & {"get", "post", "put", "patch", "delete"}:
            where = path
            while "{" in where:
                where = where[: where.index("{")] + str(uuid4()) + where[where.index("}") + 1 :]
            body = {} if method in ("post", "put", "patch") else None
            answer = product.door.request(method, where, headers={"x-api-key": "wrong"}, json=body)
            assert answer.status_code in (401, 404), f"{method} {where} answered {answer.status_code}: {answer.text[:200]}"
            if answer.status_code == 401:
                tried.add(path)
    must = {"/threads", "/threads/search", "/threads/{thread_id}/runs", "/assistants/search", "/runs/wait", "/store/items"}
    assert must <= tried


@pytest.mark.parametrize("key", [{"x-api-key": "wrong"}, {"Authorization": "Bearer wrong"}])
def test_langgraph_does_not_hear_the_wrong_key(product: Product, key: dict[str, str]) -> None:
    assert product.door.post("/threads/search", json={}, headers=key).status_code == 401


def test_no_mcp_and_no_a2a(product: Product) -> None:
    key = {"x-api-key": product.settings.langgraph_api_key.get_secret_value()}
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    for path in ("/mcp", "/mcp/", "/a2a/purchase_order"):
        assert product.door.post(path, json=request, headers=key).status_code == 404


def _error(answer: httpx.Response, status: int) -> str:
    """The code of an error in the bridge's one shape."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text[:300]}"
    body = answer.json()
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"code", "message"}
    assert body["error"]["message"]
    return str(body["error"]["code"])


def _sizes(product: Product) -> dict[str, int]:
    tables = ("supplier", "contact_point", "conversation", "message", "turn", "webhook_set_aside")
    return {table: product.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"] for table in tables}

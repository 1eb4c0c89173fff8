"""What the product asks of Chatwoot, recorded on the way: requests that Chatwoot describes, and each message once.

Between the product and the stand-in stands a proxy; the failures are the stand-in's own (500, 429, a connection lost, also
after the work was done) and the proxy's (an answer later than the product waits).
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from po_agent.free_port import free_port
from tests.acceptance.server.chatwoot_proxy import ChatwootProxy, Recorded, served_proxy
from tests.acceptance.server.product import FLOUR, MILL, Product, running_product, told
from tests.contract.openapi_check import assert_request_matches
from webhook_bridge.chatwoot.message_events import DELIVERY_KEY

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Product, ChatwootProxy]]:
    with served_proxy() as (proxy, address):
        port = free_port()
        proxy.target = f"http://127.0.0.1:{port}"
        # Whoever never wrote can be written to on WhatsApp by template only.
        settings = {"chatwoot_base_url": address, "whatsapp_template": "purchase_request:es"}
        with running_product(tmp_path_factory.mktemp("proxied"), port=port, **settings) as product:
            yield product, proxy


@pytest.fixture
def product(behind: tuple[Product, ChatwootProxy]) -> Product:
    return behind[0]


@pytest.fixture
def proxy(behind: tuple[Product, ChatwootProxy]) -> ChatwootProxy:
    behind[1].recorded.clear()
    return behind[1]


class TestAsChatwootDescribes:
    """Every request of these plays is one of `openapi.json`."""

    def test_a_purchase(self, product: Product, proxy: ChatwootProxy) -> None:
        sent = product.supplier_writes("Hola, buenos días")
        product.answer_to(sent)
        quoted = product.supplier_writes(FLOUR)
        product.answer_to(quoted)
        order = told(product.bridge.get("/orders"))["orders"][0]
        product.answer_to(product.supplier_writes(f"Confirmo la {order['name']}"))
        product.until_quiet()
        assert told(product.bridge.get("/orders"))["orders"][0]["state"] == "confirmed"

        posted = _posted(proxy)
        assert [request.json["content"] for request in posted] == product.replies(sent["conversation_id"])
        assert len({request.json["content_attributes"][DELIVERY_KEY] for request in posted}) == len(posted)
        _assert_all_described(proxy)

    def test_a_new_whatsapp_number(self, product: Product, proxy: ChatwootProxy) -> None:
        contact = {"phone": "+56 9 6123 8888", "name": "Bodegas del Sur"}
        message = _send(product, contact=contact, channel="whatsapp", content="Buenos días, le escribimos de Cordillera.")
        stored = _sent(product, message["id"])
        assert [said["content"] for said in product.chatwoot_messages(stored["chatwoot_conversation_id"])] == [
            "Buenos días, le escribimos de Cordillera."
        ]
        paths = [(request.method, request.path.split("?")[0].split("/accounts/1")[-1]) for request in proxy.recorded]
        assert ("GET", "/contacts/search") in paths
        assert ("POST", "/contacts") in paths
        assert ("POST", "/conversations") in paths
        _assert_all_described(proxy)

        # The supplier answers on WhatsApp: it is the same supplier, in the same conversation.
        answer = product.supplier_writes("Hola, dígame", phone="+56961238888", name="Bodegas del Sur")
        assert answer["conversation_id"] == stored["chatwoot_conversation_id"]
        assert product.answer_to(answer)
        assert product.conversation_of("Bodegas del Sur")["id"] == message["conversation_id"]

    def test_a_new_address(self, product: Product, proxy: ChatwootProxy) -> None:
        contact = {"email": "Ventas@BodegasDelNorte.example", "name": "Bodegas del Norte"}
        message = _send(product, contact=contact, channel="email", content="Estimados, les escribimos de Cordillera.")
        stored = _sent(product, message["id"])
        assert len(product.replies(stored["chatwoot_conversation_id"])) == 1
        created = [request.json for request in proxy.recorded if (request.method, request.path[-9:]) == ("POST", "/contacts")]
        assert [body["email"] for body in created] == ["ventas@bodegasdelnorte.example"]
        _assert_all_described(proxy)

    def test_a_contact_that_chatwoot_has_is_found(self, product: Product, proxy: ChatwootProxy) -> None:
        body = {"name": "Maderas Andes", "phone_number": "+56961238889", "inbox_id": 11}
        known = told(product.chatwoot.post("/api/v1/accounts/1/contacts", json=body))["payload"]["contact"]["id"]
        message = _send(product, contact={"phone": "+56961238889"}, channel="whatsapp", content="Buenos días")
        stored = _sent(product, message["id"])
        conversation = told(product.chatwoot.get(f"/api/v1/accounts/1/conversations/{stored['chatwoot_conversation_id']}"))
        assert conversation["meta"]["sender"]["id"] == known
        assert not [request for request in proxy.recorded if (request.method, request.path[-9:]) == ("POST", "/contacts")]
        _assert_all_described(proxy)

    def test_the_same_key_sends_once(self, product: Product, proxy: ChatwootProxy) -> None:
        contact = {"phone": "+56961238890", "name": "Una Vez SpA"}
        request = {"contact": contact, "channel": "whatsapp", "content": "Una sola vez", "idempotency_key": "carta-17"}
        first = _send(product, **request)
        assert [_send(product, **request)["id"] for _ in range(3)] == [first["id"]] * 3
        stored = _sent(product, first["id"])
        assert _send(product, **request)["status"] != "queued"
        product.until_quiet()
        assert product.replies(stored["chatwoot_conversation_id"]) == ["Una sola vez"]
        contents = [sent.json["content"] for sent in proxy.recorded if sent.path.endswith("/messages")]
        assert contents == ["Una sola vez"]


FAULTS: dict[str, dict[str, Any]] = {
    "errors before the work is done": {"answer_next": 2, "answer_status": 500},
    "errors after the work was done": {"answer_next": 2, "answer_status": 502, "fail_after_commit": True},
    "too many requests": {"answer_next": 2, "answer_status": 429},
    "connections lost after the work was done": {"reset_next": 2, "fail_after_commit": True},
}
#: Then the product has only its own reading back to learn from.
NO_WEBHOOKS = {"webhooks": {"drop_rate": 1.0}}


class TestWhenChatwootFails:
    """Each message arrives once, and those of one Chatwoot conversation in order."""

    @pytest.fixture(autouse=True)
    def all_well_again(self, product: Product) -> Iterator[None]:
        yield
        told(product.chatwoot.delete("/control/faults"))

    @pytest.mark.parametrize("what", FAULTS)
    def test_it_reads_back_before_it_sends_again(self, product: Product, proxy: ChatwootProxy, what: str) -> None:
        talks = [_open_talk(product, f"{what}, {number}") for number in range(2)]
        told(product.chatwoot.post("/control/faults", json=FAULTS[what] | NO_WEBHOOKS))
        messages = [_send(product, conversation_id=talk["id"], content=f"Parte {n}") for n in (1, 2) for talk in talks]
        stored = [_sent(product, message["id"]) for message in messages]
        for talk in talks:
            assert product.replies(talk["chatwoot"]) == ["Buenos días", "Parte 1", "Parte 2"]
        assert len(_posted(proxy)) > len(messages), "no fault has struck"
        assert {message["failure"] for message in stored} == {None}

    @pytest.mark.parametrize("what", [what for what, faults in FAULTS.items() if "fail_after_commit" in faults])
    def test_with_the_echo_racing_the_error(self, product: Product, proxy: ChatwootProxy, what: str) -> None:
        talk = _open_talk(product, what)
        told(product.chatwoot.post("/control/faults", json=FAULTS[what]))
        messages = [_send(product, conversation_id=talk["id"], content=f"Parte {number}") for number in (1, 2)]
        stored = [_sent(product, message["id"]) for message in messages]
        assert product.replies(talk["chatwoot"]) == ["Buenos días", "Parte 1", "Parte 2"]
        assert {message["failure"] for message in stored} == {None}

    def test_an_answer_that_comes_too_late(self, product: Product, proxy: ChatwootProxy) -> None:
        talk = _open_talk(product, "too late")
        told(product.chatwoot.post("/control/faults", json=NO_WEBHOOKS))
        proxy.hold_back, proxy.hold_seconds = 1, 11.0
        messages = [_send(product, conversation_id=talk["id"], content=f"Parte {number}") for number in (1, 2)]
        stored = [_sent(product, message["id"]) for message in messages]
        assert product.replies(talk["chatwoot"]) == ["Buenos días", "Parte 1", "Parte 2"]
        assert stored[0]["attempts"] > 1
        assert {message["failure"] for message in stored} == {None}

    def test_a_reply_of_the_agent(self, product: Product, proxy: ChatwootProxy) -> None:
        told(product.chatwoot.post("/control/faults", json={"answer_next": 3, "fail_after_commit": True}))
        sent = product.supplier_writes("¿En qué está mi orden?", **MILL)
        product.answer_to(sent)
        product.until_quiet()
        assert len(product.answer_to(sent)) == 1


def _posted(proxy: ChatwootProxy) -> list[Recorded]:
    return [request for request in proxy.recorded if request.method == "POST" and request.path.endswith("/messages")]


def _assert_all_described(proxy: ChatwootProxy) -> None:
    asked: list[Recorded] = [request for request in proxy.recorded if not request.path.startswith("/control")]
    assert asked
    for request in asked:
        assert request.headers["api-access-token"], request.path
        assert_request_matches(request.method, request.path, request.json)


def _send(product: Product, **request: Any) -> dict[str, Any]:
    answer = product.bridge.post("/outbound/send", json=request)
    assert answer.status_code == 202, answer.text
    message: dict[str, Any] = answer.json()
    return message


def _sent(product: Product, message_id: int) -> dict[str, Any]:
    """The message, once Chatwoot has it."""

    def look() -> dict[str, Any] | None:
        listed = told(product.bridge.get("/messages/latest", params={"limit": 200}))["messages"]
        found: dict[str, Any] = next(message for message in listed if message["id"] == message_id)
        assert found["status"] != "failed", found["failure"]
        return found if found["status"] in ("sent", "delivered", "read") else None

    return product.until(look, f"message {message_id} to be sent")


def _open_talk(product: Product, name: str) -> dict[str, Any]:
    """A conversation with someone new, in which we have said «Buenos días»."""
    contact = {"email": f"{uuid4().hex}@talk.example", "name": name}
    first = _send(product, contact=contact, channel="email", content="Buenos días")
    return {"id": first["conversation_id"], "chatwoot": _sent(product, first["id"])["chatwoot_conversation_id"]}

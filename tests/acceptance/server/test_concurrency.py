"""A hundred first messages of one contact at once, over two inboxes: still one supplier, one conversation, one thread."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.acceptance.server.product import Product, email_webhook, told, whatsapp_webhook

pytestmark = pytest.mark.server

CONTACT = {
    "id": 80_001,
    "name": "Cien mensajes Ltda.",
    "phone_number": "+56961237777",
    "email": "ventas@cienmensajes.example",
}
HOW_MANY = 100


def test_a_hundred_first_messages_of_one_contact(product: Product) -> None:
    bodies = []
    for number in range(HOW_MANY):
        webhook = whatsapp_webhook if number % 2 else email_webhook
        bodies.append(
            webhook(
                f"Hola, este es el mensaje {number}",
                message_id=80_000 + number,
                conversation_id=8001 if number % 2 else 8002,
                contact=CONTACT,
            )
        )
    with ThreadPoolExecutor(HOW_MANY) as threads:
        # Chatwoot sends several webhooks of one message where several are set up, so each comes twice.
        answers = list(threads.map(product.webhook, [*bodies, *bodies]))
    assert [answer.status_code for answer in answers] == [200] * (2 * HOW_MANY)
    done = [answer.json()["status"] for answer in answers]
    assert (done.count("stored"), done.count("repeated")) == (HOW_MANY, HOW_MANY)

    conversation = product.conversation_of(CONTACT["name"])
    suppliers = product.rows("SELECT id FROM supplier WHERE name = %s", CONTACT["name"])
    assert [str(supplier["id"]) for supplier in suppliers] == [conversation["supplier"]["id"]]
    points = [(point["channel"], point["user_identifier"]) for point in conversation["contact_points"]]
    assert sorted(points) == [("email", CONTACT["email"]), ("whatsapp", CONTACT["phone_number"])]

    product.until_quiet()
    messages = _messages(product, conversation["id"])
    inbound = [message for message in messages if message["direction"] == "inbound"]
    assert sorted(message["chatwoot_message_id"] for message in inbound) == list(range(80_000, 80_000 + HOW_MANY))
    assert {message["status"] for message in inbound} == {"read"}
    assert {message["thread_id"] for message in messages} == {conversation["thread_id"]}

    turns = product.rows("SELECT id, status, attempt FROM turn WHERE conversation_id = %s", conversation["id"])
    assert {turn["status"] for turn in turns} == {"done"}
    assert {message["turn_id"] for message in inbound} == {turn["id"] for turn in turns}
    answered = {message["turn_id"] for message in messages if message["direction"] == "outbound"}
    assert answered == {turn["id"] for turn in turns}, "each burst is answered, in the Chatwoot conversation it came from"


def _messages(product: Product, conversation_id: str) -> list[dict[str, Any]]:
    params: dict[str, Any] = {"conversation_id": conversation_id, "limit": 200}
    messages: list[dict[str, Any]] = told(product.bridge.get("/messages/latest", params=params))["messages"]
    return messages

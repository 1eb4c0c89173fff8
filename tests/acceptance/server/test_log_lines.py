"""Who looks for a turn in the log finds it: every line of ours about a turn says whose it is. The whole product is real."""

import json

import pytest

from tests.acceptance.server.product import Product

pytestmark = pytest.mark.server

OURS = ("webhook_bridge.turns", "webhook_bridge.attempt", "webhook_bridge.delivery", "graphs.")


def test_every_line_of_a_turn_names_supplier_conversation_turn_and_run(product: Product) -> None:
    name = "Bitácora Ltda."
    product.answer_to(product.supplier_writes("Hola, buenos días", name=name, phone="+56961239911"))
    conversation = product.conversation_of(name)
    (turn,) = conversation["turns"]

    lines = [json.loads(line) for line in product.log().splitlines() if line.startswith("{")]
    told = [line for line in lines if line.get("turn") == turn["id"] and line.get("logger", "").startswith(OURS)]
    assert {line["event"] for line in told} >= {"run started", "node done", "message sent"}
    expected = {
        "supplier": conversation["supplier"]["id"],
        "conversation": conversation["id"],
        "turn": turn["id"],
        "run": turn["run_id"],
    }
    for line in told:
        assert {key: line.get(key) for key in expected} == expected, line


def test_no_line_tells_a_secret_or_what_a_supplier_wrote(product: Product) -> None:
    words = "Palabras que no van a la bitácora 8842"
    product.answer_to(product.supplier_writes(words, name="Reserva Ltda.", phone="+56961239912"))
    log = product.log()
    assert words not in log
    for secret in ("api-access-token: ", "Bearer ", "postgresql://postgres:"):
        assert secret not in log

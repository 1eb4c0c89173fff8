"""The LangGraph API as Studio, chat clients and other agents of the house use it: with `messages` and `supplier`."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil
import pytest
from langgraph_sdk.client import SyncLangGraphClient

from po_agent.child_environment import child_environment
from po_agent.demo import demo_settings
from storage.embedded_postgres import EmbeddedPostgres
from tests.acceptance.server.product import BOXES, NUTS, OILS, PATIENCE, Product, told

pytestmark = pytest.mark.server

GRAPH = "purchase_order"


@pytest.fixture
def langgraph(product: Product) -> SyncLangGraphClient:
    return product.langgraph()


def _run(client: SyncLangGraphClient, thread_id: str, **given: Any) -> dict[str, Any]:
    """One run to its end. A failure is in the answer's `__error__`."""
    answer: Any = client.runs.wait(thread_id, GRAPH, input=given, if_not_exists="create", raise_error=False)
    assert isinstance(answer, dict)
    return answer


def _said(words: str, message_id: str | None = None) -> dict[str, Any]:
    return {"role": "user", "content": words} | ({"id": message_id} if message_id else {})


class TestWordsWithARun:
    def test_the_answer_is_in_the_output_and_in_the_tables(self, product: Product, langgraph: SyncLangGraphClient) -> None:
        thread_id, name = str(uuid4()), f"Agente {uuid4()}"
        output = _run(langgraph, thread_id, supplier=name, messages=[_said("Hola, buenos días", "m-1")])
        assert output["status"] == "done"
        assert len(output["reply"]) == 1
        assert [message["type"] for message in output["messages"]] == ["human", "ai"]
        assert [message["content"] for message in output["messages"]] == ["Hola, buenos días", output["reply"][0]]

        conversation = product.conversation_of(name)
        assert conversation["thread_id"] == thread_id
        assert [(point["channel"]) for point in conversation["contact_points"]] == ["sdk"]
        stored = _stored(product, conversation["id"])
        assert [(message["direction"], message["status"], message["content"]) for message in stored] == [
            ("inbound", "read", "Hola, buenos días"),
            ("outbound", "sent", output["reply"][0]),
        ]
        assert [(turn["status"], turn["id"]) for turn in conversation["turns"]] == [("done", output["turn"]["id"])]

    def test_a_message_is_answered_once(self, product: Product, langgraph: SyncLangGraphClient) -> None:
        """A chat client may send its whole history each time: only what is new is heard."""
        thread_id, name = str(uuid4()), f"Agente {uuid4()}"
        history = [_said("Hola", "m-1")]
        first = _run(langgraph, thread_id, supplier=name, messages=history)
        conversation_id = product.conversation_of(name)["id"]
        before = _ids(_stored(product, conversation_id))

        again = _run(langgraph, thread_id, supplier=name, messages=history)
        assert again["__error__"]["error"] == "InvalidInput"
        assert "no new message" in again["__error__"]["message"]
        assert _ids(_stored(product, conversation_id)) == before
        assert len(product.conversation_of(name)["turns"]) == 1, "a refused run leaves no turn"

        history += [*first["messages"][1:], _said("¿En qué está mi orden?", "m-2")]
        second = _run(langgraph, thread_id, supplier=name, messages=history)
        assert second["status"] == "done"
        inbound = [message for message in _stored(product, conversation_id) if message["direction"] == "inbound"]
        assert [message["content"] for message in inbound] == ["Hola", "¿En qué está mi orden?"]

    def test_another_thread_is_told_the_right_one(self, product: Product, langgraph: SyncLangGraphClient) -> None:
        sent = product.supplier_writes("Hola, buenos días", **OILS)
        product.answer_to(sent)
        product.until_quiet()
        conversation = product.conversation_of(OILS["name"])
        before = _ids(_stored(product, conversation["id"]))

        supplier_id = conversation["supplier"]["id"]
        refused = _run(langgraph, str(uuid4()), supplier=supplier_id, messages=[_said("¿En qué está mi orden?")])
        assert refused["__error__"]["error"] == "OtherThread"
        assert conversation["thread_id"] in refused["__error__"]["message"]
        assert _ids(_stored(product, conversation["id"])) == before

        # On the right thread it is heard, and answered here, not on WhatsApp.
        answered = _run(langgraph, conversation["thread_id"], supplier=supplier_id, messages=[_said("¿En qué está mi orden?")])
        assert answered["reply"]
        assert len(product.replies(sent["conversation_id"])) == 1

    @pytest.mark.parametrize(
        ("given", "error"),
        [
            ({"messages": [_said("Hola")]}, "InvalidInput"),
            ({"messages": [_said("Hola")], "supplier": ""}, "InvalidInput"),
            ({"messages": [_said("Hola")], "supplier": str(uuid4())}, "SupplierNotFound"),
            ({"messages": [], "supplier": "Nadie"}, "InvalidInput"),
            ({"messages": [_said("   ")], "supplier": "Nadie"}, "InvalidInput"),
            ({"messages": [{"role": "assistant", "content": "Soy el agente"}], "supplier": "Nadie"}, "InvalidInput"),
            ({"messages": "no list", "supplier": "Nadie"}, "InvalidInput"),
            ({"messages": {"role": "user", "content": "Hola"}, "supplier": "Nadie"}, "InvalidInput"),
            ({"messages": [7], "supplier": "Nadie"}, "InvalidInput"),
            ({"messages": [_said("Hola")], "supplier": 7}, "InvalidInput"),
            ({"messages": [_said("Hola")], "supplier": {"id": 7}}, "InvalidInput"),
            ({"supplier": "Nadie"}, "InvalidInput"),
            ({}, "InvalidInput"),
            ({"turn_id": 1}, "InvalidInput"),
            ({"turn_id": 10**9, "attempt": 1}, "TurnNotFound"),
        ],
    )
    def test_what_cannot_be_run(
        self, product: Product, langgraph: SyncLangGraphClient, given: dict[str, Any], error: str
    ) -> None:
        tables = "SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM turn), (SELECT count(*) FROM supplier)"
        before = product.rows(tables)
        assert _run(langgraph, str(uuid4()), **given)["__error__"]["error"] == error
        assert product.rows(tables) == before

    def test_a_past_attempt_does_nothing(self, product: Product, langgraph: SyncLangGraphClient) -> None:
        sent = product.supplier_writes("Hola, buenos días", **BOXES)
        product.answer_to(sent)
        product.until_quiet()
        conversation = product.conversation_of(BOXES["name"])
        turn = conversation["turns"][0]
        stale = _run(langgraph, conversation["thread_id"], turn_id=turn["id"], attempt=turn["attempt"])
        assert stale["status"] == "stale"
        product.until_quiet()
        assert product.conversation_of(BOXES["name"])["turns"] == conversation["turns"]

    def test_while_another_supplier_writes(self, product: Product, langgraph: SyncLangGraphClient) -> None:
        answers: list[dict[str, Any]] = []
        names = [f"Agente {uuid4()}" for _ in range(3)]

        def speak(name: str) -> None:
            answers.append(_run(product.langgraph(), str(uuid4()), supplier=name, messages=[_said("Hola")]))

        threads = [threading.Thread(target=speak, args=[name]) for name in names]
        sent = product.supplier_writes("Hola, buenos días", **NUTS)
        for thread in threads:
            thread.start()
        assert len(product.answer_to(sent)) == 1
        for thread in threads:
            thread.join(PATIENCE)
        assert [answer["status"] for answer in answers] == ["done"] * 3
        assert len({product.conversation_of(name)["thread_id"] for name in [*names, NUTS["name"]]}) == 4


def test_the_schemas_say_what_each_field_is(langgraph: SyncLangGraphClient) -> None:
    assistants = langgraph.assistants.search(graph_id=GRAPH)
    assert len(assistants) == 1
    assert "supplier" in (assistants[0]["description"] or "").lower()
    schemas: Any = langgraph.assistants.get_schemas(assistants[0]["assistant_id"])
    for kind, fields in {
        "input_schema": {"messages", "supplier", "turn_id", "attempt"},
        "output_schema": {"status", "turn", "messages", "understanding", "plan", "order", "reply"},
    }.items():
        described = schemas[kind]["properties"]
        assert set(described) == fields
        assert all(len(field["description"]) > 10 for field in described.values()), kind


def test_plain_langgraph_dev(tmp_path: Path) -> None:
    """Without `po-agent up`: the server itself brings up the embedded database, and stops it at its end."""
    tmp_path.chmod(0o755)
    settings = demo_settings(tmp_path / "data")
    command = [sys.executable, "-m", "langgraph_cli", "dev", "--port", str(settings.port), "--no-browser"]
    with (tmp_path / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--n-jobs-per-worker", "10"],
            env=child_environment(settings),
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
    postgres = EmbeddedPostgres(settings.data_dir / "postgres")
    product = Product(settings, "", log=tmp_path / "server.log")
    try:
        product.until(lambda: _is_ready(server, product), "the server to be ready")
        product.answer_to(product.supplier_writes("Hola, buenos días"))
        database = postgres.pid
        assert database is not None
        family = psutil.Process(server.pid).children(recursive=True)

        os.kill(server.pid, signal.SIGTERM)
        server.wait(PATIENCE)
        assert not psutil.wait_procs(family, timeout=PATIENCE)[1]
        assert not psutil.pid_exists(database)
    finally:
        product.close()
        if server.poll() is None:
            server.kill()
            server.wait()
        postgres.stop()


def _is_ready(server: subprocess.Popen[bytes], product: Product) -> bool:
    assert server.poll() is None, product.log()[-3000:]
    try:
        return product.door.get("/ready").status_code == 200
    except httpx.TransportError:
        return False


def _stored(product: Product, conversation_id: str) -> list[dict[str, Any]]:
    """The conversation's messages, oldest first."""
    params: dict[str, Any] = {"conversation_id": conversation_id, "limit": 200}
    messages: list[dict[str, Any]] = told(product.bridge.get("/messages/latest", params=params))["messages"]
    return messages[::-1]


def _ids(messages: list[dict[str, Any]]) -> list[int]:
    """Which messages they are; the receipts of a channel go on changing their status."""
    return [message["id"] for message in messages]

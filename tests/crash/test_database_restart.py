"""PostgreSQL restarted under the running product: server and bridge use it again, and neither is restarted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage.embedded_postgres import EmbeddedPostgres
from tests.acceptance.server.product import FLOUR, MILL, NUTS, Product, running_product, told, whatsapp_webhook

pytestmark = pytest.mark.server


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """The test owns the database; the product is only told where it is."""
    tmp_path.chmod(0o755)
    with EmbeddedPostgres(tmp_path / "postgres") as server:
        yield server


@pytest.fixture
def product(postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[Product]:
    with running_product(tmp_path / "data", database_url=postgres.start(), turn_lease_seconds=5) as running:
        yield running


def test_used_again_without_a_restart(product: Product, postgres: EmbeddedPostgres) -> None:
    product.answer_to(product.supplier_writes("Hola, buenos días", **MILL))
    thread_id = product.conversation_of(MILL["name"])["thread_id"]
    checkpoints = _checkpoints(product, thread_id)
    assert checkpoints > 0

    running = postgres.pid
    postgres.restart()
    assert postgres.pid != running

    sent = product.supplier_writes(FLOUR, **MILL)
    assert "P0" in product.answer_to(sent)[0]
    assert _checkpoints(product, thread_id) > checkpoints
    assert told(product.door.get("/ready"))["ready"] is True
    state: Any = product.langgraph().threads.get_state(thread_id)["values"]
    assert state["plan"]["steps"][0]["action"] == "create_purchase_quote"
    assert product.process is not None
    assert product.process.poll() is None


def test_written_while_it_was_away(product: Product, postgres: EmbeddedPostgres) -> None:
    """What is not stored is not acknowledged; sent again, it is stored and answered once. What ran is run again."""
    # A Chatwoot conversation to answer in.
    hello = product.supplier_writes("Hola, buenos días", **NUTS)
    product.answer_to(hello)
    running = product.supplier_writes("Hola, otra vez", **MILL)
    product.until(lambda: product.rows("SELECT 1 FROM turn WHERE status = 'running'"), "a turn to run")
    postgres.stop()

    contact = {"id": hello["contact_id"], "name": NUTS["name"], "phone_number": NUTS["phone"]}
    body = whatsapp_webhook("¿Siguen ahí?", message_id=90_001, conversation_id=hello["conversation_id"], contact=contact)
    refused = product.webhook(body)
    assert refused.status_code == 500
    assert refused.json()["error"]["code"] == "database_unavailable"
    assert product.door.get("/health").status_code == 200
    ready = product.door.get("/ready")
    assert (ready.status_code, ready.json()["dependencies"]["database"]["ok"]) == (503, False)
    token = product.bridge.headers["Authorization"]
    count = product.door.get("/messages/count", headers={"Authorization": token})
    assert (count.status_code, count.json()["error"]["code"]) == (503, "database_unavailable")

    postgres.start()
    product.until(lambda: product.webhook(body).status_code == 200, "the webhook to be stored")
    assert told(product.webhook(body)) == {"status": "repeated"}
    product.until(lambda: len(product.replies(hello["conversation_id"])) == 2, "an answer to what was sent again")
    product.answer_to(running)
    product.until_quiet()
    assert len(product.replies(hello["conversation_id"])) == 2
    assert len(product.replies(running["conversation_id"])) == 1


def _checkpoints(product: Product, thread_id: str) -> int:
    return int(product.rows("SELECT count(*) AS n FROM checkpoints WHERE thread_id = %s", thread_id)[0]["n"])

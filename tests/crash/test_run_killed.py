"""A run that dies in the middle of `order_handler`, and the turn run again on the LangGraph server and its checkpointer.

The run is stopped at a known place by the test's own lock on a table: before an effect is written down (`operation`), or
after it was done in Odoo and before that was written down (`order_record`). Then the server is killed, or the run cancelled.
"""

from decimal import Decimal
from typing import Any

import pytest

from tests.acceptance.server.product import FLOUR, MILL, Product, told
from tests.crash.conftest import Life

pytestmark = pytest.mark.server

MILL_PARTNER = 1

PLACES = {
    "before the effect is written down": ("operation", 0),
    "after the effect, before that is written down": ("order_record", 1),
}


@pytest.mark.parametrize("place", PLACES)
def test_the_server_is_killed(life: Life, place: str) -> None:
    table, orders_made = PLACES[place]
    with life() as product:
        with product.held_up(table):
            sent = product.supplier_writes(FLOUR, **MILL)
            product.until_held_up(table)
            before = _only_turn(product)
            assert len(product.odoo_orders(MILL_PARTNER)) == orders_made
            assert product.process is not None
            product.process.kill()
            product.process.wait()
        assert _only_turn(product) == before

    with life() as product:
        product.answer_to(sent)
        _assert_done_once(product, sent, before)
        _assert_next_turn_is_untouched(product, before)


def test_the_run_is_cancelled(life: Life) -> None:
    """The server lives on. The bridge learns from it that the run is over, and need not wait for the lease."""
    with life() as product:
        with product.held_up("order_record"):
            sent = product.supplier_writes(FLOUR, **MILL)
            product.until_held_up("order_record")
            before = _only_turn(product)
            assert len(product.odoo_orders(MILL_PARTNER)) == 1
            thread_id = product.conversation_of(MILL["name"])["thread_id"]
            product.langgraph().runs.cancel(thread_id, str(before["run_id"]), wait=True)
        product.answer_to(sent)
        _assert_done_once(product, sent, before)
        _assert_next_turn_is_untouched(product, before)


def _only_turn(product: Product) -> dict[str, Any]:
    turns = product.rows("SELECT id, status, attempt, run_id, plan::text AS plan, understanding::text AS reading FROM turn")
    assert len(turns) == 1
    return turns[0]


def _assert_done_once(product: Product, sent: dict[str, Any], before: dict[str, Any]) -> None:
    """The same plan and understanding, one set of effects, one reply."""
    product.until_quiet()
    after = _only_turn(product)
    assert (before["status"], before["attempt"]) == ("running", 1)
    assert (after["status"], after["attempt"]) == ("done", 2)
    assert before["plan"] is not None
    assert (after["plan"], after["reading"]) == (before["plan"], before["reading"])
    # Policy judged once: the second attempt was asked nothing.
    assert len(product.rows("SELECT 1 FROM audit_event WHERE actor = 'policy' AND turn_id = %s", after["id"])) == 1

    orders = product.odoo_orders(MILL_PARTNER)
    assert [(order.state, order.amount_untaxed) for order in orders] == [("sent", Decimal(40 * 17_900))]
    operations = product.rows("SELECT action, status, attempt FROM operation")
    assert [(operation["action"], operation["status"]) for operation in operations] == [("create_purchase_quote", "done")]
    recorded = told(product.bridge.get("/orders"))["orders"]
    assert [(order["name"], order["state"]) for order in recorded] == [(orders[0].name, "sent")]

    replies = product.replies(sent["conversation_id"])
    assert len(replies) == 1
    assert orders[0].name in replies[0]


def _assert_next_turn_is_untouched(product: Product, killed: dict[str, Any]) -> None:
    """The next turn on the thread has an understanding, a plan and outcomes of its own, and nothing is left to be resumed."""
    sent = product.supplier_writes("Hola, buenas tardes", **MILL)
    product.answer_to(sent)
    product.until_quiet()
    conversation = product.conversation_of(MILL["name"])
    newest, oldest = conversation["turns"]
    assert oldest["id"] == killed["id"]
    assert (newest["status"], newest["attempt"]) == ("done", 1)

    state = product.langgraph().threads.get_state(conversation["thread_id"])
    values: Any = state["values"]
    assert values["turn"]["id"] == newest["id"]
    assert values["turn"]["attempt"] == 1
    assert values["understanding"] == newest["understanding"] != oldest["understanding"]
    assert values["plan"] == newest["plan"] != oldest["plan"]
    assert [outcome["kind"] for outcome in values["outcomes"]] == ["courtesy"]
    assert values["status"] == "done"
    assert (state["next"], state["tasks"]) == ([], [])
    assert len(product.odoo_orders(MILL_PARTNER)) == 1
    assert len(product.replies(sent["conversation_id"])) == 2

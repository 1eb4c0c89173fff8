"""What is seen of the whole product from outside: one trace a turn across its parts, metrics, and `po-agent check`.

The collector of traces is a real OTLP server of the test's own.
"""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from po_agent.child_environment import child_environment
from tests.acceptance.server.product import FLOUR, MILL, Product, running_product, told
from tests.integration.tracing.collector import Collector, collecting

pytestmark = pytest.mark.server

NODES = {"message_reader", "intent_classifier", "order_handler", "response_generator", "message_dispatcher"}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Product, Collector]]:
    with (
        collecting() as collector,
        running_product(tmp_path_factory.mktemp("watched"), otel_exporter_otlp_endpoint=collector.url) as product,
    ):
        yield product, collector


def test_a_turn_is_one_trace_from_webhook_to_delivery(watched: tuple[Product, Collector]) -> None:
    product, collector = watched
    sent = product.supplier_writes(FLOUR, **MILL)
    [answer] = product.answer_to(sent)
    product.until_quiet()
    [deliver] = product.until(lambda: collector.named("deliver"), "the span of the delivery")
    product.until(lambda: collector.named("turn"), "the span of the turn")

    spans = [span for span in collector.spans if span.trace == deliver.trace]
    by_name = {span.name: span for span in spans}
    assert set(by_name) == {"webhook", "turn", "run", "deliver"} | NODES
    assert by_name["webhook"].parent == ""
    assert by_name["webhook"].attributes["chatwoot_message"] == sent["message_id"]
    assert by_name["turn"].parent == by_name["deliver"].parent == by_name["webhook"].id
    assert by_name["run"].parent == by_name["turn"].id
    assert {by_name[node].parent for node in NODES} == {by_name["run"].id}
    turn_id = told(product.bridge.get("/messages/latest", params={"limit": 1}))["messages"][0]["turn_id"]
    assert {span.attributes["turn"] for span in spans if span.name != "webhook"} == {turn_id}
    assert not [span for span in spans if span.failed]
    for words in (FLOUR, answer, MILL["name"], MILL["phone"]):
        assert words.encode() not in collector.raw


def test_each_stage_was_counted_once(watched: tuple[Product, Collector]) -> None:
    product, _ = watched
    before = _samples(product)
    sent = product.supplier_writes("¿En qué está mi orden?", **MILL)
    product.answer_to(sent)
    product.until_quiet()

    def grown(*name: str) -> float:
        return _samples(product).get(name, 0) - before.get(name, 0)

    product.until(lambda: grown("po_agent_turns_total", "done") == 1, "the turn to be counted")
    assert grown("po_agent_webhooks_received_total", "supplier_message", "stored") == 1
    assert grown("po_agent_deliveries_total", "sent") == 1
    assert grown("po_agent_duplicates_total") == 0
    for stage in ("debounce", "run", "delivery", "total"):
        assert grown("po_agent_stage_seconds_count", stage) == 1, stage
    assert grown("po_agent_stage_seconds_sum", "total") >= grown("po_agent_stage_seconds_sum", "run") > 0
    assert _samples(product)["po_agent_database_up",] == 1


def test_check_finds_all_in_order(watched: tuple[Product, Collector]) -> None:
    product, _ = watched
    ran = subprocess.run(
        [sys.executable, "-m", "po_agent", "check", "--json"],
        env=child_environment(product.settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    found = {one["name"]: one for one in json.loads(ran.stdout)["checks"]}
    assert ran.returncode == 0, ran.stdout
    assert {"settings", "database", "langgraph", "chatwoot", "chatwoot_bot", "webhook", "odoo", "model"} <= found.keys()
    assert [name for name, one in found.items() if not one["ok"] or one["warning"]] == []
    assert "secret of ours" in found["webhook"]["detail"]


def _samples(product: Product) -> dict[tuple[str, ...], float]:
    answer = product.bridge.get("/bridge/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }

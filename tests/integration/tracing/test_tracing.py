"""Spans arrive at a collector, join across processes, and tell no text; without the setting nothing is loaded for them.

Each program is a process of its own, as OpenTelemetry's provider is set once in a process. The collector is a real HTTP
server that decodes OTLP.
"""

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.tracing.collector import Collector, collecting

ROOT = Path(__file__).parents[3]

PREAMBLE = """
    import sys, threading, uuid
    from domain.tracing import describe, span, traceparent
    from po_agent.settings import Settings
    from po_agent.tracing import flush_traces, start_tracing
    settings = Settings(_env_file=None)
    start_tracing(settings)
"""


def run(program: str, *, endpoint: str | None, **environment: str) -> str:
    """Run a program of the product's parts; answers what it printed."""
    code = textwrap.dedent(PREAMBLE) + textwrap.dedent(program)
    given = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint} if endpoint else {}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=inherited | {"PYTHONPATH": str(ROOT)} | given | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


def test_spans_of_two_processes_are_one_trace(collector: Collector) -> None:
    told = run(
        """
        with span("webhook", chatwoot_message=17):
            with span("turn", turn=4, conversation=uuid.UUID(int=1), nothing=None):
                describe(outcome="done")
                print(traceparent())
        flush_traces(settings)
        """,
        endpoint=collector.url,
    ).strip()
    run(f'with span("deliver", parent="{told}", message=9): pass\nflush_traces(settings)', endpoint=collector.url)
    (webhook,), (turn,), (deliver,) = (collector.named(name) for name in ("webhook", "turn", "deliver"))
    assert {webhook.trace, turn.trace, deliver.trace} == {told.split("-")[1]}
    assert (webhook.parent, turn.parent, deliver.parent) == ("", webhook.id, turn.id)
    assert turn.attributes == {"turn": 4, "conversation": "00000000-0000-0000-0000-000000000001", "outcome": "done"}
    assert webhook.service == "po-agent"


def test_a_parent_from_elsewhere_goes_before_the_present_span(collector: Collector) -> None:
    other = "00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"
    run(f'with span("outer"):\n    with span("inner", parent="{other}"): pass\nflush_traces(settings)', endpoint=collector.url)
    (inner,) = collector.named("inner")
    assert (inner.trace, inner.parent) == ("ab" * 16, "cd" * 8)


def test_a_parent_that_is_none_begins_a_trace_of_its_own(collector: Collector) -> None:
    run('with span("turn", parent="rubbish"): pass\nflush_traces(settings)', endpoint=collector.url)
    (turn,) = collector.named("turn")
    assert turn.parent == ""


def test_a_failure_is_told_by_its_kind_and_never_by_its_text(collector: Collector) -> None:
    run(
        """
        try:
            with span("run"):
                raise ValueError("El proveedor escribió: 40 sacos")
        except ValueError:
            print("raised on")
        flush_traces(settings)
        """,
        endpoint=collector.url,
    )
    (failed,) = collector.named("run")
    assert (failed.failed, failed.status_message, failed.events) == (True, "ValueError", 0)
    assert b"sacos" not in collector.raw


def test_the_service_has_the_name_it_is_given(collector: Collector) -> None:
    program = 'with span("turn"): pass\nflush_traces(settings)'
    run(program, endpoint=f"{collector.url}/", OTEL_SERVICE_NAME="bridge-2")
    assert [span.service for span in collector.spans] == ["bridge-2"]


def test_spans_are_sent_while_the_program_runs(collector: Collector) -> None:
    """A process that is killed has told all but the last second."""
    program = """
        import os, time
        with span("turn"): pass
        time.sleep(3)
        os.kill(os.getpid(), 9)
    """
    with pytest.raises(AssertionError):
        run(program, endpoint=collector.url)
    assert len(collector.named("turn")) == 1


def test_a_collector_that_is_away_keeps_nothing_from_ending() -> None:
    told = run(
        """
        import time
        for _ in range(50):
            with span("turn"): pass
        began = time.monotonic()
        flush_traces(settings)
        print(time.monotonic() - began)
        """,
        endpoint="http://127.0.0.1:9",
    )
    assert float(told.strip().splitlines()[-1]) < 10


@pytest.mark.parametrize("module", ["webhook_bridge.app", "po_agent.graphs", "po_agent.app"])
def test_without_the_setting_nothing_is_loaded_and_nothing_made(module: str) -> None:
    told = run(
        f"""
        import {module}
        from opentelemetry import trace
        with span("turn", turn=1):
            print(trace.get_current_span().is_recording(), traceparent())
        flush_traces(settings)
        # LangSmith, which LangGraph loads, loads the SDK for itself; nothing but ours would load the exporter.
        ours = ("opentelemetry.exporter",) if "langsmith" in sys.modules else ("opentelemetry.exporter", "opentelemetry.sdk")
        print([name for name in sys.modules if name.startswith(ours)])
        print(type(trace.get_tracer_provider()).__name__, threading.active_count())
        """,
        endpoint=None,
    )
    assert told.splitlines() == ["False None", "[]", "ProxyTracerProvider 1"]

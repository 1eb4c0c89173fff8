"""What Prometheus is told: what this process has seen happen, and how much waits in the tables (see `docs/metrics.md`).

The counters are one process's, and several bridges in it share them; ask for rates, summed over processes. The gauges are read
from the tables when they are asked for, so each bridge tells the same; ask for their maximum. No label holds an id or a text
from outside: their number stays small.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily

from domain.errors import AgentError
from storage.backlog import Backlog
from storage.models import Message, Turn
from storage.models.turn import TurnKind, TurnStatus

REGISTRY = CollectorRegistry()

#: Seconds: a chat answers in some, a model takes tens, and what waits for somebody takes long.
_BUCKETS = (0.1, 0.25, 0.5, 1, 2, 4, 6, 8, 10, 15, 20, 30, 45, 60, 120, 300, 900, 3600)

WEBHOOKS = Counter(
    "po_agent_webhooks_received",
    "Webhooks of Chatwoot, by what they mean and what was done.",
    ["event", "outcome"],
    registry=REGISTRY,
)
TURNS = Counter("po_agent_turns", "Attempts at turns that ended, by how.", ["outcome"], registry=REGISTRY)
DELIVERIES = Counter("po_agent_deliveries", "Attempts to send a message, by how they ended.", ["outcome"], registry=REGISTRY)
DUPLICATES = Counter("po_agent_duplicates", "Messages of ours that Chatwoot was found to have twice.", registry=REGISTRY)
ERRORS = Counter("po_agent_errors", "Errors, by their code.", ["kind"], registry=REGISTRY)
MODEL_TOKENS = Counter(
    "po_agent_model_tokens", "Tokens that the model read (input) and wrote (output).", ["model", "direction"], registry=REGISTRY
)
STAGES = Histogram(
    "po_agent_stage_seconds",
    "Seconds in each stage from a supplier's words to the answer that Chatwoot accepted.",
    ["stage"],
    buckets=_BUCKETS,
    registry=REGISTRY,
)


def webhook_received(event: object, outcome: str) -> None:
    """A webhook was answered. `event`: what it means, or a word of ours for one that was not read."""
    name = event if isinstance(event, str) else re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(event).__name__).lower()
    WEBHOOKS.labels(event=name, outcome=outcome).inc()


def turn_claimed(turn: Turn, *, now: datetime) -> None:
    """An attempt at it begins. How long a burst was collected is told by the first one."""
    if turn.attempt == 1 and turn.kind == TurnKind.SUPPLIER:
        _observe("debounce", turn.started_at, now)


def turn_ended(claimed: Turn, found: Turn | None, *, claimed_at: datetime) -> None:
    """The attempt that had `claimed` a turn is over, and the turn is `found` like this; None if it was erased meanwhile."""
    outcome = _outcome(claimed, found)
    TURNS.labels(outcome=outcome).inc()
    if found is None or outcome == "taken_over":
        return
    if outcome == "done" and found.ended_at is not None:
        _observe("run", claimed_at, found.ended_at)
    for model, tokens in (found.usage or {}).items():
        before = (claimed.usage or {}).get(model, {})
        for direction, count in tokens.items():
            MODEL_TOKENS.labels(model=model, direction=direction).inc(max(0, count - before.get(direction, 0)))


def _outcome(claimed: Turn, found: Turn | None) -> str:
    if found is None:
        return "erased"
    if found.attempt != claimed.attempt:
        return "taken_over"
    match found.status:
        case TurnStatus.COLLECTING:
            return "superseded"
        case TurnStatus.WAITING:
            return "given_back"
        case TurnStatus.RUNNING:
            # Its bridge stops before it ends: the lease gives it to another one.
            return "left"
        case ended:
            return ended


def message_accepted(message: Message, *, now: datetime) -> None:
    """Chatwoot has it. Of an answer in parts the first one counts, for then the supplier reads something."""
    DELIVERIES.labels(outcome="sent").inc()
    _observe("delivery", message.stored_at, now)
    turn = message.turn
    if turn is not None and turn.kind == TurnKind.SUPPLIER and message.seq == 1 and not message.private:
        _observe("total", turn.started_at, now)


def delivery_ended(outcome: str) -> None:
    """An attempt to send ended otherwise: `retried`, `rate_limited`, `failed` or `cancelled`."""
    DELIVERIES.labels(outcome=outcome).inc()


def duplicates_found(count: int = 1) -> None:
    """Chatwoot has a message of ours once more than it should."""
    DUPLICATES.inc(count)


def error_seen(error: BaseException) -> None:
    """Something failed: one of our errors, by its code, or any other, by its class."""
    ERRORS.labels(kind=error.code if isinstance(error, AgentError) else type(error).__name__).inc()


def _observe(stage: str, begin: datetime, end: datetime) -> None:
    # The clocks of two processes may differ by a little.
    STAGES.labels(stage=stage).observe(max(0.0, (end - begin).total_seconds()))


def exposition(backlog: Backlog | None, *, now: datetime) -> bytes:
    """All of it in Prometheus' text format. `backlog` None: the database is away, and only that is told of it."""
    return generate_latest(_Everything(backlog, now))


@dataclass(frozen=True)
class _Everything:
    """What `generate_latest` takes: anything with a `collect`."""

    backlog: Backlog | None
    now: datetime

    def collect(self) -> Iterator[Metric]:
        for metric in REGISTRY.collect():
            # When a series began is of no use, and doubles their number.
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric
        yield from _gauges(self.backlog, self.now)


def _gauges(backlog: Backlog | None, now: datetime) -> Iterable[Metric]:
    yield _gauge("database_up", "1 if the tables could be read for this answer.", 0 if backlog is None else 1)
    if backlog is None:
        return
    yield _gauge("oldest_due_turn_seconds", "How long the first turn in line has been due.", _age(backlog.oldest_due_turn, now))
    yield _gauge(
        "oldest_queued_message_seconds",
        "How long the first message in line has been queued.",
        _age(backlog.oldest_queued_message, now),
    )
    yield _gauge("unfinished_turns", "Turns that are not done, by status.", backlog.turns, label="status")
    yield _gauge("open_messages", "Messages that are not dealt with, by status.", backlog.messages, label="status")
    yield _gauge(
        "active_conversations", "Active conversations, by who handles them.", backlog.conversations, label="handled_by"
    )
    yield _gauge("open_approvals", "Decisions that wait for a person.", backlog.open_approvals)
    yield _gauge("webhooks_set_aside", "Webhooks that were signed and not understood.", backlog.webhooks_set_aside)
    yield _gauge("pauses", "Stops in force, for everything or for one supplier.", backlog.pauses)


def _gauge(name: str, meaning: str, value: float | dict[str, int], *, label: str | None = None) -> Metric:
    gauge = GaugeMetricFamily(f"po_agent_{name}", meaning, labels=[label] if label else None)
    values: dict[Any, float] = dict(value) if isinstance(value, dict) else {None: value}
    for which, number in values.items():
        gauge.add_metric([str(which)] if label else [], number)
    return gauge


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0

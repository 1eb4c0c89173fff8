"""What is counted, and how it is told. Nothing is faked; counters are shared by the process, so differences are measured."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from domain.errors import StaleAttempt
from domain.messages import Direction
from storage.backlog import Backlog
from storage.models import Message, Turn
from storage.models.turn import TurnKind, TurnStatus
from webhook_bridge import metrics
from webhook_bridge.chatwoot.events import Ignored, MessageDeleted
from webhook_bridge.chatwoot.failures import ChatwootRateLimited

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def value(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


class Grown:
    """By how much a sample has grown since."""

    def __init__(self, name: str, **labels: str) -> None:
        self._now: Callable[[], float] = lambda: value(name, **labels)
        self._before = self._now()

    def __call__(self) -> float:
        return round(self._now() - self._before, 6)


def seconds(stage: str) -> Grown:
    return Grown("po_agent_stage_seconds_sum", stage=stage)


def observations(stage: str) -> Grown:
    return Grown("po_agent_stage_seconds_count", stage=stage)


def a_turn(**given: Any) -> Turn:
    facts: dict[str, Any] = {"id": 1, "attempt": 1, "kind": TurnKind.SUPPLIER, "status": TurnStatus.RUNNING, "started_at": NOW}
    return Turn(**(facts | given))


def test_a_webhook_is_counted_by_what_it_means_and_what_was_done() -> None:
    deleted = Grown("po_agent_webhooks_received_total", event="message_deleted", outcome="withdrawn")
    ignored = Grown("po_agent_webhooks_received_total", event="ignored", outcome="ignored")
    unread = Grown("po_agent_webhooks_received_total", event="unread", outcome="too_large")
    metrics.webhook_received(MessageDeleted(account_id=1, chatwoot_message_id=2), "withdrawn")
    metrics.webhook_received(Ignored(event="typing", reason="no message"), "ignored")
    metrics.webhook_received("unread", "too_large")
    assert (deleted(), ignored(), unread()) == (1, 1, 1)


class TestTurns:
    def test_the_first_attempt_tells_how_long_a_burst_was_collected(self) -> None:
        total, count = seconds("debounce"), observations("debounce")
        metrics.turn_claimed(a_turn(), now=NOW + timedelta(seconds=7))
        assert (total(), count()) == (7, 1)
        metrics.turn_claimed(a_turn(attempt=2), now=NOW + timedelta(hours=1))
        metrics.turn_claimed(a_turn(kind=TurnKind.REMINDER), now=NOW + timedelta(hours=1))
        assert (total(), count()) == (7, 1)

    @pytest.mark.parametrize(
        ("found", "outcome"),
        [
            (a_turn(status=TurnStatus.DONE, ended_at=NOW), "done"),
            (a_turn(status=TurnStatus.FAILED), "failed"),
            (a_turn(status=TurnStatus.WAITING), "given_back"),
            (a_turn(status=TurnStatus.COLLECTING), "superseded"),
            (a_turn(status=TurnStatus.RUNNING), "left"),
            (a_turn(status=TurnStatus.RUNNING, attempt=2), "taken_over"),
            (a_turn(status=TurnStatus.DONE, attempt=2), "taken_over"),
            (None, "erased"),
        ],
    )
    def test_each_attempt_has_one_outcome(self, found: Turn | None, outcome: str) -> None:
        words = ["done", "failed", "given_back", "superseded", "left", "taken_over", "erased"]
        grown = {word: Grown("po_agent_turns_total", outcome=word) for word in words}
        metrics.turn_ended(a_turn(), found, claimed_at=NOW)
        assert {word: count() for word, count in grown.items()} == dict.fromkeys(words, 0) | {outcome: 1}

    def test_only_an_answered_turn_tells_how_long_a_run_takes(self) -> None:
        total = seconds("run")
        metrics.turn_ended(a_turn(), a_turn(status=TurnStatus.WAITING), claimed_at=NOW)
        assert total() == 0
        ended = a_turn(status=TurnStatus.DONE, ended_at=NOW + timedelta(seconds=3))
        metrics.turn_ended(a_turn(), ended, claimed_at=NOW + timedelta(seconds=1))
        assert total() == 2

    def test_tokens_are_counted_once_over_all_attempts(self) -> None:
        read = Grown("po_agent_model_tokens_total", model="gpt", direction="input")
        wrote = Grown("po_agent_model_tokens_total", model="gpt", direction="output")
        first = {"gpt": {"input": 100, "output": 10}}
        both = {"gpt": {"input": 150, "output": 15}}
        metrics.turn_ended(a_turn(), a_turn(status=TurnStatus.WAITING, usage=first), claimed_at=NOW)
        assert (read(), wrote()) == (100, 10)
        again = a_turn(attempt=2, usage=first)
        metrics.turn_ended(again, a_turn(attempt=3, usage=both), claimed_at=NOW)
        assert (read(), wrote()) == (100, 10), "whoever took it over counts"
        metrics.turn_ended(again, a_turn(attempt=2, status=TurnStatus.DONE, ended_at=NOW, usage=both), claimed_at=NOW)
        assert (read(), wrote()) == (150, 15)
        metrics.turn_ended(a_turn(), a_turn(status=TurnStatus.DONE, ended_at=NOW), claimed_at=NOW)
        assert (read(), wrote()) == (150, 15), "without a model there is nothing to count"


class TestDelivery:
    def a_message(self, *, turn: Turn | None = None, **given: Any) -> Message:
        facts: dict[str, Any] = {"direction": Direction.OUTBOUND, "stored_at": NOW, "seq": 1, "private": False}
        return Message(**(facts | given), turn=turn)

    def test_the_first_part_tells_how_long_the_supplier_waited(self) -> None:
        delivery, whole, sent = seconds("delivery"), seconds("total"), Grown("po_agent_deliveries_total", outcome="sent")
        turn = a_turn(started_at=NOW - timedelta(seconds=8))
        metrics.message_accepted(self.a_message(turn=turn), now=NOW + timedelta(seconds=2))
        assert (delivery(), whole(), sent()) == (2, 10, 1)

    @pytest.mark.parametrize("given", [{"seq": 2}, {"private": True}, {"turn": None}, {"turn": a_turn(kind="reminder")}])
    def test_what_answers_nobody_does_not(self, given: dict[str, Any]) -> None:
        count, sent = observations("total"), Grown("po_agent_deliveries_total", outcome="sent")
        metrics.message_accepted(self.a_message(**({"turn": a_turn()} | given)), now=NOW)
        assert (count(), sent()) == (0, 1)

    def test_clocks_that_differ_make_no_negative_time(self) -> None:
        delivery, count = seconds("delivery"), observations("delivery")
        metrics.message_accepted(self.a_message(), now=NOW - timedelta(seconds=5))
        assert (delivery(), count()) == (0, 1)

    def test_the_other_ends(self) -> None:
        limited = Grown("po_agent_deliveries_total", outcome="rate_limited")
        twice = Grown("po_agent_duplicates_total")
        metrics.delivery_ended("rate_limited")
        metrics.duplicates_found(2)
        assert (limited(), twice()) == (1, 2)


def test_errors_are_counted_by_code_and_those_of_others_by_class() -> None:
    kinds = ["stale_attempt", "chatwoot_rate_limited", "ZeroDivisionError"]
    grown = [Grown("po_agent_errors_total", kind=kind) for kind in kinds]
    for error in (StaleAttempt("x"), ChatwootRateLimited("y"), ZeroDivisionError()):
        metrics.error_seen(error)
    assert [count() for count in grown] == [1, 1, 1]


class TestExposition:
    backlog = Backlog(
        turns={"collecting": 2, "failed": 1},
        messages={"queued": 3},
        conversations={"bot": 4, "person": 5},
        open_approvals=6,
        webhooks_set_aside=7,
        pauses=1,
        oldest_due_turn=NOW - timedelta(seconds=90),
        oldest_queued_message=None,
    )

    def samples(self, backlog: Backlog | None) -> dict[tuple[str, ...], float]:
        """Read as Prometheus reads it."""
        text = metrics.exposition(backlog, now=NOW).decode()
        return {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def test_what_waits_is_told(self) -> None:
        told = self.samples(self.backlog)
        assert told["po_agent_unfinished_turns", "collecting"] == 2
        assert told["po_agent_open_messages", "queued"] == 3
        assert told["po_agent_active_conversations", "person"] == 5
        assert told["po_agent_oldest_due_turn_seconds",] == 90
        assert told["po_agent_oldest_queued_message_seconds",] == 0
        assert told["po_agent_database_up",] == 1

    def test_without_the_database_the_counters_are_still_told(self) -> None:
        metrics.delivery_ended("failed")
        told = self.samples(None)
        assert told["po_agent_database_up",] == 0
        assert told["po_agent_deliveries_total", "failed"] >= 1
        assert not [name for name in told if "oldest" in name[0]]

    def test_nothing_is_told_twice(self) -> None:
        text = metrics.exposition(self.backlog, now=NOW).decode()
        families = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
        assert len(families) == len(set(families)) > 10
        assert "_created" not in text
        assert all(family.startswith("po_agent_") for family in families)

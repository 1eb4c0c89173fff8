"""The breaker by itself, on a clock that the test turns. Faked: time."""

import threading

import pytest
from structlog.testing import capture_logs

from domain.errors import AgentError
from tools.odoo.circuit_breaker import CircuitBreaker, CircuitState
from tools.odoo.errors import CircuitOpen, TurnedAway
from tools.odoo.port import OdooForbidden, OdooRefused, OdooUnavailable


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def fail(breaker: CircuitBreaker, error: AgentError | None = None) -> None:
    with pytest.raises(AgentError), breaker.guarding():
        raise error or OdooUnavailable


def succeed(breaker: CircuitBreaker) -> None:
    with breaker.guarding():
        pass


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(failures=3, rest_seconds=10, clock=clock)


def test_only_failures_in_a_row_open_it(breaker: CircuitBreaker) -> None:
    for _ in range(4):
        fail(breaker)
        fail(breaker)
        succeed(breaker)
    assert breaker.state is CircuitState.CLOSED
    for _ in range(3):
        assert breaker.state is CircuitState.CLOSED
        fail(breaker)
    assert breaker.state is CircuitState.OPEN


@pytest.mark.parametrize("error", [OdooRefused(), OdooForbidden(), TurnedAway()])
def test_an_answer_counts_as_life(breaker: CircuitBreaker, error: AgentError) -> None:
    fail(breaker)
    fail(breaker)
    fail(breaker, error)
    fail(breaker)
    fail(breaker)
    assert breaker.state is CircuitState.CLOSED


def test_the_rest_is_kept_to_the_end(breaker: CircuitBreaker, clock: Clock) -> None:
    for _ in range(3):
        fail(breaker)
    clock.now += 9.9
    fail(breaker, None)  # raised by the breaker itself
    with pytest.raises(CircuitOpen, match="Next try in"), breaker.guarding():
        pytest.fail("nothing passes an open breaker")
    clock.now += 0.2
    assert breaker.state is CircuitState.HALF_OPEN
    succeed(breaker)
    assert breaker.state is CircuitState.CLOSED


def test_half_open_lets_one_through(breaker: CircuitBreaker, clock: Clock) -> None:
    for _ in range(3):
        fail(breaker)
    clock.now += 11
    with breaker.guarding():
        for _ in range(3):
            with pytest.raises(CircuitOpen), breaker.guarding():
                pytest.fail("a second probe")
    succeed(breaker)


def test_a_probe_that_fails_begins_a_new_rest(breaker: CircuitBreaker, clock: Clock) -> None:
    for _ in range(3):
        fail(breaker)
    for _ in range(3):
        clock.now += 11
        fail(breaker)
        assert breaker.state is CircuitState.OPEN


def test_a_mistake_of_ours_during_the_probe_does_not_lock_it_for_ever(breaker: CircuitBreaker, clock: Clock) -> None:
    for _ in range(3):
        fail(breaker)
    clock.now += 11
    with pytest.raises(ZeroDivisionError), breaker.guarding():
        raise ZeroDivisionError
    assert breaker.state is CircuitState.HALF_OPEN, "nothing was learned"
    succeed(breaker)
    assert breaker.state is CircuitState.CLOSED


def test_news_from_before_it_opened_changes_nothing(breaker: CircuitBreaker, clock: Clock) -> None:
    began, may_end = threading.Event(), threading.Event()

    def slow() -> None:
        with breaker.guarding():
            began.set()
            may_end.wait(5)

    thread = threading.Thread(target=slow)
    thread.start()
    assert began.wait(5)
    for _ in range(3):
        fail(breaker)
    may_end.set()
    thread.join(5)
    assert breaker.state is CircuitState.OPEN


def test_each_change_is_logged_once(breaker: CircuitBreaker, clock: Clock) -> None:
    with capture_logs() as logs:
        for _ in range(3):
            fail(breaker)
        clock.now += 11
        succeed(breaker)
        succeed(breaker)
    assert [(line["event"], line["state"]) for line in logs] == [("odoo_circuit", "open"), ("odoo_circuit", "closed")]

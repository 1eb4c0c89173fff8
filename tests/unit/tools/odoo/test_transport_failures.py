"""What networks, proxies and time do to a call, over either protocol: the typed error, and what is sent again."""

import asyncio
import threading
import time

import pytest
import stamina

from domain.errors import AgentError
from tests.unit.tools.odoo.stub_odoo import Answer, StubOdoo
from tools.odoo.circuit_breaker import CircuitBreaker, CircuitState
from tools.odoo.errors import CircuitOpen, TurnedAway
from tools.odoo.port import OdooForbidden, OdooRefused, OdooUnavailable
from tools.odoo.transport import OdooTransport

BAD_GATEWAY: Answer = (502, b"<html>Bad Gateway</html>")
HANGS_UP: Answer = (0, b"")


def locked(protocol: str) -> Answer:
    """Odoo says that another transaction was first."""
    message = "could not serialize access due to concurrent update"
    if protocol == "json2":
        return 500, b'{"name": "psycopg2.errors.SerializationFailure", "message": "%s"}' % message.encode()
    data = {"name": "psycopg2.errors.SerializationFailure", "message": message}
    return {"error": {"code": 0, "message": "Odoo Server Error", "data": data}}


def refused(protocol: str) -> Answer:
    """Odoo says no."""
    if protocol == "json2":
        return 422, b'{"name": "odoo.exceptions.UserError", "message": "Unlock first."}'
    data = {"name": "odoo.exceptions.UserError", "message": "Unlock first."}
    return {"error": {"code": 0, "message": "Odoo Server Error", "data": data}}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (BAD_GATEWAY, OdooUnavailable),
        ((502, b'{"name": "proxy", "message": "in JSON"}'), OdooUnavailable),
        ((503, b""), OdooUnavailable),
        ((504, b""), OdooUnavailable),
        ((429, b""), OdooUnavailable),
        ((500, b"<html>Odoo 14 with several databases</html>"), OdooUnavailable),
        ((404, b"<html>Not Found</html>"), OdooUnavailable),
        ((401, b""), OdooForbidden),
        ((403, b""), OdooForbidden),
        ((200, b"<html>Welcome to our hotel's network</html>"), OdooUnavailable),
        ((200, b"\xff\xfe"), OdooUnavailable),
        (HANGS_UP, OdooUnavailable),
    ],
)
@pytest.mark.parametrize("method", ["read", "button_confirm"])
def test_answers_that_are_not_odoos(stub: StubOdoo, protocol: str, answer: Answer, kind: type[AgentError], method: str) -> None:
    odoo = OdooTransport(stub.connection(protocol=protocol))
    stub.answer = answer
    with pytest.raises(AgentError) as caught:
        odoo.call("purchase.order", method, [1])
    assert type(caught.value) is kind
    assert caught.value.__context__ is None
    assert len(stub.calls) == (3 if kind is OdooUnavailable and method == "read" else 1)


def test_nobody_there(stub: StubOdoo, protocol: str) -> None:
    odoo = OdooTransport(stub.connection(protocol=protocol, url="http://nowhere.invalid:8069"))
    with pytest.raises(OdooUnavailable):
        odoo.call("purchase.order", "read", [1])


@pytest.mark.parametrize("trouble", [BAD_GATEWAY, HANGS_UP, (429, b""), (200, b"<html>")])
def test_a_read_is_asked_again(stub: StubOdoo, protocol: str, trouble: Answer) -> None:
    stub.answers, stub.answer = [trouble, trouble], {"result": [{"id": 1}]}
    odoo = OdooTransport(stub.connection(protocol=protocol))
    assert odoo.call("purchase.order", "read", [1]) == [{"id": 1}]
    assert len(stub.calls) == 3


@pytest.mark.parametrize("method", ["write", "create", "load", "button_confirm", "message_post", "an_unknown_one"])
@pytest.mark.parametrize("trouble", [BAD_GATEWAY, HANGS_UP, (429, b""), (200, b"<html>")])
def test_nothing_else_is_sent_twice(stub: StubOdoo, protocol: str, method: str, trouble: Answer) -> None:
    stub.answers = [trouble]
    with pytest.raises(OdooUnavailable):
        OdooTransport(stub.connection(protocol=protocol)).call("purchase.order", method, [1])
    assert len(stub.calls) == 1


def test_unless_odoo_says_that_it_rolled_back(stub: StubOdoo, protocol: str) -> None:
    stub.answers, stub.answer = [locked(protocol), locked(protocol)], {"result": True}
    odoo = OdooTransport(stub.connection(protocol=protocol))
    assert odoo.call("purchase.order", "button_confirm", [1]) is True
    assert len(stub.calls) == 3


def test_who_always_loses_gives_up(stub: StubOdoo, protocol: str) -> None:
    stub.answer = locked(protocol)
    odoo = OdooTransport(stub.connection(protocol=protocol))
    with pytest.raises(TurnedAway):
        odoo.call("purchase.order", "button_confirm", [1])
    assert len(stub.calls) == 3


def test_no_answer_in_time(stub: StubOdoo, protocol: str) -> None:
    """In real time: a read that got no answer is asked once more, something with an effect never."""
    odoo = OdooTransport(stub.connection(protocol=protocol, timeout_seconds=0.3))
    stub.answer = {"result": []}
    odoo.call("purchase.order", "read", [1])
    stub.calls.clear()
    stub.silent.set()
    with stamina.set_testing(False):
        for method, times in (("read", 2), ("button_confirm", 1)):
            began = time.monotonic()
            with pytest.raises(OdooUnavailable, match="in time"):
                odoo.call("purchase.order", method, [1])
            assert time.monotonic() - began < 3
            assert len(stub.calls) == times
            stub.calls.clear()


async def test_one_call_of_the_port_ends_within_its_budget(stub: StubOdoo, protocol: str) -> None:
    odoo = OdooTransport(stub.connection(protocol=protocol, timeout_seconds=0.5, budget_seconds=1.2))
    stub.answer = {"result": []}
    await odoo.run(odoo.call, "purchase.order", "read", [1])
    stub.silent.set()

    def many_effects() -> list[str]:
        told = []
        for _ in range(9):
            with pytest.raises(OdooUnavailable) as caught:
                odoo.call("purchase.order", "button_confirm", [1])
            told.append(caught.value.detail)
        return told

    began = time.monotonic()
    told = await odoo.run(many_effects)
    assert time.monotonic() - began < 2
    assert told[0] == "No answer in time."
    assert all("no time left" in words for words in told[3:])


async def test_waiting_for_a_thread_counts(stub: StubOdoo, protocol: str) -> None:
    odoo = OdooTransport(stub.connection(protocol=protocol, max_workers=1, budget_seconds=0.5))
    held = threading.Event()
    first = odoo.run(held.wait, 5)

    waiting = asyncio.gather(first, odoo.run(odoo.call, "purchase.order", "read", [1]), return_exceptions=True)
    await asyncio.sleep(0.7)
    held.set()
    _, late = await waiting
    assert isinstance(late, OdooUnavailable)
    assert stub.calls == [], "whoever asked has given up by now"


# -- the circuit breaker


def opened(stub: StubOdoo, protocol: str, *, rest_seconds: float = 60) -> OdooTransport:
    odoo = OdooTransport(stub.connection(protocol=protocol), breaker=CircuitBreaker(failures=3, rest_seconds=rest_seconds))
    stub.answer = BAD_GATEWAY
    for _ in range(3):
        with pytest.raises(OdooUnavailable):
            odoo.call("purchase.order", "button_confirm", [1])
    assert odoo.circuit in (CircuitState.OPEN, CircuitState.HALF_OPEN)
    stub.calls.clear()
    return odoo


def test_an_odoo_that_is_down_is_left_alone(stub: StubOdoo, protocol: str) -> None:
    odoo = opened(stub, protocol)
    stub.answer = {"result": []}
    for method in ("read", "button_confirm"):
        with pytest.raises(CircuitOpen):
            odoo.call("purchase.order", method, [1])
    assert stub.calls == []
    assert issubclass(CircuitOpen, OdooUnavailable), "above, it is an outage like any other"


def test_when_it_is_back_everything_goes_on(stub: StubOdoo, protocol: str) -> None:
    odoo = opened(stub, protocol, rest_seconds=0.05)
    time.sleep(0.06)
    stub.answer = {"result": [{"id": 1}]}
    assert odoo.circuit is CircuitState.HALF_OPEN
    assert odoo.call("purchase.order", "read", [1]) == [{"id": 1}]
    assert odoo.circuit is CircuitState.CLOSED


def test_while_it_is_down_one_call_a_rest_tries(stub: StubOdoo, protocol: str) -> None:
    odoo = opened(stub, protocol, rest_seconds=0.2)
    time.sleep(0.21)
    with pytest.raises(OdooUnavailable):
        odoo.call("purchase.order", "read", [1])
    assert len(stub.calls) == 1, "the retries of that read found the breaker open again"
    assert odoo.circuit is CircuitState.OPEN


@pytest.mark.parametrize("answers", [refused, locked])
def test_a_no_never_opens_it(stub: StubOdoo, protocol: str, answers: object) -> None:
    odoo = OdooTransport(stub.connection(protocol=protocol), breaker=CircuitBreaker(failures=2))
    stub.answer = refused(protocol) if answers is refused else locked(protocol)
    for _ in range(5):
        with pytest.raises(OdooRefused if answers is refused else TurnedAway):
            odoo.call("purchase.order", "button_confirm", [1])
    assert odoo.circuit is CircuitState.CLOSED


# -- the rate limit


def test_odoo_is_not_flooded(stub: StubOdoo, protocol: str) -> None:
    stub.answer = {"result": []}
    odoo = OdooTransport(stub.connection(protocol=protocol, requests_per_second=20))
    odoo.call("res.partner", "read", [1])
    began = time.monotonic()
    for _ in range(30):
        odoo.call("res.partner", "read", [1])
    assert time.monotonic() - began >= 0.45, "a second's worth at once, then one every 50 ms"

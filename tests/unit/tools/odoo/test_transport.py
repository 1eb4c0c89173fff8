"""The transport: lazy, bounded, off the event loop, and silent about credentials. Faked: Odoo (see `stub_odoo.py`)."""

import asyncio
import io
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog
from blockbuster import blockbuster_ctx

from domain.errors import AgentError, InvalidInput
from tests.unit.tools.odoo.stub_odoo import API_KEY, PASSWORD, Answer, StubOdoo
from tools.odoo.odoorpc_adapter import OdooRpcOrderManager
from tools.odoo.port import OdooUnavailable
from tools.odoo.transport import OdooConnection, OdooTransport
from tools.odoo.transport_connection import WireProtocol


@pytest.mark.parametrize("protocol", ["auto", "jsonrpc", "json2"])
def test_building_it_touches_no_network(protocol: WireProtocol) -> None:
    OdooRpcOrderManager(OdooConnection("http://nowhere.invalid:1", "db", "user", API_KEY, protocol=protocol)).close()


@pytest.mark.parametrize(
    "url", ["", "odoo.example", "ftp://odoo.example", "http://", "https://odoo.example/odoo", "http://odoo.example:port"]
)
def test_an_address_that_cannot_be_used_is_refused_at_once(url: str) -> None:
    with pytest.raises(InvalidInput, match="address"):
        OdooConnection(url, "db", "user", "secret")


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://odoo.example", "odoo.example", 443),
        ("http://odoo.example/", "odoo.example", 80),
        ("http://127.0.0.1:8069", "127.0.0.1", 8069),
        ("http://[::1]", "[::1]", 80),
        ("https://[::1]:8443", "[::1]", 8443),
    ],
)
def test_where_that_is(url: str, host: str, port: int) -> None:
    connection = OdooConnection(url, "db", "user", "secret")
    assert (connection.host, connection.port) == (host, port)
    assert connection.is_encrypted == url.startswith("https")


async def test_the_event_loop_is_never_blocked(stub: StubOdoo, protocol: str) -> None:
    odoo = OdooRpcOrderManager(stub.connection(protocol=protocol))
    with blockbuster_ctx():
        assert await odoo.check() == "19.0"


async def test_no_more_calls_at_once_than_workers(stub: StubOdoo, protocol: str) -> None:
    odoo = OdooTransport(stub.connection(protocol=protocol, max_workers=3))
    stub.silent.set()
    stub.answer = {"result": []}
    calls = [asyncio.create_task(odoo.run(odoo.call, "res.partner", "read", [1])) for _ in range(9)]
    for _ in range(3):
        assert await asyncio.to_thread(stub.busy.acquire, timeout=5)
    await asyncio.sleep(0.1)
    stub.released.set()
    assert await asyncio.gather(*calls) == [[]] * 9
    assert stub.most_at_once == 3


async def test_what_is_cancelled_runs_to_its_end(stub: StubOdoo, protocol: str) -> None:
    odoo = OdooTransport(stub.connection(protocol=protocol))
    ended = threading.Event()
    began = threading.Event()

    def work() -> None:
        began.set()
        stub.released.wait(5)
        odoo.call("res.partner", "read", [1])
        ended.set()

    task = asyncio.create_task(odoo.run(work))
    await asyncio.to_thread(began.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    stub.released.set()
    assert await asyncio.to_thread(ended.wait, 5)
    assert len(stub.calls) == 1


async def test_log_context_follows_into_the_worker(stub: StubOdoo) -> None:
    odoo = OdooTransport(stub.connection())
    with structlog.contextvars.bound_contextvars(turn="t-1"):
        assert (await odoo.run(structlog.contextvars.get_contextvars))["turn"] == "t-1"


def test_calls_are_in_the_users_language(stub: StubOdoo, protocol: str) -> None:
    odoo = OdooTransport(stub.connection(protocol=protocol))
    odoo.call("purchase.order", "message_post", [1], body="x", context={"mark_rfq_as_sent": True})
    sent = stub.calls[-1]
    keywords = sent["body"] if protocol == "json2" else sent["args"][-1]
    context = {"lang": "es_CL", "tz": "America/Santiago", "uid": 2, "mark_rfq_as_sent": True}
    assert (keywords["body"], keywords["context"]) == ("x", context)
    assert odoo.timezone().key == "America/Santiago"


# -- credentials


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """What all loggers write at DEBUG, also where a logging configuration sets their levels after ours were built."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    loggers = [logging.getLogger(name) for name in ("", "odoorpc.rpc.jsonrpclib", "httpx", "httpcore")]
    levels = [logger.level for logger in loggers]
    loggers[0].addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        loggers[0].removeHandler(handler)
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def shown_with_locals() -> structlog.typing.FilteringBoundLogger:
    """A log whose tracebacks print local variables, as structured tracebacks do."""
    return structlog.wrap_logger(
        logging.getLogger("test"),
        processors=[
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=True, locals_max_string=10_000)
            ),
            structlog.processors.JSONRenderer(),
        ],
    )


#: By name, because tracebacks show the test's own locals too.
SECRETS = {"password": PASSWORD, "key": API_KEY, "not fit for a header": "linea-secreta\r\nX-Injected: yes"}


def logged_failure(odoo: OdooTransport) -> AgentError | None:
    """Ask Odoo something; what it raises is logged with its traceback."""
    try:
        odoo.call("res.partner", "read", [1])
    except AgentError as error:
        shown_with_locals().exception("it failed")
        return error
    return None


@pytest.mark.parametrize("protocol", ["auto", "jsonrpc", "json2"])
@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("answer", [{"result": []}, (502, b""), (200, b"<html>"), (0, b""), (401, b"")])
def test_credentials_are_never_logged(stub: StubOdoo, protocol: str, secret: str, answer: Answer) -> None:
    stub.answer = answer
    connection = stub.connection(protocol=protocol, password=SECRETS[secret])
    with everything_logged() as written:
        failure = logged_failure(OdooTransport(connection))
    text = written.getvalue()
    assert (failure is not None) == ("it failed" in text)
    assert (failure is not None) == (isinstance(answer, tuple) or (protocol == "json2" and secret != "key"))
    for part in SECRETS[secret].splitlines():
        assert part not in text + repr(connection) + repr(failure)


def test_the_log_that_is_searched_has_something_in_it(stub: StubOdoo) -> None:
    with everything_logged() as written:
        OdooTransport(stub.connection(protocol="json2")).call("res.partner", "read", [1])
    assert "/json/2/res.partner/read" in written.getvalue()


async def test_a_hung_odoo_costs_no_more_than_two_timeouts(stub: StubOdoo, protocol: str) -> None:
    stub.silent.set()
    odoo = OdooRpcOrderManager(stub.connection(protocol=protocol, timeout_seconds=0.3))
    async with asyncio.timeout(3):
        with pytest.raises(OdooUnavailable):
            await odoo.list_orders(partner_id=1)

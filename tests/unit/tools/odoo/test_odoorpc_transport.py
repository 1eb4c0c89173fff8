"""The transport: lazy, bounded, off the event loop, and silent about the password. Faked: Odoo (see `stub_odoo.py`)."""

import asyncio
import io
import logging
import threading

import pytest
import structlog
from blockbuster import blockbuster_ctx

from domain.errors import AgentError, InvalidInput
from tests.unit.tools.odoo.stub_odoo import PASSWORD, StubOdoo
from tools.odoo.odoorpc_adapter import OdooRpcOrderManager
from tools.odoo.port import OdooUnavailable
from tools.odoo.transport import OdooConnection, OdooTransport


def test_building_it_touches_no_network() -> None:
    OdooRpcOrderManager(OdooConnection("http://nowhere.invalid:1", "db", "user", "secret"))


@pytest.mark.parametrize(
    "url", ["", "odoo.example", "ftp://odoo.example", "http://", "https://odoo.example/odoo", "http://odoo.example:port"]
)
def test_an_address_that_cannot_be_used_is_refused_at_once(url: str) -> None:
    with pytest.raises(InvalidInput, match="address"):
        OdooTransport(OdooConnection(url, "db", "user", "secret"))


async def test_the_event_loop_is_never_blocked(stub: StubOdoo) -> None:
    odoo = OdooRpcOrderManager(stub.connection())
    with blockbuster_ctx():
        assert await odoo.check() == "19.0"


async def test_no_more_calls_at_once_than_workers(stub: StubOdoo) -> None:
    odoo = OdooTransport(stub.connection(max_workers=3))
    stub.silent.set()
    stub.answer = {"result": []}
    calls = [asyncio.create_task(odoo.run(odoo.call, "res.partner", "read", [1])) for _ in range(9)]
    for _ in range(3):
        assert await asyncio.to_thread(stub.busy.acquire, timeout=5)
    await asyncio.sleep(0.1)
    stub.released.set()
    assert await asyncio.gather(*calls) == [[]] * 9
    assert stub.most_at_once == 3


async def test_what_is_cancelled_runs_to_its_end(stub: StubOdoo) -> None:
    odoo = OdooTransport(stub.connection())
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


def test_calls_are_in_the_users_language(stub: StubOdoo) -> None:
    odoo = OdooTransport(stub.connection())
    odoo.call("purchase.order", "message_post", [1], body="x", context={"mark_rfq_as_sent": True})
    *_, keywords = stub.calls[-1]["args"]
    context = {"lang": "es_CL", "tz": "America/Santiago", "uid": 2, "mark_rfq_as_sent": True}
    assert keywords == {"body": "x", "context": context}
    assert odoo.timezone().key == "America/Santiago"


@pytest.mark.parametrize("answer", [{"result": []}, (502, b""), (200, b"<html>"), (0, b"")])
def test_the_password_is_never_logged(stub: StubOdoo, answer: dict[str, object] | tuple[int, bytes]) -> None:
    connection = stub.connection()
    assert PASSWORD not in repr(connection)
    stub.answer = answer  # type: ignore[assignment]
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root, wire = logging.getLogger(), logging.getLogger("odoorpc.rpc.jsonrpclib")
    levels = root.level, wire.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        odoo = OdooTransport(connection)
        wire.setLevel(logging.DEBUG)  # as a logging configuration may do after we were built
        log = structlog.wrap_logger(
            logging.getLogger("test"),
            processors=[
                structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=True)),
                structlog.processors.JSONRenderer(),
            ],
        )
        logging.getLogger("test").info("the handler works")
        try:
            odoo.call("res.partner", "read", [1])
        except AgentError:
            log.exception("failed")
    finally:
        root.removeHandler(handler)
        root.setLevel(levels[0])
        wire.setLevel(levels[1])
    assert "the handler works" in written.getvalue()
    assert ("failed" in written.getvalue()) == isinstance(answer, tuple)
    assert PASSWORD not in written.getvalue()


async def test_a_hung_odoo_costs_one_timeout(stub: StubOdoo) -> None:
    stub.silent.set()
    odoo = OdooRpcOrderManager(stub.connection(timeout_seconds=0.3))
    async with asyncio.timeout(3):
        with pytest.raises(OdooUnavailable):
            await odoo.list_orders(partner_id=1)

"""What reaches the log, and what must not. Real logging and structlog; the stream is a buffer."""

import asyncio
import io
import json
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
import structlog
from structlog.contextvars import bound_contextvars

from po_agent.logs import HIDDEN, configure_logs

ROOT = Path(__file__).parents[3]


@dataclass
class Wanted:
    log_level: str = "DEBUG"
    log_format: Literal["json", "console"] = "json"


Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the log goes; what was configured before comes back at the end."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("odoorpc", "httpcore", "openai", "httpx", "watchfiles")}
    before = structlog.get_config()
    yield io.StringIO()
    root.handlers = handlers
    root.setLevel(level)
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)
    logging.captureWarnings(False)
    structlog.configure(**before)
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def lines(stream: io.StringIO) -> Lines:
    configure_logs(Wanted(), stream=stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_that_says_when_who_and_how_bad(lines: Lines) -> None:
    structlog.get_logger("graphs.somewhere").warning(
        "order_confirmed", order="P00045", amount=Decimal("12.50"), text="ñandú\nx"
    )
    [line] = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "order_confirmed",
        "logger": "graphs.somewhere",
        "level": "warning",
        "order": "P00045",
        "amount": "12.50",
        "text": "ñandú\nx",
    }


def test_the_standard_librarys_lines_look_the_same(lines: Lines) -> None:
    logging.getLogger("alembic.runtime.migration").info("Running upgrade %s -> %s", "a", "b", extra={"revision": "b"})
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old thing", stacklevel=1)
    migration, warning = lines()
    assert migration["event"] == "Running upgrade a -> b"
    assert (migration["level"], migration["logger"], migration["revision"]) == ("info", "alembic.runtime.migration", "b")
    assert "old thing" in warning["event"]


def test_a_turns_lines_carry_its_four_names_and_no_line_after_it_does(lines: Lines) -> None:
    log = structlog.get_logger("bridge")
    with bound_contextvars(supplier=7, conversation="c-1", turn=12):
        log.info("ours")
        logging.getLogger("httpx2").info("a library's")
        with bound_contextvars(run="r-9"):
            log.info("in the run", turn=13)
    log.info("after")
    ours, library, in_run, after = lines()
    for line in (ours, library):
        assert (line["supplier"], line["conversation"], line["turn"]) == (7, "c-1", 12)
        assert "run" not in line
    assert (in_run["supplier"], in_run["run"], in_run["turn"]) == (7, "r-9", 13), "what the line itself says comes first"
    assert not {"supplier", "conversation", "turn", "run"} & after.keys()


async def test_turns_at_once_do_not_mix_and_threads_know_their_turn(lines: Lines) -> None:
    log = structlog.get_logger("bridge")

    async def work(turn: int) -> None:
        with bound_contextvars(turn=turn):
            await asyncio.sleep(0)
            await asyncio.to_thread(log.info, f"{turn}")

    await asyncio.gather(*(work(turn) for turn in range(20)))
    ours = [line for line in lines() if line["logger"] == "bridge"]  # asyncio has something to say as well
    assert sorted(line["turn"] for line in ours) == list(range(20))
    assert all(line["event"] == str(line["turn"]) for line in ours)


def test_the_names_are_let_go_when_the_turn_fails(lines: Lines) -> None:
    def fail() -> None:
        with bound_contextvars(turn=1):
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    structlog.get_logger("x").info("after")
    assert "turn" not in lines()[0]


@pytest.mark.parametrize(
    "secret",
    [
        {"authorization": "Bearer hunter2hunter2"},
        {"headers": {"Authorization": "hunter2", "Accept": "json"}},
        {"headers": [(b"x-api-key", b"hunter2"), (b"accept", b"*/*")]},
        {"request": {"params": [{"login": "agent", "password": "hunter2"}]}},
        {"api_access_token": "hunter2"},
        {"tokens": ["hunter2"]},
        {"CHATWOOT_WEBHOOK_SECRETS": ("hunter2",)},
        {"password": 20077002},
        {"url": "postgresql://agent:hunter2@db/orders"},
        {"note": "sent with Authorization: Bearer hunter2hunter2, again"},
        {"note": "GET /x?api_access_token=hunter2&page=2"},
        {"payload": "{'login': 'agent', 'password': 'hunter2'}"},
        {"error": ValueError("cannot reach https://agent:hunter2@odoo.example")},
        {"Set-Cookie": "session=hunter2"},
    ],
)
def test_secrets_are_hidden_wherever_they_stand(stream: io.StringIO, secret: dict[str, Any]) -> None:
    for log_format in ("json", "console"):
        configure_logs(Wanted(log_format=log_format), stream=stream)
        structlog.get_logger("x").info("said", **secret)
        logging.getLogger("y").info("said %s", secret)
    assert "said" in stream.getvalue()
    assert "hunter2" not in stream.getvalue()
    assert "20077002" not in stream.getvalue()
    assert HIDDEN in stream.getvalue()


def test_secrets_in_a_traceback_are_hidden_too(stream: io.StringIO) -> None:
    for log_format in ("json", "console"):
        configure_logs(Wanted(log_format=log_format), stream=stream)
        try:
            raise RuntimeError("postgresql://agent:hunter2@db/orders refused")
        except RuntimeError:
            structlog.get_logger("x").exception("ours")
            logging.getLogger("y").exception("theirs")
    assert stream.getvalue().count("RuntimeError: postgresql://agent:[hidden]@db/orders refused") == 4
    assert "hunter2" not in stream.getvalue()


def test_what_is_no_secret_stays(lines: Lines) -> None:
    structlog.get_logger("x").info(
        "model_asked", total_tokens=512, has_token=True, token=None, url="http://127.0.0.1:8010/x", pair=["P00045", 3]
    )
    line = lines()[0]
    assert (line["total_tokens"], line["has_token"], line["token"]) == (512, True, None)
    assert (line["url"], line["pair"]) == ("http://127.0.0.1:8010/x", ["P00045", 3])


def test_odoorpc_cannot_write_its_requests_with_passwords(lines: Lines) -> None:
    logging.getLogger("odoorpc.rpc.jsonrpclib").debug("(JSON) %s", {"password": "hunter2"})
    logging.getLogger("odoorpc.rpc.jsonrpclib").info("kept")
    structlog.get_logger("ours").debug("kept too")
    assert [line["event"] for line in lines()] == ["kept", "kept too"]


def test_the_level_holds_for_all(stream: io.StringIO) -> None:
    configure_logs(Wanted(log_level="WARNING"), stream=stream)
    structlog.get_logger("ours").info("no")
    logging.getLogger("theirs").info("no")
    logging.getLogger("odoorpc").info("no")
    structlog.get_logger("ours").warning("yes")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["yes"]


def test_configuring_twice_does_not_double_lines(stream: io.StringIO, lines: Lines) -> None:
    log = structlog.get_logger("made before")
    log.info("first")
    configure_logs(Wanted(), stream=stream)
    log.info("second")
    assert [line["event"] for line in lines()] == ["first", "second"]


def test_console_is_for_eyes(stream: io.StringIO) -> None:
    configure_logs(Wanted(log_format="console"), stream=stream)
    with bound_contextvars(turn=4):
        structlog.get_logger("x").info("order_confirmed", order="P00045")
    assert "order_confirmed" in stream.getvalue()
    assert "turn=4" in stream.getvalue()
    with pytest.raises(json.JSONDecodeError):
        json.loads(stream.getvalue())


SERVER = """
import asyncio, json, logging, logging.config, sys, types
FIRST, THEN = {first!r}, {then!r}

def ours():
    from po_agent.logs import configure_logs
    configure_logs(types.SimpleNamespace(log_level="INFO", log_format="json"))

def langgraph():
    import langgraph_api.logging, pathlib, structlog
    # What `langgraph dev` and the server's image tell uvicorn to apply.
    if {applied!r}:
        found = pathlib.Path(langgraph_api.logging.__file__).parent.parent / "logging.json"
        logging.config.dictConfig(json.loads(found.read_text()))
    structlog.stdlib.get_logger("langgraph_api.server").info("their first line")

def uvicorn():
    import uvicorn
    uvicorn.Config("x:y")  # applies uvicorn's own logging

locals()[FIRST]()
print("--- from here", file=sys.stderr, flush=True)
locals()[THEN]()

import structlog
from structlog.contextvars import bound_contextvars
from blockbuster import blockbuster_ctx

async def main():
    with blockbuster_ctx(), bound_contextvars(turn=5, run="r"):
        structlog.stdlib.get_logger("langgraph_api.server").info("theirs", password="hunter2")
        structlog.get_logger("ours").info("ours")
        logging.getLogger("uvicorn.error").info("uvicorn's")
        logging.getLogger("uvicorn.access").info("access")
asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("first", "then", "applied"),
    [("langgraph", "ours", True), ("ours", "langgraph", False), ("uvicorn", "ours", True)],
    ids=["under-the-langgraph-server", "before-langgraph-is-imported", "under-uvicorn"],
)
def test_under_other_peoples_logging_every_line_is_ours(first: str, then: str, applied: bool) -> None:
    """Langgraph-api and uvicorn configure logging themselves; lines of a turn are JSON with its names all the same."""
    script = SERVER.format(first=first, then=then, applied=applied)
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    lines = [json.loads(line) for line in ran.stderr.split("--- from here\n")[1].splitlines()]
    said = {line["event"]: line for line in lines}
    assert {"theirs", "ours", "uvicorn's", "access"} <= said.keys()
    for event in ("theirs", "ours", "uvicorn's", "access"):
        assert (said[event]["turn"], said[event]["run"], said[event]["level"]) == (5, "r", "info")
        assert said[event]["timestamp"]
    assert len([line for line in lines if line["event"] == "ours"]) == 1
    assert "hunter2" not in ran.stderr

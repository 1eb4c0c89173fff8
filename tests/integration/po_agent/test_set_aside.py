"""`po-agent set-aside` as a person types it, on a SQLite file. Nothing is faked."""

import json

import pytest
from typer.testing import CliRunner, Result

from po_agent.cli import app
from storage.engine import Database
from storage.set_aside import SetAside
from tests.integration.po_agent.typing_commands import on


@pytest.fixture(autouse=True)
def settings(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)


def set_aside(*words: str) -> Result:
    return CliRunner().invoke(app, ["set-aside", *words])


def kept(url: str, body: bytes, reason: str = "odd") -> int:
    async def keep(database: Database) -> int:
        async with database.session() as session:
            await SetAside(session).keep(body=body, headers={"x-chatwoot-delivery": "d1"}, reason=reason)
        async with database.session() as session:
            return (await SetAside(session).newest())[0].id

    return on(url, keep)


def test_list_show_and_drop(sqlite_url: str) -> None:
    number = kept(sqlite_url, b'{"event": "nobody_knows"}', reason="Event\nnobody_knows")
    heading, line = set_aside("list").stdout.splitlines()
    assert "reason" in heading
    assert "Event nobody_knows" in line
    [listed] = json.loads(set_aside("list", "--json").stdout)
    assert (listed["id"], listed["bytes"]) == (number, 25)
    shown = json.loads(set_aside("show", str(number)).stdout)
    assert (shown["body"], shown["headers"]) == ({"event": "nobody_knows"}, {"x-chatwoot-delivery": "d1"})
    assert "is dropped" in set_aside("drop", str(number)).stdout
    assert set_aside("list").stdout == "There are none.\n"
    assert getattr(set_aside("show", str(number)).exception, "code", None) == "set_aside_not_found"


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"\x00\xff not JSON", "\x00\\xff not JSON"),
        (b'{"content": "Hola \\ud83d"}', {"content": "Hola \ud83d"}),
        (b"[" * 5000 + b"]" * 5000, "[" * 5000 + "]" * 5000),
    ],
    ids=["no text", "half a surrogate pair", "deeper than can be read or printed"],
)
def test_whatever_was_sent_can_be_shown(sqlite_url: str, body: bytes, shown: object) -> None:
    answer = set_aside("show", str(kept(sqlite_url, body)))
    assert answer.exception is None
    assert json.loads(answer.stdout)["body"] == shown

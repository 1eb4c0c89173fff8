"""What goes wrong outside the program is one line that says what to do, and exit status 1; a fault of ours stays whole."""

from pathlib import Path

import pytest

from po_agent import worklists
from po_agent.explained import explained
from tests.integration.po_agent.typing_commands import typed

#: Nobody listens on the discard port.
AWAY = "postgresql://somebody:a-secret@127.0.0.1:9/nowhere"

TABLE_COMMANDS = [
    ["turns", "list"],
    ["turns", "retry", "1"],
    ["outbox", "list"],
    ["outbox", "retry", "1"],
    ["approvals", "list"],
    ["approvals", "approve", "1"],
    ["conversations", "list"],
    ["set-aside", "list"],
    ["pause"],
    ["resume"],
    ["reconcile"],
    ["migrate"],
]


@pytest.mark.parametrize("words", TABLE_COMMANDS, ids=" ".join)
def test_a_database_that_is_away(words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DATABASE_URL", AWAY)
    assert typed(monkeypatch, *words) == 1
    told = capsys.readouterr()
    assert told.out == ""
    [line] = told.err.splitlines()
    assert line.startswith("po-agent: The database does not answer: check DATABASE_URL")
    assert "a-secret" not in line


def test_a_database_file_that_cannot_be_opened(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/no-such-folder/agent.db")
    assert typed(monkeypatch, "turns", "list") == 1
    [line] = capsys.readouterr().err.splitlines()
    assert "The database does not answer" in line
    assert "unable to open database file" in line


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_database_without_our_tables(
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    if kind == "postgres":
        # The server's own database is never migrated: each test has one beside it.
        url = request.getfixturevalue("postgres_server").set(drivername="postgresql").render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    assert typed(monkeypatch, "turns", "list") == 1
    [line] = capsys.readouterr().err.splitlines()
    assert "run `po-agent migrate`" in line


@pytest.mark.parametrize(
    ("words", "shown_by"),
    [
        (["turns", "retry", "999"], "There is no such turn: 999. `po-agent turns list` shows them."),
        (["outbox", "retry", "999"], "There is no such message: 999. `po-agent outbox list` shows them."),
        (["approvals", "reject", "999"], "There is no such approval: 999. `po-agent approvals list` shows them."),
        (["set-aside", "drop", "999"], "There is no such webhook set aside: 999. `po-agent set-aside list` shows them."),
    ],
)
def test_what_there_is_not_names_the_list_of_what_there_is(
    words: list[str],
    shown_by: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    sqlite_url: str,
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    assert typed(monkeypatch, *words) == 1
    assert capsys.readouterr().err == f"po-agent: {shown_by}\n"


def test_a_file_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "none.jsonl"
    with pytest.raises(OSError, match="none") as raised:
        missing.read_text()
    assert explained(raised.value) == f"{missing}: No such file or directory."


def test_what_nobody_foresaw_is_not_hidden(monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise KeyError("a fault of ours")

    monkeypatch.setattr(worklists, "newest_turns", broken)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    with pytest.raises(KeyError, match="a fault of ours"):
        typed(monkeypatch, "turns", "list")

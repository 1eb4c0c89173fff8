"""`po-agent approvals` from the terminal, on a real SQLite database."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from domain.errors import AgentError
from po_agent.cli import app
from storage.engine import Database
from tests.integration.storage.test_storage_approvals import a_reply, outgoing

Command = Callable[..., Result]


@pytest.fixture
def command(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    return lambda *words: CliRunner().invoke(app, ["approvals", *words])


def on(url: str, act: Callable[[Database], Any]) -> Any:
    async def run() -> Any:
        database = Database(url)
        try:
            return await act(database)
        finally:
            await database.close()

    return asyncio.run(run())


def test_list_and_approve(command: Command, sqlite_url: str) -> None:
    reply = on(sqlite_url, a_reply)
    [row] = json.loads(command("list", "--status", "open", "--json").stdout)
    assert (row["id"], row["kind"], row["proposal"]) == (reply, "reply", ["uno", "dos"])
    decided = json.loads(command("approve", str(reply), "--note", "bien", "--json").stdout)
    assert (decided["status"], decided["decided_by"]) == ("approved", "cli")
    assert [message.content for message in on(sqlite_url, outgoing)] == ["uno", "dos"]
    assert isinstance(command("reject", str(reply)).exception, AgentError)
    assert "There are none." in command("list", "--status", "open").stdout


def test_reject(command: Command, sqlite_url: str) -> None:
    reply = on(sqlite_url, a_reply)
    assert f"Approval {reply} (reply) is rejected by cli." in command("reject", str(reply), "--note", "no").stdout
    assert [message.private for message in on(sqlite_url, outgoing)] == [True]


def test_other_words(command: Command, sqlite_url: str) -> None:
    reply = on(sqlite_url, a_reply)
    assert isinstance(command("approve", str(reply), "--edit", "no json").exception, AgentError)
    assert "is edited by cli" in command("approve", str(reply), "--edit", '{"text": "otro"}').stdout
    assert [message.content for message in on(sqlite_url, outgoing)] == ["otro"]


def test_what_is_not_there_is_an_error(command: Command) -> None:
    assert isinstance(command("approve", "7").exception, AgentError)
    assert isinstance(command("list", "--status", "pending").exception, AgentError)

"""`po-agent pause|resume|conversations` as a person types them, on a SQLite file. Nothing is faked."""

import asyncio
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from domain.identity import Channel, Sender
from po_agent.cli import app
from storage.conversations import Conversations
from storage.engine import Database
from storage.models import Conversation
from storage.suppliers import Suppliers


@pytest.fixture(autouse=True)
def settings(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url.replace("+aiosqlite", ""))


def po_agent(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def with_a_person(url: str) -> Conversation:
    async def make() -> Conversation:
        database = Database(url)
        try:
            async with database.session() as session:
                sender = Sender(channel=Channel.WHATSAPP, account_id=1, contact_id=1, name="Molino", phone="+56911111111")
                point = await Suppliers(session).contact_point_of(sender, heard_at=datetime.now(UTC))
                conversation = await Conversations(session).active_or_new(point.supplier_id)
                await Conversations(session).hand_to(conversation.id, "person", actor="person")
                return conversation
        finally:
            await database.close()

    return asyncio.run(make())


def test_stop_everything_and_go_on() -> None:
    assert "everything" in po_agent("pause").output
    assert "already" in po_agent("pause").output
    assert [pause["scope"] for pause in json.loads(po_agent("pause", "--list", "--json").output)] == ["everything"]
    assert "goes on" in po_agent("resume").output
    assert "not paused" in po_agent("resume").output
    assert po_agent("pause", "--list").output == "There are none.\n"


def test_stop_one_supplier(sqlite_url: str) -> None:
    supplier = str(with_a_person(sqlite_url).supplier_id)
    assert supplier in po_agent("pause", "--supplier", supplier).output
    assert "not paused" in po_agent("resume").output
    assert "goes on" in po_agent("resume", "--supplier", supplier).output


def test_a_supplier_there_is_not_is_an_error() -> None:
    answer = po_agent("pause", "--supplier", str(UUID(int=1)))
    assert answer.exit_code != 0
    assert getattr(answer.exception, "code", None) == "supplier_not_found"
    assert getattr(po_agent("pause", "--supplier", "Molino").exception, "code", None) == "invalid_input"


def test_hand_back(sqlite_url: str) -> None:
    conversation = str(with_a_person(sqlite_url).id)
    [listed] = json.loads(po_agent("conversations", "list", "--json").output)
    assert (listed["id"], listed["handled_by"]) == (conversation, "person")
    assert po_agent("conversations", "hand-back", conversation).exit_code == 0
    assert json.loads(po_agent("conversations", "list", "--json").output)[0]["handled_by"] == "bot"
    again = po_agent("conversations", "hand-back", conversation)
    assert getattr(again.exception, "code", None) == "impossible_transition"

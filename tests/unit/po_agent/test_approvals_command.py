"""`po-agent approvals` from the terminal, on a real SQLite database."""

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from domain.errors import AgentError, InvalidInput
from domain.partners import Partner
from domain.plan import Action
from po_agent.cli import app
from po_agent.explained import explained
from storage.engine import Database
from storage.models import Supplier, Turn
from storage.suppliers import Suppliers
from storage.turns import Turns
from tests.integration.storage.scenes import a_burst, a_conversation
from tests.integration.storage.test_storage_approvals import STEP, a_reply, an_approval, outgoing
from webhook_bridge import link_questions

MILL = Partner(partner_id=6, name="Molino San Cristóbal SpA")
NUTS = Partner(partner_id=7, name="Nueces SpA")

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


async def a_question(database: Database, *candidates: Partner) -> int:
    """Who is this? Answers the approval's id."""
    async with database.session() as session:
        conversation = await a_conversation(session)
        turn = await Turns(session).get(await a_burst(session, conversation))
        supplier = await Suppliers(session).get(conversation.supplier_id)
        reason = "several" if candidates else "none"
        asked = await link_questions.ask(session, supplier, supplier.contact_points, candidates, reason=reason, turn=turn)
        return asked.id


async def the_supplier(database: Database) -> Supplier:
    async with database.session() as session:
        [supplier] = [one for one in [await Suppliers(session).of_partner(6), await Suppliers(session).of_partner(7)] if one]
        return supplier


class TestWhatItTakesToDecide:
    def test_of_a_reply(self, command: Command, sqlite_url: str) -> None:
        """Whose it is, what they wrote, the order they spoke of, and every word of the answer."""
        on(sqlite_url, a_reply)

        async def understood(database: Database) -> str:
            async with database.session() as session:
                turn = await session.get_one(Turn, 1)
                turn.understanding = {"order_ref": "P00045"}
                return str(turn.conversation_id)

        conversation = on(sqlite_url, understood)
        [row] = json.loads(command("list", "--json").stdout)
        assert (row["supplier"], row["conversation"], row["order"]) == ("Molino", conversation, "P00045")
        assert row["supplier_wrote"] == "Hola"
        shown = command("list").stdout
        for value in ("Molino", conversation, "P00045", "Hola", '["uno", "dos"]'):
            assert value in shown

    @pytest.mark.parametrize("facts", [{"seen": {"name": "P00045", "state": "sent"}}, {"order": "P00045"}])
    def test_of_a_step(self, command: Command, sqlite_url: str, facts: dict[str, Any]) -> None:
        step = STEP.model_copy(update={"facts": facts}).to_json()
        on(sqlite_url, lambda database: an_approval(database, Action.CONFIRM_ORDER, step=step, executable=True))
        [row] = json.loads(command("list", "--json").stdout)
        assert (row["supplier"], row["order"]) == ("Molino", "P00045")
        expected = {"action": "confirm_purchase_order", "order_id": 7, "rule": "over_confirm_limit"} | facts
        assert row["proposal"] == expected
        assert json.dumps(expected) in command("list").stdout

    def test_of_somebody_unknown(self, command: Command, sqlite_url: str) -> None:
        on(sqlite_url, lambda database: a_question(database, MILL, NUTS))
        [row] = json.loads(command("list", "--json").stdout)
        assert [one["partner_id"] for one in row["proposal"]["candidates"]] == [6, 7]
        assert row["proposal"]["contact_points"][0]["identifier"] == "+56912345678"
        assert (row["supplier"], row["order"]) == ("Molino", None)
        assert "Nueces SpA" in command("list").stdout

    def test_each_is_shown_with_its_own(self, command: Command, sqlite_url: str) -> None:
        """Two approvals, of which one has no order and no words: nothing of the first gets to the second."""
        reply = on(sqlite_url, a_reply)
        question = on(sqlite_url, lambda database: a_question(database, MILL))
        rows = {row["id"]: row for row in json.loads(command("list", "--json").stdout)}
        assert (rows[reply]["supplier_wrote"], rows[question]["supplier_wrote"]) == ("Hola", "")
        blocks = command("list").stdout.strip().split("\n\n")
        kinds = [re.findall(r"^kind +(\w+)$", block, flags=re.MULTILINE) for block in blocks]
        assert kinds == [["link_supplier"], ["reply"]]


class TestPartner:
    def test_it_names_the_supplier(self, command: Command, sqlite_url: str) -> None:
        question = on(sqlite_url, lambda database: a_question(database, MILL, NUTS))
        assert "is edited by cli" in command("approve", str(question), "--partner", "6").stdout
        assert on(sqlite_url, the_supplier).name == MILL.name

    def test_it_is_the_same_as_the_edit(self, command: Command, sqlite_url: str) -> None:
        question = on(sqlite_url, lambda database: a_question(database, MILL, NUTS))
        command("approve", str(question), "--edit", '{"odoo_partner_id": 7}')
        assert "is edited by cli" in command("approve", str(question), "--partner", "7").stdout
        assert on(sqlite_url, the_supplier).name == NUTS.name

    def test_not_with_an_edit_beside_it(self, command: Command, sqlite_url: str) -> None:
        question = on(sqlite_url, lambda database: a_question(database, MILL, NUTS))
        error = command("approve", str(question), "--partner", "6", "--edit", "{}").exception
        assert isinstance(error, InvalidInput)
        assert json.loads(command("list", "--status", "open", "--json").stdout)

    def test_who_only_approves_is_told_of_it(self, command: Command, sqlite_url: str) -> None:
        question = on(sqlite_url, a_question)
        error = command("approve", str(question)).exception
        assert isinstance(error, AgentError)
        assert "po-agent approvals approve ID --partner NUMBER" in (explained(error) or "")
        assert json.loads(command("list", "--status", "open", "--json").stdout)

    def test_help_names_every_form(self, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "1000")
        told = command("approve", "--help").stdout
        for form in ("text", "parts", "odoo_partner_id", "--partner"):
            assert form in told

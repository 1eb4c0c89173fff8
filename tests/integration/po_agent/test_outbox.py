"""`po-agent outbox`: what is shown of a message, and that sending one at once never sends it twice. Nothing is faked."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from domain.errors import ImpossibleTransition, InvalidInput
from domain.messages import MessageStatus
from po_agent.cli import app
from po_agent.outbox import send_at_once
from storage.engine import Database
from storage.messages import MessageNotFound, Messages
from storage.models import Message
from storage.outbox import Outbox
from storage.suppliers import Suppliers
from tests.integration.po_agent.typing_commands import on
from tests.integration.storage.scenes import NOW, a_conversation, a_sender, an_inbound, an_outbound
from webhook_bridge.delivery import DeliverySettings

TIMES = DeliverySettings(lease_seconds=60, readback_seconds=30)
SECOND, FIVE_MINUTES = timedelta(seconds=1), timedelta(minutes=5)


async def queued(database: Database, key: str = "k", **changes: Any) -> int:
    async with database.session() as session:
        message = an_outbound(await a_conversation(session), key=key)
        for column, value in changes.items():
            setattr(message, column, value)
        return (await Messages(session).queue(message)).id


async def claim(database: Database, *, now: datetime = NOW) -> Message | None:
    async with database.session() as session:
        return await Messages(session).claim_outgoing(now=now, lease=TIMES.lease)


async def row(database: Database, message_id: int) -> Message:
    async with database.session() as session:
        return await session.get_one(Message, message_id)


async def at_once(database: Database, message_id: int, *, now: datetime = NOW) -> datetime:
    async with database.session() as session:
        return await send_at_once(session, message_id, times=TIMES, now=now)


async def refused(database: Database) -> int:
    """Chatwoot has just answered 401: the message waits for five minutes."""
    message_id = await queued(database)
    claimed = await claim(database)
    assert claimed is not None
    async with database.session() as session:
        await Outbox(session).put_back(claimed, until=NOW + FIVE_MINUTES, failure="Chatwoot refuses us")
    return message_id


class TestAtOnce:
    async def test_what_waits_after_a_401_goes_now(self, database: Database) -> None:
        message = await refused(database)
        assert await claim(database, now=NOW + SECOND) is None
        assert await at_once(database, message, now=NOW + SECOND) == NOW + SECOND
        again = await claim(database, now=NOW + SECOND)
        assert again is not None
        assert (again.id, again.attempts) == (message, 1)

    async def test_what_a_worker_has_is_left_alone(self, database: Database) -> None:
        message = await queued(database)
        claimed = await claim(database)
        assert claimed is not None
        with pytest.raises(ImpossibleTransition, match="is being sent now, or may be"):
            await at_once(database, message, now=NOW + SECOND)
        assert (await row(database, message)).next_attempt_at == NOW + TIMES.lease
        async with database.session() as session:
            assert await Outbox(session).held(claimed) is not None

    async def test_what_is_being_posted_is_left_alone(self, database: Database) -> None:
        message = await queued(database)
        claimed = await claim(database)
        assert claimed is not None
        async with database.session() as session:
            present = await Outbox(session).held(claimed)
            assert present is not None
            present.outcome_unknown_at, present.next_attempt_at = NOW, NOW + TIMES.post_lease
        with pytest.raises(ImpossibleTransition, match="left alone"):
            await at_once(database, message, now=NOW + SECOND)
        assert (await row(database, message)).next_attempt_at == NOW + TIMES.post_lease

    async def test_what_may_be_in_chatwoot_is_given_the_time_to_show_and_is_still_looked_for(self, database: Database) -> None:
        message = await queued(database, attempts=9, outcome_unknown_at=NOW, next_attempt_at=NOW + FIVE_MINUTES)
        assert await at_once(database, message) == NOW + TIMES.readback
        assert (await row(database, message)).outcome_unknown_at == NOW
        assert await claim(database, now=NOW + TIMES.readback - SECOND) is None

    async def test_a_chatwoot_conversation_that_was_asked_for_is_given_the_time_to_show(self, database: Database) -> None:
        nowhere: dict[str, Any] = {"account_id": None, "chatwoot_conversation_id": None}
        message = await queued(database, **nowhere, next_attempt_at=NOW + FIVE_MINUTES)
        assert await at_once(database, message) == NOW + TIMES.readback
        assert await at_once(database, message, now=NOW + SECOND) == NOW + TIMES.readback  # it is not put off

    async def test_one_behind_another_names_that_one(self, database: Database) -> None:
        first = await refused(database)
        second = await queued(database, "k2")
        with pytest.raises(ImpossibleTransition, match=f"waits for message {first}"):
            await at_once(database, second)
        elsewhere = await queued(database, "k3", chatwoot_conversation_id=8)
        assert await at_once(database, elsewhere) == NOW

    async def test_one_without_a_place_waits_for_the_same_contact_alone(self, database: Database) -> None:
        async with database.session() as session:
            point = await Suppliers(session).contact_point_of(a_sender())
            other = await Suppliers(session).contact_point_of(a_sender(502, phone="+56987654321"))
        nowhere: dict[str, Any] = {"account_id": None, "chatwoot_conversation_id": None}
        first = await queued(database, "k1", contact_point_id=point.id)
        second = await queued(database, "k2", contact_point_id=point.id, **nowhere)
        with pytest.raises(ImpossibleTransition, match=f"waits for message {first}"):
            await at_once(database, second)
        assert await at_once(database, await queued(database, "k3", contact_point_id=other.id, **nowhere)) == NOW

    async def test_what_failed_is_queued_again(self, database: Database) -> None:
        message = await queued(database, attempts=3)
        async with database.session() as session:
            await Messages(session).move(message, MessageStatus.FAILED, failure="gave up")
        later = NOW + FIVE_MINUTES
        assert await at_once(database, message, now=later) == later
        stored = await row(database, message)
        assert (stored.status, stored.failure, stored.next_attempt_at) == ("queued", None, later)

    @pytest.mark.parametrize("status", [MessageStatus.SENT, MessageStatus.CANCELLED])
    async def test_what_is_done_with_is_not_sent_again(self, database: Database, status: MessageStatus) -> None:
        message = await queued(database)
        async with database.session() as session:
            await Messages(session).move(message, status)
        with pytest.raises(InvalidInput, match=f"is {status}"):
            await at_once(database, message)

    async def test_neither_is_what_a_supplier_wrote_nor_what_is_not_there(self, database: Database) -> None:
        async with database.session() as session:
            heard = await Messages(session).add_once(an_inbound(await a_conversation(session), chatwoot_message_id=1))
        assert heard is not None
        with pytest.raises(ImpossibleTransition):
            await at_once(database, heard)
        with pytest.raises(MessageNotFound):
            await at_once(database, heard + 1)


class TestCommands:
    @pytest.fixture(autouse=True)
    def settings(self, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", sqlite_url)

    def test_whose_it_is_and_who_reads_it(self, sqlite_url: str) -> None:
        long = "Estimados:\nlínea dos\x1b[2J\n" + "x" * 300
        on(sqlite_url, lambda database: queued(database, "k1", content=long))
        on(sqlite_url, lambda database: queued(database, "k2", content="una nota", private=True))
        note, said = json.loads(CliRunner().invoke(app, ["outbox", "list", "--json"]).stdout)
        assert (said["to"], note["to"]) == ("supplier", "team (private note)")
        assert said["supplier"] == note["supplier"] == "Molino"
        assert said["content"] == long
        heading, *lines = CliRunner().invoke(app, ["outbox", "list"]).stdout.splitlines()
        assert "supplier" in heading
        assert len(lines) == 2
        assert "team (private note)" in lines[0]
        assert "Molino" in lines[1]
        assert said["conversation"] in lines[1]
        assert "Estimados: línea dos [2J xxx" in lines[1]
        assert "\x1b" not in lines[1]
        assert len(lines[1]) < len(long)

    def test_only_statuses_that_an_outgoing_message_can_have(self) -> None:
        for status in ("received", "withdrawn", "sending"):
            error = CliRunner().invoke(app, ["outbox", "list", "--status", status]).exception
            assert isinstance(error, InvalidInput)
            assert "queued, sent, delivered, read, failed, cancelled" in str(error)
            assert "received" not in str(error)
        assert CliRunner().invoke(app, ["outbox", "list", "--status", "cancelled"]).stdout == "There are none.\n"

    def test_retry_says_when(self, sqlite_url: str) -> None:
        message = on(sqlite_url, refused)
        told = CliRunner().invoke(app, ["outbox", "retry", str(message)])
        assert f"Message {message} is queued, and tried at " in told.stdout

"""Events as the payload parser would give them, and an intake with a clock that the test moves."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from domain.identity import Channel, Sender
from storage.engine import Database
from storage.models import Conversation, Message, Turn
from webhook_bridge.chatwoot.events import ConversationChanged, MessageDeleted, PersonMessage, SupplierMessage
from webhook_bridge.intake import Intake

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
QUIET, CAP, LEASE = timedelta(seconds=6), timedelta(seconds=30), timedelta(seconds=60)
PHONE = "+56912345678"


class Clock:
    """The present, as the test says."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time


def an_intake(database: Database, *, kind: type[Intake] = Intake, **changes: Any) -> Intake:
    given: dict[str, Any] = {"quiet": QUIET, "cap": CAP, "now": Clock(), "account_id": 1, "inbox_ids": frozenset({11, 12})}
    return kind(database=database, **(given | changes))


def words(message_id: int = 100, **changes: Any) -> SupplierMessage:
    """A supplier's message over WhatsApp: contact 501, Chatwoot conversation 7, inbox 11."""
    given: dict[str, Any] = {
        "account_id": 1,
        "inbox_id": 11,
        "channel": Channel.WHATSAPP,
        "chatwoot_conversation_id": 7,
        "conversation_status": "open",
        "assignee_type": None,
        "assignee_id": None,
        "chatwoot_message_id": message_id,
        "kind": "created",
        "sender": Sender(channel=Channel.WHATSAPP, account_id=1, contact_id=501, inbox_id=11, name="Molino", phone=PHONE),
        "text": f"Hola {message_id}",
        "sent_at": NOW,
        "state_at": changes.get("sent_at", NOW),
    }
    return SupplierMessage(**(given | changes))


def a_mail(message_id: int = 200, **changes: Any) -> SupplierMessage:
    """A mail of the same contact: Chatwoot conversation 8, inbox 12."""
    sender = Sender(channel=Channel.EMAIL, account_id=1, contact_id=501, inbox_id=12, name="Molino", email="ventas@molino.cl")
    mail = {"channel": Channel.EMAIL, "inbox_id": 12, "chatwoot_conversation_id": 8, "sender": sender}
    return words(message_id, **(mail | changes))


def a_persons(message_id: int = 300, **changes: Any) -> PersonMessage:
    given: dict[str, Any] = {
        "account_id": 1,
        "inbox_id": 11,
        "channel": Channel.WHATSAPP,
        "chatwoot_conversation_id": 7,
        "chatwoot_message_id": message_id,
        "contact_id": 501,
        "author": "Ana",
        "text": "Yo me encargo",
        "sent_at": NOW,
    }
    return PersonMessage(**(given | changes))


def deletion(message_id: int = 100, **changes: Any) -> MessageDeleted:
    return MessageDeleted(**({"account_id": 1, "chatwoot_message_id": message_id} | changes))


def changed(**changes: Any) -> ConversationChanged:
    given: dict[str, Any] = {"account_id": 1, "chatwoot_conversation_id": 7, "inbox_id": 11, "status": "open"}
    return ConversationChanged(**(given | {"assignee_type": None} | changes))


async def rows(database: Database, table: type[Any]) -> Sequence[Any]:
    """Every row of a table, oldest first."""
    order = table.started_at if table is Conversation else table.id if table in (Message, Turn) else None
    async with database.session() as session:
        return list(await session.scalars(select(table).order_by(order)))

"""Small beginnings that storage tests share."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain.identity import Channel, Sender
from domain.messages import Author, Direction, MessageStatus
from storage.conversations import Conversations
from storage.models import Conversation, Message
from storage.suppliers import Suppliers
from storage.turns import Turns

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)
QUIET, CAP = timedelta(seconds=6), timedelta(seconds=30)


def a_sender(contact_id: int = 501, **changes: Any) -> Sender:
    given = {"channel": Channel.WHATSAPP, "account_id": 1, "inbox_id": 11, "name": "Molino", "phone": "+56912345678"}
    return Sender(**(given | {"contact_id": contact_id} | changes))


async def a_conversation(session: AsyncSession, sender: Sender | None = None) -> Conversation:
    point = await Suppliers(session).contact_point_of(sender or a_sender(), heard_at=NOW)
    return await Conversations(session).active_or_new(point.supplier_id)


async def a_burst(
    session: AsyncSession, conversation: Conversation, *, now: datetime = NOW, chatwoot_conversation_id: int = 7
) -> int:
    return await Turns(session).collect(
        conversation_id=conversation.id,
        account_id=1,
        chatwoot_conversation_id=chatwoot_conversation_id,
        now=now,
        quiet=QUIET,
        cap=CAP,
    )


def an_inbound(conversation: Conversation, *, chatwoot_message_id: int, turn_id: int | None = None) -> dict[str, Any]:
    return {
        "conversation_id": conversation.id,
        "turn_id": turn_id,
        "channel": Channel.WHATSAPP,
        "account_id": 1,
        "chatwoot_conversation_id": 7,
        "chatwoot_message_id": chatwoot_message_id,
        "direction": Direction.INBOUND,
        "status": MessageStatus.RECEIVED,
        "author": Author.SUPPLIER,
        "content": "Hola",
        "timestamp": NOW,
    }


def an_outbound(conversation: Conversation, *, key: str, at: datetime = NOW, chatwoot_conversation_id: int = 7) -> Message:
    return Message(
        conversation_id=conversation.id,
        channel=Channel.WHATSAPP,
        account_id=1,
        chatwoot_conversation_id=chatwoot_conversation_id,
        direction=Direction.OUTBOUND,
        status=MessageStatus.QUEUED,
        author=Author.AGENT,
        content="Gracias",
        timestamp=at,
        next_attempt_at=at,
        delivery_key=key,
    )

"""Queue a message that nobody's turn asked for: to a conversation, a supplier, or a contact we may not know yet."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import InvalidInput, NotAllowed
from domain.identity import Channel, Sender
from domain.keys import requested_delivery_key
from domain.messages import Author, Direction, MessageStatus
from domain.modes import AgentMode, stricter
from storage.conversations import Conversations
from storage.messages import Messages
from storage.models import ContactPoint, Conversation, Message
from storage.suppliers import Suppliers


class NoContactPoint(InvalidInput):
    """This supplier has never been written to on that channel: name a contact with its channel instead."""

    code = "no_contact_point"


class KeyUsedBefore(InvalidInput):
    """This `idempotency_key` was used for another text or receiver: nothing was queued. A new message needs a new key."""

    code = "key_used_before"


class ShadowMode(NotAllowed):
    """In shadow mode nothing is sent to this supplier: write in Chatwoot yourself, or set AGENT_MODE."""

    code = "shadow_mode"


@dataclass(frozen=True, kw_only=True)
class Destination:
    """To whom: one of conversation, supplier or phone/email is given. Phone in E.164, e-mail lower-cased."""

    conversation_id: UUID | None = None
    supplier_id: UUID | None = None
    channel: Channel | None = None
    phone: str | None = None
    email: str | None = None
    name: str = ""


async def queue_message(
    session: AsyncSession,
    to: Destination,
    *,
    content: str,
    idempotency_key: str,
    account_id: int,
    mode: AgentMode,
    now: datetime,
) -> int:
    """Queue `content` and answer the message's id; the same `idempotency_key` answers the first one's, and sends nothing.

    `mode` is the installation's. In assist it is sent: who asks for it here stands for a person. Raises
    `ConversationNotFound`, `SupplierNotFound`, `NoContactPoint`, `KeyUsedBefore`, `ShadowMode`.
    """
    key = requested_delivery_key(idempotency_key)
    earlier = await Messages(session).by_key(key)
    if earlier is not None:
        return await _same(session, earlier, to, content)
    conversation, point = await _receiver(session, to, account_id=account_id)
    if stricter(mode, (await Suppliers(session).get(point.supplier_id)).mode) is AgentMode.SHADOW:
        raise ShadowMode
    last = await _last_from(session, conversation, point)
    stored = await Messages(session).add_once(
        {
            "conversation_id": conversation.id,
            "contact_point_id": point.id,
            "channel": point.channel,
            "account_id": last.account_id if last else None,
            "chatwoot_conversation_id": last.chatwoot_conversation_id if last else None,
            "chatwoot_inbox_id": last.chatwoot_inbox_id if last else None,
            "direction": Direction.OUTBOUND,
            "status": MessageStatus.QUEUED,
            "author": Author.AGENT,
            "content": content,
            "timestamp": now,
            "next_attempt_at": now,
            "delivery_key": key,
        }
    )
    if stored is not None:
        return stored
    raced = await Messages(session).by_key(key)
    if raced is None:
        raise InvalidInput("The message could not be queued: send the request again.")
    return await _same(session, raced, to, content)


async def _same(session: AsyncSession, earlier: Message, to: Destination, content: str) -> int:
    """The message that has the key already. Raises `KeyUsedBefore` if it says something else, or to somebody else."""
    point = await session.get_one(ContactPoint, earlier.contact_point_id)
    supplier_id = to.supplier_id
    if to.conversation_id is not None:
        supplier_id = (await Conversations(session).get(to.conversation_id)).supplier_id
    # An unknown contact's supplier may have been linked or merged since: its number or address stays.
    if supplier_id is not None:
        to_the_same = supplier_id == point.supplier_id
    else:
        to_the_same = to.phone == point.phone if to.channel is Channel.WHATSAPP else to.email == point.email
    if earlier.content != content or not to_the_same or to.channel not in (None, point.channel):
        raise KeyUsedBefore
    return earlier.id


async def _receiver(session: AsyncSession, to: Destination, *, account_id: int) -> tuple[Conversation, ContactPoint]:
    conversations, suppliers = Conversations(session), Suppliers(session)
    if to.conversation_id is not None:
        # Of a conversation that has ended, the supplier's present one takes the message.
        conversation = await conversations.get(to.conversation_id)
        point = _point(conversation.supplier.contact_points, to.channel)
    elif to.supplier_id is not None:
        supplier = await suppliers.get(to.supplier_id)
        point = _point(supplier.contact_points, to.channel)
    else:
        point = await suppliers.contact_point_of(_as_sender(to, account_id))
    return await conversations.active_or_new(point.supplier_id), point


def _point(points: list[ContactPoint], channel: Channel | None) -> ContactPoint:
    """The contact point on the channel asked for, else the one that was heard of last."""
    fitting = [point for point in points if channel in (None, point.channel) and point.channel != Channel.SDK]
    if not fitting:
        raise NoContactPoint
    return max(fitting, key=lambda point: (point.last_inbound_at is not None, point.last_inbound_at, point.id))


def _as_sender(to: Destination, account_id: int) -> Sender:
    if to.channel is None:
        raise InvalidInput("A contact needs a channel.")
    return Sender(
        channel=to.channel,
        account_id=account_id,
        name=to.name,
        phone=to.phone,
        email=to.email,
    )


async def _last_from(session: AsyncSession, conversation: Conversation, point: ContactPoint) -> Message | None:
    """The newest message of this contact in the conversation: where it was exchanged is where the answer goes."""
    query = (
        select(Message)
        .where(
            Message.conversation_id == conversation.id,
            Message.contact_point_id == point.id,
            Message.chatwoot_conversation_id.is_not(None),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    return await session.scalar(query)

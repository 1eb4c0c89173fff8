"""Words that come with a run (Studio, SDK, chat clients): written down as the supplier's message and a turn of its own.

So they are answered, kept and audited like any other message. Messages are keyed by their id, and what is stored already
is not stored again: a client may send its whole history every time. Where a client gives no ids, its new words are those
after the last answer, keyed by run and position.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, convert_to_messages
from langgraph.config import get_config
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import InvalidInput, NotAllowed
from domain.identity import Channel, Sender
from domain.messages import Author, Direction, MessageStatus
from graphs.purchase_order.services import Services
from storage.conversations import Conversations
from storage.messages import Messages
from storage.models import ContactPoint, Conversation
from storage.suppliers import Suppliers
from storage.turns import Turns

#: SDK callers have no Chatwoot account.
NO_ACCOUNT = 0


class OtherThread(NotAllowed):
    """This supplier's active conversation lives on another thread: run on that one."""

    code = "other_thread"


class ConversationBusy(NotAllowed):
    """A turn of this supplier's conversation is running: wait for it, then send the message again."""

    code = "conversation_busy"
    retryable = True


async def write_sdk_turn(messages: Sequence[Any], supplier: str | None, services: Services) -> tuple[int, int]:
    """Store what is new in `messages` as words of `supplier`, and answer the turn (id, attempt) that answers them.

    Raises `InvalidInput` for no new words or no supplier, `OtherThread`, `ThreadTaken` and `ConversationBusy` as those say.
    """
    if not isinstance(supplier, str) or not supplier.strip():
        raise InvalidInput("Give `turn_id` and `attempt`, or `messages` and `supplier`.")
    words = _supplier_words(messages)
    configurable = get_config().get("configurable") or {}
    thread_id = UUID(str(configurable.get("thread_id") or uuid4()))
    now = services.now()
    async with services.database.session() as session:
        point, conversation = await _speaker(session, supplier, thread_id=thread_id, now=now)
        if conversation.thread_id != thread_id:
            raise OtherThread(f"Its thread is {conversation.thread_id}.")
        turn = await Turns(session).begin_now(conversation_id=conversation.id, now=now, lease=services.lease)
        if turn is None:
            raise ConversationBusy
        run_id = str((get_config().get("metadata") or {}).get("run_id") or uuid4())
        stored = 0
        for number, message in enumerate(words):
            key = message.id or f"{run_id}:{number}"
            stored += await _store_once(session, message, conversation, point, turn.id, key=key, now=now)
        if not stored:
            raise InvalidInput("There is no new message in `messages`: all of them were answered before.")
    return turn.id, turn.attempt


def _supplier_words(messages: Sequence[Any]) -> list[BaseMessage]:
    if not isinstance(messages, list):
        raise InvalidInput("`messages` is no list.")
    try:
        parsed = convert_to_messages(messages)
    except (ValueError, NotImplementedError) as error:
        raise InvalidInput(f"`messages` are not chat messages: {error}") from error
    answered = max((number for number, m in enumerate(parsed) if isinstance(m, AIMessage)), default=-1)
    words = [
        m
        for number, m in enumerate(parsed)
        if isinstance(m, HumanMessage) and (not m.id.startswith("message-") if m.id else number > answered)
    ]
    if not any(str(m.text).strip() for m in words):
        raise InvalidInput("`messages` has no new words of a user.")
    return list(words)


async def _speaker(
    session: AsyncSession, supplier: str, *, thread_id: UUID, now: datetime
) -> tuple[ContactPoint | None, Conversation]:
    """The supplier named, and its active conversation (opened on the caller's thread if there is none)."""
    suppliers, conversations = Suppliers(session), Conversations(session)
    try:
        known = await suppliers.get(UUID(supplier))
    except ValueError:
        caller = Sender(channel=Channel.SDK, account_id=NO_ACCOUNT, contact_id=_contact_number(supplier), name=supplier)
        point = await suppliers.contact_point_of(caller, heard_at=now)
        return point, await conversations.active_or_new(point.supplier_id, thread_id=thread_id)
    return None, await conversations.active_or_new(known.id, thread_id=thread_id)


def _contact_number(name: str) -> int:
    """A stable number for a name of the caller's own, in place of Chatwoot's contact id."""
    return uuid5(UUID(int=0), name).int % (2**62)


async def _store_once(
    session: AsyncSession,
    message: BaseMessage,
    conversation: Conversation,
    point: ContactPoint | None,
    turn_id: int,
    *,
    key: str,
    now: datetime,
) -> bool:
    stored = await Messages(session).add_once(
        {
            "conversation_id": conversation.id,
            "contact_point_id": point.id if point else None,
            "turn_id": turn_id,
            "channel": Channel.SDK,
            "direction": Direction.INBOUND,
            "status": MessageStatus.RECEIVED,
            "author": Author.SUPPLIER,
            "content": str(message.text),
            "timestamp": now,
            "delivery_key": f"sdk:{conversation.id}:{key}",
        }
    )
    return stored is not None

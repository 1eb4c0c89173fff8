"""Messages: read what was received, queue what goes out, move statuses."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, joinedload

from domain.errors import NotFound
from domain.messages import TRANSITIONS, Direction, MessageStatus, check_message_step
from storage.models import Conversation, Message
from storage.pauses import is_paused
from storage.upsert import insert_into


class MessageNotFound(NotFound):
    """There is no such message."""

    code = "message_not_found"


class MessageReader(Protocol):
    """What tools and nodes may ask of the message tables."""

    async def of_turn(self, turn_id: int, *, withdrawn: bool = False) -> list[Message]:
        """The words that a turn answers: inbound, in the order Chatwoot numbered them; `withdrawn` ones too if asked."""
        ...

    async def transcript(self, conversation_id: Any, *, limit: int = 10) -> list[Message]:
        """The newest public messages of a conversation, oldest first."""
        ...


class MessageWriter(Protocol):
    """What may be done to the message tables. An impossible step raises `ImpossibleTransition`."""

    async def queue(self, message: Message) -> Message:
        """Add one outbound message to the outbox."""
        ...

    async def move(self, message_id: int, to: MessageStatus, **changes: Any) -> Message:
        """Move a message's status, with further column changes."""
        ...


class Messages:
    """The repository: both protocols above, and what only the bridge needs."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add_once(self, values: dict[str, Any]) -> int | None:
        """Store a message unless its (account, Chatwoot id, kind) is stored already; the new id, or None for a repeat."""
        statement = insert_into(self._session, Message).values(values).on_conflict_do_nothing().returning(Message.id)
        stored: int | None = await self._session.scalar(statement)
        return stored

    async def find(self, *, account_id: int, chatwoot_message_id: int, kind: str = "created") -> Message | None:
        """The message that Chatwoot knows by this id."""
        query = select(Message).where(
            Message.account_id == account_id,
            Message.chatwoot_message_id == chatwoot_message_id,
            Message.kind == kind,
        )
        return await self._session.scalar(query)

    async def chatwoot_ids(self, *, account_id: int, chatwoot_conversation_id: int) -> set[tuple[int, str]]:
        """Chatwoot's id and the kind of every message we have of one Chatwoot conversation."""
        query = select(Message.chatwoot_message_id, Message.kind).where(
            Message.account_id == account_id,
            Message.chatwoot_conversation_id == chatwoot_conversation_id,
            Message.chatwoot_message_id.is_not(None),
        )
        return {(number, kind) for number, kind in await self._session.execute(query) if number is not None}

    async def get(self, message_id: int) -> Message:
        """The message with its conversation. Raise `MessageNotFound`."""
        message = await self._session.get(Message, message_id, options=[joinedload(Message.conversation)])
        if message is None:
            raise MessageNotFound(str(message_id))
        return message

    async def by_key(self, delivery_key: str) -> Message | None:
        """The message with this delivery key."""
        return await self._session.scalar(select(Message).where(Message.delivery_key == delivery_key))

    async def of_turn(self, turn_id: int, *, withdrawn: bool = False) -> list[Message]:
        """See `MessageReader`."""
        query = (
            select(Message)
            .where(Message.turn_id == turn_id, Message.direction == Direction.INBOUND)
            .options(joinedload(Message.contact_point))
            .order_by(Message.chatwoot_message_id, Message.id)
        )
        if not withdrawn:
            query = query.where(Message.status != MessageStatus.WITHDRAWN)
        return list(await self._session.scalars(query))

    async def transcript(self, conversation_id: Any, *, limit: int = 10) -> list[Message]:
        """See `MessageReader`."""
        query = (
            select(Message)
            .where(
                Message.conversation_id == conversation_id,
                ~Message.private,
                Message.status.not_in([MessageStatus.WITHDRAWN, MessageStatus.CANCELLED]),
            )
            .order_by(Message.id.desc())
            .limit(limit)
        )
        return list(await self._session.scalars(query))[::-1]

    async def queue(self, message: Message) -> Message:
        """See `MessageWriter`."""
        self._session.add(message)
        await self._session.flush()
        return message

    async def move(self, message_id: int, to: MessageStatus, **changes: Any) -> Message:
        """See `MessageWriter`. The row is locked, so that of two movers the second sees the first's step."""
        await self._session.flush()  # reading the row anew forgets what was set and not yet written
        message = await self._session.get(Message, message_id, with_for_update=True, populate_existing=True)
        if message is None:
            raise MessageNotFound(str(message_id))
        check_message_step(Direction(message.direction), MessageStatus(message.status), to)
        message.status = to
        for column, value in changes.items():
            setattr(message, column, value)
        return message

    async def move_if_possible(self, message: Message, to: MessageStatus, **changes: Any) -> bool:
        """For receipts, which come twice and out of order: False, and nothing done, where the step is not possible."""
        await self._session.flush()  # the same
        await self._session.refresh(message, with_for_update={"of": Message})
        if to not in TRANSITIONS[Direction(message.direction)][MessageStatus(message.status)]:
            return False
        await self.move(message.id, to, **changes)
        return True

    async def mark_read(self, message_ids: Sequence[int]) -> None:
        """A turn, or a person, has answered these inbound messages. Withdrawn ones stay withdrawn."""
        await self._session.execute(
            update(Message)
            .where(
                Message.id.in_(message_ids),
                Message.direction == Direction.INBOUND,
                Message.status == MessageStatus.RECEIVED,
            )
            .values(status=MessageStatus.READ)
        )

    async def claim_outgoing(self, *, now: datetime, lease: timedelta) -> Message | None:
        """Take the next queued message that is due, for `lease`; None if there is none.

        A message waits while an earlier one of its Chatwoot conversation is queued, also one that is being sent, so order is
        kept; and so do messages to one contact while either has yet to find its Chatwoot conversation. Not answering within
        the lease gives it back; `attempts` tells a late answer of an earlier claim from the present one.
        """
        earlier, opening = aliased(Message), aliased(Message)
        due = (
            select(Message.id)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(
                Message.status == MessageStatus.QUEUED,
                Message.next_attempt_at <= now,
                ~is_paused(Conversation.supplier_id),
                ~select(earlier.id)
                .where(
                    earlier.status == MessageStatus.QUEUED,
                    earlier.account_id == Message.account_id,
                    earlier.chatwoot_conversation_id == Message.chatwoot_conversation_id,
                    earlier.id < Message.id,
                )
                .exists(),
                ~select(opening.id)
                .where(
                    opening.status == MessageStatus.QUEUED,
                    opening.chatwoot_conversation_id.is_(None) | Message.chatwoot_conversation_id.is_(None),
                    opening.contact_point_id == Message.contact_point_id,
                    opening.id < Message.id,
                )
                .exists(),
            )
            .order_by(Message.next_attempt_at)
            .limit(1)
            .with_for_update(skip_locked=True, of=Message)
        )
        claimed = await self._session.scalar(
            update(Message)
            .where(Message.id == due.scalar_subquery())
            .values(next_attempt_at=now + lease, attempts=Message.attempts + 1)
            .returning(Message.id)
        )
        if claimed is None:
            return None
        options = [joinedload(Message.conversation), joinedload(Message.turn)]
        return await self._session.get(Message, claimed, options=options, populate_existing=True)

    async def counts(self) -> dict[str, dict[str, int]]:
        """How many messages there are, by direction and status; every status is named, also with 0."""
        query = select(Message.direction, Message.status, func.count()).group_by(Message.direction, Message.status)
        found = {(way, status): count for way, status, count in await self._session.execute(query)}
        return {way: {status: found.get((way, status), 0) for status in statuses} for way, statuses in TRANSITIONS.items()}

    async def latest(self, *, limit: int, conversation_id: Any = None) -> list[Message]:
        """The newest messages, newest first, with their conversation."""
        query = select(Message).options(joinedload(Message.conversation)).order_by(Message.id.desc()).limit(limit)
        if conversation_id is not None:
            query = query.where(Message.conversation_id == conversation_id)
        return list(await self._session.scalars(query))

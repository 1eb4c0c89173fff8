"""Conversations: at most one active per supplier, each on a LangGraph thread of its own."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from domain.errors import InvalidInput, NotFound
from domain.keys import thread_id_of
from domain.messages import MessageStatus
from storage.audit import Audit
from storage.models import Approval, Conversation, Message, Supplier, Turn
from storage.upsert import insert_into


class ConversationNotFound(NotFound):
    """There is no such conversation."""

    code = "conversation_not_found"


class ThreadTaken(InvalidInput):
    """This thread belongs to another conversation, or to one that has ended: use a new thread."""

    code = "thread_taken"


class Conversations:
    """Opens, finds and ends conversations."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, conversation_id: UUID) -> Conversation:
        """Raise `ConversationNotFound`."""
        options = [joinedload(Conversation.supplier).selectinload(Supplier.contact_points)]
        conversation = await self._session.get(Conversation, conversation_id, options=options)
        if conversation is None:
            raise ConversationNotFound(str(conversation_id))
        return conversation

    async def active_of(self, supplier_id: UUID) -> Conversation | None:
        """The supplier's active conversation."""
        query = select(Conversation).where(Conversation.supplier_id == supplier_id, Conversation.is_active)
        return await self._session.scalar(query)

    async def active_or_new(self, supplier_id: UUID, *, thread_id: UUID | None = None) -> Conversation:
        """The active conversation, opened if there is none. Whoever races us to open it, both get the same one.

        A new one lives on `thread_id` if given (an SDK caller brings its own thread), else on one derived from its id.
        Raises `ThreadTaken` for a thread that carried another conversation.
        """
        active = await self.active_of(supplier_id)
        if active is not None:
            return active
        conversation_id = uuid4()
        opened = await self._session.scalar(
            insert_into(self._session, Conversation)
            .values(id=conversation_id, supplier_id=supplier_id, thread_id=thread_id or thread_id_of(conversation_id))
            .on_conflict_do_nothing()
            .returning(Conversation.id)
        )
        if opened:
            Audit(self._session).add(actor="agent", action="opened", entity="conversation", entity_id=conversation_id)
        active = await self.active_of(supplier_id)
        if active is None:
            raise ThreadTaken(str(thread_id))
        return active

    async def with_message(self, *, account_id: int, chatwoot_conversation_id: int) -> Conversation | None:
        """The active conversation that messages of this Chatwoot conversation belong to."""
        query = (
            select(Conversation)
            .join(Message, Message.conversation_id == Conversation.id)
            .where(
                Message.account_id == account_id,
                Message.chatwoot_conversation_id == chatwoot_conversation_id,
                Conversation.is_active,
            )
            .order_by(Message.id.desc())
            .limit(1)
        )
        # Held, so that it is not merged into another meanwhile; one that was a moment ago is not found.
        return await self._session.scalar(query.with_for_update(read=True, key_share=True, of=Conversation))

    async def hand_to(self, conversation_id: UUID, handler: str, *, actor: str) -> bool:
        """Give the conversation to `bot` or `person`; False if it was there already."""
        changed = await self._session.scalar(
            update(Conversation)
            .where(Conversation.id == conversation_id, Conversation.handled_by != handler)
            .values(handled_by=handler)
            .returning(Conversation.id)
        )
        if changed is None:
            return False
        Audit(self._session).add(
            actor=actor,
            action="handed_over",
            entity="conversation",
            entity_id=conversation_id,
            after={"handled_by": handler},
        )
        return True

    async def end(self, conversation_id: UUID, *, reason: str, at: datetime, actor: str = "agent") -> bool:
        """End an active conversation; False if it had ended."""
        ended = await self._session.scalar(
            update(Conversation)
            .where(Conversation.id == conversation_id, Conversation.is_active)
            .values(is_active=False, ended_at=at, end_reason=reason)
            .returning(Conversation.id)
        )
        if ended is None:
            return False
        Audit(self._session).add(
            actor=actor, action="ended", entity="conversation", entity_id=conversation_id, after={"reason": reason}
        )
        return True

    async def end_idle(self, *, since: datetime, at: datetime) -> list[UUID]:
        """End those in which nobody has written since then and nothing is under way. Answers their ids.

        An order that is open goes on: it is the supplier's, and the next conversation finds it.
        """
        written = select(Message.id).where(
            Message.conversation_id == Conversation.id,
            (Message.stored_at >= since) | (Message.status == MessageStatus.QUEUED),
        )
        unfinished = select(Turn.id).where(Turn.conversation_id == Conversation.id, Turn.ended_at.is_(None))
        asked = select(Approval.id).where(Approval.conversation_id == Conversation.id, Approval.status == "open")
        idle = select(Conversation.id).where(
            Conversation.is_active,
            Conversation.started_at < since,
            ~written.exists(),
            ~unfinished.exists(),
            ~asked.exists(),
        )
        return [found for found in await self._session.scalars(idle) if await self.end(found, reason="idle", at=at)]

    async def newest(self, *, active: bool | None = None, limit: int = 50) -> list[Conversation]:
        """Newest first, with supplier and contact points."""
        query = (
            select(Conversation)
            .options(joinedload(Conversation.supplier), selectinload(Conversation.supplier, Supplier.contact_points))
            .order_by(Conversation.started_at.desc())
            .limit(limit)
        )
        if active is not None:
            query = query.where(Conversation.is_active == active)
        return list(await self._session.scalars(query))

"""Two suppliers that turn out to be one: everything of the one becomes the other's, in one transaction or not at all.

Two active conversations become one. The known supplier's stays, with its thread; the other ends with reason `merged`, and its
messages, turns, approvals and orders move over. What is unfinished among them is planned anew, since it is now known who
speaks. No run may be on either of them meanwhile: who comes with a claimed turn holds the lease of its conversation, and any
other running turn makes the merge wait.

Locks are taken in the order of intake: contact points, Chatwoot conversations, conversations, turns, messages. So a message
that arrives during a merge is stored before it, and moves, or after it, where it belongs.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import InvalidInput, UpstreamError
from domain.modes import AgentMode, stricter
from storage.approvals import Approvals
from storage.audit import Audit
from storage.conversations import Conversations
from storage.models import (
    Approval,
    ChatwootConversation,
    ContactPoint,
    Conversation,
    Message,
    Operation,
    OrderRecord,
    Supplier,
    Turn,
)
from storage.models.base import Base
from storage.models.turn import TurnKind, TurnStatus
from storage.orders import Orders
from storage.pauses import Pauses

#: A merge waits for another transaction this long at most, which is shorter than Postgres waits before it looks for deadlocks
#: (1 s): so if two wait for each other, it is the merge that gives way, never a webhook.
_PATIENCE = "500ms"

#: Postgres's words for: waited too long, deadlock, somebody else was first.
_BUSY = {"55P03", "40P01", "23505"}


class MergeMustWait(UpstreamError):
    """One of the two is in the middle of something: the merge is tried again when it has ended."""

    code = "merge_must_wait"


class TwoActiveOrders(InvalidInput):
    """Both suppliers have an order of the agent's under way: close one of them in Odoo first, then decide again."""

    code = "two_active_orders"


class TwoPartners(InvalidInput):
    """Both suppliers are linked, to two different partners of Odoo: merge the partners, or say whose each contact is."""

    code = "two_partners"


async def merge(
    session: AsyncSession, *, source: UUID, target: UUID, actor: str, at: datetime, claimed: Turn | None = None
) -> None:
    """Make everything of the supplier `source` the supplier `target`'s; `source` is no more then.

    `claimed` is a turn whose attempt the caller holds and on which no run is. `actor` is who found that they are one. Raises
    `MergeMustWait`, `TwoActiveOrders` and `TwoPartners`, having done nothing; `session` stays usable.
    """
    try:
        async with session.begin_nested():
            await _Merge(session, source, target, actor=actor, at=at, claimed=claimed).run()
            if session.get_bind().dialect.name == "postgresql":
                await session.execute(text("SET LOCAL lock_timeout TO DEFAULT"))
    except IntegrityError as error:
        raise MergeMustWait("Another turn began in the same instant.") from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in _BUSY:
            raise
        raise MergeMustWait("Somebody else is writing there.") from error


class _Merge:
    """One merge under way."""

    def __init__(
        self, session: AsyncSession, source: UUID, target: UUID, *, actor: str, at: datetime, claimed: Turn | None
    ) -> None:
        self._session = session
        self._source, self._target = source, target
        self._actor, self._at = actor, at
        self._claimed = claimed.id if claimed else None

    async def run(self) -> None:
        await self._lock()
        source, target = await self._provisional_and_known()
        ours, theirs = await self._active(self._source), await self._active(self._target)
        await self._nothing_runs(ours, theirs)
        for table in (ContactPoint, OrderRecord):
            await self._move(table, table.supplier_id, self._source, self._target)
        if ours and theirs:
            await self._join(ours, theirs)
        await self._move(Conversation, Conversation.supplier_id, self._source, self._target)
        if source.mode is not None:
            target.mode = stricter(AgentMode(source.mode), target.mode)
        await self._carry_pause_over()
        stays = theirs or ours
        Audit(self._session).add(
            actor=self._actor,
            action="merged",
            entity="supplier",
            entity_id=self._target,
            before={"supplier": str(self._source), "conversation": str(ours.id) if ours else None},
            after={"supplier": str(self._target), "conversation": str(stays.id) if stays else None},
            turn_id=self._claimed,
        )
        await self._session.flush()
        await self._session.execute(delete(Supplier).where(Supplier.id == self._source))

    async def _lock(self) -> None:
        if self._session.get_bind().dialect.name == "postgresql":
            await self._session.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
        pair = (self._source, self._target)
        points = select(ContactPoint.id).where(ContactPoint.supplier_id.in_(pair)).order_by(ContactPoint.id)
        locked = list(await self._session.scalars(points.with_for_update()))
        await self._session.execute(select(Supplier.id).where(Supplier.id.in_(pair)).order_by(Supplier.id).with_for_update())
        if list(await self._session.scalars(points)) != locked:
            raise MergeMustWait("Somebody has just written for the first time.")
        active = select(Conversation.id).where(Conversation.supplier_id.in_(pair), Conversation.is_active)
        told = select(ChatwootConversation.chatwoot_conversation_id).where(ChatwootConversation.conversation_id.in_(active))
        await self._session.execute(
            told.order_by(ChatwootConversation.account_id, ChatwootConversation.chatwoot_conversation_id).with_for_update()
        )
        await self._session.execute(active.order_by(Conversation.id).with_for_update())

    async def _provisional_and_known(self) -> tuple[Supplier, Supplier]:
        source, target = [
            await self._session.get(Supplier, supplier_id, populate_existing=True)
            for supplier_id in (self._source, self._target)
        ]
        if source is None or target is None:
            raise MergeMustWait("One of them was merged with another a moment ago.")
        if source.odoo_partner_id is not None:
            if target.odoo_partner_id is None:
                raise MergeMustWait("It was linked a moment ago.")
            raise TwoPartners(f"{source.name}, {target.name}")
        orders = [await Orders(self._session).active_of(supplier.id) for supplier in (source, target)]
        if all(orders):
            raise TwoActiveOrders(", ".join(order.name for order in orders if order))
        return source, target

    async def _active(self, supplier_id: UUID) -> Conversation | None:
        query = select(Conversation).where(Conversation.supplier_id == supplier_id, Conversation.is_active)
        return await self._session.scalar(query.execution_options(populate_existing=True))

    async def _nothing_runs(self, ours: Conversation | None, theirs: Conversation | None) -> None:
        running = select(Turn.id).where(
            Turn.conversation_id.in_([conversation.id for conversation in (ours, theirs) if conversation]),
            Turn.status == TurnStatus.RUNNING,
            Turn.id != (self._claimed or 0),
        )
        if await self._session.scalar(running.limit(1)) is not None:
            raise MergeMustWait("A turn is being answered.")
        if not ours or not theirs:
            return
        # An operation's key is made of the conversation, too: elsewhere it would be done a second time.
        begun = select(Turn.id).join(Operation).where(Turn.conversation_id == ours.id, Turn.ended_at.is_(None))
        if await self._session.scalar(begun.limit(1)) is not None:
            raise MergeMustWait("Something that was begun has to be carried through first.")

    async def _join(self, ours: Conversation, theirs: Conversation) -> None:
        """Two active conversations: ours goes into theirs."""
        unfinished = select(Turn).where(
            Turn.conversation_id == ours.id, Turn.ended_at.is_(None), Turn.kind == TurnKind.SUPPLIER
        )
        for turn in await self._session.scalars(unfinished.order_by(Turn.id).with_for_update()):
            if turn.plan is not None:
                turn.understanding = turn.plan = turn.draft = None
                await Approvals(self._session).expire(turn.id, at=self._at)
            if turn.status == TurnStatus.COLLECTING:
                await self._join_bursts(turn, theirs)
        await self._session.flush()
        for table in (Turn, Message, Approval, ChatwootConversation, OrderRecord):
            await self._move(table, table.conversation_id, ours.id, theirs.id)
        if ours.handled_by == "person":
            await Conversations(self._session).hand_to(theirs.id, "person", actor=self._actor)
        await Conversations(self._session).end(ours.id, reason="merged", at=self._at, actor=self._actor)

    async def _join_bursts(self, turn: Turn, theirs: Conversation) -> None:
        """One Chatwoot conversation collects one burst: where both collect from the same, theirs takes the words of ours."""
        query = select(Turn).where(
            Turn.conversation_id == theirs.id,
            Turn.status == TurnStatus.COLLECTING,
            Turn.account_id == turn.account_id,
            Turn.chatwoot_conversation_id == turn.chatwoot_conversation_id,
        )
        burst = await self._session.scalar(query.with_for_update())
        if burst is None:
            return
        burst.due_by = min(burst.due_by, turn.due_by)
        burst.due_at = min(max(burst.due_at, turn.due_at), burst.due_by)
        await self._move(Message, Message.turn_id, turn.id, burst.id)
        await self._session.delete(turn)

    async def _carry_pause_over(self) -> None:
        pauses = Pauses(self._session)
        for pause in await pauses.all():
            if pause.scope == self._source.hex:
                await pauses.pause(self._target, by=pause.by)
                await pauses.resume(self._source, by=self._actor)

    async def _move(self, table: type[Base], column: Any, before: object, after: object) -> None:
        await self._session.execute(update(table).where(column == before).values({column.key: after}))

"""The lives of conversations: when a person has one, when the agent gets it back, and when it ends.

What Chatwoot tells is translated here, in intake's transaction, into `handled_by` and `is_active`; nothing else reads
Chatwoot's states. Only changes count: Chatwoot tells a state again after nearly every message.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from storage.approvals import Approvals
from storage.chatwoot_conversations import ChatwootConversations, ChatwootState
from storage.conversations import Conversations
from storage.messages import Messages
from storage.models import Conversation
from storage.orders import Orders
from storage.turns import Turns


async def state_told(session: AsyncSession, state: ChatwootState, *, conversation: Conversation, now: datetime) -> str:
    """A Chatwoot conversation of this dealing is like this now. Answers `handed_over`, `ended` or `ignored`."""
    known = await ChatwootConversations(session).get(
        account_id=state.account_id, chatwoot_conversation_id=state.chatwoot_conversation_id
    )
    # A new dealing in an old Chatwoot conversation starts with what is told now.
    is_known = known is not None and known.conversation_id == conversation.id
    before = _As(known.status, known.assignee_type) if known and is_known else _As(None, None)
    if not await ChatwootConversations(session).note(state, conversation_id=conversation.id):
        return "ignored"
    return await _follow(session, conversation, before=before, after=_As(state.status, state.assignee_type), now=now)


class _As(NamedTuple):
    """Whose a Chatwoot conversation is."""

    status: str | None
    assignee_type: str | None

    @property
    def is_with_a_person(self) -> bool:
        """Someone of the team has it, or has put it off for later."""
        return self.assignee_type == "User" or self.status == "snoozed"


async def _follow(session: AsyncSession, conversation: Conversation, *, before: _As, after: _As, now: datetime) -> str:
    if after.status == "resolved":
        return "ignored" if before.status == "resolved" else await _resolved(session, conversation, now=now)
    if after.is_with_a_person == before.is_with_a_person and (after.status != "pending" or before.status in ("pending", None)):
        return "ignored"
    handler = "person" if after.is_with_a_person else "bot"
    return "handed_over" if await Conversations(session).hand_to(conversation.id, handler, actor="chatwoot") else "ignored"


async def _resolved(session: AsyncSession, conversation: Conversation, *, now: datetime) -> str:
    """Nobody waits for an answer any more. It ends, unless an order is open or another Chatwoot conversation goes on."""
    await close_bursts(session, conversation.id, at=now)
    has_order = await Orders(session).active_of(conversation.supplier_id) is not None
    if has_order or await ChatwootConversations(session).has_open(conversation.id):
        handed = await Conversations(session).hand_to(conversation.id, "bot", actor="chatwoot")
        return "handed_over" if handed else "ignored"
    await Conversations(session).end(conversation.id, reason="resolved", at=now, actor="chatwoot")
    return "ended"


async def person_spoke(session: AsyncSession, conversation_id: UUID, *, now: datetime) -> None:
    """A person answered: the agent rests there, what was waiting counts as answered, and drafts are out of date."""
    await Conversations(session).hand_to(conversation_id, "person", actor="person")
    await Approvals(session).expire_replies(conversation_id, by="person", at=now)
    await close_bursts(session, conversation_id, at=now)


async def close_bursts(session: AsyncSession, conversation_id: UUID, *, at: datetime) -> None:
    """Words that nobody has begun to answer are dealt with: their turns end, and they count as read."""
    for turn_id in await Turns(session).end_collecting(conversation_id, at=at):
        await Messages(session).mark_read([message.id for message in await Messages(session).of_turn(turn_id)])

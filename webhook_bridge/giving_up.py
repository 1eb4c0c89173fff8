"""A turn that failed for good: the agent rests in its conversation, and a private note tells the team."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from domain.keys import delivery_key
from domain.messages import Author, Direction, MessageStatus
from storage.conversations import Conversations
from storage.messages import Messages
from storage.models import Message, Turn

#: The private notes of a turn that failed for good have their places after all parts of a reply.
_FAILURE_NOTE = 1_000


async def give_to_a_person(session: AsyncSession, turn: Turn, *, now: datetime) -> None:
    """Hand the conversation over, and queue the note."""
    await Conversations(session).hand_to(turn.conversation_id, "person", actor="agent")
    if turn.chatwoot_conversation_id is None:
        return
    words = await Messages(session).of_turn(turn.id)
    # A turn that was set going again may fail again: each time is a note of its own.
    seq = _FAILURE_NOTE + turn.attempt
    await Messages(session).queue(
        Message(
            conversation_id=turn.conversation_id,
            turn_id=turn.id,
            seq=seq,
            channel=words[-1].channel if words else "api",
            account_id=turn.account_id,
            chatwoot_conversation_id=turn.chatwoot_conversation_id,
            direction=Direction.OUTBOUND,
            status=MessageStatus.QUEUED,
            author=Author.AGENT,
            private=True,
            content=f"The agent could not answer this (turn {turn.id}, {turn.attempt} attempts). Please take over, "
            f"or let it try once more: po-agent turns retry {turn.id}",
            timestamp=now,
            next_attempt_at=now,
            delivery_key=delivery_key(conversation_id=turn.conversation_id, turn_id=turn.id, seq=seq),
        )
    )

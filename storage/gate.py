"""The gate: whether the agent may speak and act in a conversation just now. Asked before a run, an effect and a post."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Conversation
from storage.pauses import Pauses

PERSON = "A person has taken the conversation over."
ENDED = "The conversation has ended."
PAUSED = "The agent is paused."


async def why_shut(session: AsyncSession, conversation_id: UUID) -> str | None:
    """Why the agent must keep still there, None if it may go on. It stays so until the transaction ends: the row is locked."""
    conversation = await session.get(
        Conversation, conversation_id, with_for_update={"read": True, "of": Conversation}, populate_existing=True
    )
    if conversation is None or not conversation.is_active:
        return ENDED
    if conversation.handled_by != "bot":
        return PERSON
    if await Pauses(session).holds(conversation.supplier_id):
        return PAUSED
    return None

"""What we know of Chatwoot conversations: their newest state, and which dealing of ours they belong to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import ChatwootConversation
from storage.upsert import insert_into


@dataclass(frozen=True, kw_only=True)
class ChatwootState:
    """How a Chatwoot conversation stands at `changed_at`. `assignee_type`: `User`, `AgentBot` or None."""

    account_id: int
    chatwoot_conversation_id: int
    inbox_id: int
    status: str
    assignee_type: str | None
    assignee_id: int | None
    changed_at: datetime


class ChatwootConversations:
    """The repository of Chatwoot's states."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, *, account_id: int, chatwoot_conversation_id: int) -> ChatwootConversation | None:
        """What was told of it last, locked until the transaction ends; None if it is not known."""
        query = select(ChatwootConversation).where(
            ChatwootConversation.account_id == account_id,
            ChatwootConversation.chatwoot_conversation_id == chatwoot_conversation_id,
        )
        return await self._session.scalar(query.with_for_update())

    async def note(self, state: ChatwootState, *, conversation_id: UUID) -> bool:
        """Remember `state`; False, and nothing done, if a newer one is known already."""
        values: dict[str, Any] = vars(state) | {"conversation_id": conversation_id}
        statement = insert_into(self._session, ChatwootConversation).values(values)
        noted = await self._session.scalar(
            statement.on_conflict_do_update(
                index_elements=["account_id", "chatwoot_conversation_id"],
                set_={name: statement.excluded[name] for name in values},
                where=ChatwootConversation.changed_at <= statement.excluded.changed_at,
            ).returning(ChatwootConversation.chatwoot_conversation_id)
        )
        return noted is not None

    async def has_open(self, conversation_id: UUID) -> bool:
        """Whether any Chatwoot conversation of this dealing is not resolved."""
        query = select(ChatwootConversation.chatwoot_conversation_id).where(
            ChatwootConversation.conversation_id == conversation_id, ChatwootConversation.status != "resolved"
        )
        return await self._session.scalar(query.limit(1)) is not None

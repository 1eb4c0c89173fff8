"""What Chatwoot last told us of a Chatwoot conversation: the state that says whether the agent may speak in it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class ChatwootConversation(Base):
    """Status and assignee at `changed_at` (Chatwoot's own time: webhooks come in any order, and the newest state counts).

    `conversation_id` is the dealing of ours that its newest message belongs to; None while there is none.
    """

    __tablename__ = "chatwoot_conversation"
    __table_args__ = (Index(None, "conversation_id"),)

    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    chatwoot_conversation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    conversation_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"))
    inbox_id: Mapped[int]
    status: Mapped[str]
    assignee_type: Mapped[str | None]
    assignee_id: Mapped[int | None]
    changed_at: Mapped[datetime]

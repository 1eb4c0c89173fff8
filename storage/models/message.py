"""One text in or out. Inbound rows are the inbox, outbound rows the outbox: there is no other queue.

A row is claimed for sending by moving `next_attempt_at` into the future, so a worker that dies gives it back by doing nothing.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.messages import STATUSES, Author, Direction
from storage.models.base import Base, RowId, one_of, utc_now
from storage.models.conversation import Conversation
from storage.models.supplier import ContactPoint
from storage.models.turn import Turn

_STATUS_FITS_DIRECTION = " OR ".join(
    f"(direction = '{way}' AND {one_of('status', sorted(statuses))})" for way, statuses in STATUSES.items()
)


class Message(Base):
    """A supplier's words (`kind` created, or submitted for an answered form), an answer of ours, or a person's."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("account_id", "chatwoot_message_id", "kind"),
        UniqueConstraint("delivery_key"),
        CheckConstraint(one_of("direction", Direction), name="direction"),
        CheckConstraint(one_of("author", Author), name="author"),
        CheckConstraint(_STATUS_FITS_DIRECTION, name="status_of_direction"),
        CheckConstraint("direction = 'inbound' OR delivery_key IS NOT NULL OR author = 'person'", name="keyed"),
        Index(
            "uq_message_turn_seq",
            "turn_id",
            "seq",
            unique=True,
            postgresql_where=text("direction = 'outbound'"),
            sqlite_where=text("direction = 'outbound'"),
        ),
        Index(
            "ix_message_outbox",
            "next_attempt_at",
            postgresql_where=text("status = 'queued'"),
            sqlite_where=text("status = 'queued'"),
        ),
        Index(None, "conversation_id", "id"),
        Index(None, "account_id", "chatwoot_conversation_id", "id"),
        Index(None, "direction", "status"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    contact_point_id: Mapped[int | None] = mapped_column(ForeignKey("contact_point.id"))
    turn_id: Mapped[int | None] = mapped_column(ForeignKey("turn.id", ondelete="CASCADE"))
    seq: Mapped[int] = mapped_column(default=0)
    channel: Mapped[str]
    account_id: Mapped[int | None]
    chatwoot_conversation_id: Mapped[int | None]
    chatwoot_inbox_id: Mapped[int | None]
    chatwoot_message_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(default="created")
    direction: Mapped[str]
    status: Mapped[str]
    author: Mapped[str]
    private: Mapped[bool] = mapped_column(default=False)
    content: Mapped[str]
    subject: Mapped[str | None]
    attachments: Mapped[list[Any]] = mapped_column(default=list)
    timestamp: Mapped[datetime]
    stored_at: Mapped[datetime] = mapped_column(default=utc_now)
    delivery_key: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    outcome_unknown_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    duplicates: Mapped[list[Any] | None]
    template: Mapped[str | None]

    conversation: Mapped[Conversation] = relationship()
    contact_point: Mapped[ContactPoint | None] = relationship()
    turn: Mapped[Turn | None] = relationship()

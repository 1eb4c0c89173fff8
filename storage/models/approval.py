"""A decision that a person must take."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, RowId, utc_now


class Approval(Base):
    """What is asked of a person: what was proposed is stored, so that what was approved is what is done."""

    __tablename__ = "approval"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'approved', 'edited', 'rejected', 'expired')", name="status"),
        CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decided_when_closed"),
        Index(None, "status"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    operation_key: Mapped[str] = mapped_column(unique=True)
    conversation_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    turn_id: Mapped[int | None] = mapped_column(ForeignKey("turn.id", ondelete="SET NULL"))
    kind: Mapped[str]
    question: Mapped[str]
    proposal: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(default="open")
    decision: Mapped[dict[str, Any] | None]
    decided_by: Mapped[str | None]
    opened_at: Mapped[datetime] = mapped_column(default=utc_now)
    decided_at: Mapped[datetime | None]

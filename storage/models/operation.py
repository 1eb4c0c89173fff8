"""One effect on Odoo, recorded before and after, so that it is never done twice."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, RowId, utc_now


class Operation(Base):
    """`key` comes from the unit of work (`domain.keys`), never from a model's text. `result` replays on a retry."""

    __tablename__ = "operation"
    __table_args__ = (
        CheckConstraint("status IN ('started', 'done', 'refused')", name="status"),
        CheckConstraint("(status = 'started') = (result IS NULL)", name="result_when_ended"),
        Index(None, "turn_id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    turn_id: Mapped[int | None] = mapped_column(ForeignKey("turn.id", ondelete="SET NULL"))
    attempt: Mapped[int]
    action: Mapped[str]
    request: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any] | None]
    status: Mapped[str] = mapped_column(default="started")
    started_at: Mapped[datetime] = mapped_column(default=utc_now)
    ended_at: Mapped[datetime | None]

"""The unit of work and of exactly-once: one burst (or decision, request, reminder) that one run of the graph answers.

`collecting` takes further messages until `due_at` (never later than `due_by`); `running` is leased to one attempt until
`due_at`; `waiting` is to be tried again at `due_at`; `done` and `failed` are ends. So one rule finds all that is to be
claimed: not ended, and due. Each claim raises `attempt`, and everything a run does compares it: a run that nobody waits for
any more can do nothing.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.models.base import Base, RowId, one_of, utc_now
from storage.models.conversation import Conversation


class TurnStatus(StrEnum):
    """Where a turn stands."""

    COLLECTING = "collecting"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class TurnKind(StrEnum):
    """What began a turn."""

    SUPPLIER = "supplier"
    DECISION = "decision"
    REQUEST = "request"
    REMINDER = "reminder"


class Turn(Base):
    """One turn. `understanding`, `plan` and `draft` are committed before anything is done, so a retry repeats nothing."""

    __tablename__ = "turn"
    __table_args__ = (
        Index(
            "uq_turn_running_conversation",
            "conversation_id",
            unique=True,
            postgresql_where=text("status = 'running'"),
            sqlite_where=text("status = 'running'"),
        ),
        Index(
            "uq_turn_collecting",
            "conversation_id",
            "account_id",
            "chatwoot_conversation_id",
            unique=True,
            postgresql_where=text("status = 'collecting'"),
            sqlite_where=text("status = 'collecting'"),
        ),
        Index(
            "ix_turn_claim",
            "due_at",
            postgresql_where=text("status IN ('collecting', 'waiting', 'running')"),
            sqlite_where=text("status IN ('collecting', 'waiting', 'running')"),
        ),
        CheckConstraint(one_of("status", TurnStatus), name="status"),
        CheckConstraint(one_of("kind", TurnKind), name="kind"),
        Index(None, "conversation_id", "id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    account_id: Mapped[int | None]
    chatwoot_conversation_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(default=TurnKind.SUPPLIER)
    status: Mapped[str] = mapped_column(default=TurnStatus.COLLECTING)
    attempt: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(default=utc_now)
    due_at: Mapped[datetime]
    due_by: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    understanding: Mapped[dict[str, Any] | None]
    plan: Mapped[dict[str, Any] | None]
    draft: Mapped[list[Any] | None]
    run_id: Mapped[UUID | None]
    last_error: Mapped[str | None]
    usage: Mapped[dict[str, Any] | None]
    trace: Mapped[str | None]

    conversation: Mapped[Conversation] = relationship()

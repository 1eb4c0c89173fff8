"""Our one active dealing with a supplier, and the LangGraph thread it lives on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.models.base import Base, utc_now
from storage.models.supplier import Supplier


class Conversation(Base):
    """At most one is active per supplier, whatever the channels: the partial unique index below is that promise."""

    __tablename__ = "conversation"
    __table_args__ = (
        Index(
            "uq_conversation_active_supplier",
            "supplier_id",
            unique=True,
            postgresql_where=text("is_active"),
            sqlite_where=text("is_active"),
        ),
        CheckConstraint("handled_by IN ('bot', 'person')", name="handled_by"),
        CheckConstraint("is_active = (ended_at IS NULL)", name="active_until_ended"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey("supplier.id"))
    thread_id: Mapped[UUID] = mapped_column(unique=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    handled_by: Mapped[str] = mapped_column(default="bot")
    started_at: Mapped[datetime] = mapped_column(default=utc_now)
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]

    supplier: Mapped[Supplier] = relationship()

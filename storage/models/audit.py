"""What changed or was decided, by whom. Append only: a trigger on Postgres refuses updates and deletes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, RowId, utc_now


class AuditEvent(Base):
    """One fact. It names rows by id and holds no message text, so it may outlive the erasure of a conversation.

    There are therefore no foreign keys: the rows it names may be gone.
    """

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "entity", "entity_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)
    actor: Mapped[str]
    action: Mapped[str]
    entity: Mapped[str]
    entity_id: Mapped[str]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    turn_id: Mapped[int | None]
    run_id: Mapped[UUID | None]

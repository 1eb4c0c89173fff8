"""Webhooks that were signed and not understood: kept whole, so that nothing is lost to a change of Chatwoot's."""

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, RowId, utc_now


class WebhookSetAside(Base):
    """The raw bytes, as they came, and why they were not understood. `digest` keeps a repeat from being stored twice."""

    __tablename__ = "webhook_set_aside"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    received_at: Mapped[datetime] = mapped_column(default=utc_now)
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    reason: Mapped[str]

"""The bytes of a file that a supplier sent, fetched from Chatwoot outside intake."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class AttachmentFile(Base):
    """One entry of `message.attachments`, by its place there (`number` counts from 0). Either `content` or `failure` is set."""

    __tablename__ = "attachment_file"
    __table_args__ = (CheckConstraint("(content IS NULL) <> (failure IS NULL)", name="content_or_failure"),)

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    media_type: Mapped[str | None]
    content: Mapped[bytes | None]
    failure: Mapped[str | None]
    fetched_at: Mapped[datetime]

"""A stop that a person ordered: for everything, or for one supplier."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, utc_now

#: The scope that stops the agent altogether.
EVERYTHING = "everything"


class Pause(Base):
    """While this row is there, no turn is claimed, nothing is done on Odoo and nothing is sent. Words are still taken in.

    `scope` is `everything`, or a supplier's id in hexadecimal without hyphens.
    """

    __tablename__ = "pause"

    scope: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(default=utc_now)
    by: Mapped[str]

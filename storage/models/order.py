"""What the agent holds to be true of orders. Odoo is the book of record: these rows follow it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.orders import ACTIVE_STATES, OrderState
from storage.models.base import Base, RowId, one_of, utc_now

_ONE_ACTIVE = text(f"opened_by = 'agent' AND {one_of('state', sorted(ACTIVE_STATES))}")


class OrderRecord(Base):
    """One order of Odoo's. At most one that the agent opened is active per supplier; a person's are mirrored."""

    __tablename__ = "order_record"
    __table_args__ = (
        Index(
            "uq_order_record_active_supplier",
            "supplier_id",
            unique=True,
            postgresql_where=_ONE_ACTIVE,
            sqlite_where=_ONE_ACTIVE,
        ),
        CheckConstraint(one_of("state", OrderState), name="state"),
        CheckConstraint("opened_by IN ('agent', 'person')", name="opened_by"),
        Index(None, "supplier_id", "id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    odoo_id: Mapped[int] = mapped_column(unique=True)
    name: Mapped[str]
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey("supplier.id"))
    conversation_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"))
    opened_by: Mapped[str]
    state: Mapped[str]
    currency: Mapped[str]
    amount_total: Mapped[Decimal] = mapped_column(Numeric(18, 4))
    lines: Mapped[list[Any]] = mapped_column(default=list)
    agreed_date: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)

"""Suppliers and the ways they write to us."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.identity import BY_CONTACT, Channel
from storage.models.base import Base, RowId, one_of, utc_now


class Supplier(Base):
    """A company we buy from: one `res.partner`, or provisional (no partner yet)."""

    __tablename__ = "supplier"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str]
    odoo_partner_id: Mapped[int | None] = mapped_column(unique=True)
    language: Mapped[str] = mapped_column(default="es")
    mode: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    contact_points: Mapped[list["ContactPoint"]] = relationship(back_populates="supplier", order_by="ContactPoint.id")


class ContactPoint(Base):
    """One person on one channel. `user_identifier` is `domain.identity.Sender.user_identifier`.

    `verified`: the widget's HMAC, or a person of ours, says who this is. `looked_up_at`: when Odoo was asked last.
    """

    __tablename__ = "contact_point"
    __table_args__ = (
        UniqueConstraint("channel", "account_id", "user_identifier"),
        CheckConstraint(one_of("channel", Channel), name="channel"),
        Index(None, "account_id", "chatwoot_contact_id"),
        Index(None, "supplier_id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey("supplier.id"))
    channel: Mapped[str]
    account_id: Mapped[int]
    user_identifier: Mapped[str]
    chatwoot_contact_id: Mapped[int | None]
    chatwoot_inbox_id: Mapped[int | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    verified: Mapped[bool] = mapped_column(default=False)
    last_inbound_at: Mapped[datetime | None]
    looked_up_at: Mapped[datetime | None]

    supplier: Mapped[Supplier] = relationship(back_populates="contact_points")

    @property
    def is_proven(self) -> bool:
        """Whether anybody but the writer says who this is. Chatwoot's contact alone does not on its own.

        Whoever types a stranger's e-mail into the web widget becomes that contact (`contact_identify_action.rb`).
        """
        return self.verified or self.channel == Channel.SDK or not self.user_identifier.startswith(BY_CONTACT)

    @property
    def vouched(self) -> dict[str, str]:
        """The `phone` or `email` that somebody vouches for: WhatsApp its number, a mail its sender, the HMAC its visitor.

        Of a verified visitor only the address that was proven is kept (`Suppliers.contact_point_of`).
        """
        is_named = not self.user_identifier.startswith(BY_CONTACT)
        if self.channel == Channel.WHATSAPP and is_named:
            return {"phone": self.user_identifier}
        if self.channel == Channel.EMAIL and is_named:
            return {"email": self.user_identifier}
        if self.channel in (Channel.WEB, Channel.API) and self.verified and self.email:
            return {"email": self.email}
        return {}

"""Suppliers and contact points: who writes to us, and which company that is."""

import hashlib
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from domain.errors import NotFound
from domain.identity import Sender
from storage.models import ContactPoint, Supplier


class SupplierNotFound(NotFound):
    """There is no such supplier."""

    code = "supplier_not_found"


class Suppliers:
    """Finds the supplier behind a sender; a sender nobody knows gets a provisional one."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, supplier_id: UUID) -> Supplier:
        """Raise `SupplierNotFound`."""
        supplier = await self._session.get(Supplier, supplier_id, options=[selectinload(Supplier.contact_points)])
        if supplier is None:
            raise SupplierNotFound(str(supplier_id))
        return supplier

    async def contact_point_of(self, sender: Sender, *, heard_at: datetime | None = None) -> ContactPoint:
        """The sender's contact point, made with its supplier if this is the first we hear of them.

        A Chatwoot contact known from another channel stays the same supplier. However many first messages arrive at
        once, over however many inboxes, one supplier comes of them. `heard_at` is when they wrote; None if we write first.
        """
        known = await self._find(sender)
        if known is None:
            await self._one_at_a_time(sender)
            known = await self._find(sender) or await self._create(sender)
        if heard_at is not None:
            known.last_inbound_at = max(heard_at, known.last_inbound_at or heard_at)
        known.chatwoot_contact_id = sender.contact_id or known.chatwoot_contact_id
        known.chatwoot_inbox_id = sender.inbox_id or known.chatwoot_inbox_id
        known.phone = sender.phone or known.phone
        known.email = sender.email or known.email
        known.verified = known.verified or sender.verified
        return known

    async def link(self, supplier_id: UUID, *, odoo_partner_id: int, name: str, language: str | None) -> bool:
        """Make a provisional supplier the Odoo partner's; False if another supplier is that partner already."""
        values = {"odoo_partner_id": odoo_partner_id, "name": name} | ({"language": language} if language else {})
        try:
            async with self._session.begin_nested():
                await self._session.execute(update(Supplier).where(Supplier.id == supplier_id).values(values))
        except IntegrityError:
            return False
        return True

    async def _find(self, sender: Sender) -> ContactPoint | None:
        """Locked, so that of two messages at once the later one's time stays."""
        query = select(ContactPoint).where(
            ContactPoint.channel == sender.channel,
            ContactPoint.account_id == sender.account_id,
            ContactPoint.user_identifier == sender.user_identifier,
        )
        return await self._session.scalar(query.with_for_update(key_share=True))

    async def _create(self, sender: Sender) -> ContactPoint:
        supplier_id = await self._supplier_of_contact(sender)
        if supplier_id is None:
            supplier = Supplier(id=uuid4(), name=sender.name or sender.user_identifier)
            self._session.add(supplier)
            await self._session.flush()
            supplier_id = supplier.id
        contact_point = ContactPoint(
            supplier_id=supplier_id,
            channel=sender.channel,
            account_id=sender.account_id,
            user_identifier=sender.user_identifier,
        )
        self._session.add(contact_point)
        await self._session.flush()
        return contact_point

    async def _supplier_of_contact(self, sender: Sender) -> UUID | None:
        """The supplier that this Chatwoot contact is already known as on another channel."""
        if sender.contact_id is None:
            return None
        query = select(ContactPoint.supplier_id).where(
            ContactPoint.account_id == sender.account_id, ContactPoint.chatwoot_contact_id == sender.contact_id
        )
        return await self._session.scalar(query.limit(1))

    async def _one_at_a_time(self, sender: Sender) -> None:
        """Hold everyone else who first hears of this contact, or of this identifier, until our commit.

        Two locks, always in the same order, because one contact may come over two channels (same contact, two identifiers)
        and one number may belong to two contacts. SQLite has one writer anyway.
        """
        if self._session.get_bind().dialect.name != "postgresql":
            return
        names = (
            f"contact:{sender.account_id}:{sender.contact_id}",
            f"identifier:{sender.channel}:{sender.account_id}:{sender.user_identifier}",
        )
        for name in names:
            number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
            await self._session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})

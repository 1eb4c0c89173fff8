"""Suppliers and contact points: who writes to us, and which company that is."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import exists, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, selectinload

from domain.errors import NotFound
from domain.identity import BY_CONTACT, Channel, Sender
from domain.partners import Partner
from storage.audit import Audit
from storage.models import ContactPoint, Conversation, Message, Supplier, Turn


class SupplierNotFound(NotFound):
    """There is no such supplier."""

    code = "supplier_not_found"


class Suppliers:
    """Finds the supplier behind a sender; a sender nobody knows gets a provisional one."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, supplier_id: UUID) -> Supplier:
        """Raise `SupplierNotFound`."""
        options = [selectinload(Supplier.contact_points)]
        supplier = await self._session.get(Supplier, supplier_id, options=options, populate_existing=True)
        if supplier is None:
            raise SupplierNotFound(str(supplier_id))
        return supplier

    async def of_partner(self, odoo_partner_id: int) -> Supplier | None:
        """The supplier that is this partner of Odoo's."""
        query = select(Supplier).where(Supplier.odoo_partner_id == odoo_partner_id)
        return await self._session.scalar(query.execution_options(populate_existing=True))

    async def contact_point_of(self, sender: Sender, *, heard_at: datetime | None = None) -> ContactPoint:
        """The sender's contact point, made with its supplier if this is the first we hear of them.

        A Chatwoot contact known from another channel stays the same supplier. However many first messages arrive at
        once, over however many inboxes, one supplier comes of them. `heard_at` is when they wrote; None if we write first.
        """
        known = await self._find(sender)
        if known is None:
            await self._one_at_a_time(sender)
            known = await self._find(sender) or await self._renamed(sender) or await self._create(sender)
        if heard_at is not None:
            known.last_inbound_at = max(heard_at, known.last_inbound_at or heard_at)
        known.chatwoot_contact_id = sender.contact_id or known.chatwoot_contact_id
        known.chatwoot_inbox_id = sender.inbox_id or known.chatwoot_inbox_id
        known.phone = sender.phone or known.phone
        if sender.channel in (Channel.WEB, Channel.API) and (sender.verified or known.verified):
            # An address that a visitor claimed, before or after he was verified, is not his by that.
            known.email = sender.proven_email or (known.email if known.verified else None)
        else:
            known.email = sender.email or known.email
        known.verified = known.verified or sender.verified
        return known

    async def link(
        self,
        supplier_id: UUID,
        *,
        odoo_partner_id: int,
        name: str,
        language: str | None,
        actor: str = "odoo",
        turn_id: int | None = None,
    ) -> bool:
        """Make a provisional supplier the Odoo partner's; False if another supplier is that partner already.

        `actor` is who says so: `odoo` by its one match, else a person.
        """
        values = {"odoo_partner_id": odoo_partner_id, "name": name} | ({"language": language} if language else {})
        try:
            async with self._session.begin_nested():
                await self._session.execute(update(Supplier).where(Supplier.id == supplier_id).values(values))
        except IntegrityError:
            return False
        Audit(self._session).add(
            actor=actor,
            action="linked",
            entity="supplier",
            entity_id=supplier_id,
            after={"odoo_partner_id": odoo_partner_id},
            turn_id=turn_id,
        )
        return True

    async def link_to(self, supplier_id: UUID, partner: Partner, *, actor: str, turn_id: int | None = None) -> bool:
        """`link` with what Odoo says of the partner."""
        language = (partner.lang or "")[:2]
        return await self.link(
            supplier_id,
            odoo_partner_id=partner.partner_id,
            name=partner.name,
            language=language if language in ("es", "en", "pt") else None,
            actor=actor,
            turn_id=turn_id,
        )

    async def same_person(self, turn: Turn) -> Sequence[ContactPoint]:
        """Contact points of other suppliers that are, to Chatwoot, whoever wrote the words of this turn: it merges contacts.

        Told by the contact that both write as. Or by the Chatwoot conversation: it keeps its id when its contact is merged
        into another, so two contacts that have written in it are one. (Not so by mail: anybody may answer in a thread.)
        """
        mine, others = aliased(ContactPoint), aliased(ContactPoint)
        wrote = select(Message.contact_point_id).where(
            Message.conversation_id == turn.conversation_id, Message.turn_id == turn.id
        )
        same_contact = (mine.account_id == others.account_id) & (mine.chatwoot_contact_id == others.chatwoot_contact_id)
        query = select(others).join(mine, same_contact)
        found = list(await self._session.scalars(query.where(mine.id.in_(wrote), others.supplier_id != mine.supplier_id)))
        by_contact = select(ContactPoint.supplier_id).where(
            ContactPoint.id.in_(wrote),
            ContactPoint.user_identifier.startswith(BY_CONTACT),
            ContactPoint.channel != Channel.EMAIL,
        )
        supplier_id = await self._session.scalar(by_contact.limit(1))
        if supplier_id is not None:
            place = select(Message.contact_point_id).where(
                Message.account_id == turn.account_id,
                Message.chatwoot_conversation_id == turn.chatwoot_conversation_id,
            )
            query = select(ContactPoint).where(
                ContactPoint.id.in_(place),
                ContactPoint.supplier_id != supplier_id,
                ContactPoint.user_identifier.startswith(BY_CONTACT),
            )
            found += await self._session.scalars(query)
        return sorted(set(found), key=lambda point: point.id)

    async def take_for_look_up(self, *, before: datetime, now: datetime) -> Supplier | None:
        """A provisional supplier in an active conversation whom Odoo did not know when it was asked, before then.

        Its contact points count as looked up `now`, so nobody else takes it. One that is being worked on is left out.
        """
        due = (
            select(Supplier)
            .where(
                Supplier.odoo_partner_id.is_(None),
                exists().where(ContactPoint.supplier_id == Supplier.id, ContactPoint.looked_up_at <= before),
                exists().where(Conversation.supplier_id == Supplier.id, Conversation.is_active),
            )
            .order_by(Supplier.created_at, Supplier.id)
            .limit(1)
            .with_for_update(skip_locked=True, key_share=True)
        )
        while (supplier := await self._session.scalar(due)) is not None:
            # Somebody may have taken it between our look and our lock: of two, one changes these rows.
            taken = await self._session.scalars(
                update(ContactPoint)
                .where(ContactPoint.supplier_id == supplier.id, ContactPoint.looked_up_at <= before)
                .values(looked_up_at=now)
                .returning(ContactPoint.id)
            )
            if taken.all():
                return await self.get(supplier.id)
        return None

    async def looked_up(self, supplier_id: UUID, *, at: datetime) -> None:
        """Odoo was asked about all that the supplier's channels vouch for."""
        await self._session.execute(update(ContactPoint).where(ContactPoint.supplier_id == supplier_id).values(looked_up_at=at))

    async def _find(self, sender: Sender) -> ContactPoint | None:
        """Locked, so that of two messages at once the later one's time stays, and that no merge comes between."""
        query = select(ContactPoint).where(
            ContactPoint.channel == sender.channel,
            ContactPoint.account_id == sender.account_id,
            ContactPoint.user_identifier == sender.user_identifier,
        )
        return await self._session.scalar(query.with_for_update(key_share=True).execution_options(populate_existing=True))

    async def _renamed(self, sender: Sender) -> ContactPoint | None:
        """The contact point that went by another Chatwoot contact until Chatwoot merged that one into the sender's.

        Their conversation tells, for it kept its id. A contact that we know by anything else is no new name of theirs.
        """
        if (
            sender.contact_id is None
            or not sender.user_identifier.startswith(BY_CONTACT)
            or sender.channel == Channel.EMAIL
            or sender.chatwoot_conversation_id is None
            or await self._supplier_of_contact(sender) is not None
        ):
            return None
        wrote_there = (
            select(Message.contact_point_id)
            .where(
                Message.account_id == sender.account_id,
                Message.chatwoot_conversation_id == sender.chatwoot_conversation_id,
                Message.contact_point_id.is_not(None),
            )
            .order_by(Message.id.desc())
        )
        query = select(ContactPoint).where(
            ContactPoint.channel == sender.channel,
            ContactPoint.account_id == sender.account_id,
            ContactPoint.user_identifier.startswith(BY_CONTACT),
            ContactPoint.id == wrote_there.limit(1).scalar_subquery(),
        )
        point = await self._session.scalar(query.with_for_update(key_share=True).execution_options(populate_existing=True))
        if point is not None:
            point.user_identifier = sender.user_identifier
            await self._session.flush()
        return point

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
        """The supplier that this Chatwoot contact is already known as on another channel. Locked against a merge."""
        if sender.contact_id is None:
            return None
        query = (
            select(ContactPoint.supplier_id)
            .where(ContactPoint.account_id == sender.account_id, ContactPoint.chatwoot_contact_id == sender.contact_id)
            .order_by(ContactPoint.id)
            .limit(1)
        )
        return await self._session.scalar(query.with_for_update(key_share=True))

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

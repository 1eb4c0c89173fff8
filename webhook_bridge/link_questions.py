"""What a person is asked when it is not certain who somebody is, and what the answer makes of it.

The approval's proposal names the supplier, the contact points in question and the companies of Odoo that may be meant. To
approve it means the one candidate; to edit it as `{"odoo_partner_id": 7}` names any; to reject it leaves things as they are:
nothing of any order is told.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import ImpossibleTransition, InvalidInput
from domain.keys import link_key
from domain.partners import Partner
from storage.approvals import Approvals
from storage.audit import Audit
from storage.merge import MergeMustWait, merge
from storage.models import Approval, ContactPoint, Supplier, Turn
from storage.suppliers import SupplierNotFound, Suppliers

#: The kind of these approvals.
LINK_SUPPLIER = "link_supplier"

_QUESTIONS = {
    "none": "No company in Odoo has {who}. Which supplier is this?",
    "several": "Several companies in Odoo have {who}. Which supplier is this?",
    "two_active_orders": "{who} belongs to a supplier that we know, and both have an order under way. Close one, then approve.",
    "two_partners": "Chatwoot has merged contacts of two suppliers ({who}). Whose are they?",
}


class WhichPartner(InvalidInput):
    """There is not one candidate alone: edit it as {"odoo_partner_id": number} to say which partner of Odoo's it is."""

    code = "which_partner"


class NoLongerAsked(ImpossibleTransition):
    """It has become clear since who this is: reject this question."""

    code = "no_longer_asked"


async def ask(
    session: AsyncSession,
    supplier: Supplier,
    points: Sequence[ContactPoint],
    companies: Sequence[Partner],
    *,
    reason: str,
    turn: Turn,
    other: Supplier | None = None,
) -> Approval:
    """Ask a person, once for each supplier (or two, where there is an `other`). A question still open is put as it is now."""
    question = _QUESTIONS[reason].format(who=", ".join(f"{point.channel} {point.user_identifier}" for point in points))
    proposal: dict[str, Any] = {
        "reason": reason,
        "supplier_id": str(supplier.id),
        "supplier": supplier.name,
        "contact_points": [{"id": p.id, "channel": p.channel, "identifier": p.user_identifier} for p in points],
        "candidates": [{"partner_id": p.partner_id, "name": p.name, "lang": p.lang} for p in companies],
    }
    approval = await Approvals(session).open_once(
        operation_key=link_key(supplier.id, *([other.id] if other else [])),
        conversation_id=turn.conversation_id,
        turn_id=turn.id,
        kind=LINK_SUPPLIER,
        question=question,
        proposal=proposal,
    )
    if approval.status == "open":
        approval.question, approval.proposal = question, proposal
    return approval


async def question_about(session: AsyncSession, *supplier_ids: UUID) -> Approval | None:
    """The question, whatever has become of it."""
    query = select(Approval).where(Approval.operation_key == link_key(*supplier_ids))
    return await session.scalar(query.execution_options(populate_existing=True))


def ruled_out(question: Approval | None) -> set[int]:
    """The partners that a person has said it is not."""
    if question is None or question.status != "rejected":
        return set()
    return {candidate["partner_id"] for candidate in question.proposal["candidates"]}


async def close(session: AsyncSession, supplier_id: UUID, *, partner_id: int | None, by: str, at: datetime) -> None:
    """It is clear now who this is: nobody need answer any more."""
    question = await question_about(session, supplier_id)
    if question is None or question.status != "open":
        return
    question.status, question.decided_by, question.decided_at = "expired", by, at
    question.decision = {"odoo_partner_id": partner_id}
    Audit(session).add(actor=by, action="expired", entity="approval", entity_id=question.id, after=question.decision)


def candidates(approval: Approval) -> list[Partner]:
    """The companies that may be meant."""
    return [Partner.from_json(candidate) for candidate in approval.proposal["candidates"]]


async def answer(session: AsyncSession, approval: Approval, partner: Partner, *, by: str, at: datetime) -> None:
    """A person says that the contact points in question are `partner`'s, and vouches for them.

    Raises `NoLongerAsked`, and as `merge` does.
    """
    try:
        supplier = await Suppliers(session).get(UUID(approval.proposal["supplier_id"]))
    except SupplierNotFound:
        raise NoLongerAsked from None
    ids = [point["id"] for point in approval.proposal["contact_points"]]
    await session.execute(update(ContactPoint).where(ContactPoint.id.in_(ids)).values(verified=True))
    if supplier.odoo_partner_id is None:
        await link_or_merge(session, supplier.id, partner, actor=by, at=at)
    else:
        await _hand_over(session, ids, partner, by=by)


async def link_or_merge(
    session: AsyncSession, supplier_id: UUID, partner: Partner, *, actor: str, at: datetime, claimed: Turn | None = None
) -> None:
    """A provisional supplier is this partner: linked to it, or merged into the supplier that is it already.

    `claimed` and errors: see `merge`. What a person was asked about it is closed.
    """
    turn_id = claimed.id if claimed else None
    if not await Suppliers(session).link_to(supplier_id, partner, actor=actor, turn_id=turn_id):
        known = await Suppliers(session).of_partner(partner.partner_id)
        if known is None:
            raise MergeMustWait("Somebody else is linking this partner.")
        await merge(session, source=supplier_id, target=known.id, actor=actor, at=at, claimed=claimed)
    await close(session, supplier_id, partner_id=partner.partner_id, by=actor, at=at)


async def _hand_over(session: AsyncSession, point_ids: Sequence[int], partner: Partner, *, by: str) -> None:
    """These contact points are `partner`'s from now on; their conversations so far stay whose they were."""
    company = await Suppliers(session).of_partner(partner.partner_id)
    if company is None:
        company = Supplier(name=partner.name)
        session.add(company)
        await session.flush()
        await Suppliers(session).link_to(company.id, partner, actor=by)
    points = select(ContactPoint).where(ContactPoint.id.in_(point_ids), ContactPoint.supplier_id != company.id)
    for point in await session.scalars(points.order_by(ContactPoint.id).with_for_update()):
        before, point.supplier_id = point.supplier_id, company.id
        Audit(session).add(
            actor=by,
            action="handed_over",
            entity="contact_point",
            entity_id=point.id,
            before={"supplier": str(before)},
            after={"supplier": str(company.id)},
        )

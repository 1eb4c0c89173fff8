"""Identity: which of Odoo's companies somebody is. Settled outside intake, before a turn's run, since it asks Odoo.

A contact point finds its supplier by what its channel vouches for, a number or an address. One company has it: linked. None or
several: a person is asked (`webhook_bridge/link_questions.py`), and until then nothing of any order is told. A company that
writes as two suppliers becomes one. So do contacts that Chatwoot has merged, unless both are linked: a person sorts that out.

The claimed turn is the lease on its conversation: no run is on it while it is settled here.
"""

import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import UpstreamError
from domain.identity import BY_CONTACT, Channel
from domain.partners import Partner, PartnerDirectory
from storage.conversations import Conversations
from storage.engine import Database
from storage.merge import MergeMustWait, TwoActiveOrders, merge
from storage.messages import Messages
from storage.models import Approval, ContactPoint, Supplier, Turn
from storage.models.turn import TurnKind, TurnStatus
from storage.suppliers import Suppliers
from storage.turns import Turns
from webhook_bridge import link_questions
from webhook_bridge.attempt import TurnMustWait

log = structlog.get_logger(__name__)

#: Odoo is asked again about the same contact points after this long: people add suppliers there by hand.
LOOK_AGAIN_AFTER = timedelta(minutes=15)


class Linker:
    """Settles who speaks. Any number of bridges may do so at once."""

    def __init__(
        self,
        *,
        database: Database,
        partners: PartnerDirectory,
        now: Callable[[], datetime],
        look_again_after: timedelta = LOOK_AGAIN_AFTER,
    ) -> None:
        self._database = database
        self._partners = partners
        self._now = now
        self._look_again_after = look_again_after

    async def settle(self, turn: Turn) -> Turn:
        """The claimed turn as it is to be run: its supplier linked, or a person asked; perhaps in another conversation.

        Of a linked supplier it costs three small queries. Raises `TurnMustWait` while a supplier to be merged with is being
        answered, `UpstreamError` while Odoo is away, and `StaleAttempt`.
        """
        if turn.kind != TurnKind.SUPPLIER:
            return turn
        try:
            turn = await self._one_with_others(turn)
            if turn.conversation.supplier.odoo_partner_id is None:
                return await self._known_to_odoo(turn)
            return turn
        except MergeMustWait as wait:
            raise TurnMustWait(wait.detail) from wait

    async def identities_odoo_now_knows(self) -> int:
        """Ask Odoo again about suppliers it did not know; how many are linked now. Raises `UpstreamError`."""
        now = self._now()
        before = now - self._look_again_after
        linked, busy = 0, []
        try:
            while supplier := await self._take_for_look_up(before=before, now=now):
                try:
                    linked += await self._look_again(supplier)
                except UpstreamError as error:
                    busy.append(supplier.id)
                    if not isinstance(error, MergeMustWait):
                        raise
        finally:
            # Whoever comes next, a turn or the next round, need not wait for another interval.
            async with self._database.session() as session:
                for supplier_id in busy:
                    await Suppliers(session).looked_up(supplier_id, at=before)
        return linked

    async def decided(self, session: AsyncSession, approval: Approval, now: datetime) -> None:
        """What follows from a person's decision on `link_supplier` (a `storage.decisions.Consequence`).

        Only a partner that was no candidate is asked of Odoo. Raises `WhichPartner`, `NoLongerAsked`, `NotFound`,
        `UpstreamError`, and as `storage.merge` does: the decision is undone then, and can be taken again.
        """
        if approval.status == "rejected":
            return
        partner = await self._partner_meant(approval)
        await link_questions.answer(session, approval, partner, by=approval.decided_by or "person", at=now)

    async def _partner_meant(self, approval: Approval) -> Partner:
        edit = (approval.decision or {}).get("edit")
        candidates = link_questions.candidates(approval)
        if edit is None:
            if len(candidates) != 1:
                raise link_questions.WhichPartner
            return candidates[0]
        number = edit.get("odoo_partner_id")
        if len(edit) != 1 or not isinstance(number, int) or isinstance(number, bool):
            raise link_questions.WhichPartner
        known = [candidate for candidate in candidates if candidate.partner_id == number]
        return known[0] if known else await self._partners.get_partner(number)

    # -- contacts that Chatwoot has merged

    async def _one_with_others(self, turn: Turn) -> Turn:
        async with self._database.session() as session:
            others = {point.supplier_id for point in await Suppliers(session).same_person(turn)}
        for other_id in sorted(others):
            async with self._database.session() as session:
                if await self._may_move(session, turn):
                    await self._one_person(session, await Turns(session).get(turn.id), other_id)
        return await self._reloaded(turn) if others else turn

    async def _one_person(self, session: AsyncSession, turn: Turn, other_id: UUID) -> None:
        mine = await Suppliers(session).get(turn.conversation.supplier_id)
        other = await session.get(Supplier, other_id)
        if other is None or other.id == mine.id:
            return
        if mine.odoo_partner_id is not None and other.odoo_partner_id is not None:
            await self._ask_whose(session, turn, mine, other)
            return
        known, provisional = sorted((mine, other), key=lambda one: (one.odoo_partner_id is None, one.created_at))
        source, target, ours_moves = provisional.id, known.id, provisional is mine
        try:
            await merge(session, source=source, target=target, actor="chatwoot", at=self._now(), claimed=turn)
        except MergeMustWait:
            # If the other one's turn has to end first, it is the other one that moves: no two ever wait for each other.
            if ours_moves:
                raise
            log.info("merge put off", supplier=str(target), other=str(source))
        except TwoActiveOrders:
            asked = await Suppliers(session).get(source)
            candidates = [_as_partner(known)] if known.odoo_partner_id is not None else []
            await link_questions.ask(session, asked, asked.contact_points, candidates, reason="two_active_orders", turn=turn)
        else:
            await link_questions.close(session, source, partner_id=known.odoo_partner_id, by="chatwoot", at=self._now())

    async def _ask_whose(self, session: AsyncSession, turn: Turn, mine: Supplier, other: Supplier) -> None:
        """Two companies write as one contact. What only the contact identifies proves nothing until a person has said whose."""
        question = await link_questions.question_about(session, mine.id, other.id)
        if question is not None and question.status in ("approved", "edited", "rejected"):
            return
        theirs = [point for point in await Suppliers(session).same_person(turn) if point.supplier_id == other.id]
        contacts = {point.chatwoot_contact_id for point in theirs}
        wrote = {message.contact_point_id for message in await Messages(session).of_turn(turn.id)}
        ours = [point for point in mine.contact_points if point.id in wrote or point.chatwoot_contact_id in contacts]
        for point in (*ours, *theirs):
            if point.user_identifier.startswith(BY_CONTACT):
                point.verified = False
        await link_questions.ask(
            session,
            mine,
            [*ours, *theirs],
            [_as_partner(mine), _as_partner(other)],
            reason="two_partners",
            turn=turn,
            other=other,
        )

    # -- companies that Odoo knows

    async def _known_to_odoo(self, turn: Turn) -> Turn:
        async with self._database.session() as session:
            supplier = await Suppliers(session).get(turn.conversation.supplier_id)
        points = [point for point in supplier.contact_points if point.channel != Channel.SDK]
        if not points or self._asked_lately(points):
            return turn
        partners = await self._ask_odoo(points)
        async with self._database.session() as session:
            if await self._may_move(session, turn):
                await Suppliers(session).looked_up(supplier.id, at=self._now())
                await self._follow(session, supplier.id, partners, await Turns(session).get(turn.id), claimed=turn)
        return await self._reloaded(turn)

    def _asked_lately(self, points: Sequence[ContactPoint]) -> bool:
        """Whether Odoo was asked about all of them not long ago, also if there was nothing to ask."""
        since = self._now() - self._look_again_after
        return all(point.looked_up_at is not None and point.looked_up_at > since for point in points)

    async def _ask_odoo(self, points: Sequence[ContactPoint]) -> list[Partner]:
        """The companies that have what the channels vouch for."""
        found = [partner for p in points if p.vouched for partner in await self._partners.find_partners(**p.vouched)]
        return list({partner.partner_id: partner for partner in found}.values())

    async def _follow(
        self, session: AsyncSession, supplier_id: UUID, partners: Sequence[Partner], turn: Turn, *, claimed: Turn | None
    ) -> bool:
        """Link it to the one company, else ask a person; whether it is linked."""
        supplier = await Suppliers(session).get(supplier_id)
        if supplier.odoo_partner_id is not None:
            return False
        ruled_out = link_questions.ruled_out(await link_questions.question_about(session, supplier_id))
        reason = "several" if partners else "none"
        if len(partners) == 1 and partners[0].partner_id not in ruled_out:
            reason = "two_active_orders"
            with contextlib.suppress(TwoActiveOrders):
                await link_questions.link_or_merge(
                    session, supplier_id, partners[0], actor="odoo", at=self._now(), claimed=claimed
                )
                return True
            supplier = await Suppliers(session).get(supplier_id)
        await link_questions.ask(session, supplier, supplier.contact_points, partners, reason=reason, turn=turn)
        return False

    async def _take_for_look_up(self, *, before: datetime, now: datetime) -> Supplier | None:
        async with self._database.session() as session:
            return await Suppliers(session).take_for_look_up(before=before, now=now)

    async def _look_again(self, supplier: Supplier) -> bool:
        partners = await self._ask_odoo(supplier.contact_points)
        async with self._database.session() as session:
            conversation = await Conversations(session).active_of(supplier.id)
            turns = await Turns(session).of_conversation(conversation.id) if conversation else []
            if any(turn.status == TurnStatus.RUNNING for turn in turns):
                raise MergeMustWait("A turn is being answered.")
            return bool(turns) and await self._follow(session, supplier.id, partners, turns[0], claimed=None)

    # -- the claimed turn

    async def _may_move(self, session: AsyncSession, turn: Turn) -> bool:
        """Whether the attempt may still be put elsewhere: what was begun goes through with its plan, where it was begun."""
        await Turns(session).held(turn.id, turn.attempt)
        return not await Turns(session).has_operations(turn.id)

    async def _reloaded(self, turn: Turn) -> Turn:
        async with self._database.session() as session:
            return await Turns(session).get(turn.id)


def _as_partner(supplier: Supplier) -> Partner:
    return Partner(partner_id=supplier.odoo_partner_id or 0, name=supplier.name)

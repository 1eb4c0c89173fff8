"""The stage of the identity tests: intake's own way in, claimed turns, and an address book in Odoo's place."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from domain.errors import NotFound, UpstreamError
from domain.identity import Channel, Sender
from domain.partners import Partner
from storage.approvals import Choice
from storage.decisions import decide
from storage.engine import Database
from storage.models import Approval, Conversation, Message, Supplier, Turn
from storage.models.turn import TurnStatus
from storage.turns import Turns
from tests.integration.webhook_bridge.intake_scenes import LEASE, Clock, an_intake, words
from webhook_bridge.identity import Linker
from webhook_bridge.link_questions import LINK_SUPPLIER

MILL = Partner(partner_id=1, name="Molino San Cristóbal SpA", lang="pt_BR")
NUTS = Partner(partner_id=2, name="Frutos Secos", lang="xx_XX")

INTERVAL = timedelta(minutes=15)


class AddressBook:
    """Stand-in for Odoo: `known` says whose each number or address is. `meanwhile` happens while it is being asked."""

    def __init__(self, **known: Any) -> None:
        self.known: dict[str, list[Partner]] = known
        self.asked: list[str] = []
        self.is_down = False
        self.meanwhile: Callable[[], Awaitable[object]] | None = None

    async def find_partners(self, *, phone: str | None = None, email: str | None = None) -> list[Partner]:
        if self.is_down:
            raise UpstreamError("down")
        self.asked += [value for value in (phone, email) if value]
        if self.meanwhile is not None:
            happening, self.meanwhile = self.meanwhile, None
            await happening()
        return [partner for value in (phone, email) if value for partner in self.known.get(value, [])]

    async def get_partner(self, partner_id: int) -> Partner:
        if self.is_down:
            raise UpstreamError("down")
        for partner in (MILL, NUTS):
            if partner.partner_id == partner_id:
                return partner
        raise NotFound(f"Partner {partner_id}.")


def a_phone(number: int) -> str:
    return f"+5696123{number:04}"


def on_whatsapp(number: int, *, contact_id: int | None = None, **changes: Any) -> Sender:
    """Without changes: a number of its own and a contact of its own, writing in Chatwoot conversation `number`."""
    given = {"channel": Channel.WHATSAPP, "phone": a_phone(number), "inbox_id": 11, "name": f"Contact {number}"}
    given |= {"account_id": 1, "contact_id": contact_id or 5000 + number, "chatwoot_conversation_id": number}
    return Sender(**(given | changes))


def on_the_web(contact_id: int, *, place: int, **changes: Any) -> Sender:
    given = {"channel": Channel.WEB, "phone": None, "inbox_id": 12, "contact_id": contact_id, "chatwoot_conversation_id": place}
    return on_whatsapp(0, **(given | changes))


@dataclass
class IdentityScene:
    """One database, one address book, one clock."""

    database: Database
    odoo: AddressBook = field(default_factory=AddressBook)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.intake = an_intake(self.database, now=self.clock)
        self.linker = Linker(database=self.database, partners=self.odoo, now=self.clock, look_again_after=INTERVAL)
        self._messages = 0

    async def hear(self, sender: Sender) -> None:
        self._messages += 1
        event = words(
            self._messages,
            sender=sender,
            channel=sender.channel,
            inbox_id=sender.inbox_id,
            chatwoot_conversation_id=sender.chatwoot_conversation_id,
            sent_at=self.clock.time,
        )
        assert await self.intake.take(event) == "stored"

    async def claim(self) -> Turn:
        self.clock.time += timedelta(seconds=30)
        async with self.database.session() as session:
            turn = await Turns(session).claim(now=self.clock.time, lease=LEASE)
        assert turn is not None
        return turn

    async def end(self, turn: Turn) -> None:
        async with self.database.session() as session:
            held = await Turns(session).held(turn.id, turn.attempt)
            held.status, held.ended_at = TurnStatus.DONE, self.clock.time

    async def settled(self, sender: Sender) -> Turn:
        """A supplier writes, and the turn is answered."""
        await self.hear(sender)
        turn = await self.linker.settle(await self.claim())
        await self.end(turn)
        return turn

    async def rows(self, table: type[Any]) -> list[Any]:
        async with self.database.session() as session:
            return list(await session.scalars(select(table)))

    async def suppliers(self) -> dict[str, int | None]:
        return {supplier.name: supplier.odoo_partner_id for supplier in await self.rows(Supplier)}

    async def questions(self, status: str = "open") -> list[Approval]:
        return [one for one in await self.rows(Approval) if (one.kind, one.status) == (LINK_SUPPLIER, status)]

    async def the_conversation(self) -> Conversation:
        [conversation] = [one for one in await self.rows(Conversation) if one.is_active]
        assert {message.conversation_id for message in await self.rows(Message)} == {conversation.id}
        return conversation

    async def decide(self, approval: Approval, choice: str = "approve", **given: Any) -> Approval:
        """What the API does."""
        async with self.database.session() as session:
            further = {LINK_SUPPLIER: self.linker.decided}
            return await decide(session, approval.id, Choice(choice), by="ana", now=self.clock.time, further=further, **given)

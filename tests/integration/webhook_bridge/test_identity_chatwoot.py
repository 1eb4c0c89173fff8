"""Contacts that Chatwoot merges, and people it knows by no number: never a second supplier, and never another one's orders.

When Chatwoot merges one contact into another, its conversations keep their ids and their channel's own id of the person; only
the contact's id changes (`contact_merge_action.rb`). So a web visitor writes on as somebody else.
"""

from typing import Any

import pytest

from domain.identity import Channel
from storage.audit import Audit
from storage.engine import Database
from storage.models import ContactPoint, Supplier
from storage.suppliers import Suppliers
from tests.integration.webhook_bridge.identity_scene import (
    MILL,
    NUTS,
    IdentityScene,
    a_phone,
    on_the_web,
    on_whatsapp,
)
from webhook_bridge.attempt import TurnMustWait


@pytest.fixture
def scene(database: Database) -> IdentityScene:
    return IdentityScene(database)


def by_name(contact_id: int, *, place: int) -> Any:
    """WhatsApp without a number: known by user name (BSUID) alone."""
    return on_whatsapp(0, phone=None, contact_id=contact_id, chatwoot_conversation_id=place)


def by_mail(number: int, address: str, *, contact_id: int | None) -> Any:
    mail = on_whatsapp(number, channel=Channel.EMAIL, email=address, phone=None, inbox_id=12)
    return mail.model_copy(update={"contact_id": contact_id})


async def points(scene: IdentityScene) -> list[tuple[str, str, int | None]]:
    found = await scene.rows(ContactPoint)
    return sorted((point.channel, point.user_identifier, point.chatwoot_contact_id) for point in found)


@pytest.mark.parametrize("writer", [by_name, on_the_web])
async def test_the_surviving_contact_is_unknown_to_us(scene: IdentityScene, writer: Any) -> None:
    first = await scene.settled(writer(701, place=7))
    for contact in (702, 702, 703):
        turn = await scene.settled(writer(contact, place=7))
        assert turn.conversation_id == first.conversation_id
    [(_, identifier, contact_id)] = await points(scene)
    assert (identifier, contact_id) == ("contact:703", 703)
    assert len(await scene.suppliers()) == 1


async def test_a_message_that_was_sent_before_and_comes_after(scene: IdentityScene) -> None:
    """Webhooks keep no order."""
    for contact in (701, 702, 701, 702):
        await scene.settled(on_the_web(contact, place=7))
    assert len(await scene.suppliers()) == 1
    await scene.the_conversation()


async def test_another_visitor_is_another_person(scene: IdentityScene) -> None:
    await scene.settled(on_the_web(701, place=7))
    await scene.settled(on_the_web(702, place=8))
    assert len(await scene.rows(Supplier)) == 2


async def test_somebody_who_answers_in_a_mail_thread_is_nobodys_new_contact(scene: IdentityScene) -> None:
    scene.odoo.known = {"ventas@molino.cl": [MILL]}
    await scene.settled(by_mail(7, "ventas@molino.cl", contact_id=501))
    await scene.settled(by_mail(7, "thief@example.com", contact_id=None))
    await scene.settled(by_mail(8, "thief@example.com", contact_id=600))
    await scene.settled(by_mail(7, "thief@example.com", contact_id=None))
    turn = await scene.settled(by_mail(7, "ventas@molino.cl", contact_id=501))
    assert turn.conversation.supplier.odoo_partner_id == 1
    assert sorted(supplier.odoo_partner_id or 0 for supplier in await scene.rows(Supplier)) == [0, 1]


async def test_a_number_goes_on_as_a_contact_that_is_linked(scene: IdentityScene) -> None:
    scene.odoo.known = {"ventas@molino.cl": [MILL]}
    known = await scene.settled(by_mail(8, "ventas@molino.cl", contact_id=502))
    await scene.settled(on_whatsapp(1, contact_id=501))
    assert len(await scene.questions()) == 1
    turn = await scene.settled(on_whatsapp(1, contact_id=502))
    assert turn.conversation_id == known.conversation_id == (await scene.the_conversation()).id
    assert await scene.suppliers() == {MILL.name: 1}
    assert [one.decided_by for one in await scene.questions("expired")] == ["chatwoot"]
    async with scene.database.session() as session:
        event = (await Audit(session).of("supplier", turn.conversation.supplier_id))[-1]
    assert (event.actor, event.action) == ("chatwoot", "merged")


async def test_a_visitor_goes_on_as_a_contact_that_is_linked_and_is_certain_of_nothing(scene: IdentityScene) -> None:
    """What he was before is merged, too; but anybody can type an address into the widget."""
    scene.odoo.known = {"ventas@molino.cl": [MILL]}
    await scene.settled(by_mail(8, "ventas@molino.cl", contact_id=502))
    await scene.settled(on_the_web(701, place=7))
    turn = await scene.settled(on_the_web(502, place=7))
    assert turn.conversation_id == (await scene.the_conversation()).id
    assert await scene.suppliers() == {MILL.name: 1}
    proven = {point.channel: point.is_proven for point in await scene.rows(ContactPoint)}
    assert proven == {"email": True, "web": False}


async def test_of_two_provisional_ones_the_older_stays(scene: IdentityScene) -> None:
    older = await scene.settled(on_whatsapp(1, contact_id=501))
    await scene.settled(on_the_web(701, place=7))
    turn = await scene.settled(on_the_web(501, place=7))
    assert turn.conversation_id == older.conversation_id == (await scene.the_conversation()).id
    assert await scene.suppliers() == {"Contact 1": None}


async def test_two_provisional_ones_that_wait_for_each_other_do_not(scene: IdentityScene) -> None:
    """The older one is answered; only the younger, which moves, waits for it."""
    await scene.settled(on_whatsapp(1, contact_id=501))
    await scene.settled(on_whatsapp(2, contact_id=502))
    for number in (1, 2):
        await scene.hear(on_whatsapp(number, contact_id=502))
    one, two = await scene.claim(), await scene.claim()
    older, younger = sorted((one, two), key=lambda turn: turn.chatwoot_conversation_id)
    assert (await scene.linker.settle(older)).conversation_id == older.conversation_id
    with pytest.raises(TurnMustWait):
        await scene.linker.settle(younger)
    await scene.end(older)
    assert (await scene.linker.settle(younger)).conversation_id == older.conversation_id
    await scene.the_conversation()


async def test_a_signed_in_visitor_who_claims_an_address_is_not_believed(scene: IdentityScene) -> None:
    """The HMAC signs who he is on the site, not the e-mail that he says is his, before or after signing in."""
    scene.odoo.known = {"ventas@molino.cl": [MILL]}
    await scene.settled(on_the_web(701, place=7, email="ventas@molino.cl"))
    await scene.settled(on_the_web(701, place=7, email="ventas@molino.cl", verified=True))
    assert set((await scene.suppliers()).values()) == {None}


class TestTwoLinkedOnes:
    @pytest.fixture
    async def scene(self, database: Database) -> IdentityScene:
        """The mill writes in the widget, signed in, as contact 701; the nuts by mail, as 502. Chatwoot makes 502 of both."""
        scene = IdentityScene(database)
        scene.odoo.known = {"ventas@molino.cl": [MILL], "pedidos@frutos.cl": [NUTS]}
        await scene.settled(on_the_web(701, place=7, proven_email="ventas@molino.cl", verified=True))
        await scene.settled(by_mail(8, "pedidos@frutos.cl", contact_id=502))
        assert await scene.suppliers() == {MILL.name: 1, NUTS.name: 2}
        return scene

    async def write(self, scene: IdentityScene, **changes: Any) -> Any:
        turn = await scene.settled(on_the_web(502, place=7, verified=True, **changes))
        async with scene.database.session() as session:
            supplier = await Suppliers(session).get(turn.conversation.supplier_id)
        [point] = [point for point in supplier.contact_points if point.user_identifier == "contact:502"]
        return supplier.odoo_partner_id, point

    async def test_a_person_is_asked_and_nothing_is_certain_until_then(self, scene: IdentityScene) -> None:
        for _ in range(2):
            _, point = await self.write(scene)
            assert not point.is_proven
        assert await scene.suppliers() == {MILL.name: 1, NUTS.name: 2}
        [question] = await scene.questions()
        assert question.proposal["reason"] == "two_partners"
        assert sorted(one["partner_id"] for one in question.proposal["candidates"]) == [1, 2]

    @pytest.mark.parametrize("whose", [MILL, NUTS])
    async def test_the_answer_says_whose_the_contact_is(self, scene: IdentityScene, whose: Any) -> None:
        await self.write(scene)
        await scene.decide((await scene.questions())[0], "edit", edit={"odoo_partner_id": whose.partner_id})
        partner_id, point = await self.write(scene)
        assert (partner_id, point.is_proven) == (whose.partner_id, True)
        assert await scene.questions() == []
        assert await scene.suppliers() == {MILL.name: 1, NUTS.name: 2}

    async def test_two_numbers_of_one_contact_prove_themselves(self, scene: IdentityScene) -> None:
        scene.odoo.known |= {a_phone(1): [MILL], a_phone(2): [NUTS]}
        for number in (1, 2):
            await scene.settled(on_whatsapp(number, contact_id=505))
        assert {point.is_proven for point in await scene.rows(ContactPoint) if point.channel == Channel.WHATSAPP} == {True}

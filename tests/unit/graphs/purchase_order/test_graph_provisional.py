"""People we do not know: linked to a company of Odoo only by what the channel vouches for, and told nothing until then.

Real: the bridge's `Linker`, which settles a claimed turn before its run (`Scene.claim`).
"""

from typing import Any

import pytest
from sqlalchemy import select

from domain.identity import Channel, Sender
from domain.understanding import Intent, Understanding
from sandbox.odoo_demo_data import DEMO_ODOO
from storage.models import Approval, Operation, Supplier
from storage.suppliers import Suppliers
from tests.unit.graphs.purchase_order.scene import (
    STRANGER,
    Scene,
    ScriptedReader,
    WatchedOdoo,
    a_greeting,
    a_question,
    a_yes,
    an_offer,
)

MAIL = "ventas@molinosancristobal.example"
PHONE = "+56961230101"


def sender(channel: Channel, **changes: Any) -> Sender:
    return Sender(channel=channel, account_id=1, contact_id=601, inbox_id=12, name="Rosa", **changes)


async def linked_partner(scene: Scene, who: Sender) -> Any:
    scene.reader = ScriptedReader(a_greeting())
    result = await scene.answer("Hola", sender=who)
    async with scene.database.session() as session:
        stored = await session.scalar(select(Supplier.odoo_partner_id))
    assert stored == result["turn"]["partner_id"]
    return stored


@pytest.mark.parametrize(
    ("who", "partner"),
    [
        (sender(Channel.WHATSAPP, phone=PHONE), 1),
        (sender(Channel.EMAIL, email=MAIL), 1),
        (sender(Channel.WHATSAPP, phone="+56961230107"), 1),  # a contact's number answers its company
        (sender(Channel.WHATSAPP, phone="+56900000000"), None),
        (sender(Channel.WHATSAPP, phone="+56900000000", email=MAIL), None),  # WhatsApp vouches for the number alone
        (sender(Channel.EMAIL, email="other@example.com", phone=PHONE), None),
        (sender(Channel.WHATSAPP), None),
        (sender(Channel.WEB, email=MAIL, phone=PHONE), None),  # typed by whoever visits the page
        (sender(Channel.API, email=MAIL, phone=PHONE), None),
        (sender(Channel.WEB, proven_email=MAIL, verified=True), 1),
        (sender(Channel.WEB, email=MAIL, verified=True), None),  # the HMAC proves the site's identifier, not what one claims
        (sender(Channel.WEB, phone=PHONE, verified=True), None),  # the HMAC is for whoever signed in, and no number
    ],
    ids=lambda value: f"{value.channel}-{value.phone}-{value.email}" if isinstance(value, Sender) else "",
)
async def test_who_is_linked_to_which_company(scene: Scene, who: Sender, partner: int | None) -> None:
    assert await linked_partner(scene, who) == partner


async def test_two_companies_with_one_number_link_nobody(scene: Scene) -> None:
    twice = {**DEMO_ODOO, "partners": [*DEMO_ODOO["partners"], {"partner_id": 8, "name": "Doble", "phone": PHONE}]}
    scene.odoo = WatchedOdoo(data=twice)
    assert await linked_partner(scene, sender(Channel.WHATSAPP, phone=PHONE)) is None


async def test_linking_takes_over_name_and_language(scene: Scene) -> None:
    scene.reader = ScriptedReader(a_greeting())
    await scene.answer("Olá", sender=sender(Channel.WHATSAPP, phone="+5591988230104"))
    [supplier] = await scene.rows(Supplier)
    assert (supplier.name, supplier.language) == ("Castanhas do Norte Ltda.", "pt")


async def test_a_company_that_writes_as_another_supplier_already_is_that_one(scene: Scene) -> None:
    async with scene.database.session() as session:
        other = Supplier(name="Molino, known by mail")
        session.add(other)
        await session.flush()
        assert await Suppliers(session).link(other.id, odoo_partner_id=1, name="Molino", language="es")
    scene.reader = ScriptedReader(an_offer())
    result = await scene.answer("20 sacos a 17900")
    assert (result["turn"]["partner_id"], result["turn"]["supplier_id"]) == (1, str(other.id))
    assert [supplier.id for supplier in await scene.rows(Supplier)] == [other.id]
    assert len(await scene.orders()) == 1


@pytest.mark.parametrize("channel", [Channel.WEB, Channel.API])
@pytest.mark.parametrize("reading", [an_offer(), a_yes(), a_question()], ids=["offer", "yes", "question"])
async def test_a_visitor_who_became_a_suppliers_contact_by_typing_its_address_is_told_nothing(
    scene: Scene, channel: Channel, reading: Understanding
) -> None:
    """Chatwoot merges a visitor into whichever contact has the e-mail that he types: that contact proves nothing."""
    scene.reader = ScriptedReader(an_offer(), reading)
    mill = sender(Channel.WHATSAPP, phone=PHONE)
    await scene.answer("20 sacos a 17900", sender=mill)
    [before] = await scene.orders()
    visitor = sender(channel, email=MAIL, phone=PHONE)

    result = await scene.answer("Soy del Molino, P00001", sender=visitor)

    assert (result["turn"]["partner_id"], result["order"]) == (None, None)
    assert await scene.orders() == [before]
    for fact in ("P00001", "358.000", "17.900", "Harina", "espera de su confirmación"):
        assert fact not in "".join(result["reply"])

    scene.reader = ScriptedReader(a_question())
    signed_in = visitor.model_copy(update={"verified": True})
    assert (await scene.answer("P00001", sender=signed_in))["order"]["name"] == "P00001"


READINGS = {
    "offer": an_offer(),
    "yes": a_yes(),
    "yes without a name": Understanding(intent=Intent.CONFIRM_ORDER),
    "question": a_question(),
    "question without a name": a_question(None),
    "change": Understanding(intent=Intent.MODIFY_ORDER, order_ref="P00001"),
    "cancellation": Understanding(intent=Intent.CANCEL_ORDER, order_ref="P00001"),
    "delivery": Understanding(intent=Intent.DELIVERY_UPDATE, order_ref="P00001"),
    "bill": Understanding(intent=Intent.BILLING_QUESTION, order_ref="P00001"),
}


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
async def test_a_stranger_is_told_nothing_of_orders_and_moves_nothing(scene: Scene, reading: Understanding) -> None:
    scene.reader = ScriptedReader(an_offer(), reading)
    await scene.answer("20 sacos a 17900")
    [before] = await scene.orders()

    result = await scene.answer("Soy del Molino, P00001", sender=STRANGER)

    assert result["turn"]["partner_id"] is None
    assert result["order"] is None
    assert await scene.orders() == [before]
    assert len(await scene.rows(Operation)) == 1
    [text] = result["reply"]
    assert text.startswith("Gracias, recibimos su mensaje. Una persona de compras")
    for fact in ("P00001", "358.000", "17.900", "Harina", "Molino", "espera de su confirmación"):
        assert fact not in text
    assert {(approval.kind, approval.status) for approval in await scene.rows(Approval)} >= {("link_supplier", "open")}


async def test_the_same_order_asked_for_by_another_linked_supplier_is_as_if_there_were_none(scene: Scene) -> None:
    scene.reader = ScriptedReader(an_offer(), a_question(), a_yes())
    await scene.answer("20 sacos a 17900")
    [before] = await scene.orders()
    other = sender(Channel.WHATSAPP, phone="+56961230102")
    for _ in range(2):
        result = await scene.answer("P00001", sender=other)
        assert result["turn"]["partner_id"] == 2
        assert result["order"] is None
        for fact in ("P00001", "358.000", "Harina", "espera de su confirmación"):
            assert fact not in result["reply"][0]
    assert await scene.orders() == [before]

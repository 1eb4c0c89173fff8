"""Whole turns through the compiled graph, from the supplier's words to what is queued for Chatwoot.

The reader is the offline interpreter in the Spanish purchase; elsewhere a scripted stand-in, since the words are not the point.
"""

from decimal import Decimal

import pytest

from domain.identity import Sender
from domain.orders import OrderState
from domain.understanding import Intent, OfferedLine, Understanding
from graphs.reading.offline.interpreter import OfflineReader
from storage.models import Approval, AuditEvent, Message, OrderRecord, Turn
from tests.unit.graphs.purchase_order.scene import (
    BRAZIL,
    MILL,
    PACIFIC,
    Scene,
    ScriptedReader,
    a_greeting,
    a_question,
    a_yes,
    an_offer,
    flour,
)


async def test_a_purchase_from_greeting_to_status_read_by_the_offline_interpreter(scene_on_both: Scene) -> None:
    scene = scene_on_both
    scene.reader = OfflineReader()

    greeted = await scene.answer("Hola, buenos días")
    assert greeted["status"] == "done"
    assert greeted["turn"]["partner_id"] == 1
    assert "asistente de compras" in greeted["reply"][0]
    assert await scene.orders() == []

    offered = await scene.answer("Les ofrezco 20 sacos de harina panadera 25 kg a $17.900 cada uno")
    [order] = await scene.orders()
    assert (order.state, order.amount_untaxed) == (OrderState.SENT, Decimal(358_000))
    assert order.name in offered["reply"][0]
    assert "• 20 sacos Harina de trigo sin polvos 25 kg a $17.900" in offered["reply"][0]
    assert "Total neto: $358.000." in offered["reply"][0]

    confirmed = await scene.answer(f"Confirmo {order.name}")
    assert confirmed["reply"] == [f"¡Gracias! La orden {order.name} quedó confirmada por un total neto de $358.000."]
    assert (await scene.orders())[0].state is OrderState.CONFIRMED

    asked = await scene.answer(f"¿En qué estado está la orden {order.name}?")
    assert asked["reply"][0].startswith(f"La orden {order.name} ($358.000 neto) está confirmada.")

    [record] = await scene.rows(OrderRecord)
    assert (record.state, record.opened_by, record.name) == ("confirmed", "agent", order.name)
    assert await scene.rows(Approval) == []
    assert scene.odoo.calls == ["create_rfq", "send_rfq", "confirm_order"]


async def test_the_turn_ends_in_one_commit_with_all_that_delivery_needs(scene: Scene) -> None:
    scene.reader = ScriptedReader(a_greeting())
    result = await scene.answer("Hola", "¿están ahí?")
    first, second, reply = await scene.rows(Message)
    assert (first.status, second.status) == ("read", "read")
    assert (reply.status, reply.private, reply.author, reply.channel) == ("queued", False, "agent", "whatsapp")
    assert (reply.account_id, reply.chatwoot_conversation_id, reply.chatwoot_inbox_id) == (1, 501, 11)
    assert reply.contact_point_id == second.contact_point_id
    assert reply.content == result["reply"][0]
    assert reply.next_attempt_at == scene.now
    assert reply.delivery_key
    [turn] = await scene.rows(Turn)
    assert (turn.status, turn.ended_at, turn.id) == ("done", scene.now, reply.turn_id)
    assert [message["content"] for message in result["messages"]] == ["Hola", "¿están ahí?", reply.content]


@pytest.mark.parametrize(
    ("language", "sender", "line", "expected"),
    [
        (
            "en",
            PACIFIC,
            OfferedLine(product="Stand-up pouch 250 g", quantity=Decimal(1200), unit_price=Decimal("118.5"), currency="USD"),
            ["We have recorded your quote as P00001", "• 1,200 caja", "at $118.50", "Net total: $142,200.00."],
        ),
        (
            "pt",
            BRAZIL,
            OfferedLine(product="Castanha de caju W320", quantity=Decimal("50.5"), unit_price=Decimal("7.85"), currency="USD"),
            [
                "Registramos sua cotação como P00001",
                "• 50,5 kg",
                "a US$\N{NO-BREAK SPACE}7,85",
                "líquido: US$\N{NO-BREAK SPACE}396,43.",
            ],
        ),
        (
            "es",
            MILL,
            flour("1250.5", "18600.5", "Harina integral 25 kg"),
            ["Registramos su cotización como P00001", "• 1.250,5 saco", "a $18.600,5\n", "Total neto: $23.259.925."],
        ),
    ],
)
async def test_the_reply_is_in_the_readers_language_and_numbers(
    scene: Scene, language: str, sender: Sender, line: OfferedLine, expected: list[str]
) -> None:
    scene.reader = ScriptedReader(an_offer(line, language=language))
    result = await scene.answer("…", sender=sender)
    for words in expected:
        assert words in result["reply"][0]
    assert [message.content for message in await scene.outgoing()] == result["reply"]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("es", "quedó confirmada"),
        ("en", "is confirmed for a net total of CLP"),
        ("pt", "está confirmado com total líquido de CLP"),
    ],
)
async def test_confirming_in_each_language(scene: Scene, language: str, expected: str) -> None:
    scene.reader = ScriptedReader(an_offer(), a_yes(language=language), a_question(language=language))
    await scene.answer("oferta")
    confirmed = await scene.answer("sí")
    assert expected in confirmed["reply"][0]
    assert "P00001" in confirmed["reply"][0]
    status = await scene.answer("?")
    assert "P00001" in status["reply"][0]
    assert {"es": "está confirmada", "en": "is confirmed", "pt": "está confirmado"}[language] in status["reply"][0]


async def test_two_intents_of_one_message_are_handled_with_one_reply(scene: Scene) -> None:
    scene.reader = ScriptedReader(an_offer(), a_yes(also=(Intent.ORDER_STATUS,)))
    await scene.answer("20 sacos a 17900")
    result = await scene.answer("Confirmo P00001, ¿y en qué está?")
    assert [step["action"] for step in result["plan"]["steps"]] == ["confirm_purchase_order", "check_order_status"]
    [text] = result["reply"]
    assert "quedó confirmada" in text
    assert "está confirmada" in text, "the second step sees what the first has done"
    assert len(await scene.outgoing()) == 2


async def test_a_confirmation_beside_a_matter_for_a_person_is_done_and_passed_on(scene: Scene) -> None:
    scene.reader = ScriptedReader(an_offer(), a_yes(also=(Intent.BILLING_QUESTION,)))
    await scene.answer("20 sacos a 17900")
    result = await scene.answer("Confirmo P00001. ¿Cuándo pagan la factura?")
    assert (await scene.orders())[0].state is OrderState.CONFIRMED
    [text] = result["reply"]
    assert "quedó confirmada" in text
    assert "Una persona de compras" in text
    [approval] = await scene.rows(Approval)
    assert (approval.kind, approval.status) == ("tell_person", "open")
    _, reply, note = await scene.outgoing()
    assert (reply.private, note.private) == (False, True)
    assert "A person is needed" in note.content


async def test_a_greeting_beside_business_is_not_answered_with_how_can_i_help(scene: Scene) -> None:
    scene.reader = ScriptedReader(an_offer(also=(Intent.SMALLTALK,)))
    [text] = (await scene.answer("Hola, ofrezco 20 sacos a 17900"))["reply"]
    assert "P00001" in text
    assert "Hola" not in text


async def test_what_is_asked_twice_is_said_once(scene: Scene) -> None:
    scene.reader = ScriptedReader(Understanding(intent=Intent.BILLING_QUESTION, also=(Intent.TALK_TO_HUMAN,), reason="Money."))
    [text] = (await scene.answer("¿Me pagan? Quiero hablar con alguien"))["reply"]
    assert text.count("Una persona de compras") == 1
    assert len(await scene.rows(Approval)) == 2


async def test_the_audit_tells_what_was_decided_and_none_of_the_words(scene: Scene) -> None:
    offer = an_offer(flour(product="harina SECRETA"), reason="they wrote SECRETA")
    scene.reader = ScriptedReader(offer, Understanding(intent=Intent.TALK_TO_HUMAN, needs_human=True, reason="SECRETA"))
    await scene.answer("harina SECRETA")
    await scene.answer("SECRETA")
    events = await scene.rows(AuditEvent)
    judged = [(event.action, (event.after or {}).get("rule")) for event in events if event.actor == "policy"]
    assert judged == [("create_purchase_quote.ask", "product_in_doubt"), ("tell_person.propose", "talk_to_human")]
    assert not [event for event in events if "SECRETA" in f"{event.before} {event.after}"]

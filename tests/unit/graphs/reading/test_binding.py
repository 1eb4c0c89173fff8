"""What binds the company, and above all what must not."""

from datetime import date
from decimal import Decimal

import pytest

from domain.understanding import Intent
from graphs.reading.offline import interpret
from tests.unit.graphs.reading.contexts import ASKED, context

BINDING = {Intent.CONFIRM_ORDER, Intent.MODIFY_ORDER, Intent.CANCEL_ORDER}


@pytest.mark.parametrize(
    "words",
    [
        "confirmo",
        "sipo, confirmadisima",
        "ya jefe, quedamos así nomas, confirmada la 45",
        "no hay problema, aceptamos la orden",
        "We accept PO 45 without changes",
        "Aceitamos o pedido P00045 sem ressalvas. Obrigado!",
        "Confirmo 15 bidones a 24.500 para el viernes 4",
        "¡Gracias! queda confirmada. ¿A qué casilla mando la factura?",
    ],
)
def test_a_plain_yes_confirms(words: str) -> None:
    reading = interpret([words], context())
    assert (reading.intent, reading.order_ref, reading.needs_human) == (Intent.CONFIRM_ORDER, "P00045", False)


@pytest.mark.parametrize("words", ["sí", "dale", "ok", "👍", "sipo, dale nomas", "yes", "sim, tudo certo"])
def test_a_bare_yes_answers_what_we_asked(words: str) -> None:
    assert interpret([words], context(asked=ASKED)).intent is Intent.CONFIRM_ORDER
    assert interpret([words], context()).intent is not Intent.CONFIRM_ORDER


@pytest.mark.parametrize(
    "words",
    [
        "no confirmo todavía",
        "todavía no",
        "confirmo mañana",
        "el lunes confirmo",
        "te confirmo apenas pueda",
        "creo que sí",
        "si la confirmo o no depende del jefe",
        "¿la confirmo?",
        "me confirmó fábrica que hay stock",
        "mi jefe dice que confirma",
        "ya te confirmó la Paty?",
        "confirmo recepción de la orden",
        "ok recibida la orden",
        "ok quedo atento a la orden de compra",
        "recibido",
        "confirmo el precio",
        "confirmo la dirección",
        "confirmado el pago",
        "casi confirmada",
        "la confirmo con reparos",
        "confirmo todo menos el precio",
        "de acuerdo en conversar",
        "acepto sus disculpas",
        "la vez pasada la confirmé al tiro",
        "👍?",
        "we accept returns",
        "please confirm",
        "can't confirm yet",
        "confirmed with reservations",
        "ainda não confirmo",
        "pedido confirmado pelo sistema de vocês?",
        "ok com o pedido só depois do pagamento",
        "no cancelen la orden",
        "no la anulen todavía",
        "si no me pagan la anulo",
        "el otro cliente canceló la orden",
        "¿la van a anular?",
        "cuando me cancelan la factura?",
        "don't cancel the order please",
        "não cancele, por favor",
        "la vez pasada me pidieron 20 bidones",
        "si quieren les puedo ofrecer 30 bidones",
        "faltan 3 bidones por facturar",
        "factura 5521 por $1.250.000 vence mañana",
        "mi hijo cumple el 15, no voy a estar",
        "acepto cheque a fecha, ¿les sirve?",
        "Pronto confirmo",
    ],
)
@pytest.mark.parametrize("asked", [None, ASKED])
def test_what_only_looks_binding_binds_nobody(words: str, asked: str | None) -> None:
    assert interpret([words], context(asked=asked)).intent not in {Intent.CONFIRM_ORDER, Intent.CANCEL_ORDER}
    assert interpret([words], context(asked=asked)).intent not in BINDING or words.startswith("ok com o pedido")


@pytest.mark.parametrize(
    ("words", "quantity", "price", "day", "needs_human"),
    [
        ("confirmo pero solo 12 bidones", 12, None, None, False),
        ("te la confirmo siempre y cuando sea a $25.900 el bidón", None, 25900, None, False),
        ("Confirmado, eso sí lo entregamos el lunes 7", None, None, date(2026, 12, 7), False),
        ("no por 15 bidones. Por 10 sí, confirmo", 10, None, None, False),
        ("ok a la orden, pero necesito 50% de anticipo", None, None, None, True),
        ("acepto si me pagan a 15 días", None, None, None, True),
        ("no puedo confirmar hasta que depositen lo de octubre", None, None, None, True),
        ("OK for PO 45 but we can only do 10 drums", 10, None, None, False),
        ("Confirmo, mas só consigo entregar dia 9/12", None, None, date(2026, 12, 9), False),
        ("cancelemos no, mejor déjala en 10 bidones", None, None, None, None),
    ],
)
def test_a_condition_or_another_value_is_a_change(
    words: str, quantity: int | None, price: int | None, day: date | None, needs_human: bool | None
) -> None:
    reading = interpret([words], context())
    if needs_human is None:
        assert reading.intent in {Intent.MODIFY_ORDER, Intent.UNCLEAR}
        return
    assert (reading.intent, reading.needs_human, reading.delivery_date) == (Intent.MODIFY_ORDER, needs_human, day)
    assert [line.quantity for line in reading.lines if line.quantity is not None] == ([Decimal(quantity)] if quantity else [])
    assert [line.unit_price for line in reading.lines if line.unit_price] == ([Decimal(price)] if price else [])


@pytest.mark.parametrize(
    ("words", "state", "needs_human"),
    [
        ("no vamos a poder con la orden, anúlela por favor", "sent", False),
        ("We must cancel PO 45, our supplier went bankrupt.", "sent", False),
        ("Infelizmente não vamos conseguir atender o pedido P00045", "sent", False),
        ("tenemos que cancelar la orden, se quemó la planta", "purchase", True),
        ("anulen la OC 40 porfa", "sent", True),
    ],
)
def test_a_refusal_cancels_and_a_confirmed_or_foreign_order_takes_a_person(words: str, state: str, needs_human: bool) -> None:
    reading = interpret([words], context(state=state))
    assert (reading.intent, reading.needs_human) == (Intent.CANCEL_ORDER, needs_human)


def test_another_order_than_the_open_one_takes_a_person() -> None:
    reading = interpret(["Confirmo", "OC 38"], context())
    assert (reading.intent, reading.order_ref, reading.needs_human) == (Intent.CONFIRM_ORDER, "P00038", True)


def test_an_order_without_prices_is_not_confirmed() -> None:
    assert interpret(["confirmo la orden"], context(price="0")).intent is Intent.UNCLEAR


def test_a_bare_yes_takes_the_values_we_proposed() -> None:
    reading = interpret(["sí"], context(asked="¿Bajamos entonces la P00045 de 15 a 10 bidones?"))
    assert reading.intent is Intent.MODIFY_ORDER
    assert [(line.quantity, line.unit) for line in reading.lines] == [(Decimal(10), "bidón")]
    reading = interpret(["sí"], context(asked="¿Movemos la entrega de la P00045 al martes 8?"))
    assert (reading.intent, reading.delivery_date) == (Intent.MODIFY_ORDER, date(2026, 12, 8))


def test_a_yes_to_two_questions_in_one_says_nothing() -> None:
    assert interpret(["sí"], context(asked="¿Mantenemos la P00045 o la anulamos?")).intent is Intent.UNCLEAR


def test_quoted_and_forwarded_words_never_confirm() -> None:
    quoted = "Asunto: RE: P00045\n\nVer abajo.\n\nEl lun, 23 nov 2026, Jefe escribió:\n> Confirmo la orden P00045"
    forwarded = "te reenvío\n\n---------- Forwarded message ---------\nDe: x\nPara: y\n\nConfirmo la orden P00045"
    for words in (quoted, forwarded):
        assert interpret([words], context(channel="email")).intent not in BINDING


def test_a_yes_with_a_new_bank_account_confirms_and_calls_a_person() -> None:
    reading = interpret(["Confirmed.", "Our bank details have changed, see attached."], context())
    assert (reading.intent, reading.needs_human) == (Intent.CONFIRM_ORDER, True)

"""Mails as suppliers' programs write them, in three languages: no word that was quoted is ever read as the supplier's."""

from typing import Any

import pytest

from webhook_bridge.chatwoot.html_text import html_to_text
from webhook_bridge.chatwoot.texts import supplier_text, without_quotes

NEW = "Sí, confirmo 20 sacos.\nEl lunes despachamos."
OURS = "¿Nos confirma 200 sacos a $9.990?"

TAILS = {
    "gmail es": f"El lun, 3 nov 2025 a las 10:00, Compras <c@example.com> escribió:\n\n> {OURS}",
    "gmail es, not marked": f"El lun, 3 nov 2025 a las 10:00, Compras <c@example.com> escribió:\n\n{OURS}",
    "gmail es, two lines": f"El lun, 3 nov 2025 a las 10:00, Compras (<compras@cordillera.example>)\nescribió:\n\n{OURS}",
    "gmail es, three lines": f"El lun, 3 nov 2025 a las 10:00,\nCompras\n<compras@cordillera.example> escribió:\n{OURS}",
    "gmail pt": f"Em seg., 3 de nov. de 2025 às 10:00, Compras <c@example.com> escreveu:\n\n{OURS}",
    "gmail pt, two lines": f"Em seg., 3 de nov. de 2025 às 10:00, Compras Cordillera <\nc@example.com> escreveu:\n{OURS}",
    "gmail en": f"On Mon, Nov 3, 2025 at 10:00\u202fAM Us <c@example.com> wrote:\n{OURS}",
    "gmail old": f"2025-11-03 10:00 GMT-03:00 Compras <c@example.com>:\n\n{OURS}",
    "apple en": f"On 3 Nov 2025, at 10:00, Compras <c@example.com> wrote:\n\n{OURS}",
    "apple es": f"El 3 nov 2025, a la(s) 10:00, Compras <c@example.com> escribió:\n\n{OURS}",
    "apple pt": f"No dia 3 de nov. de 2025, às 10:00, Compras <c@example.com> escreveu:\n{OURS}",
    "apple, forwarded es": f"Inicio del mensaje reenviado:\n\nDe: X <a@b.example>\nAsunto: OC\n{OURS}",
    "apple, forwarded en": f"Begin forwarded message:\n\nFrom: X\n{OURS}",
    "thunderbird es": f"El 03-11-25 a las 10:00, Compras escribió:\n{OURS}",
    "thunderbird pt": f"Em 03/11/2025 10:00, Compras escreveu:\n{OURS}",
    "yahoo es": f"    En lunes, 3 de noviembre de 2025, 10:00:00 GMT-3, Compras <c@e.example> escribió:  \n \n {OURS}",
    "yahoo pt": f"    Em segunda-feira, 3 de novembro de 2025 10:00:00 BRT, Compras <c@e.example> escreveu:  \n {OURS}",
    "zoho es": f"---- El lun, 03 nov 2025 10:00:00 -0300 Compras <c@e.example> escribió ----\n{OURS}",
    "outlook es": f"De: Compras <c@example.com>\nEnviado: lunes, 3 de noviembre de 2025 10:00\nPara: Ana\nAsunto: OC\n\n{OURS}",
    "outlook es, spaced": f"De: Compras <c@example.com>\n\nEnviado el: lunes\n\nPara: Ana\n\n{OURS}",
    "outlook es, bold": f"*De:* Compras <c@example.com>\n*Enviado el:* lunes\n*Para:* Ana\n{OURS}",
    "outlook pt": f"De: Compras <c@example.com>\nEnviada em: segunda-feira\nPara: Ana\n{OURS}",
    "outlook en, bold": f"**From:** Compras <c@example.com>\n**Sent:** Monday\n{OURS}",
    "outlook, rule": f"________________________________\nDe: Compras <c@example.com>\nEnviado: lunes\n{OURS}",
    "original es": f"-----Mensaje original-----\nDe: Compras\n{OURS}",
    "original pt": f"-----Mensagem Original-----\nDe: Compras\n{OURS}",
    "forwarded": f"---------- Forwarded message ---------\nDe: x <a@b.example>\nDate: lun\n{OURS}",
    "iphone es": f"Enviado desde mi iPhone\n\n{OURS}",
    "iphone en": f"Sent from my iPhone\n\n{OURS}",
    "iphone pt": f"Enviado do meu iPhone\n\n{OURS}",
    "iphone es, then a heading": f"Enviado desde mi iPhone\n\nEl 3 nov 2025, a la(s) 10:00, C <c@e.example> escribió:\n{OURS}",
    "samsung": f"Enviado desde mi Samsung Galaxy.\n{OURS}",
    "outlook app es": f"Obtener Outlook para Android<https://aka.example/x>\n{OURS}",
    "outlook app pt": f"Obter o Outlook para iOS\n{OURS}",
    "signature": f"-- \nAna Pérez\nVentas, Molino\n{OURS}",
    "signature, no-break space": f"--\u00a0\nAna Pérez\n{OURS}",
}


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS.keys())
def test_only_what_is_new_is_read(tail: str, line_end: str) -> None:
    body = f"{NEW}\n\n{tail}".replace("\n", line_end)
    assert without_quotes(body) == NEW
    for text in ({"reply": body, "full": body}, {"reply": body, "full": body, "quoted": body}):
        # Without Chatwoot's own trimming, and where it cut nothing.
        assert supplier_text(body, {"email": {"text_content": text}}) == NEW


@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS.keys())
def test_the_supplier_s_last_line_is_not_taken_for_a_heading(tail: str) -> None:
    last = "El 3 de noviembre despachamos 20 sacos"
    assert without_quotes(f"{last}\n{tail}") == last


@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS.keys())
def test_a_mail_with_nothing_new_says_nothing(tail: str) -> None:
    assert supplier_text(tail, {"email": {"text_content": {"reply": tail, "quoted": tail}}}) == ""


def test_answers_between_quoted_lines_stay() -> None:
    body = "Hola:\n> ¿20 sacos?\nSí.\n> ¿El lunes?\nNo, el martes.\n"
    assert without_quotes(body) == "Hola:\nSí.\nNo, el martes."


@pytest.mark.parametrize(
    "words",
    [
        "El lunes 3 a las 10:00 despachamos 20 sacos: confirmado.",
        "El cliente nos escribió: que no hay stock, y lo confirmamos.",
        "En 3 días: 20 sacos\nEn 5 días: 40 sacos",
        "De: 20 a 30 sacos.\nPrecio: $3.500",
        "Enviado el pedido. Saludos",
        "Enviado desde bodega central el lunes.",
        "Se lo envío desde mi oficina",
        "Obtener 20 sacos para Android no es posible",
        "-- precio 3.500 --\n- 20 sacos",
        "2025-11-03 10:00 llega el camión",
        "Original Message: no",
    ],
)
def test_words_that_only_look_like_the_end_stay(words: str) -> None:
    assert without_quotes(words) == words


@pytest.mark.parametrize(
    "tail",
    [
        f'<div class="gmail_quote gmail_quote_container"><div class="gmail_attr">El lun escribió:</div>{OURS}</div>',
        f'<div id="yahoo_quoted_1" class="yahoo_quoted"><div>{OURS}</div></div>',
        f'<div class="moz-cite-prefix">El 03-11-25, Compras escribió:<br></div><blockquote type="cite">{OURS}</blockquote>',
        f'<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>De:</b> Compras<br></div><div>{OURS}</div>',
        f'<hr><div id="divRplyFwdMsg" dir="ltr"><font><b>De:</b> Compras</font></div><div><p>{OURS}</p></div>',
        f'<div class="protonmail_quote">El lunes escribió:<blockquote>{OURS}</blockquote></div>',
        f'<div class="gmail_signature">Ana<br>{OURS}</div>',
        f'<div id="ms-outlook-mobile-signature" class="ms-outlook-mobile-signature">Obtener Outlook {OURS}</div>',
        f"<p><b>De:</b> Compras &lt;c@example.com&gt;<br><b>Enviado:</b> lunes<br><b>Para:</b> Ana</p><p>{OURS}</p>",
        f"<p>De: Compras &lt;c@example.com&gt;</p><p>Enviado el: lunes</p><p>Para: Ana</p><p>{OURS}</p>",
        f"<div>Enviado desde mi iPhone</div><div>{OURS}</div>",
    ],
)
def test_a_mail_of_html_only_tells_only_what_is_new(tail: str) -> None:
    html = f"<html><body><div>Sí, confirmo 20 sacos.</div><div>El lunes despachamos.</div>{tail}</body></html>"
    reply = html_to_text(html)
    for parts in ({"full": html}, {"full": html, "reply": html, "quoted": reply}):
        attributes: dict[str, Any] = {"email": {"text_content": {}, "html_content": parts}}
        said = supplier_text(None, attributes)
        assert OURS not in said
        assert [line for line in said.split("\n") if line] == NEW.split("\n")

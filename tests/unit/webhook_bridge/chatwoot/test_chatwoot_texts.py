"""What is new in a message: quoted words never pass for the supplier's, and hostile markup costs no time."""

import time
from typing import Any

import pytest

from webhook_bridge.chatwoot.html_text import html_to_text
from webhook_bridge.chatwoot.texts import submitted_text, supplier_text, without_quotes

OURS_QUOTED = "Could you confirm 20 sacos at 3.50?"


def mail(**parts: Any) -> dict[str, Any]:
    return {"email": parts}


def test_without_a_mail_content_is_the_text_as_it_is() -> None:
    assert supplier_text("  > 20\n-- \nsacos ", {}) == "  > 20\n-- \nsacos "
    assert supplier_text(None, {}) == ""


def test_chatwoots_own_trimming_is_taken_also_when_nothing_is_left() -> None:
    full = f"On Monday Ana wrote:\n> {OURS_QUOTED}"
    assert supplier_text(full, mail(text_content={"full": full, "reply": full, "quoted": ""})) == ""
    assert supplier_text(full, mail(text_content={"reply": full, "quoted": " Sí.\n"})) == "Sí."


@pytest.mark.parametrize(
    "tail",
    [
        f"On Wed, Jul 29, 2026 at 9:00 AM Example <s@example.com> wrote:\n> {OURS_QUOTED}",
        f"On Wed, Jul 29, 2026 at 9:00 AM A Rather Long Name <\nsupport@example.com> wrote:\n\n{OURS_QUOTED}",
        f"El mié, 29 jul 2026 a las 9:00, Compras (<c@example.com>) escribió:\n{OURS_QUOTED}",
        f"Em qua., 29 de jul. de 2026 às 09:00, Compras <c@example.com> escreveu:\n{OURS_QUOTED}",
        f"-----Original Message-----\n{OURS_QUOTED}",
        f"----- Mensaje original -----\n{OURS_QUOTED}",
        f"________________________________\nFrom: Compras <c@example.com>\nSent: Wednesday\n{OURS_QUOTED}",
        f"De: Compras <c@example.com>\nEnviado el: miércoles\nPara: Ventas\n{OURS_QUOTED}",
        f"De: Compras <c@example.com>\r\nData: quarta\r\n{OURS_QUOTED}",
        f"> {OURS_QUOTED}",
        f"-- \nVentas\n{OURS_QUOTED}",
    ],
)
def test_where_chatwoot_did_not_trim_we_do(tail: str) -> None:
    body = f"Sí, el lunes: De acuerdo.\n\n{tail}"
    for attributes in (
        mail(text_content={"reply": body}),
        mail(html_content={"reply": body, "quoted": body}),
        mail(text_content={}, html_content={}),
    ):
        assert supplier_text(body, attributes) == "Sí, el lunes: De acuerdo."


def test_words_that_only_look_like_a_quote_stay() -> None:
    body = "From: 20 to 30 sacos, on Monday.\nOn Tuesday she wrote: no.\nDe: nada"
    assert without_quotes(body) == body


def test_a_mail_of_html_only_is_readable() -> None:
    html = (
        "<html><head><title>Re: pedido</title><style>p {color: red}</style></head><body>"
        "<p>Confirmo <b>20&nbsp;sacos</b> a $3.500 &amp; flete.</p><div>Entrega: lunes<br>Saludos</div>"
        "<script>if (1 < 2) steal()</script><!-- <p>hidden</p> --><!--[if mso]><p>hidden</p><![endif]-->"
        f'<div class="gmail_quote"><div>{OURS_QUOTED}</div></div><blockquote>{OURS_QUOTED}</blockquote></body></html>'
    )
    expected = "Confirmo 20 sacos a $3.500 & flete.\n\nEntrega: lunes\nSaludos"
    assert html_to_text(html) == expected
    assert supplier_text(None, mail(text_content={}, html_content={"full": html})) == expected
    assert supplier_text(html, mail()) == expected


def test_a_blank_text_part_gives_way_to_html() -> None:
    attributes = mail(
        text_content={"full": " \n", "reply": " ", "quoted": ""}, html_content={"full": "<p>Sí</p>", "quoted": "Sí"}
    )
    assert supplier_text(" ", attributes) == "Sí"


@pytest.mark.parametrize(
    "parts", [{"text_content": 7}, {"html_content": []}, {"text_content": {"quoted": 1, "reply": None}}, {}]
)
def test_a_mail_object_of_another_shape_falls_back_to_content(parts: dict[str, Any]) -> None:
    assert supplier_text("Sí.\n> no", mail(**parts)) == "Sí."


@pytest.mark.parametrize(
    ("submitted", "text"),
    [
        ([{"title": "Offer", "value": "offer"}], "Offer"),
        ([{"title": "A", "value": "a"}, {"title": "B", "value": "b"}], "A\nB"),
        ([{"name": "qty", "value": 20}], "qty: 20"),
        ([{"value": "x"}], "x"),
        ([7, None, {}], ""),
        ({"csat_survey_response": {"rating": 5}}, ""),
        (None, ""),
    ],
)
def test_what_was_submitted(submitted: Any, text: str) -> None:
    assert submitted_text({"submitted_values": submitted, "items": None}) == text


@pytest.mark.parametrize(
    "hostile",
    [
        "\n" * 300_000,
        " " * 300_000 + "x",
        "> " * 150_000,
        "On " * 100_000,
        ("On " + "a" * 190 + "\n") * 1500,
        "-" * 300_000,
        "_" * 300_000,
        ("de: x\n" + "\n" * 20) * 10_000,
        "<div" * 75_000,
        "<!--" * 75_000,
        "<p " + "a=" * 150_000,
        "<![CDATA[" * 30_000,
        "<blockquote>" * 25_000,
        "&#" * 150_000,
        "&#" + "1" * 300_000 + ";",
        "&" * 300_000,
        "<a>" * 100_000,
        "<!-- x -->" * 30_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_mails_take_no_time(hostile: str) -> None:
    started = time.process_time()
    supplier_text(f"<p>{hostile}", mail(html_content={"full": f"<p>{hostile}"}))
    without_quotes(hostile)
    assert time.process_time() - started < 1.0

"""Promises that hold for any text at all."""

import string
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.understanding import Intent
from graphs.reading.offline import interpret
from graphs.reading.offline.text import fold
from tests.unit.graphs.reading.contexts import ASKED, context

BINDING = {Intent.CONFIRM_ORDER, Intent.MODIFY_ORDER, Intent.CANCEL_ORDER}
WORDS = ["confirmo", "no", "si", "sí", "orden", "P00045", "OC 38", "15", "bidones", "$24.500", "el", "viernes", "4", "pero",
         "mañana", "c/u", "cancelen", "la", "?", ".", ",", "\n", "20 L", "detergente", "|", "\t", "...", ">", "--", "31/02",
         "a", "lucas", "total", "de", "entre", "3 y 5", "UF", "1.25.000", "👍", "Saludos",
         "Asunto:", "<!--", "00", "0"]  # fmt: skip


@given(st.lists(st.text(max_size=200), max_size=4), st.booleans())
@settings(max_examples=300, deadline=None)
def test_no_text_makes_it_raise(messages: list[str], asked: bool) -> None:
    reading = interpret(messages, context(asked=ASKED if asked else None))
    assert reading.from_json(reading.to_json()) == reading


@given(st.lists(st.sampled_from(WORDS), max_size=14), st.sampled_from(["whatsapp", "email"]))
@settings(max_examples=300, deadline=None)
def test_no_mixture_of_its_own_words_makes_it_raise(words: list[str], channel: str) -> None:
    reading = interpret([" ".join(words)], context(asked=ASKED, channel=channel))
    assert reading == interpret([" ".join(words)], context(asked=ASKED, channel=channel))


# Characters one by one, since `st.text` would also try the words that it finds in our own source.
@given(st.lists(st.sampled_from(string.ascii_letters + string.digits + " .,;:!?$%/()-\n"), max_size=120).map("".join))
@settings(max_examples=400, deadline=None)
def test_random_text_binds_nobody(text: str) -> None:
    assert interpret([text], context()).intent not in BINDING


@given(st.sampled_from(["confirmo", "aceptamos la orden", "we accept PO 45"]), st.sampled_from(
    ["pero no puedo", "si me pagan antes", "mañana le aviso", "no sé", "creo", "salvo el precio", "but not yet",
     "mas ainda não"]
))  # fmt: skip
def test_a_yes_with_any_reserve_is_no_confirmation(accepts: str, reserve: str) -> None:
    for words in ([accepts, reserve], [reserve, accepts], [f"{accepts} {reserve}"], [f"{reserve}, {accepts}"]):
        assert interpret(words, context(asked=ASKED)).intent is not Intent.CONFIRM_ORDER


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_long_nonsense_is_read_in_bounded_time() -> None:
    for text in ("la " * 6000, "de 500 a " * 2000, "1." * 9000, "confirmo si " * 1500, " " * 19_000, "<" * 19_000, "a-" * 9000):
        begin = time.process_time()
        interpret([text], context())
        assert time.process_time() - begin < 10

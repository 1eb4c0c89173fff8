"""Long texts are cut where a reader pauses, and nothing gets lost or torn apart."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity import Channel
from domain.splitting import LENGTHS, split_text

CUT_CHANNELS = sorted(LENGTHS)

#: What must never be torn apart, as suppliers and we write it.
VALUES = [
    "$ 1.234.567",
    "$17.900",
    "US$ 12,50",
    "CLP 17.900",
    "20 sacos",
    "1 000 000",
    "P00045",
    "OC 4500123",
    "No. 45",
    "https://odoo.example.cl/my/purchase/45?token=a.b!c&x=1",
    "3.5 kg",
    "ventas@molino.cl",
]
#: And what only looks like the end of a sentence.
WHOLE = [*VALUES, "S.A. Molinos", "Sr. Pérez", "J. Rojas"]
words = st.one_of(
    st.sampled_from(
        [
            *WHOLE,
            "Gracias.",
            "¿Llegó?",
            "¡Listo!",
            "Está bien…",
            "«Sí.»",
            "harina",
            "a",
            "\n",
            "\n\n",
            "\n• saco. Otro",
            "\n1. Uno",
        ]
    ),
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30),
)
texts = st.lists(words, max_size=200).map(" ".join)


def without_space(text: str) -> str:
    return "".join(text.split())


@given(text=texts, channel=st.sampled_from(list(Channel)))
def test_no_word_is_lost_added_or_moved(text: str, channel: Channel) -> None:
    assert without_space("".join(split_text(text, channel=channel))) == without_space(text)


@given(text=texts, channel=st.sampled_from(CUT_CHANNELS))
def test_no_part_is_longer_than_the_channel_takes_or_empty(text: str, channel: Channel) -> None:
    for part in split_text(text, channel=channel):
        assert part.strip()
        assert len(part) <= LENGTHS[channel].most


@given(
    channel=st.sampled_from(CUT_CHANNELS),
    sentences=st.lists(
        st.lists(st.sampled_from([*WHOLE, "harina", "orden"]), min_size=1, max_size=8).map(lambda w: f"Son {' y '.join(w)}."),
        min_size=1,
        max_size=80,
    ),
)
def test_each_sentence_stays_whole(channel: Channel, sentences: list[str]) -> None:
    parts = split_text(" ".join(sentences), channel=channel)
    for sentence in sentences:
        assert any(sentence in part for part in parts)
    assert all(len(part) <= LENGTHS[channel].comfortable for part in parts)


@given(
    lines=st.lists(
        st.sampled_from(["• 20 sacos Harina. A $ 17.900. Otra", "- P00045. Lista", "12) US$ 12,50. Neto"]),
        min_size=1,
        max_size=200,
    )
)
def test_each_list_line_stays_whole(lines: list[str]) -> None:
    parts = split_text("\n".join(lines), channel=Channel.WHATSAPP)
    assert [line for part in parts for line in part.split("\n")] == lines


@pytest.mark.parametrize("whole", VALUES)
@pytest.mark.parametrize("lead", range(0, 30, 5))
def test_even_without_a_sentence_in_it_a_text_is_cut_between_words(whole: str, lead: int) -> None:
    text = "x" * lead + f" y {whole} y" * 1200
    parts = split_text(text, channel=Channel.WHATSAPP)
    assert len(parts) > 1
    assert sum(part.count(whole) for part in parts) == 1200


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.SDK])
def test_a_mail_is_one_mail(channel: Channel) -> None:
    text = "Una frase. " * 5_000
    assert split_text(text, channel=channel) == [text.strip()]


def test_a_short_text_is_one_message_as_it_is() -> None:
    text = "Registramos su cotización como P00001:\n• 20 sacos\n\nTotal: $358.000."
    assert split_text(text, channel=Channel.WHATSAPP) == [text]
    assert split_text(" \n ", channel=Channel.WHATSAPP) == []


def test_what_nobody_could_send_whole_is_cut_anyway() -> None:
    parts = split_text("x" * 10_000, channel=Channel.WHATSAPP)
    assert [len(part) for part in parts] == [4096, 4096, 1808]


def test_parts_end_where_sentences_end() -> None:
    parts = split_text("Esta es una frase de prueba, la orden P00045 va. " * 60, channel=Channel.WHATSAPP)
    assert len(parts) > 2
    assert all(re.search(r"va\.$", part) and part.startswith("Esta") for part in parts)

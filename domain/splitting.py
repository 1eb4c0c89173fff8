"""Long texts as several messages: cut where a reader pauses, never inside a number, price, URL, list line or order reference.

What is cut is put into parts in order, and no word is lost: joined again, the parts are the text but for white space at the
cuts. A part is as long as is comfortable to read on its channel; only what no channel takes is cut where nobody would pause.
"""

import re
from collections.abc import Iterator

from domain.identity import Channel
from domain.value import Value


class Length(Value):
    """In characters. `comfortable`: cut above it where a sentence, line or paragraph ends. `most`: never above it."""

    comfortable: int
    most: int


#: WhatsApp takes 4096 characters, and long bubbles are not read. Chatwoot takes 150 000. A channel that is not here is
#: never cut: a mail is as long as it is, and a caller of the SDK gets the whole text.
LENGTHS = {
    Channel.WHATSAPP: Length(comfortable=1_000, most=4_096),
    Channel.WEB: Length(comfortable=2_000, most=150_000),
    Channel.API: Length(comfortable=2_000, most=150_000),
}

_LINE = re.compile(r"[^\n]*\n+|[^\n]+")
_LIST_LINE = re.compile(r"\s*(?:[•*+–—-]|\d{1,3}[.)])\s")
#: A full stop (with closing marks after it), white space, and what can only begin a new sentence.
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'»”’)\]]*\s+(?=[\"'«“‘(\[]*[¿¡A-ZÁÉÍÓÚÜÑÀÂÃÊÔÕÇ])")
_LAST_WORD = re.compile(r"\S+$")
#: A stop after these, after one letter, within a word (S.A.) or after a number of two digits ends no sentence.
_ABBREVIATIONS = {
    "sr",
    "sra",
    "srta",
    "dr",
    "dra",
    "no",
    "nro",
    "núm",
    "num",
    "art",
    "ref",
    "ltda",
    "cía",
    "cia",
    "av",
    "mr",
    "mrs",
    "ms",
}
#: White space that holds a price, quantity or reference together: "$ 17.900", "20 sacos", "CLP 500", "OC 4500123", "1 000".
_HOLDS_TOGETHER = re.compile(r"(?:[\d$€£]|\b[A-Z]{1,4})\s+$")


def split_text(text: str, *, channel: str) -> list[str]:
    """The parts of `text` for a channel, in order; none for a text without words."""
    lengths = LENGTHS.get(Channel(channel))
    if lengths is None or len(text) <= lengths.comfortable:
        return [text.strip()] if text.strip() else []
    parts = [""]
    for piece in _pieces(text, lengths.most):
        if len((parts[-1] + piece).strip()) > lengths.comfortable and parts[-1].strip():
            parts.append("")
        parts[-1] += piece
    return [part.strip() for part in parts if part.strip()]


def _pieces(text: str, most: int) -> Iterator[str]:
    """The text in pieces that are not to be cut, each with the white space after it and no longer than `most`."""
    for line in _LINE.findall(text):
        sentences = [line] if _LIST_LINE.match(line) else _sentences(line)
        for sentence in sentences:
            yield from _cut(sentence, most)


def _sentences(line: str) -> Iterator[str]:
    begin = 0
    for end in _SENTENCE_END.finditer(line):
        if _ends_a_sentence(line[begin : end.start()]):
            yield line[begin : end.end()]
            begin = end.end()
    yield line[begin:]


def _ends_a_sentence(before: str) -> bool:
    last = _LAST_WORD.search(before)
    if last is None or not last.group().endswith("."):
        return True
    word = last.group().strip(".([«“\"'").lower()
    return not (word in _ABBREVIATIONS or len(word) == 1 or "." in word or (word.isdigit() and len(word) <= 2))


def _cut(piece: str, most: int) -> Iterator[str]:
    """What is longer than the channel takes is cut between words, or else anywhere."""
    while len(piece.rstrip()) > most:
        at = _best_cut(piece, most)
        yield piece[:at]
        piece = piece[at:]
    yield piece


def _best_cut(piece: str, most: int) -> int:
    gaps = [gap.end() for gap in re.finditer(r"\s+", piece[: most + 1]) if 0 < gap.start() <= most]
    loose = (at for at in reversed(gaps) if not _HOLDS_TOGETHER.search(piece[max(0, at - 20) : at]) and not piece[at].isdigit())
    return min(most, next(loose, gaps[-1] if gaps else most))

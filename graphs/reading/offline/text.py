"""Folding and splitting of words, on which every rule of the offline interpreter stands.

Folding lower-cases and strips accents one character for one, so that an offset found in the folded text is the same
offset in the supplier's own words: rules match the folded form and quote the original.
"""

import re
import unicodedata
from collections.abc import Iterable

from domain.value import Value

_QUOTES = str.maketrans({"’": "'", "‘": "'", "´": "'", "`": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-"})
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SENTENCE_END = re.compile(r"(?<=[.!?;])(?=\s)|\n+|(?=¿)")
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")

#: Neither a letter nor white space, so that no grammar reads across it.
_BLOT = "\x00"

#: Abbreviations whose full stop ends no sentence.
_ABBREVIATION = re.compile(
    r"(?:^|\W)(?:sr|sra|srta|dr|dra|nro|num|no|av|aprox|ltda|cia|atte|pto|dept|mr|mrs|ms|unit|cant|art|[a-z])\.$"
)


class Clause(Value):
    """A stretch of text between sentence ends, original and folded alike in length."""

    text: str
    folded: str
    message: int = 0

    @property
    def is_question(self) -> bool:
        """Whether it is marked as a question."""
        return "?" in self.text or "¿" in self.text


def visible(text: str) -> str:
    """The text composed (NFC), without the characters that a reader cannot see, with plain spaces and quotes."""
    shown = _CONTROL.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", text)))
    return re.sub(r"[^\S\n\t]", " ", shown.replace("\r\n", "\n").replace("\r", "\n"))


def has_invisible(text: str) -> bool:
    """Whether characters are hidden in it that only a program would read (the joiner inside an emoji is normal)."""
    return bool(_INVISIBLE.search(re.sub("(?<=\\W)\u200d", "", text.replace("\ufeff", ""))))


def _fold_character(character: str) -> str:
    if character in "º°":
        return "°"
    for part in unicodedata.normalize("NFKD", character):
        if not unicodedata.combining(part):
            return part.lower()[0]
    return " "


def fold(text: str) -> str:
    """Lower case without accents, exactly as long as `text`."""
    plain = text.translate(_QUOTES)
    if plain.isascii():
        return plain.lower()
    return "".join(c.lower() if c.isascii() else _fold_character(c) for c in plain)


def clauses(text: str, *, message: int = 0) -> list[Clause]:
    """The sentences of `text`, in order; a decimal point or an abbreviation ends none."""
    found: list[Clause] = []
    pending = ""
    for part in _SENTENCE_END.split(text):
        pending = f"{pending}{part}"
        if _ABBREVIATION.search(fold(pending).rstrip()):
            continue
        if pending.strip():
            found.append(Clause(text=pending.strip(), folded=fold(pending.strip()), message=message))
        pending = ""
    if pending.strip():
        found.append(Clause(text=pending.strip(), folded=fold(pending.strip()), message=message))
    return found


def tokens(folded: str) -> list[str]:
    """The words and numbers of a folded text."""
    return _WORD.findall(folded)


def word_set(words: str) -> frozenset[str]:
    """The words of a text, to look words up in."""
    return frozenset(words.split())


def any_of(*alternatives: str) -> re.Pattern[str]:
    """A pattern that finds any of these expressions as whole words; a space in one matches any white space."""
    body = "|".join(re.sub(r" (?![?*+{])", r"\\s+", alternative) for alternative in alternatives)
    return re.compile(rf"(?<![^\W_])(?:{body})(?![^\W_])")


def blank(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """`text` with these spans blotted out: offsets stay, and what stood on either side does not run together."""
    for start, end in spans:
        text = text[:start] + _BLOT * (end - start) + text[end:]
    return text

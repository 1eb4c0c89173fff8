"""Words made comparable: no case, accents, punctuation or plurals, in Spanish, Portuguese and English."""

import re
import unicodedata

#: Thousands as they are written beside goods: `1.000`, `12,500`. A leading zero makes it a decimal (`0,500`).
_THOUSANDS = re.compile(r"(?<![\d.,])([1-9]\d{0,2})((?:[.,]\d{3})+)(?![\d.,]*\d)")


def plain(text: str) -> str:
    """`Sémolas (25 Kg)` and `sémola 25 kg` are the same. Letters and digits are parted: `25kg` is `25 kg`."""
    bare = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(char for char in bare if not unicodedata.combining(char))
    bare = _THOUSANDS.sub(lambda found: re.sub(r"[.,]", "", found.group()), bare)
    return " ".join(singular(word) for word in re.findall(r"[a-z]+|\d+(?:[.,]\d+)?", bare))


def singular(word: str) -> str:
    """A stem that singular and plural share (cajón, cajones; nuez, nueces; box, boxes). Of a number: with a decimal point."""
    if len(word) <= 3 or not word.isalpha():
        return word.replace(",", ".")
    stem = re.sub(r"e?s?$", "", word)
    return re.sub(r"c$", "z", stem)

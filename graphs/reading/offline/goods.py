"""Where a text speaks of the goods of the open order, by the words of the order's lines.

Words are compared without accents and plural endings. A mention tells its line only where no other line fits as well.
"""

import re

from domain.understanding import OfferedLine
from domain.value import Value
from graphs.reading.offline.text import fold
from graphs.reading.offline.units import kind_of

_INNER = frozenset(
    [
        "de",
        "del",
        "sin",
        "con",
        "en",
        "a",
        "la",
        "el",
        "al",
        "of",
        "with",
        "without",
        "in",
        "do",
        "da",
        "sem",
        "com",
        "para",
        "y",
    ]
)
_WORD = re.compile(r"[^\W_]+")


class Mention(Value):
    """Goods named at `start:end`; `line` is the index of the order's line, None where several fit."""

    start: int
    end: int
    line: int | None


def stem(word: str) -> str:
    """A folded word without its plural ending."""
    for ending in ("itos", "itas", "ito", "ita"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            return word[: -len(ending)]
    if len(word) > 4 and word.endswith(("ces",)):
        return word[:-3] + "z"
    if len(word) > 4 and word.endswith("es"):
        return word[:-2]
    if len(word) > 3 and word.endswith("s"):
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word.endswith(("a", "o", "e")) else word


def product_stems(line: OfferedLine) -> frozenset[str]:
    """The stems of the words (not the sizes) in a line's product."""
    words = [word for word in _WORD.findall(fold(line.product or "")) if word not in _INNER]
    goods = [word for n, word in enumerate(words) if n == 0 or kind_of(word) is None]
    return frozenset(stem(word) for word in goods if len(word) > 2 and not re.search(r"\d", word))


def same_goods(words: str, line: OfferedLine) -> bool:
    """Whether `words` may name the goods of this line: one names all that the other does."""
    offered = product_stems(OfferedLine(product=words))
    ordered = product_stems(line)
    return bool(offered and ordered) and (offered <= ordered or ordered <= offered)


def mentions(folded: str, lines: tuple[OfferedLine, ...]) -> list[Mention]:
    """The goods of these lines that a folded text names, in order."""
    stems = [product_stems(line) for line in lines]
    known = frozenset().union(*stems) if stems else frozenset()
    words = [(match.group(), match.start(), match.end()) for match in _WORD.finditer(folded)]
    found: list[Mention] = []
    index = 0
    while index < len(words):
        if stem(words[index][0]) not in known or words[index][0] in _INNER:
            index += 1
            continue
        last, step = index, index + 1
        while step < len(words) and not re.search(r"[,.;:\n]", folded[words[last][2] : words[step][1]]):
            word = words[step][0]
            if stem(word) in known and word not in _INNER:
                last = step
            elif word not in _INNER or step - last > 2:
                break
            step += 1
        named = {stem(word) for word, _, _ in words[index : last + 1]} & known
        found.append(Mention(start=words[index][1], end=words[last][2], line=_best(named, stems)))
        index = last + 1
    return found


def _best(named: set[str], stems: list[frozenset[str]]) -> int | None:
    scores = [len(named & line) for line in stems]
    best = max(scores)
    return scores.index(best) if scores.count(best) == 1 else None


def with_size(folded: str, mention: Mention, line: OfferedLine) -> int:
    """Where the mention ends once the size that belongs to the product's name is added (`Mantequilla 10 kg`)."""
    match = re.match(
        r"\s+((?:\d+(?:[.,]\d+)?\s*[a-z]+)(?:\s*x\s*\d+)?|\d+%?(?:\s+\d+\s*[a-z]+(?:\s*x\d+)?)?)", folded[mention.end :]
    )
    if match and "".join(match.group(1).split()) in "".join(fold(line.product or "").split()):
        return mention.end + match.end()
    return mention.end

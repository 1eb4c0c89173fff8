"""Numbers as Chile, Spain, Brazil and the United States write them, in digits and in words.

The own grammar finds the span; `babel` reads it with the locale whose separators it shows, strictly, so that a broken
grouping (`1.25.000`) is no number at all rather than a wrong one.
"""

import re
from decimal import Decimal

from babel.numbers import NumberFormatError, parse_decimal

from domain.understanding import Language
from graphs.reading.offline.text import fold

#: A number in digits; grammars build on it.
DIGITS = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?"

_COMMA_DECIMAL, _POINT_DECIMAL = "es_CL", "en_US"
_LONE_GROUP = re.compile(r"^[1-9]\d{0,2}([.,])\d{3}$")

_UNITS = {
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete "
    "dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete "
    "veintiocho veintinueve",
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty",
    "pt": "zero um dois tres quatro cinco seis sete oito nove dez onze doze treze quatorze quinze dezesseis dezessete "
    "dezoito dezenove vinte",
}
_TENS = {
    "es": "treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "en": "thirty forty fifty sixty seventy eighty ninety",
    "pt": "trinta quarenta cinquenta sessenta setenta oitenta noventa",
}
_HUNDREDS = {
    "es": "cien doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos",
    "en": "",
    "pt": "cem duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos",
}
_MORE = {
    "es": {"un": 1, "una": 1, "veintiun": 21, "veintiuna": 21, "ciento": 100, "doscientas": 200, "trescientas": 300,
           "cuatrocientas": 400, "quinientas": 500, "seiscientas": 600, "setecientas": 700, "ochocientas": 800,
           "novecientas": 900},
    "en": {"a": 1},
    "pt": {"uma": 1, "duas": 2, "catorze": 14, "cento": 100, "duzentas": 200, "trezentas": 300, "quinhentas": 500},
}  # fmt: skip
_SCALE = {
    "es": {"mil": 1000, "millon": 10**6, "millones": 10**6},
    "en": {"hundred": 100, "thousand": 1000, "million": 10**6},
    "pt": {"mil": 1000, "milhao": 10**6, "milhoes": 10**6},
}
_AND = {"es": "y", "en": "and", "pt": "e"}
#: Words that are articles or pronouns far more often than numbers: never a number on their own.
_NOT_ALONE = frozenset({"un", "una", "uno", "um", "uma", "a", "one", "mil", "hundred", "thousand", "cero", "zero"})


def _values(language: Language) -> dict[str, int]:
    values = {word: number for number, word in enumerate(_UNITS[language].split())}
    values |= {word: 30 + 10 * step for step, word in enumerate(_TENS[language].split())}
    values |= {word: 100 * (step + 1) for step, word in enumerate(_HUNDREDS[language].split())}
    return values | _MORE[language]


_VALUES: dict[Language, dict[str, int]] = {"es": _values("es"), "en": _values("en"), "pt": _values("pt")}
_WORD_OR_GAP = re.compile(r"[a-z]+|[^a-z]+")


def parse_number(span: str, *, language: Language, whole_money: bool = False) -> Decimal | None:
    """The value of a number in digits, or None where it is broken.

    A single separator before exactly three digits groups thousands where the language writes it so, and always in
    `whole_money` (a currency without cents, such as the Chilean peso).
    """
    points, commas = span.count("."), span.count(",")
    if points and commas:
        locale = _COMMA_DECIMAL if span.rfind(",") > span.rfind(".") else _POINT_DECIMAL
    elif points + commas > 1:
        locale = _COMMA_DECIMAL if points else _POINT_DECIMAL
    elif match := _LONE_GROUP.match(span):
        groups = whole_money or match.group(1) == ("," if language == "en" else ".")
        locale = _COMMA_DECIMAL if (match.group(1) == ".") == groups else _POINT_DECIMAL
    else:
        locale = _COMMA_DECIMAL if commas else _POINT_DECIMAL
    try:
        return parse_decimal(span, locale=locale, strict=True)
    except NumberFormatError:
        return None


def spell_out(text: str, *, language: Language) -> tuple[str, frozenset[int]]:
    """`text` with numbers in words rewritten in digits, and the offsets (in the new text) where those begin."""
    parts = _WORD_OR_GAP.findall(fold(text))
    values, scale = _VALUES[language], _SCALE[language]
    written, spelled, position, index = "", set(), 0, 0
    while index < len(parts):
        run = _run_length(parts, index, values, scale, _AND[language])
        length = sum(len(part) for part in parts[index : index + run]) if run else len(parts[index])
        if run:
            spelled.add(len(written))
            written += str(_value_of(parts[index : index + run], values, scale))
        else:
            written += text[position : position + length]
        position += length
        index += run or 1
    return written, frozenset(spelled)


def _run_length(parts: list[str], index: int, values: dict[str, int], scale: dict[str, int], joiner: str) -> int:
    """How many parts from `index` on spell one number: number words with single spaces or the joiner between."""
    if index and parts[index - 1][-1:].isalnum():
        return 0
    end = index
    step = index
    while step < len(parts):
        word = parts[step]
        if word in values or word in scale:
            if end > index and not _continues(parts, index, end, word, values, scale):
                break
            end = step + 1
        elif not (word == joiner and end > index and step + 2 < len(parts)):
            break
        if step + 1 >= len(parts) or parts[step + 1] not in (" ", "-"):
            break
        step += 2
    if end == index or (end == index + 1 and parts[index] in _NOT_ALONE):
        return 0
    return end - index


def _continues(parts: list[str], index: int, end: int, word: str, values: dict[str, int], scale: dict[str, int]) -> bool:
    """Whether `word` can go on the number so far: a smaller step after a greater one, or a scale word."""
    before = parts[end - 1]
    if word in scale:
        return before not in scale or scale[before] < scale[word]
    if before in scale:
        return values[word] < scale[before]
    greater = values[before]
    smaller = values[word]
    return (greater >= 100 and greater % 100 == 0 and smaller < 100) or (
        20 <= greater < 100 and greater % 10 == 0 and 0 < smaller < 10
    )


def _value_of(parts: list[str], values: dict[str, int], scale: dict[str, int]) -> int:
    total = current = 0
    for part in parts:
        if part in values:
            current += values[part]
        elif part in scale:
            current = max(current, 1) * scale[part]
            if scale[part] >= 1000:
                total, current = total + current, 0
    return total + current

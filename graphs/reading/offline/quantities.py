"""How many of what unit: `40 sacos`, `500 kg`, never the size of a pack (`caja de 24`, `saco 25 kg`)."""

import re
from decimal import Decimal

from domain.understanding import Language
from domain.value import Value
from graphs.reading.offline.numbers import DIGITS, parse_number
from graphs.reading.offline.units import COUNTABLE, MEASURE, PACK, UnitKind, kind_of, unit_of

_QUANTITY = re.compile(rf"(?<![\w.,/$x-])(?P<number>{DIGITS})\s*(?:\([^)]{{1,20}}\)\s*)?(?P<unit>{COUNTABLE})")
#: What stands before a number that is a pack's size or a minimum order.
_SIZE_BEFORE = re.compile(rf"(?:{PACK})\s*(?:de|of|x|c/|con|with|com|:)?\s*$")
_LEAST = re.compile(
    r"(?<![a-z])(?:min(?:imo|imum|\.)?|minimo de|desde|a partir de|se vende por|sold (?:in|by)|por paquete de|"
    r"at least|pedido minimo|moq|cada|per|multiplos? de)(?![a-z])[ :]*(?:\w+ ){0,2}$"
)
_SIZE = re.compile(rf"\d+(?:[.,]\d+)?\s*x\s*\d|\d\s*(?:{MEASURE})")


class Quantity(Value):
    """A quantity as written; `kind` tells a count of packs from a weight or volume."""

    start: int
    end: int
    amount: Decimal
    unit: str
    kind: UnitKind


def quantities(folded: str, *, language: Language) -> list[Quantity]:
    """The quantities of a folded text, in order; sizes of packs and minimum orders are none."""
    found: list[Quantity] = []
    for match in _QUANTITY.finditer(folded):
        before = folded[: match.start()]
        kind = kind_of(match["unit"])
        if kind is None or _LEAST.search(before) or _SIZE_BEFORE.search(before):
            continue
        if kind is UnitKind.MEASURE and re.match(rf"\s*(?:{PACK})", folded[match.end() :]):
            # `12.5 kg cartons`: the size of the carton.
            continue
        amount = parse_number(match["number"], language=language)
        unit = unit_of(match["unit"], language=language)
        if amount and unit:
            found.append(Quantity(start=match.start(), end=match.end(), amount=amount, unit=unit, kind=kind))
    return found

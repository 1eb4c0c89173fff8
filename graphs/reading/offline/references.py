"""Which orders a text names: `P00045`, `OC 45`, `orden N° 45`, `la 45`, each written back as Odoo writes it.

Odoo pads the number of a purchase order to five digits. A bare `la 45` names an order only beside a verb that takes one,
since invoices and dispatch guides are called by number too.
"""

import re

from domain.value import Value

_PREFIXED = re.compile(r"(?<![a-z0-9])p\s?-?\s?0*(\d{1,5})(?![\d])(?!\s?%)")
_STRICT = re.compile(r"(?<![a-z0-9])p\s?-?\s?(0\d{3,5}|\d{5})(?!\d)")
_NOUN = re.compile(
    r"(?<![a-z0-9])(?:ordenes? de compra|orden|ordem de compra|ordem|oc|o/c|o\.c\.?|po|p\.o\.?|purchase orders?|orders?|pedido|"
    r"rfq|solicitud)(?: de compra)?\s*(?:,?\s*(?:la|el|the|number|numero|nro\.?|num\.?|no\.?|n\s?[°.]?|#|:|-)\s*)*"
    r"(?:p\s?-?)?0*(\d{1,5})(?![\d.,]*\d)(?![a-z])(?!\s?(?:%|kg|kilos?|cajas?|sacos?|bags?|unidades))"
)
_BARE = re.compile(
    r"(?<![a-z])(la|a|the|esa|con la)\s+#?0*(\d{2,5})(?![\d.,]*\d)(?!\s*(?:[a-z]*s\b|%|kg|lucas?|pesos|am|pm|hrs|:\d))"
)
_HASH = re.compile(r"(?<![\w])#\s?0*(\d{2,5})(?!\d)")
_TAKES_ORDER = re.compile(
    r"(?:confirm|acept|anul|cancel|cumplir|tomamos|tomo|cursar|atender|despach|entreg|llev|orden|pedido|cerrad|rechaz|aceit)"
)
_OTHER_PAPER = re.compile(
    r"(?<![a-z])(?:factura|boleta|guia|invoice|nota(?: fiscal)?|nf|nota de credito|cotizacion|quotation|quote|"
    r"ticket|folio|cuenta|ruta|"
    r"local|bodega|anden|sucursal|campo|pago de|pagamento d)[^\d\n,.;]{0,14}$"
)


class Reference(Value):
    """One order named in a text; `start` and `end` are offsets of the words."""

    ref: str
    start: int
    end: int


def order_name(number: int | str) -> str:
    """How Odoo writes the order of this number: `45` is `P00045`."""
    return f"P{int(number):05d}"


def references(folded: str, *, open_ref: str | None = None) -> list[Reference]:
    """The orders named in a folded text, in order of appearance, without overlaps.

    `open_ref` lets a bare number (`la 45`, `#45`) count where it is the supplier's open order.
    """
    found: list[Reference] = []

    def add(match: re.Match[str], number: str) -> None:
        if int(number) and all(match.end() <= ref.start or match.start() >= ref.end for ref in found):
            found.append(Reference(ref=order_name(number), start=match.start(), end=match.end()))

    for match in _STRICT.finditer(folded):
        add(match, match.group(1))
    for match in _NOUN.finditer(folded):
        add(match, match.group(1))
    for match in _PREFIXED.finditer(folded):
        if order_name(match.group(1)) == open_ref:
            add(match, match.group(1))
    for pattern, group in ((_BARE, 2), (_HASH, 1)):
        for match in pattern.finditer(folded):
            before = folded[max(0, match.start() - 40) : match.start()]
            is_open = order_name(match.group(group)) == open_ref
            if is_open or (_TAKES_ORDER.search(before) and not _OTHER_PAPER.search(before)):
                add(match, match.group(group))
    return sorted(found, key=lambda reference: reference.start)

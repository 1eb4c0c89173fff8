"""What a supplier would change of the open order: other quantities, prices or goods, and goods taken off.

A value counts only where it differs from the order, is not itself denied (`no por 40 sacos`), and can be told which goods it
is for. Values that repeat the order are no change; what cannot be told leaves the reading in doubt.
"""

import re
from decimal import Decimal

from domain.understanding import OfferedLine, OpenOrderFacts
from domain.value import Value
from graphs.reading.offline.burst import Burst
from graphs.reading.offline.goods import Mention, mentions, with_size
from graphs.reading.offline.money import Price, prices
from graphs.reading.offline.numbers import parse_number
from graphs.reading.offline.papers import without_papers
from graphs.reading.offline.quantities import quantities
from graphs.reading.offline.references import references
from graphs.reading.offline.tables import defaults_of
from graphs.reading.offline.text import Clause, any_of, blank, fold
from graphs.reading.offline.units import may_be_same_unit
from graphs.reading.offline.words.accepting import ACCEPT
from graphs.reading.offline.words.asking import BILLING
from graphs.reading.offline.words.changing import LIMITED, OFFERING
from graphs.reading.offline.words.delivering import DISPATCHED
from graphs.reading.offline.words.holding import HEARSAY

_OUT = any_of(
    "sin", "salvo", "excepto", "menos", "excluyendo", "quit(?:ar|en|a|amos|ando|emos)", "sac(?:ar|a|ando|amos|uen|uemos)",
    "elimin(?:ar|a|en|ando|amos|emos)",
    "no (?:tengo|tenemos|hay|nos queda|me queda|queda|podemos entregar|puedo entregar|va|incluyan|incluye|"
    "podremos enviar|cuento con|contamos con)", "except(?: for)?", "without", "excluding", "minus", "remove", "drop",
    "apart from", "(?:don't|do not) have", "no (?:more|stock of)", "out of", "exceto", "sem", "tirando",
    "nao (?:tenho|temos|tem)", "retirar?", "tirar?",
)  # fmt: skip
_OUT_AFTER = re.compile(
    r"^\W*(?:(?:que|ese|eso|esa|ya|se|me|nos|lo|la)\s+)*(?:no (?:me llego|hay|tengo|tenemos|queda|va|llego|"
    r"nos llego|lo tengo|la tengo|esta disponible)|(?:esta|esta[nm]|is|are|esta[o]?)? ?(?:agotad[oa]s?|"
    r"quebrad[oa]s?|sin stock|out of stock|sold out|esgotad[oa]s?|en falta|em falta|unavailable|"
    r"descontinuad[oa]s?))"
)
_INSTEAD = re.compile(
    r"(?:en (?:vez|lugar) de(?:l)?|instead of(?: the)?|em vez d[eo]|no lugar d[eoa])\s+(?:el |la |los |las |the |"
    r"o |a )?(?P<old>[^,.;\n]{2,40}?)[\s,]+(?:(?:te|le|les)\s+)?(?:mando|mandamos|envio|enviamos|entrego|"
    r"entregamos|despacho|despachamos|va|van|puedo (?:mandar|enviar|entregar|ofrecer)|podemos (?:mandar|enviar|"
    r"entregar|ofrecer)|tengo|ofrezco|we (?:can |will |'ll )?(?:send|ship|supply|offer|deliver)|i (?:can |"
    r"will )?(?:send|ship|supply|offer)|mandamos|envio|posso (?:mandar|enviar)|podemos (?:mandar|"
    r"enviar))\s+(?P<new>[^,.;\n?]{2,50})"
)
_DENIED = re.compile(
    r"(?:\bno\b|\bnot\b|n't\b|\bnao\b|\bni\b|en (?:vez|lugar) de|instead of|em vez de|no lugar de|\bde los\b|"
    r"\bof the\b|\bdos\b|rather than|\bantes\b|\beran?\b|\bestaba\b|\bwas\b|\bera[m]?\b)[^,.;\n]*$"
)
_UNDENIED = re.compile(
    r"(?:\bsino\b|\bpero\b|\bbut\b|\bmas\b|\bsolo\b|\bonly\b|\bhasta\b|mas de|more than|mais de|\bmejor\b|"
    r"a ese precio|\bsi\b|\bhoy\b|\bahora\b|less than|menos de)[^,.;\n]*$"
)
_FROM_TO = re.compile(r"(?:de|from)\s+(?P<old>\d[\d.,]*)\s*(?P<unit1>[a-z]+)?\s+(?:a|to|para)\s+(?=\d)")
#: A price beside these is no price of goods.
_FREIGHT = any_of(
    "flete", "freight", "frete", "transporte", "recargo", "surcharge", "multa", "anticipo", "adelanto", "deposit", "seguro",
)  # fmt: skip
_BARE = re.compile(r"(?<![\w.,/$])(?P<number>\d{1,6}(?:[.,]\d{3})?)(?![\w%/$]|[.,]\d)")
_MORE = re.compile(
    r"(?:mas|extra|adicional\w*|more|additional|mais|otros|another)\W*$|^\W*(?:mas|extra|adicional\w*|more|"
    r"additional|a mais)(?![a-z])"
)


class Changes(Value):
    """The lines that change. `doubtful`: something was said of goods or values that could not be told for certain."""

    lines: tuple[OfferedLine, ...] = ()
    repeats: bool = False
    doubtful: bool = False


class _Value(Value):
    at: int
    end: int
    quantity: Decimal | None = None
    unit: str | None = None
    price: Decimal | None = None
    currency: str | None = None


def read_changes(burst: Burst, order: OpenOrderFacts) -> Changes:
    """The changes in the supplier's own words against the lines of `order`."""
    lines: list[OfferedLine] = []
    repeats = doubtful = False
    last: Mention | None = None
    units: dict[Decimal, str] = {}
    default_unit = defaults_of(burst).unit
    for part in burst.sentences:
        named = mentions(part.folded, order.lines)
        swap = _INSTEAD.search(part.folded)
        if swap and not re.fullmatch(r"[\d.,\s]+\w*", swap["old"].strip()):
            lines += _swapped(part, swap, named)
            continue
        removed = [mention for mention in named if _is_out(part.folded, mention)]
        if BILLING.search(part.folded) and not ACCEPT.search(part.folded):
            continue
        values, all_values = _values(part, burst, units, named)
        doubtful = doubtful or (bool(removed) and len(order.lines) == 1)
        for gone in removed:
            if gone.line is None:
                doubtful = True
            elif not values and len(order.lines) > 1:
                lines.append(OfferedLine(product=part.text[gone.start : gone.end], quantity=Decimal(0)))
        for value in values:
            mention = _goods_of(value, named, part.folded)
            if mention is None and not named and len(order.lines) > 1:
                mention = last
            index = mention.line if mention else (0 if len(order.lines) == 1 else None)
            if _repeats(value, order, index):
                repeats = True
                continue
            if value.price is not None and value.unit is None:
                value = value.model_copy(update={"unit": default_unit})
            lines.append(_line(value, mention if mention in named else None, part, order))
        if values and (
            BILLING.search(part.folded)
            or HEARSAY.search(part.folded)
            or DISPATCHED.search(part.folded)
            or (OFFERING.search(part.folded) and not ACCEPT.search(part.folded))
        ):
            doubtful = True
        doubtful = doubtful or bool(_MORE.search(part.folded) and values)
        last = named[-1] if named else last
        repeats = repeats or len(all_values) > len(values)
    merged = _merged(lines)
    return Changes(lines=merged, repeats=repeats, doubtful=doubtful or _conflict(merged, order))


def _is_out(folded: str, mention: Mention) -> bool:
    before = list(_OUT.finditer(folded[: mention.start]))
    near = (
        bool(before)
        and len(folded[before[-1].end() : mention.start].split()) <= 2
        and not re.search(r"[,;]", folded[before[-1].end() : mention.start])
    )
    return near or bool(_OUT_AFTER.match(folded[mention.end :]))


def _swapped(part: Clause, swap: re.Match[str], named: list[Mention]) -> list[OfferedLine]:
    old = next((m for m in named if swap.start("old") <= m.start < swap.end("old")), None)
    if old is None:
        return []
    old_words = part.text[old.start : old.end]
    new_words = re.sub(r"\s+(?:al?|por|con|for|at)\s*$", "", part.text[swap.start("new") : swap.end("new")].strip())
    new_words = re.sub(r"^(?:el|la|los|las|un|una|the|o|a)\s+", "", new_words)
    return [OfferedLine(product=old_words, quantity=Decimal(0)), OfferedLine(product=new_words)]


def _values(part: Clause, burst: Burst, units: dict[Decimal, str], named: list[Mention]) -> tuple[list[_Value], list[_Value]]:
    """The values a sentence gives: those that stand, and all. `units` remembers what was counted before (`Por 25 sí`)."""
    folded = part.folded
    spans = [(reference.start, reference.end) for reference in references(folded, open_ref=burst.open_ref)]
    spans += [(mention.start, mention.end) for mention in burst.dates_in(folded)]
    spans += _sizes(part, burst)
    folded = without_papers(blank(folded, spans))
    every: list[_Value] = []
    for match in _FROM_TO.finditer(folded):
        folded = blank(folded, [match.span()])
    found: list[Price] = prices(folded, language=burst.language, currency=burst.currency)
    for price in found:
        if price.amount is not None and not _FREIGHT.search(part.folded):
            currency = price.currency or burst.currency
            every.append(_Value(at=price.start, end=price.end, price=price.amount, unit=price.unit, currency=currency))
    folded = blank(folded, [(price.start, price.end) for price in found])
    counted = quantities(folded, language=burst.language)
    for quantity in counted:
        every.append(_Value(at=quantity.start, end=quantity.end, quantity=quantity.amount, unit=quantity.unit))
    folded = blank(folded, [(quantity.start, quantity.end) for quantity in counted])
    for match in _BARE.finditer(folded):
        of_goods = any(
            re.fullmatch(r"\s*(?:de|of)\s+(?:l[oa]s?\s+|the\s+)?", folded[match.end() : m.start])
            for m in named
            if m.start > match.end()
        )
        if of_goods or LIMITED.search(part.folded[: match.end()]):
            amount = parse_number(match["number"], language=burst.language)
            if amount:
                every.append(_Value(at=match.start(), end=match.end(), quantity=amount))
    every.sort(key=lambda value: value.at)
    stands = [value for value in every if not _is_denied(part.folded, value.at)]
    counted_unit = next((value.unit for value in every if value.quantity and value.unit), None)
    for value in every:
        if value.quantity and value.unit:
            units[Decimal(0)] = value.unit
    remembered = counted_unit or units.get(Decimal(0))
    stands = [
        value.model_copy(update={"unit": remembered}) if value.quantity and not value.unit and remembered else value
        for value in stands
    ]
    return stands, every


def _sizes(part: Clause, burst: Burst) -> list[tuple[int, int]]:
    """Where sizes stand that are part of the goods' name (`1 L x12`): no quantities."""
    order = burst.context.open_order
    if order is None:
        return []
    return [
        (mention.end, with_size(part.folded, mention, order.lines[mention.line]))
        for mention in mentions(part.folded, order.lines)
        if mention.line is not None
    ]


def _is_denied(folded: str, at: int) -> bool:
    before = folded[:at]
    denied = _DENIED.search(before)
    if not denied:
        return False
    undone = _UNDENIED.search(before)
    return not (undone and undone.start() > denied.start())


def _goods_of(value: _Value, named: list[Mention], folded: str) -> Mention | None:
    """The goods a value is for: those it counts (`60 de mascarillas`), else the last before it, else the first after it."""
    for mention in named:
        if mention.start > value.end and re.fullmatch(
            r"\s*(?:(?:de|of|d[oa]s?|la|el|los|las|the)\s+)+", folded[value.end : mention.start]
        ):
            return mention
    before = [mention for mention in named if mention.end <= value.at]
    after = [mention for mention in named if mention.start >= value.at]
    return before[-1] if before else (after[0] if after else None)


def _repeats(value: _Value, order: OpenOrderFacts, index: int | None) -> bool:
    """Whether a value is the order's own."""
    lines = order.lines if index is None else (order.lines[index],)
    if value.quantity is not None:
        return any(line.quantity == value.quantity for line in lines)
    return any(line.unit_price == value.price and value.currency in (None, line.currency) for line in lines)


def _line(value: _Value, mention: Mention | None, part: Clause, order: OpenOrderFacts) -> OfferedLine:
    words = None
    if mention is not None:
        end = mention.end if mention.line is None else with_size(part.folded, mention, order.lines[mention.line])
        words = part.text[mention.start : end]
    return OfferedLine(product=words, quantity=value.quantity, unit=value.unit, unit_price=value.price, currency=value.currency)


def _conflict(lines: tuple[OfferedLine, ...], order: OpenOrderFacts) -> bool:
    """Whether two values are told for the same goods, or a unit is not one that the order could count in."""
    counted = [fold(line.product or "") for line in lines if line.quantity]
    priced = [fold(line.product or "") for line in lines if line.unit_price is not None]
    if len(set(counted)) < len(counted) or len(set(priced)) < len(priced):
        return True
    units = {line.unit for line in order.lines if line.unit}
    return any(
        line.quantity and line.unit and units and not any(may_be_same_unit(line.unit, unit) for unit in units) for line in lines
    )


def _merged(lines: list[OfferedLine]) -> tuple[OfferedLine, ...]:
    """A quantity and a price of the same goods become one line."""
    merged: list[OfferedLine] = []
    for line in lines:
        twin = next(
            (
                n
                for n, other in enumerate(merged)
                if fold(other.product or "") == fold(line.product or "")
                and ((other.quantity is None) != (line.quantity is None))
                and ((other.unit_price is None) != (line.unit_price is None))
            ),
            None,
        )
        if twin is None:
            if line not in merged:
                merged.append(line)
            continue
        other = merged[twin]
        counted = other if other.quantity is not None else line
        merged[twin] = OfferedLine(
            product=other.product or line.product,
            quantity=counted.quantity,
            unit=counted.unit or other.unit or line.unit,
            unit_price=other.unit_price if other.unit_price is not None else line.unit_price,
            currency=other.currency or line.currency,
        )
    return tuple(merged)

"""Goods offered at prices, in running text and in tables: the lines of a quote.

A price anchors a line; the words before it, freed of courtesy and of the pack's name, are the product. A line that cannot
be read whole is not guessed: the offer as such is then `unclear` (`Offer.doubtful`).
"""

import re
from decimal import Decimal

from domain.understanding import OfferedLine
from domain.value import Value
from graphs.reading.offline.burst import Burst
from graphs.reading.offline.money import Price, prices
from graphs.reading.offline.papers import without_papers
from graphs.reading.offline.products import product_words
from graphs.reading.offline.quantities import Quantity, quantities
from graphs.reading.offline.tables import Defaults, defaults_of, read_rows
from graphs.reading.offline.text import any_of, blank, fold
from graphs.reading.offline.units import ANY_UNIT, UnitKind, unit_of

_TOTAL_AFTER = re.compile(
    r"^\W{0,3}(?:(?:neto|netos|net|en|in|de|in)\W+){0,2}(?:total(?:es)?|todo|todos|todas|el lote|the lot|"
    r"altogether|all|tudo|for the lot|por todo)(?![a-z])"
)
_TOTAL_BEFORE = re.compile(
    r"(?:total(?: neto)?|en total|todo|por todo|por el total|in total|total of|tudo por|no total)\W*(?:por|de|en|"
    r"a|is|of|:|es|sale|son)?\W*$"
)
_SAME_AGAIN = re.compile(
    r"^\W*(?:o sea|osea|es decir|vale decir|i\.?e\.?|that is|ou seja|equivale\w*|equivalent\w*|antes|before|was|"
    r"\(|=|mas iva|con iva|iva incl\w*|bruto|gross|incl\w*)(?![a-z])?[\s\w]{0,25}$"
)
_GROSS = re.compile(r"(?:con iva|iva incl\w*|bruto|gross|vat incl\w*|incl\w*\.? vat|inc\w*\.? iva|com impostos)")
_OF_EACH = re.compile(rf"(?P<number>\d+)\s*(?P<unit>{ANY_UNIT})\s+(?:de|of)\s+(?:cada|each|cada un[oa]?)(?![a-z])")
_MINIMUM = re.compile(r"(?:min(?:imo|imum)?\.?|moq|desde|at least)\W*$")
_NOT_GOODS = any_of(
    "flete", "freight", "frete", "despacho", "descuento", "discount", "desconto", "total", "subtotal", "iva", "transporte",
    "shipping", "recargo", "pago", "anticipo", "sobre", "minimo", "compras? (?:sobre|minima)", "pedido minimo",
)  # fmt: skip


#: Verbs after which a quantity of the goods follows.
_OFFERS = re.compile(
    r"(?<![a-z])(?:ofrezco|ofrecemos|ofrecer(?:le|te)?|tengo|tenemos|hay|offer|have|supply|ofereco|oferecemos|oferecer|tenho|temos)"
    r"\W*$"
)


class Offer(Value):
    """The lines that were read; `doubtful` says that something was priced that could not be read for certain."""

    lines: tuple[OfferedLine, ...] = ()
    doubtful: bool = False


def read_offer(burst: Burst) -> Offer:
    """The goods and prices of a burst, or no lines where it offers none."""
    defaults = defaults_of(burst)
    rows, rest = read_rows(burst, defaults)
    lines: list[OfferedLine] = list(rows)
    doubtful = False
    every = _quantity_of_each(burst)
    for line in rest.split("\n"):
        read, doubt = _read_running_text(line, burst, defaults)
        lines += read
        doubtful = doubtful or doubt
    if every:
        lines = [line if line.quantity else line.model_copy(update={"quantity": every[0]}) for line in lines]
    return Offer(lines=tuple(lines), doubtful=doubtful)


def _quantity_of_each(burst: Burst) -> tuple[Decimal, str] | None:
    for match in _OF_EACH.finditer(burst.folded):
        unit = unit_of(match["unit"], language=burst.language)
        if unit and not _MINIMUM.search(burst.folded[: match.start()]):
            return Decimal(match["number"]), unit
    return None


def _read_running_text(text: str, burst: Burst, defaults: Defaults) -> tuple[list[OfferedLine], bool]:
    """The lines of one line of running text: each price closes one."""
    folded = without_papers(_without_dates(fold(text), burst))
    found = prices(folded, language=burst.language, currency=burst.currency)
    lines: list[OfferedLine] = []
    doubtful = False
    begin = 0
    for index, price in enumerate(found):
        until = found[index + 1].start if index + 1 < len(found) else len(text)
        lead, tail = folded[begin : price.start], folded[price.end : until]
        if lines and (_SAME_AGAIN.match(lead) or not re.search(r"[a-z]{3}", lead)):
            # The same goods priced once more; of gross and net the net one counts.
            if _GROSS.search(folded[begin : price.start] + tail[:16]) is None and _is_gross(lines, begin, folded):
                lines[-1] = lines[-1].model_copy(update={"unit_price": price.amount})
            begin = price.end
            continue
        tail_end = price.end + _tail_length(tail)
        line = _line(text, folded, (begin, tail_end), price, burst, defaults)
        begin = tail_end
        if line is None:
            doubtful = doubtful or not _NOT_GOODS.search(lead)
        elif line.product and _NOT_GOODS.search(fold(line.product)):
            continue
        else:
            lines.append(line)
    return lines, doubtful


def _is_gross(lines: list[OfferedLine], begin: int, folded: str) -> bool:
    return bool(lines) and bool(_GROSS.search(folded[max(0, begin - 30) : begin + 16]))


def _without_dates(folded: str, burst: Burst) -> str:
    return blank(folded, [(mention.start, mention.end) for mention in burst.dates_in(folded)])


def _tail_length(tail: str) -> int:
    """How much after a price still belongs to its line: `+ IVA`, `(200 cartons)`, ` - 80 kg`, `neto total`, `de harina`."""
    match = re.match(
        r"(?:\s*(?:\+\s*iva|mas iva|netos?|net|\([^)]{0,60}\)|-\s*\d[\d.,]*\s*\w+(?=\s*(?:$|[,.;\n]))|"
        r",?\s*(?:en )?total(?:es)?|[,.]?\s*(?:stock|disponibles?|available|"
        r"hay)\s*:?\s*(?:de\s+)?\d[\d.,]*(?:\s*\w+)?(?=\s*(?:$|[,.;\n]))|,?\s*\d[\d.,]* (?:disponibles|available)))*",
        tail,
    )
    return match.end() if match else 0


def _line(text: str, folded: str, span: tuple[int, int], price: Price, burst: Burst, defaults: Defaults) -> OfferedLine | None:
    begin, end = span
    part = folded[begin:end]
    counted = [q for q in quantities(part, language=burst.language) if not begin + q.start <= price.start < begin + q.end]
    quantity = _quantity(counted, part, price.start - begin, price, defaults)
    cuts = [(quantity.start + begin, quantity.end + begin)] if quantity else []
    lead_end = price.start
    product = product_words(text, (begin, lead_end), burst=burst, cuts=cuts)
    if not product.words and price.unit:
        product = product_words(text, (price.end, min(len(text), price.end + 60)), burst=burst, cuts=[], after=True)
    amount = price.amount
    if amount is None or amount <= 0:
        return None
    if quantity and (_TOTAL_AFTER.match(folded[price.end :]) or _TOTAL_BEFORE.search(folded[begin : price.start])):
        amount = _divided(amount, quantity.amount)
    unit = _unit(quantity, price, product.pack, defaults)
    if not product.words:
        return None
    return OfferedLine(
        product=product.words,
        quantity=quantity.amount if quantity else None,
        unit=unit,
        unit_price=amount,
        currency=price.currency or burst.currency,
    )


def _divided(total: Decimal, quantity: Decimal) -> Decimal:
    share = total / quantity
    return (
        share.quantize(Decimal("0.0001")).normalize() + 0 if share != share.to_integral_value() else share.to_integral_value()
    )


def _quantity(counted: list[Quantity], part: str, price_at: int, price: Price, defaults: Defaults) -> Quantity | None:
    """The count of packs; a weight or volume is one only where it leads, or the price is per that measure."""
    packs = [quantity for quantity in counted if quantity.kind is UnitKind.PACK]
    if packs:
        return packs[0] if len(packs) == 1 else None
    per = price.unit or defaults.unit
    for quantity in counted:
        before, after = part[: quantity.start], part[quantity.end :]
        # `120 kg de nueces`, `we offer 120 kg walnuts`; not `nueces 25 kg`, where it is the pack's size.
        leads = re.match(r"\s*(?:de|of|d[eo])\s", after) or (_OFFERS.search(before) and re.match(r"\s*[a-z]{3}", after))
        if quantity.unit == per and (leads or quantity.start > price_at or re.search(r"[-:,(]\s*$", part[: quantity.start])):
            return quantity
    return None


def _unit(quantity: Quantity | None, price: Price, pack: str | None, defaults: Defaults) -> str | None:
    each = price.unit in ("unidad", "unit", "unidade")
    if price.unit and not (each and (quantity or pack)):
        return price.unit
    if quantity:
        return quantity.unit
    return (pack if each else price.unit) or defaults.unit or pack

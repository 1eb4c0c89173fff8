"""Quotes pasted as tables: columns parted by tabs, bars, runs of spaces, leader dots or dashes.

A header row says what each column holds; without one, a cell is told by its look. Totals are left aside, and a row whose
numbers cannot be told apart is left to the running text rules, which then doubt it.
"""

import re
from decimal import Decimal
from enum import StrEnum

from domain.understanding import OfferedLine
from domain.value import Value
from graphs.reading.offline.burst import Burst
from graphs.reading.offline.money import currencies_named, prices
from graphs.reading.offline.numbers import DIGITS, parse_number
from graphs.reading.offline.products import clean_product
from graphs.reading.offline.quantities import quantities
from graphs.reading.offline.text import any_of, fold
from graphs.reading.offline.units import ANY_UNIT, MEASURE, PACK, unit_of

_COLUMNS = re.compile(r"\t+|\s*\|\s*|\s*\.{3,}\s*|\s\.{2}\s|\s{2,}(?=\S)|\s*;\s+|\s+[-–—]\s+")
_NUMBER_CELL = re.compile(rf"^(?:{DIGITS})$")
_QUANTITY_CELL = re.compile(rf"^(?P<number>{DIGITS})\s*(?P<unit>{ANY_UNIT})\.?$")
_PACK_CELL = re.compile(
    rf"^(?P<pack>{PACK})\s*(?:de\s+|of\s+|x\s*)?(?P<size>(?:\d+\s*x\s*)?\d+(?:[.,]\d+)?\s*(?:{MEASURE})?)?$"
)
_PRICE_TALK = any_of(
    "precios?", "valor(?:es)?", "prices?", "precos?", "cotizacion", "oferta", "quot(?:e|ation)", "proposta", "tarifas?",
)  # fmt: skip
_PER_UNIT = re.compile(rf"(?:por|per|el|x|/)\s*(?P<unit>{ANY_UNIT})")


class Column(StrEnum):
    """What a column holds."""

    PRODUCT = "product"
    PACK = "pack"
    QUANTITY = "quantity"
    UNIT = "unit"
    PRICE = "price"
    TOTAL = "total"
    IGNORED = "ignored"


_HEADERS = (
    (
        Column.TOTAL,
        any_of(
            "total(?:es)?", "subtotal", "importe", "monto", "amount", "valor total", "precio total", "total price",
        ),
    ),
    (
        Column.PRICE,
        any_of(
            r"precio\w*", r"p\.? ?u(?:nit)?\.?", "valor(?:es)?", "unitario", "price", "unit price", "rate", r"preco\w*",
            "costo", "neto",
        ),
    ),
    (
        Column.QUANTITY,
        any_of(
            r"cant(?:idad|\.)?", "qty", "quantity", r"qtde?\.?", "quantidade", "stock", "disponible",
        ),
    ),
    (
        Column.IGNORED,
        any_of(
            "sku", r"cod(?:igo|\.)?", "code", "item", "n°", "#", "ref", "iva", "vat", "marca", "origen", "brand",
            "origin", "descuento", "entrega", "plazo", "minimo",
        ),
    ),
    (
        Column.PACK,
        any_of(
            "formato", "presentacion", "envase", "pack(?:ing|aging)?", "embalagem", "format", "size", "apresentacao",
            "contenido",
        ),
    ),
    (
        Column.UNIT,
        any_of(
            "unidad(?: de medida)?", r"u\.?m\.?", "unit", "uom", "unidade", "medida", r"un\.?",
        ),
    ),
    (
        Column.PRODUCT,
        any_of(
            "productos?", "descripcion", "detalle", "articulo", "product", "description", "produto", "descricao",
            "goods", "servicio", "item",
        ),
    ),
)  # fmt: skip


class Defaults(Value):
    """What a sentence says for all lines: `precios netos por kilo`, `Prices in USD per litre`."""

    unit: str | None = None
    talks_of_prices: bool = False


def defaults_of(burst: Burst) -> Defaults:
    """The unit for all lines, from a sentence that speaks of prices and holds none."""
    folded = fold(f"{burst.subject}\n{burst.own}")
    unit: str | None = None
    for line in re.split(r"\n|(?<=[.!?])\s", folded):
        if _PRICE_TALK.search(line) and not prices(line, language=burst.language):
            match = _PER_UNIT.search(line)
            unit = unit or (unit_of(match["unit"], language=burst.language) if match else None)
            if unit is None and re.search(r"(?:por|per) (?:embalagem|envase|formato|pack)", line):
                continue
    return Defaults(unit=unit, talks_of_prices=bool(_PRICE_TALK.search(folded)))


def read_rows(burst: Burst, defaults: Defaults) -> tuple[list[OfferedLine], str]:
    """The lines read from table rows, and the text without those rows."""
    lines: list[OfferedLine] = []
    rest: list[str] = []
    header: list[Column] = []
    header_unit, header_currency = None, None
    for text in burst.own.split("\n"):
        cells = [cell.strip() for cell in _COLUMNS.split(text.strip().strip("|")) if cell and cell.strip()]
        roles = _header(cells)
        if roles:
            header = roles
            header_currency = next(iter(currencies_named(fold(text), language=burst.language)), None)
            match = _PER_UNIT.search(fold(text))
            header_unit = unit_of(match["unit"], language=burst.language) if match else None
            continue
        row = _row(cells, header, burst, defaults) if len(cells) > 1 else None
        if row is None:
            if not re.fullmatch(r"[\s|:+=-]*", text):
                rest.append(text)
        elif row.product and not re.match(r"(?:sub)?total|neto|iva|flete|descuento", fold(row.product)):
            updates = {"unit": row.unit or header_unit, "currency": row.currency or header_currency or burst.currency}
            lines.append(row.model_copy(update=updates))
    return lines, "\n".join(rest)


def _header(cells: list[str]) -> list[Column]:
    roles: list[Column] = []
    for cell in cells:
        folded = fold(cell)
        role = next((column for column, pattern in _HEADERS if pattern.search(folded)), None)
        if role is None or re.search(r"\d{2}", folded) or len(folded.split()) > 5:
            return []
        roles.append(role)
    if len(roles) < 2 or (Column.PRICE not in roles and Column.TOTAL not in roles):
        return []
    if Column.PRODUCT not in roles and Column.IGNORED in roles:
        roles[roles.index(Column.IGNORED)] = Column.PRODUCT
    return roles


def _row(cells: list[str], header: list[Column], burst: Burst, defaults: Defaults) -> OfferedLine | None:
    roles = header if len(header) == len(cells) else _guessed(cells, burst, defaults)
    if not roles:
        return None
    values: dict[Column, str] = {}
    for role, cell in zip(roles, cells, strict=True):
        values.setdefault(role, cell)
    if Column.PRODUCT not in values or not ({Column.PRICE, Column.TOTAL} & set(values)):
        return None
    return _line(values, burst, defaults)


def _guessed(cells: list[str], burst: Burst, defaults: Defaults) -> list[Column]:
    """What each cell holds, by its look; empty where that cannot be told."""
    roles: list[Column] = []
    for index, cell in enumerate(cells):
        folded = fold(cell)
        priced = prices(folded, language=burst.language)
        if priced and not re.search(r"[a-z]{3}", folded[: priced[0].start]) and Column.PRICE not in roles:
            roles.append(Column.PRICE)
        elif _PACK_CELL.match(folded) and Column.PRODUCT in roles:
            roles.append(Column.PACK)
        elif _QUANTITY_CELL.match(folded) and Column.PRODUCT in roles:
            roles.append(Column.QUANTITY)
        elif _NUMBER_CELL.match(folded):
            roles.append(Column.IGNORED if index == 0 else Column.UNIT)
        elif re.search(r"[a-z]{2}", folded) and Column.PRODUCT not in roles and not priced:
            roles.append(Column.PRODUCT)
        else:
            return []
    # `UNIT` marks bare numbers here: one is the price (or the quantity beside a price), two are told by their product.
    bare = [index for index, role in enumerate(roles) if role is Column.UNIT]
    if Column.PRICE in roles:
        if len(bare) == 1 and Column.QUANTITY not in roles:
            roles[bare[0]] = Column.QUANTITY
        elif bare:
            return []
    elif len(bare) == 1 and defaults.talks_of_prices:
        roles[bare[0]] = Column.PRICE
    elif len(bare) == 3:
        one, two, three = (
            parse_number(cells[index], language=burst.language, whole_money=True) or Decimal(0) for index in bare
        )
        if one * two != three:
            return []
        for index, role in zip(bare, (Column.QUANTITY, Column.PRICE, Column.TOTAL), strict=True):
            roles[index] = role
    else:
        return []
    return roles


def _line(values: dict[Column, str], burst: Burst, defaults: Defaults) -> OfferedLine | None:
    language = burst.language
    quantity, unit = _quantity(values, burst)
    priced = _price(values.get(Column.PRICE) or values[Column.TOTAL], burst)
    if priced is None:
        return None
    amount, currency, per = priced
    if Column.PRICE not in values:
        if not quantity:
            return None
        amount /= quantity
    words = values[Column.PRODUCT]
    pack: str | None = None
    if Column.PACK in values and (match := _PACK_CELL.match(fold(values[Column.PACK]))):
        pack = unit_of(match["pack"], language=language)
        if match["size"]:
            words = f"{words} {values[Column.PACK][match.start('size') :]}"
    elif Column.PACK in values:
        words = f"{words} {values[Column.PACK]}"
    product = clean_product(words, burst=burst)
    if Column.UNIT in values:
        unit = unit or unit_of(values[Column.UNIT], language=language)
    each = per in ("unidad", "unit", "unidade")
    return OfferedLine(
        product=product.words,
        quantity=quantity,
        unit=(None if each and (unit or pack) else per) or unit or pack or defaults.unit or product.pack or per,
        unit_price=amount,
        currency=currency,
    )


def _quantity(values: dict[Column, str], burst: Burst) -> tuple[Decimal | None, str | None]:
    cell = fold(values.get(Column.QUANTITY, ""))
    if _NUMBER_CELL.match(cell):
        return parse_number(cell, language=burst.language), None
    found = quantities(cell, language=burst.language)
    return (found[0].amount, found[0].unit) if found else (None, None)


def _price(cell: str, burst: Burst) -> tuple[Decimal, str | None, str | None] | None:
    folded = fold(cell)
    found = prices(folded, language=burst.language, currency=burst.currency)
    if found:
        price = found[0]
        return (price.amount, price.currency, price.unit) if price.amount else None
    match = re.search(DIGITS, folded)
    amount = (
        parse_number(match.group(), language=burst.language, whole_money=burst.currency in (None, "CLP")) if match else None
    )
    return (amount, None, None) if amount else None

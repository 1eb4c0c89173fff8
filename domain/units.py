"""Units of goods: whether two wordings mean one unit, and how much of one goes into another.

Factors come from Odoo (`Product.units`), never from a table of ours: how many pieces a box holds is a matter of the product.
"""

from decimal import Decimal

from domain.goods import Product
from domain.wording import plain, singular


def same_unit(said: str | None, unit: str) -> bool:
    """Whether a unit as worded can be meant by the product's unit.

    Unsaid, it is. Of a product counted in mere units a sack or a box is one; a kilo, a dozen or a pallet is not.
    """
    if not said:
        return True
    one, other = plain(said), plain(unit)
    if _is_one(one, other):
        return True
    return other in _MERE_UNITS and bool(one) and one not in _MEASURES


def convert_quantity(quantity: Decimal, said: str | None, into: str, *, product: Product) -> Decimal | None:
    """So many of the unit `said` as a number of the unit `into`; None where the product's units do not tell."""
    factors = _factors(said, into, product)
    return quantity * factors[0] / factors[1] if factors else None


def convert_price(price: Decimal, said: str | None, into: str, *, product: Product) -> Decimal | None:
    """A price per unit `said` as a price per unit `into`; None where the product's units do not tell."""
    factors = _factors(said, into, product)
    return price * factors[1] / factors[0] if factors else None


def is_measure(unit: str) -> bool:
    """Whether goods in this unit are weighed or measured, not counted."""
    return plain(unit) in _WEIGHED


def _factors(said: str | None, into: str, product: Product) -> tuple[Decimal, Decimal] | None:
    """How much of the product's base unit one of each unit holds. What is known exactly comes before what is alike."""
    if not said or plain(said) == plain(into):
        return Decimal(1), Decimal(1)
    one, other = _factor(said, product), _factor(into, product)
    if one and other:
        return one, other
    return (Decimal(1), Decimal(1)) if same_unit(said, into) and not _may_be_a_package(said, into, product) else None


def _may_be_a_package(said: str, into: str, product: Product) -> bool:
    """Whether the product also comes in a unit that `said` may be short for: `caja` of a product with a `Caja x 12`."""
    others = [plain(unit.name).split() for unit in product.units if plain(unit.name) != plain(into)]
    return any(_is_one(word, other) for word in plain(said).split() for words in others for other in words)


def _factor(said: str, product: Product) -> Decimal | None:
    known = [unit.factor for unit in product.units if _is_one(plain(said), plain(unit.name)) and unit.factor > 0]
    if not known and product.base_unit and _is_one(plain(said), plain(product.base_unit)):
        return Decimal(1)
    return known[0] if len(set(known)) == 1 else None


def _is_one(one: str, other: str) -> bool:
    return one == other or any(one in words and other in words for words in _SAME)


def _words(*words: str) -> frozenset[str]:
    return frozenset(map(singular, words))


_MERE_UNITS = _words("unit", "unidad", "unidade", "un", "und", "ud", "u", "pieza", "piece", "ea", "each")
#: What Spanish, Portuguese and English call alike.
_SAME = [
    _MERE_UNITS,
    _words("caja", "caixa", "box", "case", "carton"),
    _words("saco", "sack"),
    _words("bolsa", "bag", "pouch"),
    _words("rollo", "rolo", "roll"),
    _words("bidon", "galao", "jug", "jerrycan"),
    _words("kg", "kilo", "quilo", "kilogramo", "quilograma", "kilogram"),
    _words("g", "gr", "gramo", "grama", "gram"),
    _words("l", "lt", "litro", "litre", "liter"),
    _words("t", "ton", "tonelada", "tonne"),
    _words("docena", "duzia", "dozen"),
    _words("pallet", "palet", "palete"),
]
#: Weights, volumes and lengths.
_WEIGHED = _words(
    *("kg", "kilo", "quilo", "kilogramo", "quilograma", "kilogram", "g", "gr", "gramo", "grama", "gram", "mg", "lb", "libra"),
    *("pound", "oz", "t", "ton", "tonelada", "tonne", "quintal", "l", "lt", "litro", "litre", "liter", "ml", "cc", "hl"),
    *("m", "mt", "metro", "metre", "meter", "cm", "mm", "km"),
)
#: What is never one piece: what is weighed, and words for many.
_MEASURES = _WEIGHED | _words(
    *("docena", "duzia", "dozen", "par", "pair", "ciento", "cento", "hundred", "mil", "millar", "milhar", "thousand"),
    *("gruesa", "gross", "resma", "ream", "pallet", "palet", "palete"),
)

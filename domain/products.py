"""From a supplier's words to one of the products it sells: a clear winner, or a doubt that is asked back.

A vendor code that is named decides. Otherwise words are compared fuzzily, and the best must be good and clearly ahead of
the second: nothing is guessed where money follows.
"""

import re
import unicodedata
from collections.abc import Sequence

from pydantic import Field
from rapidfuzz import fuzz

from domain.value import Value

#: Scores run from 0 to 100. Tuned on the demo's products and their suppliers' wordings (tests/unit/domain/test_products.py).
GOOD_SCORE = 80
CLEAR_LEAD = 6


class ProductName(Value):
    """The names under which a product is known, and the codes that name it and nothing else."""

    product_id: int
    names: tuple[str, ...] = Field(min_length=1)
    codes: tuple[str, ...] = ()


class ProductMatch(Value):
    """`product_id` if there is a clear winner; else the candidates worth asking about (product ids, best first)."""

    product_id: int | None = None
    candidates: tuple[int, ...] = ()


def match_product(words: str, products: Sequence[ProductName]) -> ProductMatch:
    """Find what `words` mean among `products`."""
    said = _plain(words)
    named = [product for product in products if any(_names(code, said) for code in product.codes)]
    if len(named) == 1:
        return ProductMatch(product_id=named[0].product_id)
    scored = sorted(((_score(said, product), product.product_id) for product in products), reverse=True)
    is_clear = len(scored) == 1 or (len(scored) > 1 and scored[0][0] - scored[1][0] >= CLEAR_LEAD)
    if scored and scored[0][0] >= GOOD_SCORE and is_clear and _tells_goods(said):
        return ProductMatch(product_id=scored[0][1])
    return ProductMatch(candidates=tuple(product_id for score, product_id in scored[:3] if score >= GOOD_SCORE - 25))


def same_unit(said: str | None, unit: str) -> bool:
    """Whether a unit as worded can be meant by the product's unit. Unsaid, or a product counted in mere units, can."""
    if not said:
        return True
    one, other = _plain(said), _plain(unit)
    return one == other or other in _MERE_UNITS or any(one in words and other in words for words in _SAME_UNITS)


def _names(code: str, said: str) -> bool:
    """Whether a code stands in the text. One that is only a measure (`25KG`) or a short number names nothing."""
    plain = _plain(code)
    tells = bool(_goods(plain)) or re.search(r"\d{4}", plain) is not None
    return tells and f" {plain} " in f" {said} "


def _score(said: str, product: ProductName) -> float:
    """How well the words fit the best of a product's names. All words of the shorter side should be in the longer."""
    return max(_likeness(said, _plain(name)) for name in product.names)


def _likeness(said: str, name: str) -> float:
    likeness = 0.75 * fuzz.token_set_ratio(said, name) + 0.25 * fuzz.token_sort_ratio(said, name)
    said_numbers, name_numbers = (set(re.findall(r"[0-9.]+", text)) for text in (said, name))
    # A sack of 25 kg is not a sack of 50 kg, however alike the words are.
    differs = said_numbers and name_numbers and not said_numbers & name_numbers
    return likeness * 0.6 if differs else likeness


def _tells_goods(said: str) -> bool:
    """Whether a text says what is meant at all: by a word for goods, or by measures such as 40x30x20."""
    return bool(_goods(said)) or len(re.findall(r"[0-9.]+", said)) > 1


def _goods(plain: str) -> list[str]:
    """The words of a plain text that can tell goods apart: no numbers, measures, packages or articles."""
    return [word for word in plain.split() if word.isalpha() and len(word) > 1 and word not in _TELLS_NOTHING]


def _plain(text: str) -> str:
    """Lower case, without accents or punctuation, plurals cut: `Sémolas (25 Kg)` and `sémola 25 kg` are the same."""
    bare = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(char for char in bare if not unicodedata.combining(char))
    words = re.findall(r"[a-z]+|\d+(?:[.,]\d+)?", bare)
    return " ".join(_singular(word) for word in words)


def _singular(word: str) -> str:
    """A stem that singular and plural share in Spanish, Portuguese and English (cajón, cajones; box, boxes)."""
    return re.sub(r"e?s?$", "", word.replace(",", ".")) if len(word) > 3 else word.replace(",", ".")


_MERE_UNITS = frozenset(map(_singular, ("unit", "unidad", "unidade", "un", "und", "ud", "u", "pieza", "piece")))
#: What Spanish, Portuguese and English call alike.
_SAME_UNITS = [
    frozenset(map(_singular, words))
    for words in (
        ("caja", "caixa", "box", "case", "carton"),
        ("saco", "sack"),
        ("bolsa", "bag", "pouch"),
        ("rollo", "rolo", "roll"),
        ("bidon", "galao", "jug", "jerrycan"),
        ("kg", "kilo", "quilo", "kilogramo", "quilograma", "kilogram"),
        ("l", "lt", "litro", "litre", "liter"),
    )
]
_TELLS_NOTHING = _MERE_UNITS | frozenset(
    map(
        _singular,
        (
            *("a", "al", "con", "com", "da", "de", "del", "do", "el", "en", "la", "las", "los", "of", "para", "por", "the"),
            *("g", "gr", "kg", "kilo", "l", "litro", "lt", "m", "ml", "tonelada", "x"),
            *("bag", "bidon", "bolsa", "botella", "box", "caja", "caixa", "envase", "fardo", "paquete", "rollo"),
            *("saco", "sack", "tambor", "tineta"),
        ),
    )
)

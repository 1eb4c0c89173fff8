"""From a supplier's words to one of the products it sells: a clear winner, or a doubt that is asked back.

A vendor code that is named decides. Otherwise words are compared fuzzily, and the best must be good and clearly ahead of
the second: nothing is guessed where money follows.
"""

import re
import unicodedata
from collections.abc import Sequence

from rapidfuzz import fuzz

from domain.value import Value

#: Scores run from 0 to 100. Tuned on the demo's products and their suppliers' wordings (tests/unit/domain/test_products.py).
GOOD_SCORE = 80
CLEAR_LEAD = 6


class ProductName(Value):
    """The names under which a product is known."""

    product_id: int
    names: tuple[str, ...]
    codes: tuple[str, ...] = ()


class ProductMatch(Value):
    """`product_id` if there is a clear winner; else the candidates worth asking about (product ids, best first)."""

    product_id: int | None = None
    candidates: tuple[int, ...] = ()


def match_product(words: str, products: Sequence[ProductName]) -> ProductMatch:
    """Find what `words` mean among `products`."""
    tokens = set(_plain(words).split())
    named = [p for p in products if any(set(_plain(code).split()) <= tokens for code in p.codes if code)]
    if len(named) == 1:
        return ProductMatch(product_id=named[0].product_id)
    scored = sorted(((_score(words, p), p.product_id) for p in products), reverse=True)
    good = [(score, product_id) for score, product_id in scored if score >= GOOD_SCORE]
    if good and (len(scored) == 1 or good[0][0] - scored[1][0] >= CLEAR_LEAD):
        return ProductMatch(product_id=good[0][1])
    return ProductMatch(candidates=tuple(product_id for score, product_id in scored[:3] if score >= GOOD_SCORE - 25))


def _score(words: str, product: ProductName) -> float:
    """How well the words fit the best of a product's names. All words of the shorter side should be in the longer."""
    said = _plain(words)
    return max(_likeness(said, _plain(name)) for name in product.names)


def _likeness(said: str, name: str) -> float:
    likeness = 0.75 * fuzz.token_set_ratio(said, name) + 0.25 * fuzz.token_sort_ratio(said, name)
    said_numbers, name_numbers = (set(re.findall(r"[0-9.,]+", text)) for text in (said, name))
    # A sack of 25 kg is not a sack of 50 kg, however alike the words are.
    differs = said_numbers and name_numbers and not said_numbers & name_numbers
    return likeness * 0.6 if differs else likeness


def _plain(text: str) -> str:
    """Lower case, without accents or punctuation, plurals cut: `Sémolas (25 Kg)` is `semola 25 kg`."""
    bare = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(char for char in bare if not unicodedata.combining(char))
    words = re.findall(r"[a-z]+|\d+(?:[.,]\d+)?", bare)
    return " ".join(re.sub(r"(?<=[aeo])s$", "", word) for word in words)


def same_unit(said: str | None, unit: str) -> bool:
    """Whether a unit as worded can be meant by the product's unit. Unsaid, or a product counted in mere units, can."""
    if not said:
        return True
    generic = {"unit", "unidad", "unidade", "un", "und", "ud", "u", "pieza", "piece"}
    one, other = _plain(said), _plain(unit)
    return one == other or other in generic or (one in generic and other in generic)

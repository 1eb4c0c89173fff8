"""From a supplier's words to one of the products it sells: a clear winner, or a doubt that is asked back.

What names exactly decides: a code, then a name word for word (the vendor's, ours, and those of past orders). Otherwise words
are compared fuzzily, and the best must be good, clearly ahead of the second, and have every word that was said: nothing is
guessed where money follows, and a question costs less than the wrong goods.
"""

import re
from collections.abc import Sequence
from decimal import Decimal

from pydantic import Field
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from domain.value import Value
from domain.wording import plain, singular

#: Scores run from 0 to 100. Tuned on the demo's products and their suppliers' wordings (tests/unit/domain/test_products.py).
GOOD_SCORE = 80
CLEAR_LEAD = 6


class ProductName(Value):
    """The names under which a product is known (also those of past orders), and the codes that name it and nothing else."""

    product_id: int
    names: tuple[str, ...] = Field(min_length=1)
    codes: tuple[str, ...] = ()


class ProductMatch(Value):
    """`product_id` if there is a clear winner; else the candidates worth asking about (product ids, best first)."""

    product_id: int | None = None
    candidates: tuple[int, ...] = ()


def match_product(words: str, products: Sequence[ProductName]) -> ProductMatch:
    """Find what `words` mean among `products`."""
    said = plain(words)
    for exactly in (_named_by_code(said, products), _named_word_for_word(said, products)):
        if len(exactly) == 1:
            return ProductMatch(product_id=exactly.pop())
    scored = sorted(((_score(said, product), product.product_id) for product in products), reverse=True)
    is_clear = len(scored) == 1 or (len(scored) > 1 and scored[0][0] - scored[1][0] >= CLEAR_LEAD)
    if scored and scored[0][0] >= GOOD_SCORE and is_clear and _tells_goods(said):
        best = next(product for product in products if product.product_id == scored[0][1])
        if _has_all_that_was_said(said, best):
            return ProductMatch(product_id=best.product_id)
    return ProductMatch(candidates=tuple(product_id for score, product_id in scored[:3] if score >= GOOD_SCORE - 25))


def _named_by_code(said: str, products: Sequence[ProductName]) -> set[int]:
    spoken = {word for product in products for name in product.names for word in plain(name).split()}
    return {product.product_id for product in products if any(_names(code, said, spoken) for code in product.codes)}


def _names(code: str, said: str, spoken: set[str]) -> bool:
    """Whether a code stands in the text and tells goods apart.

    A measure (`25KG`), a short number, or what people say anyway (`HARINA-25` beside other flour) names nothing.
    """
    words = plain(code)
    tells = bool(_goods(words)) or re.search(r"\d{4}", words) is not None
    is_spoken = all(word in spoken for word in words.split())
    return tells and not is_spoken and f" {words} " in f" {said} "


def _named_word_for_word(said: str, products: Sequence[ProductName]) -> set[int]:
    if not _tells_goods(said):
        return set()
    return {product.product_id for product in products if said in map(plain, product.names)}


def _score(said: str, product: ProductName) -> float:
    """How well the words fit the best of a product's names. All words of the shorter side should be in the longer."""
    return max(_likeness(said, plain(name)) for name in product.names)


def _likeness(said: str, name: str) -> float:
    likeness = 0.75 * fuzz.token_set_ratio(said, name) + 0.25 * fuzz.token_sort_ratio(said, name)
    # A sack of 25 kg is not a sack of 50 kg, nor a box of 40x30x30 one of 40x30x20, however alike the words are.
    return likeness * 0.6 if _sizes_differ(_sizes(said), _sizes(name)) else likeness


def _has_all_that_was_said(said: str, product: ProductName) -> bool:
    """Whether every word for goods is in the product's names, give or take a slip, and at least half of a name was said.

    `con cáscara` is not `sin cáscara`, and `integral` is said for a reason.
    """
    known = {token for name in product.names for token in _tokens(plain(name))}
    tokens = _tokens(said)
    if not all(any(_alike(token, other) for other in known) for token in tokens):
        return False
    return any(2 * _shared(tokens, _tokens(plain(name))) >= len(_tokens(plain(name))) for name in product.names)


def _shared(tokens: Sequence[str], name: Sequence[str]) -> int:
    return sum(any(_alike(token, other) for token in tokens) for other in name)


def _tokens(words: str) -> list[str]:
    """The words for goods; what a thing is without becomes a word of its own (`sin cáscara`: `-cascara`)."""
    tokens, negated, before = [], False, ""
    for word in words.split():
        is_letter = len(word) == 1 and word in _SIZE_LETTERS and not before[:1].isdigit()
        if word in _WITHOUT:
            negated = True
        elif is_letter or _goods(word):
            tokens.append(f"-{word}" if negated else word)
            negated = False
        before = word
    return tokens


def _alike(one: str, other: str) -> bool:
    """The same word: also in the other gender (`granulado`), and in long words with a letter wrong."""
    if one.startswith("-") is not other.startswith("-"):
        return False
    if re.sub(r"[ao]$", "", one) == re.sub(r"[ao]$", "", other):
        return True
    longer = max(len(one), len(other))
    return longer >= 6 and OSA.distance(one, other) <= longer // 6


def _sizes(words: str) -> list[tuple[Decimal, str]]:
    """The numbers with their measures, in its base: 500 g is 0.5 kg. A number alone has none."""
    found = re.findall(r"(\d+(?:\.\d+)?)(?: ([a-z]+))?", words)
    known = [(Decimal(number), _MEASURES.get(unit, (Decimal(1), ""))) for number, unit in found]
    return [(number * factor, base) for number, (factor, base) in known]


def _sizes_differ(said: list[tuple[Decimal, str]], name: list[tuple[Decimal, str]]) -> bool:
    """Whether a size was said that the name, which has sizes, does not have (as often)."""
    left = list(name)
    for number, base in said:
        same = next((one for one in left if one[0] == number and (not base or not one[1] or one[1] == base)), None)
        if same is None:
            return bool(name)
        left.remove(same)
    return False


def _tells_goods(said: str) -> bool:
    """Whether a text says what is meant at all: by a word for goods, or by measures such as 40x30x20."""
    return bool(_goods(said)) or len(re.findall(r"[0-9.]+", said)) > 1


def _goods(words: str) -> list[str]:
    """The words of a plain text that can tell goods apart: no numbers, measures, packages or articles."""
    return [word for word in words.split() if word.isalpha() and len(word) > 1 and word not in _TELLS_NOTHING]


#: Measures as a factor of their base. Only one dimension is told from another; what is not here is a number alone.
_MEASURES = {
    singular(word): (Decimal(factor), base)
    for base, factor, words in (
        ("kg", "1", ("kg", "k", "kilo", "kilogramo", "quilo", "quilograma", "kilogram")),
        ("kg", "0.001", ("g", "gr", "grs", "gramo", "grama", "gram")),
        ("l", "1", ("l", "lt", "lts", "litro", "litre", "liter")),
        ("l", "0.001", ("ml", "cc")),
        ("m", "1", ("m", "mt", "metro")),
        ("m", "0.01", ("cm",)),
        ("m", "0.001", ("mm",)),
    )
    for word in words
}
#: Letters that tell sizes or types where no number stands before them: `talla S`, `M8`.
_SIZE_LETTERS = frozenset("bcdfghjklmnpqrstvwz")
_WITHOUT = frozenset(("sin", "sem", "without", "no", "non"))
_TELLS_NOTHING = frozenset(
    map(
        singular,
        (
            *("a", "al", "and", "con", "com", "cada", "da", "de", "del", "do", "e", "el", "em", "en", "for", "in", "la", "las"),
            *("los", "of", "para", "por", "the", "un", "una", "um", "uma", "with", "y"),
            *(
                "cm",
                "g",
                "gr",
                "grs",
                "gramo",
                "grama",
                "kg",
                "kgs",
                "kilo",
                "kilogramo",
                "quilo",
                "l",
                "litro",
                "lt",
                "lts",
                "m",
                "ml",
                "mm",
                "oz",
            ),
            *("lb", "t", "ton", "tonelada", "x", "unit", "unidad", "unidade", "und", "ud", "u", "pieza", "piece"),
            *("bag", "bidon", "bolsa", "botella", "box", "caja", "caixa", "envase", "fardo", "formato", "paquete", "rollo"),
            *("roll", "rolo", "saco", "sack", "tambor", "tineta"),
        ),
    )
)

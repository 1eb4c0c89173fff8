"""A clear winner or a doubt. What is guessed here is what money follows, so these try to make it guess."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.products import ProductName, match_product

FLOUR_25, FLOUR_50, SEMOLINA, SUGAR, OIL, YEAST = range(1, 7)
CATALOGUE = [
    ProductName(
        product_id=FLOUR_25, names=("Harina de trigo saco 25 kg", "Harina panadera 25 kilos"), codes=("HAR-025", "MP-H25")
    ),
    ProductName(product_id=FLOUR_50, names=("Harina de trigo saco 50 kg",), codes=("HAR-050",)),
    ProductName(product_id=SEMOLINA, names=("Sémola de maíz saco 25 kg",), codes=("SEM-025",)),
    ProductName(product_id=SUGAR, names=("Azúcar granulada bolsa 1 kg",), codes=("AZU-001",)),
    ProductName(product_id=OIL, names=("Aceite de girasol bidón 5 l",), codes=("ACE-005",)),
    ProductName(product_id=YEAST, names=("Levadura fresca 500 g",), codes=("LEV-500",)),
]


@pytest.mark.parametrize(
    ("words", "product_id"),
    [
        ("harina de trigo 25 kg", FLOUR_25),
        ("Harina de trigo saco de 50 kg", FLOUR_50),
        ("HARINA DE TRIGO, SACOS 50KG", FLOUR_50),
        ("harina panadera", FLOUR_25),
        ("semola de maiz", SEMOLINA),
        ("sémolas de maíz", SEMOLINA),
        ("azucar granulada", SUGAR),
        ("AZÚCAR GRANULADA", SUGAR),
        ("aceite de girasol", OIL),
        ("levadura fresca", YEAST),
        ("trigo harina 25 kg", FLOUR_25),
    ],
)
def test_a_clear_wording_wins(words: str, product_id: int) -> None:
    assert match_product(words, CATALOGUE).product_id == product_id


@pytest.mark.parametrize("words", ["harina de trigo", "harina", "harina de trigo saco 20 kg", "saco 25 kg"])
def test_a_doubt_is_asked_back(words: str) -> None:
    assert match_product(words, CATALOGUE).product_id is None


def test_the_candidates_of_a_doubt_are_those_it_is_between() -> None:
    assert set(match_product("harina de trigo", CATALOGUE).candidates) == {FLOUR_25, FLOUR_50}


@pytest.mark.parametrize("words", ["tornillos de acero", "", "   ", "???", "🙂", "mañana les aviso", "糖"])
def test_what_is_not_sold_is_nobodys(words: str) -> None:
    match = match_product(words, CATALOGUE)
    assert (match.product_id, match.candidates) == (None, ())


@pytest.mark.parametrize(
    ("words", "product_id"),
    [("LEV-500", YEAST), ("lev 500", YEAST), ("cotizo el MP-H25 a 10.000", FLOUR_25), ("harina HAR-050", FLOUR_50)],
)
def test_a_code_decides(words: str, product_id: int) -> None:
    assert match_product(words, CATALOGUE).product_id == product_id


def test_two_codes_do_not_decide() -> None:
    assert match_product("HAR-025 y LEV-500", CATALOGUE).product_id is None


def test_a_code_decides_against_the_words() -> None:
    assert match_product("harina de trigo SEM-025", CATALOGUE).product_id == SEMOLINA


def test_25_is_not_50_in_whatever_order_they_are_listed() -> None:
    for catalogue in (CATALOGUE, CATALOGUE[::-1]):
        assert match_product("harina de trigo saco 25 kg", catalogue).product_id == FLOUR_25
        assert match_product("harina de trigo saco 50 kg", catalogue).product_id == FLOUR_50


def test_another_size_of_the_only_product_is_a_doubt() -> None:
    only = [CATALOGUE[FLOUR_50 - 1]]
    assert match_product("harina de trigo saco 50 kg", only).product_id == FLOUR_50
    assert match_product("harina de trigo saco 25 kg", only).product_id is None


@pytest.mark.parametrize(
    ("words", "name"), [("kg", "Sémola 25 kg"), ("de", "Harina de trigo"), ("saco 25 kg", "Sémola saco 25 kg")]
)
def test_a_word_that_names_no_goods_wins_nothing(words: str, name: str) -> None:
    assert match_product(words, [ProductName(product_id=1, names=(name,))]).product_id is None


@pytest.mark.parametrize("code", ["--", " ", "糖", "25KG", "25"])
def test_a_code_without_letters_or_digits_of_ours_names_nothing(code: str) -> None:
    odd = ProductName(product_id=9, names=("Tornillo",), codes=(code,))
    assert match_product("azúcar granulada", [*CATALOGUE, odd]).product_id == SUGAR


names = st.lists(st.text(max_size=20) | st.sampled_from([p.names[0] for p in CATALOGUE]), min_size=1, max_size=3).map(tuple)
products = st.builds(
    ProductName, product_id=st.integers(1, 5), names=names, codes=st.lists(st.text(max_size=6), max_size=2).map(tuple)
)


@settings(deadline=None)
@given(st.text(max_size=60) | st.sampled_from([p.names[0] for p in CATALOGUE]), st.lists(products, max_size=6))
def test_it_never_raises_and_names_only_what_is_sold(words: str, sold: list[ProductName]) -> None:
    match = match_product(words, sold)
    known = {product.product_id for product in sold}
    assert match.product_id is None or match.product_id in known
    assert set(match.candidates) <= known
    assert match.product_id is None or match.candidates == ()


@given(st.permutations(CATALOGUE), st.sampled_from(["harina de trigo 25 kg", "semola", "harina", "azucar granulada", "saco"]))
def test_the_order_of_the_list_decides_nothing(catalogue: list[ProductName], words: str) -> None:
    assert match_product(words, catalogue).product_id == match_product(words, CATALOGUE).product_id


@pytest.mark.parametrize(
    ("words", "sold", "meant"),
    [
        # Of all that was said, nothing may be left over.
        ("harina sin gluten 25 kg", ["Harina de trigo 25 kg"], None),
        ("azucar rubia", ["Azúcar granulada 1 kg"], None),
        ("aceite de oliva 5 l", ["Aceite de maravilla 5 L"], None),
        ("vino tinto", ["Vino blanco"], None),
        ("no tenemos harina panadera", ["Harina panadera 25 kg"], None),
        # With is not without.
        ("nueces con cáscara", ["Nueces sin cáscara"], None),
        ("nueces sin cascara", ["Nuez sin cáscara", "Nuez con cáscara"], 0),
        ("nueces con cascara", ["Nuez sin cáscara", "Nuez con cáscara"], 1),
        ("leche sin lactosa 1 L", ["Leche entera 1 L", "Leche sin lactosa 1 L"], 1),
        ("leche 1 L", ["Leche entera 1 L", "Leche sin lactosa 1 L"], None),
        # Sizes, in whatever measure.
        ("caja 40x30x30", ["Caja 40x30x20"], None),
        ("caja 40x30x20", ["Caja 40x30x20", "Caja 40x30x30"], 0),
        ("film stretch 30 cm", ["Film stretch manual 50 cm"], None),
        ("aceite 500 ml", ["Aceite 500 L"], None),
        ("sal 0,5 kg", ["Sal 5 kg"], None),
        ("etiqueta 100x70 rollo 1000", ["Etiqueta térmica 100x70, rollo 1.000"], 0),
        ("guantes talla S", ["Guantes talla L"], None),
        ("guantes talla M", ["Guantes talla L", "Guantes talla M"], 1),
        ("tornillo M8", ["Tornillo M6"], None),
        ("pernos 1/2", ["Pernos 1/4"], None),
        # Words alike that mean other goods, and slips that do not.
        ("maní", ["Maíz"], None),
        ("pasta rubia", ["Pasa rubia jumbo"], None),
        ("pollo", ["Polvo"], None),
        ("arina panadera", ["Harina panadera 25 kg", "Harina integral 25 kg"], 0),
        ("azucar granulado", ["Azúcar granulada"], 0),
        ("nuez mariposa extra light", ["Nueces mariposa extra light"], 0),
        # A name word for word wins over a longer one.
        ("harina integral 25 kg", ["Harina integral 25 kg", "Harina integral orgánica 25 kg"], 0),
        ("harina integral", ["Harina integral 25 kg", "Harina integral orgánica 25 kg"], None),
        ("yogurt light", ["Yogurt extra light", "Yogurt light"], 1),
        ("duplicado x", ["Duplicado x", "Duplicado x"], None),
        # Too little said of a long name.
        ("harina", ["Harina de trigo sin polvos 25 kg"], None),
    ],
)
def test_near_misses_win_nothing(words: str, sold: list[str], meant: int | None) -> None:
    for listed in (list(enumerate(sold)), list(enumerate(sold))[::-1]):
        match = match_product(words, [ProductName(product_id=number, names=(name,)) for number, name in listed])
        assert match.product_id == meant


@pytest.mark.parametrize("code", ["HARINA", "HARINA-25", "25"])
def test_a_code_that_people_say_anyway_decides_nothing(code: str) -> None:
    white = ProductName(product_id=1, names=("Harina blanca 25 kg",), codes=(code,))
    brown = ProductName(product_id=2, names=("Harina integral 25 kg",))
    assert match_product("harina 25 kg integral", [white, brown]).product_id == 2


def test_the_name_of_a_past_order_finds_it_too() -> None:
    known = ProductName(product_id=1, names=("Azúcar granulada bolsa 1 kg", "Endulzante de caña"))
    assert match_product("endulzante de caña", [known, *CATALOGUE[:3]]).product_id == 1

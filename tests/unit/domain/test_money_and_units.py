"""Money and units beside each other: what is known converts, what is not known is never guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.goods import Product, ProductUnit
from domain.money import convert, net_of, within_limit
from domain.units import convert_price, convert_quantity, is_measure, same_unit
from domain.wording import plain

RATES = {"CLP": Decimal(1), "USD": Decimal(900), "CLF": Decimal(40_000), "BAD": Decimal(0), "WORSE": Decimal(-1)}
WATER = Product(
    product_id=1,
    name="Agua 1,5 L",
    unit="Caja x 12",
    base_unit="Unidades",
    units=(
        ProductUnit(name="Unidades", factor=Decimal(1)),
        ProductUnit(name="Caja x 12", factor=Decimal(12)),
        ProductUnit(name="Docena", factor=Decimal(12)),
    ),
)
BOX = Product(product_id=2, name="Caja de cartón", unit="Unidades")


@pytest.mark.parametrize(
    ("amount", "currency", "into", "expected"),
    [
        ("1.5", "CLF", "CLP", "60000"),
        ("1800", "CLP", "USD", "2"),
        ("45", "CLF", "USD", "2000"),
        ("7", "EUR", "EUR", "7"),
        ("7", "EUR", "CLP", None),
        ("7", "CLP", "EUR", None),
        ("7", "BAD", "CLP", None),
        ("7", "CLP", "WORSE", None),
    ],
)
def test_currencies(amount: str, currency: str, into: str, expected: str | None) -> None:
    assert convert(Decimal(amount), currency, into, rates=RATES) == (None if expected is None else Decimal(expected))


def test_net_of_tax() -> None:
    assert net_of(Decimal(11_900), tax_rate=Decimal("0.19")) == Decimal(10_000)
    assert net_of(Decimal(10), tax_rate=Decimal(0)) == Decimal(10)


@pytest.mark.parametrize(
    ("amount", "currency", "limits", "within"),
    [
        ("10", "CLP", {"CLP": 10}, True),
        ("10.01", "CLP", {"CLP": 10}, False),
        ("1", "CLF", {"CLP": 40_000}, True),
        ("1.0001", "CLF", {"CLP": 40_000}, False),
        ("1", "CLF", {"CLP": 40_000, "USD": 44}, False),
        ("1", "CLF", {"CLP": 40_000, "EUR": 1}, True),
        ("1", "EUR", {"CLP": 40_000}, False),
        ("0", "CLP", {}, False),
    ],
)
def test_limits_of_several_currencies(amount: str, currency: str, limits: dict[str, int], within: bool) -> None:
    given_limits = {name: Decimal(limit) for name, limit in limits.items()}
    assert within_limit(Decimal(amount), currency, limits=given_limits, rates=RATES) is within


@pytest.mark.parametrize(
    ("said", "into", "quantity"),
    [
        ("Caja x 12", "Unidades", "24"),
        ("docenas", "Caja x 12", "2"),
        ("unidades", "Docena", "0.1666666666666666666666666667"),
        ("pieces", "Unidades", "2"),
        (None, "Caja x 12", "2"),
        # Whether a mere box is the box of twelve, nobody said.
        ("cajas", "Caja x 12", None),
        ("cajas", "Unidades", None),
        ("kg", "Unidades", None),
        ("pallet", "Caja x 12", None),
    ],
)
def test_units_of_a_product(said: str | None, into: str, quantity: str | None) -> None:
    converted = convert_quantity(Decimal(2), said, into, product=WATER)
    assert converted == (None if quantity is None else Decimal(quantity))
    assert (convert_price(Decimal(2), said, into, product=WATER) is None) is (quantity is None)


def test_a_price_goes_the_other_way() -> None:
    assert convert_price(Decimal(12), "Caja x 12", "Unidades", product=WATER) == 1
    assert convert_price(Decimal(1), "Unidades", "docena", product=WATER) == 12


def test_a_package_is_one_of_what_is_counted_where_no_other_package_is_known() -> None:
    assert convert_quantity(Decimal(500), "cajas", "Unidades", product=BOX) == 500
    assert convert_quantity(Decimal(5), "docenas", "Unidades", product=BOX) is None


@given(
    st.decimals(min_value=Decimal("0.01"), max_value=10**6, places=2),
    st.decimals(min_value=Decimal("0.01"), max_value=10**6, places=2),
    st.sampled_from(["Caja x 12", "Docena", "Unidades"]),
    st.sampled_from(["Caja x 12", "Docena", "Unidades"]),
)
def test_what_is_paid_in_all_does_not_depend_on_the_unit(quantity: Decimal, price: Decimal, one: str, other: str) -> None:
    converted = convert_quantity(quantity, one, other, product=WATER), convert_price(price, one, other, product=WATER)
    assert converted[0] is not None
    assert converted[1] is not None
    assert abs(converted[0] * converted[1] - quantity * price) < Decimal("0.0001")


@pytest.mark.parametrize(
    ("said", "unit", "same"),
    [
        (None, "kg", True),
        ("", "kg", True),
        ("KG", "kg", True),
        ("quilos", "kilogramo", True),
        ("Unidades", "Units", True),
        ("Units", "Unidad", True),
        ("boxes", "box", True),
        ("cajones", "cajón", True),
        ("sacos", "saco", True),
        ("saco", "Unidad", True),
        ("kg", "saco", False),
        ("unidad", "kg", False),
        ("caja", "saco", False),
        ("kg", "Unidad", False),
        ("docena", "Unidad", False),
        ("pallets", "Units", False),
        ("pares", "Unidad", False),
        ("🙂", "Unidad", False),
    ],
)
def test_units_as_worded(said: str | None, unit: str, same: bool) -> None:
    assert same_unit(said, unit) is same


def test_what_is_weighed() -> None:
    assert is_measure("Kg")
    assert is_measure("Litros")
    assert not is_measure("Saco")
    assert not is_measure("Docena")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sémolas (25 Kg)", "semola 25 kg"),
        ("nueces", "nuez"),
        ("cajones", "cajón"),
        ("rollo 1.000", "ROLLO 1000"),
        ("12,500 pcs", "12500 pcs"),
        ("25kg", "25 kg"),
    ],
)
def test_wordings_that_are_one(one: str, other: str) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize(("one", "other"), [("maní", "maíz"), ("0,500 kg", "500 kg"), ("1.5 l", "15 l"), ("1.000,5", "1000")])
def test_wordings_that_are_two(one: str, other: str) -> None:
    assert plain(one) != plain(other)

from decimal import Decimal

import pytest

from graphs.reading.offline.money import prices
from graphs.reading.offline.text import fold


@pytest.mark.parametrize(
    ("text", "language", "amount", "currency", "unit"),
    [
        ("$18.500 el saco", "es", "18500", "CLP", "saco"),
        ("a 390 pesos la unidad", "es", "390", "CLP", "unidad"),
        ("68 lucas la caja", "es", "68000", "CLP", "caja"),
        ("34 lucas y media la caja", "es", "34500", "CLP", "caja"),
        ("$36.800 c/u + IVA", "es", "36800", "CLP", "unidad"),
        ("4,5 UF mensuales + IVA", "es", "4.5", "CLF", "mes"),
        ("2,85 UF por visita", "es", "2.85", "CLF", "visita"),
        ("US$ 158,00 a caixa", "pt", "158", "USD", "caixa"),
        ("R$ 512,40", "pt", "512.40", "BRL", None),
        ("USD 99.50 per bag", "en", "99.50", "USD", "bag"),
        ("7.10 usd/kg", "en", "7.10", "USD", "kg"),
        ("$42.50 each", "en", "42.50", "USD", "unit"),
        ("CLP 18,990", "en", "18990", "CLP", None),
        ("5.890 la bandeja", "es", "5890", None, "bandeja"),
        ("15 mil pesos", "es", "15000", "CLP", None),
        ("€ 3,5 por kilo", "es", "3.5", "EUR", "kg"),
        ("15 bidones a 24.500 para el viernes", "es", "24500", None, None),
        ("el precio correcto es 25.100", "es", "25100", None, None),
    ],
)
def test_prices(text: str, language: str, amount: str, currency: str | None, unit: str | None) -> None:
    (price,) = prices(fold(text), language=language)
    assert (price.amount, price.currency, price.unit) == (Decimal(amount), currency, unit)


@pytest.mark.parametrize("text", ["factura 4521", "guía 8821", "40 sacos", "el viernes 4", "P00045", "caja de 24"])
def test_other_numbers_are_no_prices(text: str) -> None:
    assert prices(fold(text), language="es") == []

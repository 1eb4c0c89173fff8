from decimal import Decimal

import pytest

from graphs.reading.offline.numbers import parse_number, spell_out


@pytest.mark.parametrize(
    ("span", "language", "whole_money", "value"),
    [
        ("18.990", "es", False, "18990"),
        ("18.990", "pt", False, "18990"),
        ("1.250,50", "es", False, "1250.50"),
        ("1.250.000", "es", False, "1250000"),
        ("22,68", "pt", False, "22.68"),
        ("4,5", "es", False, "4.5"),
        ("1,250.50", "en", False, "1250.50"),
        ("1,250", "en", False, "1250"),
        ("42.50", "en", False, "42.50"),
        ("1.250", "en", False, "1.250"),
        ("18.990", "en", True, "18990"),
        ("12,500", "es", True, "12500"),
        ("1,250.00", "es", False, "1250.00"),
        ("0.125", "es", False, "0.125"),
        ("158,00", "pt", False, "158.00"),
        ("40", "es", False, "40"),
    ],
)
def test_numbers_are_read_as_their_writer_means_them(span: str, language: str, whole_money: bool, value: str) -> None:
    assert parse_number(span, language=language, whole_money=whole_money) == Decimal(value)


@pytest.mark.parametrize("span", ["1.25.000", "12,34,5", "1.2345,6.7"])
def test_a_broken_grouping_is_no_number(span: str) -> None:
    assert parse_number(span, language="es") is None


@pytest.mark.parametrize(
    ("text", "language", "written"),
    [
        ("sesenta y ocho lucas", "es", "68 lucas"),
        ("dieciocho mil novecientos noventa", "es", "18990"),
        ("la orden sesenta y uno la de los quesos", "es", "la orden 61 la de los quesos"),
        ("un millón doscientos mil", "es", "1200000"),
        ("two hundred and fifty boxes", "en", "250 boxes"),
        ("one hundred twenty-five", "en", "125"),
        ("vinte e cinco caixas", "pt", "25 caixas"),
        ("duzentos e dez reais", "pt", "210 reais"),
    ],
)
def test_spoken_numbers_become_digits(text: str, language: str, written: str) -> None:
    assert spell_out(text, language=language)[0] == written


@pytest.mark.parametrize(
    ("text", "language"),
    [("mil gracias", "es"), ("una caja", "es"), ("this one", "en"), ("once you pay", "en"), ("um abraço", "pt")],
)
def test_articles_and_thanks_are_no_numbers(text: str, language: str) -> None:
    assert spell_out(text, language=language)[0] == text

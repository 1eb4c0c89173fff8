from datetime import date

import pytest

from graphs.reading.offline.dates import dates
from graphs.reading.offline.text import fold

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("el viernes", "es", date(2026, 11, 27)),
        ("el viernes 4", "es", date(2026, 12, 4)),
        ("mañana en la mañana", "es", date(2026, 11, 24)),
        ("pasado mañana", "es", date(2026, 11, 25)),
        ("hoy", "es", MONDAY),
        ("sábado 5 de diciembre", "es", date(2026, 12, 5)),
        ("30/11", "es", date(2026, 11, 30)),
        ("el 2", "es", date(2026, 12, 2)),
        ("dia 28/12", "pt", date(2026, 12, 28)),
        ("amanhã", "pt", date(2026, 11, 24)),
        ("sexta-feira", "pt", date(2026, 11, 27)),
        ("28 December", "en", date(2026, 12, 28)),
        ("December 18.", "en", date(2026, 12, 18)),
        ("Dec 18th", "en", date(2026, 12, 18)),
        ("12/28", "en", date(2026, 12, 28)),
        ("28/12", "en", date(2026, 12, 28)),
        ("01/12/2027", "en", date(2027, 1, 12)),
        ("on the 15th", "en", date(2026, 12, 15)),
        ("tomorrow", "en", date(2026, 11, 24)),
        ("en 3 días", "es", date(2026, 11, 26)),
        ("el martes de la próxima semana", "es", date(2026, 12, 1)),
        ("5 de enero", "es", date(2027, 1, 5)),
        ("29 de febrero de 2028", "es", date(2028, 2, 29)),
        ("2026-12-01", "es", date(2026, 12, 1)),
    ],
)
def test_a_day_is_resolved_against_today(text: str, language: str, day: date) -> None:
    assert [mention.day for mention in dates(fold(text), today=MONDAY, language=language)] == [day]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("la 2da quincena de dic", "es"),
        ("la próxima semana", "es"),
        ("entre el 3 y el 5", "es"),
        ("fines de mes", "es"),
        ("viernes 5 de diciembre", "es"),  # the 5th is a Saturday
        ("31/02", "es"),
        ("02/03/2027", "en"),  # 2 March and 3 February are both likely
    ],
)
def test_a_range_or_an_impossible_day_is_found_and_is_no_day(text: str, language: str) -> None:
    found = dates(fold(text), today=MONDAY, language=language)
    assert found
    assert all(mention.day is None for mention in found)


@pytest.mark.parametrize("text", ["camión blanco 3/4", "en la mañana", "caja de 24", "25 kg", "segunda calidad", "a las 10"])
def test_what_is_no_date(text: str) -> None:
    assert dates(fold(text), today=MONDAY, language="es") == []


def test_a_year_is_never_taken_from_a_quantity() -> None:
    (mention,) = dates(fold("25 de noviembre, 20 cajas"), today=MONDAY, language="es")
    assert mention.day == date(2026, 11, 25)


def test_next_friday_on_a_monday_could_be_two_days() -> None:
    assert [m.day for m in dates("next friday", today=MONDAY, language="en")] == [None]
    thursday = date(2026, 11, 26)
    assert [m.day for m in dates("next tuesday", today=thursday, language="en")] == [date(2026, 12, 1)]

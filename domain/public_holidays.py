"""Public holidays by country, from the `holidays` library: elections and holidays that move to a Monday included.

A country's holidays are read from the library's files when they are first asked for, and kept: whoever sets a country asks
once, early (`PolicyLimits` does), so that no event loop waits for a disk later.
"""

from collections.abc import Collection
from datetime import date
from functools import cache

from holidays import HolidayBase, country_holidays, list_supported_countries


def holiday_name(day: date, *, country: str) -> str | None:
    """The holiday's name in the country's language; None on any other day. Raises `ValueError` for an unknown country."""
    name: str | None = _holidays_of(country).get(day)
    return name


def known_countries() -> Collection[str]:
    """The ISO 3166 codes whose holidays are known."""
    return list_supported_countries().keys()


@cache
def _holidays_of(country: str) -> HolidayBase:
    if country not in known_countries():
        raise ValueError(f"{country!r} is no country whose holidays are known, such as CL")
    return country_holidays(country)

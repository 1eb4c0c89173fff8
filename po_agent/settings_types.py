"""How the texts of the environment become values. Each raises `ValueError` with what to write instead."""

from datetime import time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from domain.public_holidays import known_countries

_DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg", "sqlite": "sqlite+aiosqlite"}


def sqlalchemy_url(url: str) -> str:
    """Any accepted form of a database's address as SQLAlchemy's, with the asynchronous driver we use."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # What SQLAlchemy says quotes the address, password and all.
        raise ValueError("write it as postgresql://user:password@host/database or sqlite:///file") from None
    driver = _DRIVERS.get(parsed.drivername, parsed.drivername)
    if driver not in _DRIVERS.values():
        raise ValueError("only postgresql:// and sqlite:/// are supported")
    if driver == _DRIVERS["sqlite"] and parsed.database not in (None, "", ":memory:"):
        # The server works in a folder of its own: there, a relative path would be another file.
        parsed = parsed.set(database=str(Path(str(parsed.database)).absolute()))
    return parsed.set(drivername=driver).render_as_string(hide_password=False)


def _http(url: str) -> str:
    problem = "write it as https://host or http://host:port"
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # reading it checks it
    except ValueError:
        raise ValueError(problem) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or any(character.isspace() for character in url):
        raise ValueError(problem)
    return url.rstrip("/")


def _listed(text: object) -> object:
    return [part.strip() for part in text.split(",") if part.strip()] if isinstance(text, str) else text


def _limits(text: object) -> object:
    if not isinstance(text, str):
        return text
    limits = {}
    for part in text.split(","):
        currency, _, amount = (piece.strip() for piece in part.partition(":"))
        try:
            limit = Decimal(amount)
        except InvalidOperation:
            limit = Decimal("NaN")
        if not (len(currency) == 3 and currency.isalpha() and limit.is_finite() and limit >= 0):
            raise ValueError("write it as CLP:2000000,USD:2500")
        limits[currency.upper()] = limit
    return limits


def _hours(text: object) -> object:
    if not isinstance(text, str):
        return text
    begin, _, end = (part.strip() for part in text.partition("-"))
    try:
        hours = time.fromisoformat(begin), time.fromisoformat(end)
    except ValueError:
        raise ValueError("write it as 20:00-08:00") from None
    if any(hour.tzinfo for hour in hours):
        raise ValueError("write it without a time zone, as 20:00-08:00")
    return hours


def _country(code: str) -> str:
    if code not in known_countries():
        raise ValueError("it is no country whose holidays are known, such as CL")
    return code


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError("it is no time zone such as America/Santiago") from None
    return name


def _lower(text: object) -> object:
    return text.strip().lower() if isinstance(text, str) else text


def _upper(text: object) -> object:
    return text.strip().upper() if isinstance(text, str) else text


HttpUrl = Annotated[str, AfterValidator(_http)]
DatabaseUrl = Annotated[str, AfterValidator(sqlalchemy_url)]
Secrets = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_listed)]
Ids = Annotated[frozenset[Annotated[int, Field(ge=1)]], NoDecode, BeforeValidator(_listed)]
#: `CLP:2000000,USD:2500` as a mapping.
Limits = Annotated[dict[str, Decimal], NoDecode, BeforeValidator(_limits)]
#: `20:00-08:00` as a pair of times.
Hours = Annotated[tuple[time, time], NoDecode, BeforeValidator(_hours)]
#: `1,2,3,4,5`: ISO days of the week, Monday is 1.
Weekdays = Annotated[tuple[Annotated[int, Field(ge=1, le=7)], ...], NoDecode, BeforeValidator(_listed), Field(min_length=1)]
Country = Annotated[str, BeforeValidator(_upper), AfterValidator(_country)]
TimeZone = Annotated[str, AfterValidator(_zone)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
#: For choices of words, written in any case.
AsLower = BeforeValidator(_lower)
AsUpper = BeforeValidator(_upper)

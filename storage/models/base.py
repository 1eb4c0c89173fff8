"""What every table shares: its schema, column types that mean the same on Postgres and SQLite, and constraint names.

Constraint names are fixed by a convention because migrations must be able to drop them by name, and because repositories
tell one broken rule from another by it.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

#: The schema on Postgres. SQLite has none: `storage.engine` translates it away.
SCHEMA = "communication"


def utc_now() -> datetime:
    """The present, aware. Times come from the program and not from the database so that both databases order them alike."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time. SQLite forgets time zones, so they are put back on reading; a naive value is a programming error."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Raise `ValueError` for a time without a zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"a time without a zone was given: {value!r}")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Always aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: JSONB on Postgres, text on SQLite. None is stored as SQL NULL: "nothing was stored" must be a thing SQL can ask for.
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

#: SQLite numbers rows by itself only in a column of type INTEGER.
RowId = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """The registry of all tables."""

    metadata = MetaData(
        schema=SCHEMA,
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        },
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger,
        datetime: UtcDateTime,
        dict[str, Any]: Json,
        list[Any]: Json,
    }


def one_of(column: str, values: object) -> str:
    """The SQL of a check that `column` holds one of an enumeration's values."""
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"  # type: ignore[attr-defined]

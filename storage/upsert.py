"""`INSERT … ON CONFLICT` for whichever database this is: both know it, SQLAlchemy spells it twice."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Base


def insert_into(session: AsyncSession, table: type[Base]) -> Any:
    """An `insert()` that has `on_conflict_do_nothing` and `on_conflict_do_update`."""
    on_postgres = session.get_bind().dialect.name == "postgresql"
    return postgresql.insert(table) if on_postgres else sqlite.insert(table)

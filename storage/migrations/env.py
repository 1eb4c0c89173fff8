"""Alembic's entry point. The connection is handed in by `storage.migrate`; there is no alembic.ini and no offline mode."""

from alembic import context

import storage.models  # noqa: F401  (registers the tables)
from storage.models.base import SCHEMA, Base

connection = context.config.attributes["connection"]
is_postgres = connection.dialect.name == "postgresql"


def is_ours(name: str | None, kind: str, parents: object) -> bool:
    """Only our schema is compared with the models: LangGraph's checkpoint tables live beside it."""
    return kind != "schema" or name == (SCHEMA if is_postgres else None)


context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    include_schemas=is_postgres,
    include_name=is_ours,
    render_as_batch=not is_postgres,
)
with context.begin_transaction():
    context.run_migrations()

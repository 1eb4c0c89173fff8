"""Migrations go up, down and up again on both databases, and no row is lost on the way."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError

from storage import migrate
from storage.engine import Database
from storage.messages import Messages
from storage.models import AuditEvent, Base, Message
from tests.integration.storage.scenes import a_conversation, an_inbound


async def test_down_and_up_again_loses_no_row(database_url: str) -> None:
    database = Database(database_url)
    async with database.session() as session:
        conversation = await a_conversation(session)
        stored = await Messages(session).add_once(an_inbound(conversation, chatwoot_message_id=1))
        session.add(AuditEvent(actor="test", action="kept", entity="message", entity_id=str(stored)))
    await database.close()

    migrate.downgrade(database_url)
    assert migrate.current_revision(database_url) is None
    migrate.upgrade(database_url)
    assert migrate.current_revision(database_url) == migrate.head_revision()

    database = Database(database_url)
    async with database.session() as session:
        message = await session.get_one(Message, stored)
        assert message.content == "Hola"
        # The sequences came back too: the next row gets a number of its own.
        assert await Messages(session).add_once(an_inbound(conversation, chatwoot_message_id=2)) > stored
    await database.close()


async def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    migrate.upgrade(database_url)
    assert migrate.current_revision(database_url) == migrate.head_revision()


async def test_the_tables_are_those_of_the_models(postgres_url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def ours(name: str | None, kind: str, _: object) -> bool:
        return kind != "schema" or name == "communication"

    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_schemas": True, "include_name": ours})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


@pytest.mark.parametrize("change", ["UPDATE {table} SET actor = 'x'", "DELETE FROM {table}"])
async def test_the_audit_cannot_be_changed(database_url: str, change: str) -> None:
    database = Database(database_url)
    async with database.session() as session:
        session.add(AuditEvent(actor="test", action="kept", entity="message", entity_id="1"))
    table = "audit_event" if database.is_sqlite else "communication.audit_event"
    with pytest.raises(DatabaseError, match="append only"):
        async with database.session() as session:
            await session.execute(text(change.format(table=table)))
    async with database.session() as session:
        assert await session.scalar(text(f"SELECT actor FROM {table}")) == "test"
    await database.close()

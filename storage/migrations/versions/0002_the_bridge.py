"""What the bridge must remember: Chatwoot's state, files, pauses, unknown outcomes, duplicates, decisions.

The way down takes nothing away: the program of 0001 does not look at what was added, so columns and tables stay with what
they hold, and the way up adds only what is missing.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "communication"

INTEGER = sa.BigInteger()
TEXT = sa.String()
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

COLUMNS: dict[str, dict[str, Any]] = {
    "contact_point": {"looked_up_at": TIME},
    "message": {"outcome_unknown_at": TIME, "sent_at": TIME, "duplicates": JSON, "template": TEXT},
    "turn": {"usage": JSON, "trace": TEXT},
    "approval": {"decision": JSON},
}


def upgrade() -> None:
    """Add what is not there."""
    inspector = sa.inspect(op.get_bind())
    schema = SCHEMA if op.get_bind().dialect.name == "postgresql" else None
    for table, columns in COLUMNS.items():
        present = {column["name"] for column in inspector.get_columns(table, schema=schema)}
        for name, kind in columns.items():
            if name not in present:
                op.add_column(table, sa.Column(name, kind, nullable=True), schema=schema)
    if "pause" not in inspector.get_table_names(schema=schema):
        create_tables(schema)


def downgrade() -> None:
    """Nothing: see the top."""


def create_tables(schema: str | None) -> None:
    """The three new ones."""
    within = f"{schema}." if schema else ""
    op.create_table(
        "chatwoot_conversation",
        sa.Column("account_id", INTEGER, nullable=False, autoincrement=False),
        sa.Column("chatwoot_conversation_id", INTEGER, nullable=False, autoincrement=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("inbox_id", INTEGER, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("assignee_type", TEXT, nullable=True),
        sa.Column("assignee_id", INTEGER, nullable=True),
        sa.Column("changed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "chatwoot_conversation_id", name="pk_chatwoot_conversation"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            [f"{within}conversation.id"],
            name="fk_chatwoot_conversation_conversation_id",
            ondelete="SET NULL",
        ),
        schema=schema,
    )
    op.create_index("ix_chatwoot_conversation_conversation_id", "chatwoot_conversation", ["conversation_id"], schema=schema)
    op.create_table(
        "attachment_file",
        sa.Column("message_id", INTEGER, nullable=False),
        sa.Column("number", INTEGER, nullable=False, autoincrement=False),
        sa.Column("media_type", TEXT, nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("failure", TEXT, nullable=True),
        sa.Column("fetched_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "number", name="pk_attachment_file"),
        sa.ForeignKeyConstraint(
            ["message_id"], [f"{within}message.id"], name="fk_attachment_file_message_id", ondelete="CASCADE"
        ),
        sa.CheckConstraint("(content IS NULL) <> (failure IS NULL)", name="ck_attachment_file_content_or_failure"),
        schema=schema,
    )
    op.create_table(
        "pause",
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("scope", name="pk_pause"),
        schema=schema,
    )

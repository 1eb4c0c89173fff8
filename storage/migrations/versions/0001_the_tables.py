"""The tables of the design, and the trigger that keeps the audit append only.

The way down drops nothing. Messages and orders are commitments, so `downgrade` sets the tables aside (another schema on
Postgres, other names on SQLite) and `upgrade` takes them back with their rows.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "communication"
SET_ASIDE = "communication_set_aside"
TABLES = (
    "audit_event",
    "supplier",
    "webhook_set_aside",
    "contact_point",
    "conversation",
    "order_record",
    "turn",
    "approval",
    "message",
    "operation",
)

INTEGER = sa.BigInteger()
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.String()
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Create the tables, or take back what `downgrade` set aside."""
    if not take_back():
        if is_postgres():
            op.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        create_tables()
        make_audit_append_only()


def downgrade() -> None:
    """Set the tables aside, rows and all."""
    if is_postgres():
        op.execute(f"ALTER SCHEMA {SCHEMA} RENAME TO {SET_ASIDE}")
    else:
        for table in TABLES:
            op.rename_table(table, f"{SET_ASIDE}_{table}")


def take_back() -> bool:
    """Bring back tables that were set aside; False if there are none."""
    inspector = sa.inspect(op.get_bind())
    if is_postgres():
        if SET_ASIDE not in inspector.get_schema_names():
            return False
        op.execute(f"ALTER SCHEMA {SET_ASIDE} RENAME TO {SCHEMA}")
        return True
    if f"{SET_ASIDE}_{TABLES[0]}" not in inspector.get_table_names():
        return False
    for table in TABLES:
        op.rename_table(f"{SET_ASIDE}_{table}", table)
    return True


def make_audit_append_only() -> None:
    """Refuse every change of what was audited, whoever asks."""
    if is_postgres():
        op.execute(
            f"CREATE FUNCTION {SCHEMA}.refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'audit_event is append only'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {SCHEMA}.audit_event "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.refuse_change()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_event_no_{change.lower()} BEFORE {change} ON audit_event "
            "BEGIN SELECT RAISE(ABORT, 'audit_event is append only'); END"
        )


def is_postgres() -> bool:
    """Whether this runs on Postgres (else on SQLite)."""
    return op.get_bind().dialect.name == "postgresql"


def only_where(condition: str) -> dict[str, Any]:
    """A partial index on both databases."""
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}


def create_tables() -> None:
    """Everything, in the order that foreign keys ask for."""
    op.create_table(
        "audit_event",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("entity", TEXT, nullable=False),
        sa.Column("entity_id", TEXT, nullable=False),
        sa.Column("before", JSON, nullable=True),
        sa.Column("after", JSON, nullable=True),
        sa.Column("turn_id", INTEGER, nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
        schema=SCHEMA,
    )
    op.create_index(
        op.f("ix_audit_event_entity_entity_id"), "audit_event", ["entity", "entity_id"], unique=False, schema=SCHEMA
    )
    op.create_table(
        "supplier",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("odoo_partner_id", INTEGER, nullable=True),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("mode", TEXT, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier")),
        sa.UniqueConstraint("odoo_partner_id", name=op.f("uq_supplier_odoo_partner_id")),
        schema=SCHEMA,
    )
    op.create_table(
        "webhook_set_aside",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_set_aside")),
        sa.UniqueConstraint("digest", name=op.f("uq_webhook_set_aside_digest")),
        schema=SCHEMA,
    )
    op.create_table(
        "contact_point",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("account_id", INTEGER, nullable=False),
        sa.Column("user_identifier", TEXT, nullable=False),
        sa.Column("chatwoot_contact_id", INTEGER, nullable=True),
        sa.Column("chatwoot_inbox_id", INTEGER, nullable=True),
        sa.Column("phone", TEXT, nullable=True),
        sa.Column("email", TEXT, nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("last_inbound_at", TIME, nullable=True),
        sa.CheckConstraint("channel IN ('whatsapp', 'email', 'web', 'api', 'sdk')", name=op.f("ck_contact_point_channel")),
        sa.ForeignKeyConstraint(["supplier_id"], [f"{SCHEMA}.supplier.id"], name=op.f("fk_contact_point_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_point")),
        sa.UniqueConstraint(
            "channel", "account_id", "user_identifier", name=op.f("uq_contact_point_channel_account_id_user_identifier")
        ),
        schema=SCHEMA,
    )
    op.create_index(
        op.f("ix_contact_point_account_id_chatwoot_contact_id"),
        "contact_point",
        ["account_id", "chatwoot_contact_id"],
        unique=False,
        schema=SCHEMA,
    )
    op.create_index(op.f("ix_contact_point_supplier_id"), "contact_point", ["supplier_id"], unique=False, schema=SCHEMA)
    op.create_table(
        "conversation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("handled_by", TEXT, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("end_reason", TEXT, nullable=True),
        sa.CheckConstraint("handled_by IN ('bot', 'person')", name=op.f("ck_conversation_handled_by")),
        sa.CheckConstraint("is_active = (ended_at IS NULL)", name=op.f("ck_conversation_active_until_ended")),
        sa.ForeignKeyConstraint(["supplier_id"], [f"{SCHEMA}.supplier.id"], name=op.f("fk_conversation_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("thread_id", name=op.f("uq_conversation_thread_id")),
        schema=SCHEMA,
    )
    op.create_index(
        "uq_conversation_active_supplier",
        "conversation",
        ["supplier_id"],
        unique=True,
        schema=SCHEMA,
        **only_where("is_active"),
    )
    op.create_table(
        "order_record",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("odoo_id", INTEGER, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("opened_by", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("amount_total", sa.Numeric(precision=18, scale=4), nullable=False),
        sa.Column("lines", JSON, nullable=False),
        sa.Column("agreed_date", sa.Date(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.CheckConstraint("opened_by IN ('agent', 'person')", name=op.f("ck_order_record_opened_by")),
        sa.CheckConstraint(
            "state IN ('draft', 'sent', 'to_approve', 'confirmed', 'received', 'billed', 'cancelled')",
            name=op.f("ck_order_record_state"),
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            [f"{SCHEMA}.conversation.id"],
            name=op.f("fk_order_record_conversation_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["supplier_id"], [f"{SCHEMA}.supplier.id"], name=op.f("fk_order_record_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_record")),
        sa.UniqueConstraint("odoo_id", name=op.f("uq_order_record_odoo_id")),
        schema=SCHEMA,
    )
    op.create_index(op.f("ix_order_record_supplier_id_id"), "order_record", ["supplier_id", "id"], unique=False, schema=SCHEMA)
    op.create_index(
        "uq_order_record_active_supplier",
        "order_record",
        ["supplier_id"],
        unique=True,
        schema=SCHEMA,
        **only_where("opened_by = 'agent' AND state IN ('confirmed', 'draft', 'sent', 'to_approve')"),
    )
    op.create_table(
        "turn",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", INTEGER, nullable=True),
        sa.Column("chatwoot_conversation_id", INTEGER, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("attempt", INTEGER, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("due_by", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("understanding", JSON, nullable=True),
        sa.Column("plan", JSON, nullable=True),
        sa.Column("draft", JSON, nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("last_error", TEXT, nullable=True),
        sa.CheckConstraint("kind IN ('supplier', 'decision', 'request', 'reminder')", name=op.f("ck_turn_kind")),
        sa.CheckConstraint("status IN ('collecting', 'running', 'waiting', 'done', 'failed')", name=op.f("ck_turn_status")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], [f"{SCHEMA}.conversation.id"], name=op.f("fk_turn_conversation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn")),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_turn_claim",
        "turn",
        ["due_at"],
        unique=False,
        schema=SCHEMA,
        **only_where("status IN ('collecting', 'waiting', 'running')"),
    )
    op.create_index(op.f("ix_turn_conversation_id_id"), "turn", ["conversation_id", "id"], unique=False, schema=SCHEMA)
    op.create_index(
        "uq_turn_collecting",
        "turn",
        ["conversation_id", "account_id", "chatwoot_conversation_id"],
        unique=True,
        schema=SCHEMA,
        **only_where("status = 'collecting'"),
    )
    op.create_index(
        "uq_turn_running_conversation",
        "turn",
        ["conversation_id"],
        unique=True,
        schema=SCHEMA,
        **only_where("status = 'running'"),
    )
    op.create_table(
        "approval",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("operation_key", TEXT, nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("turn_id", ROW_ID, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("question", TEXT, nullable=False),
        sa.Column("proposal", JSON, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("decided_by", TEXT, nullable=True),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("decided_at", TIME, nullable=True),
        sa.CheckConstraint("(status = 'open') = (decided_at IS NULL)", name=op.f("ck_approval_decided_when_closed")),
        sa.CheckConstraint("status IN ('open', 'approved', 'edited', 'rejected', 'expired')", name=op.f("ck_approval_status")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            [f"{SCHEMA}.conversation.id"],
            name=op.f("fk_approval_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["turn_id"], [f"{SCHEMA}.turn.id"], name=op.f("fk_approval_turn_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("operation_key", name=op.f("uq_approval_operation_key")),
        schema=SCHEMA,
    )
    op.create_index(op.f("ix_approval_status"), "approval", ["status"], unique=False, schema=SCHEMA)
    op.create_table(
        "message",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("contact_point_id", ROW_ID, nullable=True),
        sa.Column("turn_id", ROW_ID, nullable=True),
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("account_id", INTEGER, nullable=True),
        sa.Column("chatwoot_conversation_id", INTEGER, nullable=True),
        sa.Column("chatwoot_inbox_id", INTEGER, nullable=True),
        sa.Column("chatwoot_message_id", INTEGER, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("direction", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("content", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=True),
        sa.Column("attachments", JSON, nullable=False),
        sa.Column("timestamp", TIME, nullable=False),
        sa.Column("stored_at", TIME, nullable=False),
        sa.Column("delivery_key", TEXT, nullable=True),
        sa.Column("attempts", INTEGER, nullable=False),
        sa.Column("next_attempt_at", TIME, nullable=True),
        sa.Column("failure", TEXT, nullable=True),
        sa.CheckConstraint(
            "(direction = 'inbound' AND status IN ('read', 'received', 'withdrawn'))"
            " OR (direction = 'outbound' AND status IN ('cancelled', 'delivered', 'failed', 'queued', 'read', 'sent'))",
            name=op.f("ck_message_status_of_direction"),
        ),
        sa.CheckConstraint("author IN ('supplier', 'agent', 'person')", name=op.f("ck_message_author")),
        sa.CheckConstraint(
            "direction = 'inbound' OR delivery_key IS NOT NULL OR author = 'person'", name=op.f("ck_message_keyed")
        ),
        sa.CheckConstraint("direction IN ('inbound', 'outbound')", name=op.f("ck_message_direction")),
        sa.ForeignKeyConstraint(["contact_point_id"], [f"{SCHEMA}.contact_point.id"], name=op.f("fk_message_contact_point_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            [f"{SCHEMA}.conversation.id"],
            name=op.f("fk_message_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["turn_id"], [f"{SCHEMA}.turn.id"], name=op.f("fk_message_turn_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "account_id", "chatwoot_message_id", "kind", name=op.f("uq_message_account_id_chatwoot_message_id_kind")
        ),
        sa.UniqueConstraint("delivery_key", name=op.f("uq_message_delivery_key")),
        schema=SCHEMA,
    )
    op.create_index(
        op.f("ix_message_account_id_chatwoot_conversation_id_id"),
        "message",
        ["account_id", "chatwoot_conversation_id", "id"],
        unique=False,
        schema=SCHEMA,
    )
    op.create_index(op.f("ix_message_conversation_id_id"), "message", ["conversation_id", "id"], unique=False, schema=SCHEMA)
    op.create_index(op.f("ix_message_direction_status"), "message", ["direction", "status"], unique=False, schema=SCHEMA)
    op.create_index(
        "ix_message_outbox",
        "message",
        ["next_attempt_at"],
        unique=False,
        schema=SCHEMA,
        **only_where("status = 'queued'"),
    )
    op.create_index(
        "uq_message_turn_seq",
        "message",
        ["turn_id", "seq"],
        unique=True,
        schema=SCHEMA,
        **only_where("direction = 'outbound'"),
    )
    op.create_table(
        "operation",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("turn_id", ROW_ID, nullable=True),
        sa.Column("attempt", INTEGER, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("request", JSON, nullable=False),
        sa.Column("result", JSON, nullable=True),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint("(status = 'started') = (result IS NULL)", name=op.f("ck_operation_result_when_ended")),
        sa.CheckConstraint("status IN ('started', 'done', 'refused')", name=op.f("ck_operation_status")),
        sa.ForeignKeyConstraint(["turn_id"], [f"{SCHEMA}.turn.id"], name=op.f("fk_operation_turn_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
        sa.UniqueConstraint("key", name=op.f("uq_operation_key")),
        schema=SCHEMA,
    )
    op.create_index(op.f("ix_operation_turn_id"), "operation", ["turn_id"], unique=False, schema=SCHEMA)

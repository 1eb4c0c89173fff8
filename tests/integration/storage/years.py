"""A PostgreSQL database with years behind it: any number of messages answered long ago, and the few that are due."""

from datetime import datetime, timedelta

from sqlalchemy import text

from storage.conversations import Conversations
from storage.engine import Database
from storage.messages import Messages
from storage.models import Supplier
from storage.pauses import Pauses
from tests.integration.storage.scenes import NOW, a_burst, an_outbound

#: Suppliers among whom the past is spread, and how many messages a turn has.
PER_SUPPLIER, PER_TURN = 500, 5

#: Of each kind of work there is so much when the claims are made.
WAITING = 20

_PAST = (
    "INSERT INTO communication.supplier (id, name, language, created_at) "
    "SELECT md5('s' || n)::uuid, 'Supplier ' || n, 'es', :at FROM generate_series(1, :suppliers) n",
    "INSERT INTO communication.contact_point (supplier_id, channel, account_id, user_identifier, verified) "
    "SELECT md5('s' || n)::uuid, 'whatsapp', 1, '+569' || n, false FROM generate_series(1, :suppliers) n",
    "INSERT INTO communication.conversation (id, supplier_id, thread_id, is_active, handled_by, started_at) "
    "SELECT md5('c' || n)::uuid, md5('s' || n)::uuid, md5('t' || n)::uuid, true, 'bot', :at "
    "  FROM generate_series(1, :suppliers) n",
    "INSERT INTO communication.turn (id, conversation_id, account_id, chatwoot_conversation_id, kind, status, attempt, "
    "       started_at, due_at, due_by, ended_at) "
    "SELECT n, md5('c' || 1 + n % :suppliers)::uuid, 1, 1 + n % :suppliers, 'supplier', 'done', 1, :at, :at, :at, :at "
    "  FROM generate_series(1, :turns) n",
    "INSERT INTO communication.message (conversation_id, contact_point_id, turn_id, seq, channel, account_id, "
    "       chatwoot_conversation_id, chatwoot_inbox_id, chatwoot_message_id, kind, direction, status, author, private, "
    "       content, attachments, timestamp, stored_at, delivery_key, attempts, next_attempt_at) "
    "SELECT md5('c' || 1 + turn % :suppliers)::uuid, 1 + turn % :suppliers, turn, 0, 'whatsapp', 1, 1 + turn % :suppliers, 11, "
    "       n, 'created', CASE WHEN is_ours THEN 'outbound' ELSE 'inbound' END, "
    "       CASE WHEN is_ours THEN 'delivered' ELSE 'read' END, CASE WHEN is_ours THEN 'agent' ELSE 'supplier' END, "
    "       false, 'Le ofrezco 40 sacos de harina a $17.900', '[]', "
    "       moment, moment, CASE WHEN is_ours THEN 'past ' || n END, 1, CASE WHEN is_ours THEN moment END "
    "  FROM generate_series(1, :messages) n, "
    "       LATERAL (SELECT 1 + (n - 1) / :per_turn AS turn, n % :per_turn = 0 AS is_ours, :at + n * :step AS moment) _",
    "SELECT setval('communication.turn_id_seq', :turns)",
)


async def live_for_years(database: Database, *, messages: int) -> None:
    """Fill a fresh database: `messages` of the past, then `WAITING` bursts and as many replies that are due at `NOW`.

    Some of them may not be claimed though they are due: a person has them, or they are paused. Statistics are fresh.
    """
    suppliers = max(WAITING * 3, messages // PER_SUPPLIER)
    given = {
        "messages": messages,
        "suppliers": suppliers,
        "turns": 1 + messages // PER_TURN,
        "per_turn": PER_TURN,
        "at": NOW - timedelta(days=1000),
        "step": timedelta(days=990) / messages,
    }
    async with database.session() as session:
        # The rows are right: a million of them need not be checked against each other (only a superuser can say so).
        unchecked = "SELECT set_config('session_replication_role', 'replica', true) FROM pg_user"
        await session.execute(text(f"{unchecked} WHERE usename = current_user AND usesuper"))
        for statement in _PAST:
            await session.execute(text(statement), given)
    await _what_is_due(database, at=NOW)
    async with database.session() as session:
        await session.execute(text("ANALYZE"))


async def _what_is_due(database: Database, *, at: datetime) -> None:
    async with database.session() as session:
        active = await Conversations(session).newest(active=True, limit=WAITING * 3)
        for number, conversation in enumerate(active):
            chatwoot_conversation = 5_000_000 + number
            earlier = at - timedelta(minutes=10 + number)
            await a_burst(session, conversation, now=earlier, chatwoot_conversation_id=chatwoot_conversation)
            # The second part of a reply waits for the first.
            for part in ("first", "second"):
                reply = an_outbound(
                    conversation, key=f"{part} {number}", chatwoot_conversation_id=chatwoot_conversation, at=earlier
                )
                await Messages(session).queue(reply)
            if number % 3 == 1:
                await Conversations(session).hand_to(conversation.id, "person", actor="test")
            if number % 3 == 2:
                supplier = await session.get_one(Supplier, conversation.supplier_id)
                await Pauses(session).pause(supplier.id, by="test")

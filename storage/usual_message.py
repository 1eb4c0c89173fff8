"""The usual message: a contact point we know writes again where we know them. One statement stores all that comes of it.

Intake's way through the repositories asks the database a dozen times before it commits, and a webhook is acknowledged only
after the commit: that is nearly the whole price of an acknowledgement. Most messages, though, only move three times on and add
one row, and that can be said in one statement, which is a transaction by itself and serves several messages at once.

It is a short cut and not a second meaning. It applies only where the long way would find nothing to decide: the contact point
is there and shows nothing new, its supplier's conversation is active, Chatwoot tells of its own conversation what we knew, and
the message is not stored. Else it does nothing at all for that message, and the caller goes the long way. Both leave the same
rows: a test compares them. Postgres only: SQLite cannot write within `WITH`, and needs no speed.
"""

import json
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import structlog

from domain.identity import Sender
from storage.chatwoot_conversations import ChatwootState
from storage.engine import Database
from storage.group_commit import GroupCommit

log = structlog.get_logger(__name__)

#: Messages that go into one statement: more would only wait for each other. Its LIMIT says so, too, to the planner.
_MOST = 20

# Rows are locked in the order of the long way: contact point, Chatwoot conversation, turn. Whoever finds one of the first two
# locked does not wait but goes the long way: what was read before the wait (is the conversation active?) might hold no more
# after it. A lock that is had at once reads its row anew if someone changed it since the statement began.
#
# Every part reads `known`, so nothing is written for a message unless all of it holds. Where one message is stored twice in
# the same instant, neither sees the other: the unique key ends the second statement, and undoes all of it.
#
# Whether the message is there is asked as a place in the order of its unique index. Asked as an equality, a planner that knows
# nothing of a young table may take another index that begins with the account, and read all its messages.
_STORE = """
WITH given AS (
    SELECT *
      FROM jsonb_to_recordset(CAST(%(messages)s AS jsonb)) AS given (
           place bigint, channel text, account_id bigint, user_identifier text, contact_id bigint, contact_inbox_id bigint,
           phone text, email text, chatwoot_conversation_id bigint, inbox_id bigint, conversation_status text,
           assignee_type text, assignee_id bigint, changed_at timestamptz, chatwoot_message_id bigint, kind text,
           content text, subject text, attachments jsonb, timestamp timestamptz)
     LIMIT 20
), known AS MATERIALIZED (
    SELECT given.*, point.id AS contact_point_id, point.supplier_id, conversation.id AS conversation_id
      FROM given
      JOIN communication.contact_point AS point
        ON point.channel = given.channel
       AND point.account_id = given.account_id
       AND point.user_identifier = given.user_identifier
       AND point.chatwoot_contact_id IS NOT DISTINCT FROM coalesce(given.contact_id, point.chatwoot_contact_id)
       AND point.chatwoot_inbox_id IS NOT DISTINCT FROM coalesce(given.contact_inbox_id, point.chatwoot_inbox_id)
       AND point.phone IS NOT DISTINCT FROM coalesce(given.phone, point.phone)
       AND point.email IS NOT DISTINCT FROM coalesce(given.email, point.email)
      JOIN communication.conversation
        ON conversation.supplier_id = point.supplier_id
       AND conversation.is_active
      JOIN communication.chatwoot_conversation AS told
        ON told.account_id = given.account_id
       AND told.chatwoot_conversation_id = given.chatwoot_conversation_id
       AND told.conversation_id = conversation.id
       AND told.inbox_id = given.inbox_id
       AND told.status = given.conversation_status
       AND told.assignee_type IS NOT DISTINCT FROM given.assignee_type
       AND told.assignee_id IS NOT DISTINCT FROM given.assignee_id
     WHERE ((given.account_id, given.chatwoot_message_id, given.kind) = (
           SELECT message.account_id, message.chatwoot_message_id, message.kind
             FROM communication.message
            WHERE (message.account_id, message.chatwoot_message_id, message.kind)
                  >= (given.account_id, given.chatwoot_message_id, given.kind)
            ORDER BY message.account_id, message.chatwoot_message_id, message.kind
            LIMIT 1
           )) IS NOT TRUE
       FOR NO KEY UPDATE OF point, told SKIP LOCKED
), heard AS (
    UPDATE communication.contact_point
       SET last_inbound_at = greatest(contact_point.last_inbound_at, known.timestamp)
      FROM known
     WHERE contact_point.id = known.contact_point_id
), noted AS (
    UPDATE communication.chatwoot_conversation AS told
       SET changed_at = greatest(told.changed_at, known.changed_at)
      FROM known
     WHERE told.account_id = known.account_id AND told.chatwoot_conversation_id = known.chatwoot_conversation_id
), burst AS (
    INSERT INTO communication.turn
           (conversation_id, account_id, chatwoot_conversation_id, kind, status, attempt, started_at, due_at, due_by)
    SELECT conversation_id, account_id, chatwoot_conversation_id, 'supplier', 'collecting', 0,
           %(now)s, %(due_at)s, %(due_by)s
      FROM known
        ON CONFLICT (conversation_id, account_id, chatwoot_conversation_id) WHERE status = 'collecting'
        DO UPDATE SET due_at = least(excluded.due_at, turn.due_by)
    RETURNING id, account_id, chatwoot_conversation_id
), stored AS (
    INSERT INTO communication.message
           (conversation_id, contact_point_id, turn_id, seq, channel, account_id, chatwoot_conversation_id, chatwoot_inbox_id,
            chatwoot_message_id, kind, direction, status, author, private, content, subject, attachments, timestamp, stored_at,
            attempts)
    SELECT known.conversation_id, known.contact_point_id, burst.id, 0, known.channel, known.account_id,
           known.chatwoot_conversation_id, known.inbox_id, known.chatwoot_message_id, known.kind, 'inbound', 'received',
           'supplier', false, known.content, known.subject, known.attachments, known.timestamp, %(now)s, 0
      FROM known
      JOIN burst USING (account_id, chatwoot_conversation_id)
    RETURNING id, turn_id, account_id, chatwoot_conversation_id
)
SELECT known.place, stored.id, stored.turn_id, known.supplier_id, known.conversation_id
  FROM stored
  JOIN known USING (account_id, chatwoot_conversation_id)
"""


@dataclass(frozen=True, kw_only=True)
class UsualMessage:
    """A supplier's message, and how Chatwoot tells its conversation stood. `attachments`: plain JSON."""

    sender: Sender
    state: ChatwootState
    chatwoot_message_id: int
    kind: str
    content: str
    subject: str | None
    attachments: list[dict[str, Any]]
    sent_at: datetime

    @property
    def keys(self) -> tuple[Hashable, Hashable]:
        """The contact point and the burst that it touches."""
        sender, state = self.sender, self.state
        return (
            (sender.account_id, sender.channel, sender.user_identifier),
            (state.account_id, state.chatwoot_conversation_id),
        )


@dataclass(frozen=True)
class Stored:
    """Where the message went."""

    message_id: int
    turn_id: int | None
    supplier_id: UUID
    conversation_id: UUID


class UsualMessages:
    """Stores usual messages, those of one moment together. Belongs to one event loop."""

    def __init__(self, database: Database, *, now: Callable[[], datetime], quiet: timedelta, cap: timedelta) -> None:
        self._database = database
        self._now = now
        self._quiet = quiet
        self._cap = cap
        self._group = GroupCommit(self._commit, keys_of=lambda message: message.keys, most=_MOST, parallel=2)

    async def store(self, message: UsualMessage) -> Stored | None:
        """Store the message with all that comes of it, committed; None, and nothing done, where it is not the usual one.

        None also where nobody can tell: the long way looks before it stores. What no turn shall answer is not for here.
        """
        # A visitor whom the widget's HMAC proves may prove something new, which is the long way's to weigh.
        if self._database.is_sqlite or message.sender.verified:
            return None
        return await self._group.add(message)

    async def _commit(self, messages: Sequence[UsualMessage]) -> list[Stored | None]:
        now = self._now()
        given = {
            "messages": json.dumps([_given(place, message) for place, message in enumerate(messages)]),
            "now": now,
            "due_at": now + self._quiet,
            "due_by": now + self._cap,
        }
        try:
            rows = await self._database.at_once(_STORE, given)
        except psycopg.Error as error:
            # One message may be at fault, or a connection that was closed, perhaps after the commit. Each goes the long way
            # by itself, so that none fails for another.
            log.info("not stored together", messages=len(messages), error=type(error).__name__)
            return [None] * len(messages)
        stored = {place: Stored(*row) for place, *row in rows}
        return [stored.get(place) for place in range(len(messages))]


def _given(place: int, message: UsualMessage) -> dict[str, Any]:
    sender, state = message.sender, message.state
    return {
        "place": place,
        "channel": sender.channel,
        "account_id": state.account_id,
        "user_identifier": sender.user_identifier,
        "contact_id": sender.contact_id,
        "contact_inbox_id": sender.inbox_id,
        "phone": sender.phone,
        "email": sender.email,
        "chatwoot_conversation_id": state.chatwoot_conversation_id,
        "inbox_id": state.inbox_id,
        "conversation_status": state.status,
        "assignee_type": state.assignee_type,
        "assignee_id": state.assignee_id,
        "changed_at": state.changed_at.isoformat(),
        "chatwoot_message_id": message.chatwoot_message_id,
        "kind": message.kind,
        "content": message.content,
        "subject": message.subject,
        "attachments": message.attachments,
        "timestamp": message.sent_at.isoformat(),
    }

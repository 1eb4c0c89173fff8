"""What must be true of a town when all is quiet, whoever died of what before: written once, for all crash tests.

Two views are held against each other: what Chatwoot and Odoo show, which is what suppliers and the house live with, and what
our tables say of it. Each function tells the breaches it finds, with the rows; `check` fails with all of them at once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

from tests.crash.people import PRICE, SACKS, Supplier, is_reply
from tests.crash.town import Town

Row = dict[str, Any]

INCOMING, OUTGOING = 0, 1


@dataclass
class Evidence:
    """All there is, read once. `shown`: what the stand-in holds. `words`, `answers`: our inbound and outbound messages."""

    town: Town
    shown: list[Row]
    words: list[Row]
    answers: list[Row]
    turns: dict[int, Row]
    by_key: dict[str, Row] = field(init=False)

    def __post_init__(self) -> None:
        self.by_key = {row["delivery_key"]: row for row in self.answers}

    @classmethod
    def of(cls, town: Town) -> "Evidence":
        rows = town.product.rows
        columns = "id, conversation_id, chatwoot_conversation_id, chatwoot_message_id, turn_id, seq, status, private"
        return cls(
            town=town,
            shown=town.product.chatwoot_messages(),
            words=rows(f"SELECT {columns}, content FROM message WHERE direction = 'inbound' ORDER BY id"),
            answers=rows(
                f"SELECT {columns}, content, delivery_key, attempts, failure, duplicates"
                " FROM message WHERE direction = 'outbound' ORDER BY id"
            ),
            turns={row["id"]: row for row in rows("SELECT id, conversation_id, status, attempt, last_error FROM turn")},
        )

    def in_conversation(self, chatwoot_conversation_id: int | None) -> list[Row]:
        """What the stand-in shows of one Chatwoot conversation."""
        return [message for message in self.shown if message["conversation_id"] == chatwoot_conversation_id]


def check(town: Town, *, late_commits: bool = False) -> None:
    """Fail with every breach. `late_commits`: Chatwoot made messages after it had seemed to have lost them, so a message may
    be there twice if, and only if, its row says so."""
    evidence = Evidence.of(town)
    breaches = [
        *every_word_is_answered(evidence),
        *every_answer_is_posted_once(evidence, late_commits=late_commits),
        *parts_are_in_order(evidence),
        *suppliers_read_one_answer_each_time(evidence, late_commits=late_commits),
        *houses_said_what_they_meant(evidence, late_commits=late_commits),
        *every_order_was_made_once(evidence),
        *nothing_is_left(evidence),
    ]
    assert not breaches, f"{len(breaches)} breaches:\n" + "\n".join(f"  - {breach}" for breach in breaches)


def every_word_is_answered(evidence: Evidence) -> Iterator[str]:
    """Each incoming message is stored once, read, and in a turn that is done and has an answer."""
    stored = defaultdict(list)
    for row in evidence.words:
        stored[row["chatwoot_message_id"]].append(row)
    answered = Counter(row["turn_id"] for row in evidence.answers if not row["private"])
    said = {message["id"]: message for message in evidence.shown if message["message_type"] == INCOMING}
    for number, message in said.items():
        rows = stored.pop(number, [])
        if len(rows) != 1:
            yield f"message {number} «{message['content']}» is stored {len(rows)} times: {rows}"
        for row in rows:
            turn = evidence.turns.get(row["turn_id"])
            if row["status"] != "read" or turn is None or turn["status"] != "done":
                yield f"message {number} is {row['status']}, its turn {turn}"
            elif not answered[row["turn_id"]]:
                yield f"message {number} «{message['content']}» was not answered: {turn}"
    if stored:
        yield f"stored, though nobody wrote it: {dict(stored)}"


def every_answer_is_posted_once(evidence: Evidence, *, late_commits: bool) -> Iterator[str]:
    """Each of our messages is in Chatwoot once, under its key, and what is in Chatwoot is one of ours."""
    posted = defaultdict(list)
    for message in evidence.shown:
        if message["message_type"] == OUTGOING:
            posted[message["content_attributes"].get("bridge_message_id")].append(message["id"])
    for row in evidence.answers:
        places = posted.pop(row["delivery_key"], [])
        if row["status"] not in ("sent", "delivered", "read"):
            yield f"answer {row} is not sent"
        recorded = sorted(_recorded_duplicates(row)) if late_commits else []
        if sorted(places) != sorted([row["chatwoot_message_id"], *recorded]):
            yield f"answer {row} is in Chatwoot as {places}"
    if posted:
        yield f"in Chatwoot under keys that are none of ours: {dict(posted)}"
    texts = Counter((row["turn_id"], row["content"]) for row in evidence.answers if row["turn_id"])
    yield from (f"turn {turn} says {count} times «{text}»" for (turn, text), count in texts.items() if count > 1)


def _recorded_duplicates(row: Row) -> list[int]:
    return [int(one["chatwoot_message_id"] if isinstance(one, dict) else one) for one in row["duplicates"] or []]


def parts_are_in_order(evidence: Evidence) -> Iterator[str]:
    """In each Chatwoot conversation our messages stand in the order we queued them, and after the words they answer."""
    by_conversation = defaultdict(list)
    for row in evidence.answers:
        by_conversation[row["chatwoot_conversation_id"]].append(row)
    for conversation, rows in by_conversation.items():
        for earlier, later in pairwise(rows):
            if (earlier["chatwoot_message_id"] or 0) >= (later["chatwoot_message_id"] or 0):
                yield f"in Chatwoot conversation {conversation}, {later} stands before {earlier}"
    last_word: dict[int, int] = {}
    for row in evidence.words:
        last_word[row["turn_id"]] = max(row["chatwoot_message_id"], last_word.get(row["turn_id"], 0))
    for row in evidence.answers:
        if (row["chatwoot_message_id"] or 0) < last_word.get(row["turn_id"], 0):
            yield f"answer {row} stands before message {last_word[row['turn_id']]}, which it answers"


def suppliers_read_one_answer_each_time(evidence: Evidence, *, late_commits: bool) -> Iterator[str]:
    """Seen by the supplier alone: one answer after each message, and never the same twice."""
    for supplier in evidence.town.suppliers:
        conversation = evidence.in_conversation(supplier.chatwoot_conversation_id)
        read = [message["content"] for message in conversation if is_reply(message)]
        if late_commits:
            read = list(dict.fromkeys(read))
        if len(read) != len(supplier.said) or len(set(read)) != len(read):
            yield f"{supplier} reads: {[(message['id'], message['content'][:60]) for message in conversation]}"


def houses_said_what_they_meant(evidence: Evidence, *, late_commits: bool) -> Iterator[str]:
    """A notice is there once, after the one before it, in one Chatwoot conversation."""
    for house in evidence.town.houses:
        there = [message for message in evidence.shown if message["content"] in house.notices]
        texts = [message["content"] for message in there]
        if late_commits:
            texts = list(dict.fromkeys(texts))
        if texts != house.notices or len({message["conversation_id"] for message in there}) != 1:
            yield f"notices to {house.address}: {[(one['id'], one['conversation_id'], one['content']) for one in there]}"


def every_order_was_made_once(evidence: Evidence) -> Iterator[str]:
    """One order a supplier who has finished, confirmed once, in Odoo and in our tables."""
    effects = defaultdict(list)
    for row in evidence.town.product.rows(
        "SELECT key, action, operation.status, operation.attempt, turn_id, supplier.odoo_partner_id AS partner FROM operation"
        " JOIN turn ON turn.id = turn_id JOIN conversation ON conversation.id = turn.conversation_id"
        " JOIN supplier ON supplier.id = conversation.supplier_id ORDER BY operation.id"
    ):
        effects[row["partner"]].append(row)
    records = defaultdict(list)
    for row in evidence.town.product.rows(
        "SELECT odoo_id, order_record.name, state, supplier.odoo_partner_id AS partner FROM order_record"
        " JOIN supplier ON supplier.id = order_record.supplier_id"
    ):
        records[row["partner"]].append(row)
    for supplier in evidence.town.suppliers:
        if supplier.has_finished:
            yield from _order_of(supplier, evidence.town, effects[supplier.number], records[supplier.number])


def _order_of(supplier: Supplier, town: Town, effects: list[Row], records: list[Row]) -> Iterator[str]:
    orders = town.product.odoo_orders(supplier.number)
    wanted: list[tuple[str | None, str, list[tuple[Decimal, Decimal]]]] = [(supplier.order, "confirmed", [(SACKS, PRICE)])]
    if [(one.name, one.state, [(line.quantity, line.unit_price) for line in one.lines]) for one in orders] != wanted:
        yield f"{supplier} has these orders in Odoo: {orders}"
    done = [(effect["action"], effect["status"]) for effect in effects]
    if done != [("create_purchase_quote", "done"), ("confirm_purchase_order", "done")]:
        yield f"{supplier} has these operations: {effects}"
    if [(record["name"], record["state"]) for record in records] != [(supplier.order, "confirmed")]:
        yield f"{supplier} has these orders in our tables: {records}"


def nothing_is_left(evidence: Evidence) -> Iterator[str]:
    """No turn and no run is under way, nothing failed or went to a person, and nobody has two conversations."""
    yield from (f"turn {turn} is not done" for turn in evidence.turns.values() if turn["status"] != "done")
    yield from (f"private note {row}" for row in evidence.answers if row["private"])
    rows = evidence.town.product.rows
    yield from (f"open approval {row}" for row in rows("SELECT * FROM approval WHERE status = 'open'"))
    yield from (f"operation {row} has not ended" for row in rows("SELECT * FROM operation WHERE status = 'started'"))
    yield from (
        f"conversation {row} is not the bot's, or has ended"
        for row in rows("SELECT * FROM conversation WHERE handled_by <> 'bot' OR NOT is_active")
    )
    yield from (
        f"supplier {row} has several conversations"
        for row in rows("SELECT supplier_id, count(*) AS n FROM conversation GROUP BY supplier_id HAVING count(*) > 1")
    )
    yield from (f"set aside: {row}" for row in rows("SELECT * FROM webhook_set_aside"))
    for thread in evidence.town.product.langgraph().threads.search(status="busy", limit=100):
        yield f"thread {thread['thread_id']} of the LangGraph server still runs"

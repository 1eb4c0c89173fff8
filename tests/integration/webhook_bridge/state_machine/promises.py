"""What must be true after every step, whatever came before, and what must be true once everything has come to rest.

Each promise is a function of the stage that raises `AssertionError` with what it saw.
"""

import re
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select

from domain.messages import Direction, MessageStatus
from domain.orders import ACTIVE_STATES, OrderState
from sandbox.chatwoot.records import MessageType
from storage.models import AuditEvent, Conversation, Message, Operation, OrderRecord, Supplier, Turn
from storage.models.pause import EVERYTHING
from storage.models.turn import TurnStatus
from storage.pauses import Pauses
from tests.integration.webhook_bridge.state_machine.stage import Stage

_OF_AN_ORDER = re.compile(r"P\d{5}|\$\s?\d|USD|sacos|boxes|harina|sémola|pouch", re.IGNORECASE)
_ORDER = re.compile(r"P(\d{5})")
_WINDOW = timedelta(hours=24)
#: Odoo's states of an order, and what our tables may call it: of goods and bills they hear when it is spoken of.
_AS_WE_CALL_IT = {
    "draft": {OrderState.DRAFT},
    "sent": {OrderState.SENT},
    "purchase": {OrderState.CONFIRMED, OrderState.RECEIVED, OrderState.BILLED},
}
#: Private notes on what went wrong have their places behind all parts of a reply.
_FIRST_NOTE = 1_000


class Seen:
    """Our tables and Chatwoot's, read in one moment."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.messages: dict[int, Message] = {}
        self.turns: dict[int, Turn] = {}

    async def look(self) -> "Seen":
        async with self.stage.database.session() as session:
            self.messages = {row.id: row for row in await session.scalars(select(Message).order_by(Message.id))}
            self.turns = {row.id: row for row in await session.scalars(select(Turn).order_by(Turn.id))}
            self.conversations = {row.id: row for row in await session.scalars(select(Conversation))}
            self.suppliers = {row.id: row for row in await session.scalars(select(Supplier))}
            self.orders = list(await session.scalars(select(OrderRecord)))
            audited = select(func.count()).where(AuditEvent.id > self.stage.audit_before)
            self.audited = await session.scalar(audited) or 0
            failed = select(Operation.key).join(Turn, Turn.id == Operation.turn_id).where(Turn.status == TurnStatus.FAILED)
            self.given_up = set(await session.scalars(failed))
            self.paused = {pause.scope for pause in await Pauses(session).all()}
        self.by_key = {row.delivery_key: row for row in self.messages.values() if row.delivery_key}
        self.by_chatwoot_id = {row.chatwoot_message_id: row for row in self.messages.values() if row.chatwoot_message_id}
        self.ours = self.stage.chatwoot.ours()
        self.acts = list(self.stage.odoo.acts)
        self.with_people = {
            c.id for c in self.stage.chatwoot.conversations() if c.assignee_type == "User" and c.status == "open"
        }
        return self

    def row_of(self, posted: Any) -> Message | None:
        """Our row of a message of ours in Chatwoot."""
        return self.by_key.get(posted.content_attributes["bridge_message_id"])


def at_most_one_active_conversation(seen: Seen) -> None:
    active = Counter(row.supplier_id for row in seen.conversations.values() if row.is_active)
    assert all(count == 1 for count in active.values()), f"Several active conversations: {active}"


def nothing_is_posted_twice(seen: Seen) -> None:
    keys = Counter(posted.content_attributes["bridge_message_id"] for posted in seen.ours)
    twice = {key: count for key, count in keys.items() if count > 1}
    assert not twice, f"Posted more than once: {[(m.id, m.content) for m in seen.ours if _key(m) in twice]}"


def everything_posted_is_on_record(seen: Seen) -> None:
    strange = [posted.id for posted in seen.ours if seen.row_of(posted) is None]
    assert not strange, f"Posted, and not in our tables: {strange}"


def order_is_kept(seen: Seen) -> None:
    """In a Chatwoot conversation, answers come in the order of their turns, and the parts of one in theirs."""
    places: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for posted in seen.ours:
        row = seen.row_of(posted)
        if row is not None and row.turn_id is not None and row.seq < _FIRST_NOTE:
            places[posted.conversation_id].append((row.turn_id, row.seq))
    for conversation, order in places.items():
        assert order == sorted(order), f"In Chatwoot conversation {conversation} the answers came as {order}"


def words_are_answered_in_order(seen: Seen) -> None:
    """What was said later, and came later, is not answered in an earlier turn."""
    heard: dict[int | None, list[Message]] = defaultdict(list)
    for row in seen.messages.values():
        if row.direction == Direction.INBOUND and row.turn_id is not None:
            heard[row.chatwoot_conversation_id].append(row)
    for rows in heard.values():
        for earlier, later in pairwise(rows):
            if (earlier.chatwoot_message_id or 0) < (later.chatwoot_message_id or 0):
                assert (earlier.turn_id or 0) <= (later.turn_id or 0), (
                    f"Message {later.chatwoot_message_id} is answered in turn {later.turn_id}, before "
                    f"{earlier.chatwoot_message_id} in {earlier.turn_id}"
                )


def one_active_order_a_supplier(seen: Seen) -> None:
    """In our tables, and in Odoo itself."""
    active = Counter(row.supplier_id for row in seen.orders if row.opened_by == "agent" and row.state in ACTIVE_STATES)
    assert all(count == 1 for count in active.values()), f"Several active orders: {active}"
    in_odoo = Counter(order.partner_id for order in seen.stage.odoo.active_agent_orders())
    assert all(count == 1 for count in in_odoo.values()), f"Several active orders in Odoo, by partner: {in_odoo}"


def nothing_is_done_twice(seen: Seen) -> None:
    acts = Counter(seen.stage.odoo.acts)
    assert all(count == 1 for count in acts.values()), f"Done twice on Odoo: {acts}"


def strangers_learn_nothing(seen: Seen) -> None:
    """Nothing of an order is told to who is not linked, and nobody learns of another's order."""
    owners = {order.order_id: order.partner_id for order in seen.stage.odoo.all_orders()}
    for posted in seen.ours:
        row = seen.row_of(posted)
        if row is None or posted.private:
            continue
        supplier = seen.suppliers[seen.conversations[row.conversation_id].supplier_id]
        text = posted.content or ""
        if supplier.odoo_partner_id is None:
            assert not _OF_AN_ORDER.search(text), f"Told to {supplier.name}, who is not linked: {text!r}"
        for name in _ORDER.findall(text):
            owner = owners.get(int(name))
            assert owner in (None, supplier.odoo_partner_id), (
                f"P{name} of partner {owner} was told to {supplier.name}: {text!r}"
            )


AFTER_EVERY_STEP = (
    at_most_one_active_conversation,
    nothing_is_posted_twice,
    everything_posted_is_on_record,
    order_is_kept,
    words_are_answered_in_order,
    one_active_order_a_supplier,
    nothing_is_done_twice,
    strangers_learn_nothing,
)


def the_audit_grows(before: Seen, after: Seen) -> None:
    assert after.audited >= before.audited, f"The audit shrank from {before.audited} to {after.audited}."


def a_stop_is_a_stop(before: Seen, after: Seen) -> None:
    """While everything is stopped nothing is begun on Odoo and nothing posted; of one supplier, nothing posted to it."""
    if EVERYTHING in before.paused & after.paused:
        assert len(after.acts) == len(before.acts), f"Done on Odoo while stopped: {after.acts[len(before.acts) :]}"
    for posted, row in _new_posts(before, after):
        supplier_id = after.conversations[row.conversation_id].supplier_id
        stopped = {EVERYTHING, supplier_id.hex} & before.paused & after.paused
        assert not stopped, f"Posted while stopped: {posted.content!r}"


def people_are_not_talked_over(before: Seen, after: Seen) -> None:
    """Where a person had the conversation before and has it after, the agent says nothing in public."""
    for posted, row in _new_posts(before, after):
        was, now = before.conversations.get(row.conversation_id), after.conversations[row.conversation_id]
        with_a_person = was is not None and was.handled_by == now.handled_by == "person"
        assert posted.private or not with_a_person, f"Said over a person's head: {posted.content!r}"
        assigned = posted.conversation_id in before.with_people & after.with_people
        assert posted.private or not assigned, f"Said where a person is assigned, told or not: {posted.content!r}"


FROM_STEP_TO_STEP = (the_audit_grows, a_stop_is_a_stop, people_are_not_talked_over)


def every_word_is_stored(seen: Seen, *, beyond_recall: set[int]) -> None:
    said = {message.id for message in seen.stage.chatwoot.messages(MessageType.INCOMING)}
    lost = [number for number in said - beyond_recall if number not in seen.by_chatwoot_id]
    # What was deleted before we heard of it need not be known.
    deleted = {m.id for m in seen.stage.chatwoot.messages(MessageType.INCOMING) if m.content_attributes.get("deleted")}
    assert not set(lost) - deleted, f"Never stored: {sorted(set(lost) - deleted)}"


def every_word_has_its_end(seen: Seen) -> None:
    """Answered, withdrawn, or with a person."""
    for row in seen.messages.values():
        if row.direction == Direction.INBOUND and row.status == MessageStatus.RECEIVED:
            conversation = seen.conversations[row.conversation_id]
            turn = seen.turns.get(row.turn_id or 0)
            with_a_person = conversation.is_active and conversation.handled_by == "person"
            assert with_a_person, (
                f"Message {row.chatwoot_message_id} waits for ever: turn {turn.id if turn else None} is "
                f"{turn.status if turn else None} ({turn.last_error if turn else None}), its "
                f"conversation active={conversation.is_active} with {conversation.handled_by}"
            )


def every_word_read_was_answered(seen: Seen, *, touched: set[int]) -> None:
    """Where no person had a hand in it, what counts as read has an answer in its own Chatwoot conversation."""
    answers: dict[int, list[Message]] = defaultdict(list)
    for posted in seen.ours:
        answer = seen.row_of(posted)
        if answer is not None and answer.turn_id is not None:
            answers[answer.turn_id].append(answer)
    failed = {turn.conversation_id for turn in seen.turns.values() if turn.status == TurnStatus.FAILED}
    for row in seen.messages.values():
        if row.direction != Direction.INBOUND or row.status != MessageStatus.READ:
            continue
        if row.conversation_id in failed or _touched(seen, row, touched):
            continue
        given = [answer for answer in answers.get(row.turn_id or 0, ()) if not answer.private or _came_too_late(answer, row)]
        assert given, f"Message {row.chatwoot_message_id} ({row.content!r}) counts as read, and nobody answered it"
        places = {answer.chatwoot_conversation_id for answer in given}
        assert places == {row.chatwoot_conversation_id}, (
            f"It was said in {row.chatwoot_conversation_id} and answered in {places}"
        )


def nothing_is_left_to_send(seen: Seen) -> None:
    """Whatever was to go out went out, or failed for a reason; what belongs to a person's conversation may wait."""
    left = [row for row in seen.messages.values() if row.status == MessageStatus.QUEUED]
    left = [row for row in left if seen.conversations[row.conversation_id].handled_by == "bot"]
    assert not left, f"Still queued: {[(row.id, row.content, row.attempts, row.failure) for row in left]}"


def no_turn_is_left(seen: Seen) -> None:
    ends = (TurnStatus.DONE, TurnStatus.FAILED)
    left = [turn for turn in seen.turns.values() if turn.status not in ends]
    left = [turn for turn in left if seen.conversations[turn.conversation_id].handled_by == "bot"]
    assert not left, f"Turns that never end: {[(turn.id, turn.status, turn.attempt, turn.last_error) for turn in left]}"


def our_orders_are_odoos(seen: Seen) -> None:
    """Each order of the agent's in Odoo is on record with the state it has there."""
    known = {row.odoo_id: row for row in seen.orders}
    for order in seen.stage.odoo.agent_orders():
        if order.key in seen.given_up:
            continue  # its turn failed for good, which the team was told
        row = known.get(order.order_id)
        assert row is not None, f"Order {order.order_id} is in Odoo, and not in our tables"
        assert row.state in _AS_WE_CALL_IT[order.state], f"Order {order.order_id}: {order.state} in Odoo, {row.state} with us"


AT_THE_END = (
    every_word_has_its_end,
    no_turn_is_left,
    nothing_is_left_to_send,
    our_orders_are_odoos,
)


def _new_posts(before: Seen, after: Seen) -> list[tuple[Any, Message]]:
    """What we posted between two looks, with our rows."""
    known = {posted.id for posted in before.ours}
    return [(posted, row) for posted in after.ours if posted.id not in known and (row := after.row_of(posted)) is not None]


def _came_too_late(answer: Message, said: Message) -> bool:
    """For WhatsApp, which takes free words for a day: then the team has a note instead."""
    return answer.channel == "whatsapp" and answer.timestamp - said.timestamp > _WINDOW - timedelta(minutes=10)


def _touched(seen: Seen, row: Message, touched: set[int]) -> bool:
    """Whether a person of the team acted in any Chatwoot conversation of this dealing."""
    there = {m.chatwoot_conversation_id for m in seen.messages.values() if m.conversation_id == row.conversation_id}
    return bool(there & touched)


def _key(posted: Any) -> str:
    return str(posted.content_attributes["bridge_message_id"])

"""Conversations' lives: taken over, handed back, resolved, idle. Real: intake, storage, both databases."""

from datetime import datetime, timedelta
from typing import Any

from domain.keys import operation_key
from domain.messages import MessageStatus
from storage.approvals import REPLY, Approvals
from storage.conversations import Conversations
from storage.engine import Database
from storage.models import Approval, Conversation, Message, OrderRecord, Turn
from storage.models.turn import TurnStatus
from storage.operations import Operations
from storage.turns import Turns
from tests.integration.webhook_bridge.intake_scenes import (
    LEASE,
    NOW,
    QUIET,
    a_mail,
    a_persons,
    an_intake,
    changed,
    rows,
    words,
)
from webhook_bridge.chatwoot.events import Event, MessageEdited

MINUTE = timedelta(minutes=1)


async def take(database: Database, *events: Event) -> list[str]:
    return [await an_intake(database).take(event) for event in events]


async def handled_by(database: Database) -> list[str]:
    return [conversation.handled_by for conversation in await rows(database, Conversation)]


async def claim(database: Database, *, at: datetime = NOW + QUIET) -> Turn | None:
    async with database.session() as session:
        return await Turns(session).claim(now=at, lease=LEASE)


async def an_open_order(database: Database, **changes: Any) -> None:
    async with database.session() as session:
        [conversation] = await Conversations(session).newest()
        given: dict[str, Any] = {
            "odoo_id": 7,
            "name": "P00007",
            "supplier_id": conversation.supplier_id,
            "conversation_id": conversation.id,
            "opened_by": "agent",
            "state": "sent",
            "currency": "CLP",
            "amount_total": 1000,
        }
        session.add(OrderRecord(**(given | changes)))


class TestAPersonSpeaks:
    async def test_the_agent_rests_until_it_is_handed_back(self, database: Database) -> None:
        assert await take(database, words(100), a_persons(300)) == ["stored", "stored"]
        assert await handled_by(database) == ["person"]
        # Chatwoot tells the same state again after nearly every message: nobody handed anything back.
        assert await take(database, changed(), words(101)) == ["ignored", "stored"]
        assert await handled_by(database) == ["person"]
        assert await claim(database) is None
        assert await take(database, changed(status="pending")) == ["handed_over"]
        turn = await claim(database)
        assert turn is not None
        assert [message.content for message in await rows(database, Message) if message.turn_id == turn.id] == ["Hola 101"]

    async def test_what_waited_counts_as_answered(self, database: Database) -> None:
        await take(database, words(100), words(101), a_persons(300))
        assert [message.status for message in await rows(database, Message)] == ["read", "read", "sent"]
        assert [turn.status for turn in await rows(database, Turn)] == [TurnStatus.DONE]

    async def test_a_draft_that_waits_is_out_of_date_but_not_what_else_is_asked(self, database: Database) -> None:
        await take(database, words(100))
        async with database.session() as session:
            [conversation] = await Conversations(session).newest()
            for kind in (REPLY, "confirm_purchase_order"):
                await Approvals(session).open_once(
                    operation_key=kind, conversation_id=conversation.id, turn_id=None, kind=kind, question="?", proposal={}
                )
        assert await take(database, a_persons(300)) == ["stored"]
        approvals = {approval.kind: approval for approval in await rows(database, Approval)}
        assert (approvals[REPLY].status, approvals[REPLY].decided_by) == ("expired", "person")
        assert approvals["confirm_purchase_order"].status == "open"

    async def test_pending_that_was_always_pending_hands_nothing_back(self, database: Database) -> None:
        """Where a bot has the inbox, every Chatwoot conversation is pending, and stays so while a person writes."""
        await take(database, words(100, conversation_status="pending"), a_persons(300), changed(status="pending"))
        assert await handled_by(database) == ["person"]


class TestAssignment:
    async def test_unassigned_is_handed_back(self, database: Database) -> None:
        answers = await take(database, words(), changed(assignee_type="User", assignee_id=4), changed())
        assert answers == ["stored", "handed_over", "handed_over"]
        assert await handled_by(database) == ["bot"]

    async def test_an_older_state_that_comes_late_changes_nothing(self, database: Database) -> None:
        assigned = changed(assignee_type="User", assignee_id=4, changed_at=NOW + 2 * MINUTE)
        late = changed(changed_at=NOW + MINUTE)
        assert await take(database, words(), assigned, late) == ["stored", "handed_over", "ignored"]
        assert await handled_by(database) == ["person"]

    async def test_the_suppliers_own_message_may_be_the_first_to_tell(self, database: Database) -> None:
        assigned = words(101, assignee_type="User", assignee_id=4, state_at=NOW + MINUTE)
        unassigned = words(102, state_at=NOW + 2 * MINUTE)
        assert await take(database, words(100), assigned) == ["stored", "stored"]
        assert await handled_by(database) == ["person"]
        await take(database, unassigned)
        assert await handled_by(database) == ["bot"]

    async def test_a_bot_as_assignee_is_nobody(self, database: Database) -> None:
        await take(database, words(), changed(assignee_type="AgentBot", assignee_id=1))
        assert await handled_by(database) == ["bot"]

    async def test_handed_back_by_hand_it_stays_so_though_still_assigned(self, database: Database) -> None:
        await take(database, words(100), changed(assignee_type="User", assignee_id=4))
        async with database.session() as session:
            [conversation] = await rows(database, Conversation)
            await Conversations(session).hand_to(conversation.id, "bot", actor="cli")
        await take(database, changed(assignee_type="User", assignee_id=4), words(101, assignee_type="User", assignee_id=4))
        assert await handled_by(database) == ["bot"]

    async def test_snoozed_is_with_a_person_and_woken_it_is_not(self, database: Database) -> None:
        assert await take(database, words(), changed(status="snoozed"), changed()) == ["stored", "handed_over", "handed_over"]


class TestResolved:
    async def test_it_ends_and_the_next_message_opens_a_new_one(self, database: Database) -> None:
        assert await take(database, words(100), changed(status="resolved")) == ["stored", "ended"]
        later = words(101, sent_at=NOW + MINUTE)
        assert await take(database, changed(status="resolved"), later) == ["ignored", "stored"]
        first, second = await rows(database, Conversation)
        assert (first.is_active, first.end_reason, second.is_active) == (False, "resolved", True)
        assert first.supplier_id == second.supplier_id
        assert first.thread_id != second.thread_id
        assert [(m.status, m.conversation_id) for m in await rows(database, Message)] == [
            (MessageStatus.READ, first.id),
            (MessageStatus.RECEIVED, second.id),
        ]

    async def test_with_an_open_order_it_goes_on_and_is_the_agents(self, database: Database) -> None:
        await take(database, words(), a_persons())
        await an_open_order(database)
        assert await take(database, changed(status="resolved")) == ["handed_over"]
        [conversation] = await rows(database, Conversation)
        assert (conversation.is_active, conversation.handled_by) == (True, "bot")

    async def test_an_order_that_is_done_holds_nothing_open(self, database: Database) -> None:
        await take(database, words())
        await an_open_order(database, state="billed")
        assert await take(database, changed(status="resolved")) == ["ended"]

    async def test_while_another_chatwoot_conversation_goes_on_it_goes_on(self, database: Database) -> None:
        mail = changed(status="resolved", chatwoot_conversation_id=8, inbox_id=12)
        assert await take(database, words(100), a_mail(200), changed(status="resolved")) == ["stored", "stored", "ignored"]
        assert [conversation.is_active for conversation in await rows(database, Conversation)] == [True]
        assert await take(database, mail) == ["ended"]

    async def test_a_message_that_shows_as_resolved_is_still_answered(self, database: Database) -> None:
        """It opened the Chatwoot conversation; that somebody resolved it since is told by itself."""
        await take(database, words(100, conversation_status="resolved"))
        assert (await claim(database)) is not None

    async def test_a_running_turn_without_effect_is_not_begun_again(self, database: Database) -> None:
        await take(database, words(100))
        turn = await claim(database)
        assert turn is not None
        await take(database, changed(status="resolved"))
        async with database.session() as session:
            held = await Turns(session).held(turn.id, turn.attempt)
            await Turns(session).start_over(held, now=NOW, quiet=QUIET)
        assert [turn.status for turn in await rows(database, Turn)] == [TurnStatus.DONE]
        assert [message.status for message in await rows(database, Message)] == ["read"]

    async def test_a_turn_with_an_effect_goes_through(self, database: Database) -> None:
        await take(database, words(100))
        turn = await claim(database)
        assert turn is not None
        key = operation_key(conversation_id=turn.conversation_id, turn_id=turn.id, step=1, action="confirm_purchase_order")
        async with database.session() as session:
            await Operations(session).begin(key=key, turn_id=turn.id, attempt=1, action="confirm_purchase_order", request={})
            await Turns(session).give_back(turn.id, 1, error="x", retry_at=NOW, max_attempts=5, now=NOW)
        await take(database, changed(status="resolved"))
        again = await claim(database)
        assert again is not None
        assert again.id == turn.id


class TestIdle:
    async def end_idle(self, database: Database, *, days: int = 14) -> int:
        async with database.session() as session:
            # `stored_at` is the program's own clock; conversations of this test began just now.
            [conversation, *_] = await Conversations(session).newest()
            at = conversation.started_at + timedelta(days=days, hours=1)
            return len(await Conversations(session).end_idle(since=at - timedelta(days=14), at=at))

    async def answered(self, database: Database) -> None:
        await take(database, words(100))
        async with database.session() as session:
            turn = await Turns(session).claim(now=NOW + QUIET, lease=LEASE)
            assert turn is not None
            held = await Turns(session).held(turn.id, 1)
            held.status, held.ended_at = TurnStatus.DONE, NOW

    async def test_it_ends_and_not_a_day_sooner(self, database: Database) -> None:
        await self.answered(database)
        assert await self.end_idle(database, days=13) == 0
        assert await self.end_idle(database) == 1
        assert await self.end_idle(database) == 0
        [conversation] = await rows(database, Conversation)
        assert (conversation.is_active, conversation.end_reason) == (False, "idle")

    async def test_not_while_something_is_unanswered(self, database: Database) -> None:
        await take(database, words(100))
        assert await self.end_idle(database) == 0

    async def test_not_while_a_person_is_asked(self, database: Database) -> None:
        await self.answered(database)
        async with database.session() as session:
            [turn] = await rows(database, Turn)
            await Approvals(session).open_once(
                operation_key="k", conversation_id=turn.conversation_id, turn_id=turn.id, kind="x", question="?", proposal={}
            )
        assert await self.end_idle(database) == 0

    async def test_an_open_order_is_found_by_the_next_conversation(self, database: Database) -> None:
        await self.answered(database)
        await an_open_order(database)
        assert await self.end_idle(database) == 1
        await take(database, words(101))
        [order] = await rows(database, OrderRecord)
        _, second = await rows(database, Conversation)
        assert order.supplier_id == second.supplier_id


class TestEdited:
    async def test_what_is_not_answered_is_read_as_it_stands_now(self, database: Database) -> None:
        transcript = MessageEdited(account_id=1, chatwoot_message_id=100, text="Son veinte sacos")
        assert await take(database, words(100, text=""), transcript, transcript) == ["stored", "edited", "ignored"]
        assert [message.content for message in await rows(database, Message)] == ["Son veinte sacos"]

    async def test_what_was_answered_stays(self, database: Database) -> None:
        edited = MessageEdited(account_id=1, chatwoot_message_id=100, text="No")
        assert await take(database, words(100), a_persons(), edited) == ["stored", "stored", "ignored"]
        assert next(message.content for message in await rows(database, Message)) == "Hola 100"

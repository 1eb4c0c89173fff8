"""Parts go in order, a part that fails takes the rest with it, and nothing is said over a person's head.

Real: HTTP, databases, intake. Faked: Chatwoot, by the sandbox's stand-in, told how to fail and which webhooks to lose.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from domain.identity import Channel
from domain.messages import MessageStatus
from domain.modes import AgentMode
from storage.approvals import Approvals, Choice
from storage.audit import Audit
from storage.conversations import Conversations
from storage.engine import Database
from storage.messages import Messages
from storage.models import Message
from storage.operations import Operations
from storage.pauses import Pauses
from storage.turns import Turns
from tests.integration.webhook_bridge.delivery_scene import MAIL, POSTS, WHATSAPP, Scene, a_scene, utc_now
from webhook_bridge.outbound import Destination, queue_message


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    async with a_scene(database) as scene:
        yield scene


async def put_off(scene: Scene, message_id: int, *, seconds: float = 300) -> None:
    async with scene.database.session() as session:
        (await session.get_one(Message, message_id)).next_attempt_at = utc_now() + timedelta(seconds=seconds)


class TestOrder:
    async def test_parts_keep_their_order_whatever_happens_to_the_first(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        parts = await scene.replies("uno", "dos", "tres", to=words)
        await scene.faults(answer_next=2, answer_status=500, **POSTS)
        for _ in range(3):
            await scene.works(concurrency=4)
        await scene.until_sent(parts[-1])
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == ["uno", "dos", "tres"]

    async def test_the_second_waits_while_another_bridge_posts_the_first(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        first, second = await scene.replies("uno", "dos", to=words)
        await scene.faults(latency_before_seconds=1.0, **POSTS)
        for _ in range(2):
            await scene.works(lease_seconds=20)
        looks = 0
        while True:
            async with scene.database.session() as session:
                one, two = await session.get_one(Message, first), await session.get_one(Message, second)
            if one.status != "queued":
                break
            assert two.attempts == 0
            looks += one.attempts
            await asyncio.sleep(0.02)
        assert looks > 5
        await scene.until_sent(second)
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == ["uno", "dos"]

    async def test_two_workers_post_fifty_messages_once_each(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        mail = await scene.supplier_writes(**MAIL)
        await scene.faults(failure_rate=0.2, **POSTS)
        parts = await scene.replies(*[f"parte {n}" for n in range(25)], to=words)
        mails = await scene.replies(*[f"carta {n}" for n in range(25)], to=mail)
        for _ in range(2):
            await scene.works(readback_seconds=0.05, max_attempts=50)
        for message in (*parts, *mails):
            await scene.until_sent(message, within=60)
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == [f"parte {n}" for n in range(25)]
        assert await scene.in_chatwoot(mail.chatwoot_conversation_id) == [f"carta {n}" for n in range(25)]

    async def test_messages_that_open_a_chatwoot_conversation_open_one(self, scene: Scene) -> None:
        async with scene.database.session() as session:
            to = Destination(channel=Channel.WHATSAPP, phone="+56961230777", name="Nuevo")
            queued = [
                await queue_message(
                    session, to, content=f"{n}", idempotency_key=f"{n}", account_id=1, mode=AgentMode.AUTO, now=utc_now()
                )
                for n in range(3)
            ]
        await scene.faults(failure_rate=0.3)
        for _ in range(3):
            await scene.works(readback_seconds=0.05, whatsapp_template="mensaje_compras:es", max_attempts=50)
        for message in queued:
            await scene.until_sent(message, within=30)
        told = (await scene.control.get("/control/conversations")).json()["conversations"]
        assert len(told) == 1
        assert await scene.in_chatwoot(told[0]["id"]) == ["0", "1", "2"]

    async def test_a_contact_that_people_merged_away_is_looked_for_again(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        async with scene.database.session() as session:
            conversation = await Conversations(session).get(words.conversation_id)
            conversation.supplier.contact_points[0].chatwoot_contact_id = 77_777
            await Conversations(session).end(conversation.id, reason="test", at=utc_now())
        async with scene.database.session() as session:
            to = Destination(supplier_id=conversation.supplier_id)
            message = await queue_message(
                session, to, content="Hola", idempotency_key="k", account_id=1, mode=AgentMode.AUTO, now=utc_now()
            )
        await scene.works()
        await scene.until_sent(message)
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == ["Hola"]


class TestALateFailure:
    async def test_the_rest_is_cancelled_and_a_person_told_once(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        first, second = await scene.replies("uno", "dos", to=words)
        await put_off(scene, second)
        await scene.faults(fail_deliveries=1)
        await scene.works()
        failed = await scene.until(first, "failed")
        assert "131026" in (failed.failure or "")
        assert (await scene.row(second)).status == "cancelled"
        await scene.sweeps(words.chatwoot_conversation_id)
        [note] = await scene.notes()
        await scene.until_sent(note.id)
        [told] = await scene.in_chatwoot(words.chatwoot_conversation_id, private=True)
        assert "131026" in told
        assert "uno" in told
        assert "dos" in told
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == ["uno"]

    async def test_a_part_that_was_on_its_way_is_not_sent_a_second_time(self, scene: Scene) -> None:
        """The second part's post had no answer: it cannot be called back, but if it is not there it stays away."""
        words = await scene.supplier_writes()
        first, second = await scene.replies("uno", "dos", to=words)
        await put_off(scene, second)
        await scene.faults(hold_receipts=True)
        worker = await scene.works()
        await scene.until_sent(first)
        await worker.stop()
        await scene.faults(answer_next=1, answer_status=500, **POSTS)
        await put_off(scene, second, seconds=0)
        await scene.works(readback_seconds=3.0)
        await scene.until_set_back(second)
        async with scene.database.session() as session:
            await Messages(session).move(first, MessageStatus.FAILED, failure="131026")
        await scene.until(second, "cancelled")
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == ["uno"]
        assert len(await scene.notes()) == 1

    async def test_a_message_that_the_house_asked_for_is_told_of_too(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        async with scene.database.session() as session:
            to = Destination(conversation_id=words.conversation_id)
            message = await queue_message(
                session, to, content="Aviso", idempotency_key="k", account_id=1, mode=AgentMode.AUTO, now=utc_now()
            )
        await scene.faults(fail_deliveries=1)
        await scene.works()
        await scene.until(message, "failed")
        [note] = await scene.notes()
        assert "Aviso" in note.content


class TestTheGate:
    """Between the turn's end and the post a person stepped in, and the webhook that says so was lost."""

    @pytest.mark.parametrize(
        ("does", "reason"),
        [
            ({"content": "Yo me encargo"}, "person"),
            ({"assignee": "person"}, "person"),
            ({"status": "snoozed", "snooze_seconds": 3600}, "person"),
            ({"status": "resolved"}, "ended"),
        ],
        ids=str,
    )
    async def test_what_is_not_said_any_more_is_told_to_the_team(self, scene: Scene, does: dict[str, Any], reason: str) -> None:
        words = await scene.supplier_writes()
        first, second = await scene.replies("Vale 9.", "Hay 40.", to=words)
        await scene.lose_webhooks()
        await scene.person(words.chatwoot_conversation_id, **does)
        await scene.works()
        row = await scene.until(first, "cancelled")
        assert reason in (row.failure or "")
        assert (await scene.row(second)).status == "cancelled"
        [note] = await scene.notes()
        await scene.until_sent(note.id)
        [told] = await scene.in_chatwoot(words.chatwoot_conversation_id, private=True)
        assert told.startswith("Not sent, because")
        assert "Vale 9." in told
        assert "Hay 40." in told
        assert "order" not in told
        assert "Vale 9." not in await scene.in_chatwoot(words.chatwoot_conversation_id)
        async with scene.database.session() as session:
            assert [event.action for event in await Audit(session).of("message", first)] == ["withheld"]

    async def test_between_two_parts_too(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        first, second = await scene.replies("Vale 9.", "Hay 40.", to=words)
        await put_off(scene, second)
        await scene.works()
        await scene.until_sent(first)
        await scene.lose_webhooks()
        await scene.person(words.chatwoot_conversation_id, content="Yo me encargo")
        await put_off(scene, second, seconds=0)
        await scene.until(second, "cancelled")
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == ["Vale 9.", "Yo me encargo"]

    async def test_an_effect_that_was_done_is_named(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        assert words.turn_id is not None
        async with scene.database.session() as session:
            turn = await Turns(session).claim(now=utc_now() + timedelta(minutes=1), lease=timedelta(minutes=1))
            assert turn is not None
            await Operations(session).begin(key="k", turn_id=turn.id, attempt=1, action="confirm", request={})
        [message] = await scene.replies("Confirmado.", to=words)
        await scene.lose_webhooks()
        await scene.person(words.chatwoot_conversation_id, assignee="person")
        await scene.works()
        await scene.until(message, "cancelled")
        [note] = await scene.notes()
        assert "acted on in this turn all the same" in note.content

    async def test_a_post_that_got_through_before_the_person_came_is_not_called_withheld(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        [message] = await scene.replies("Vale 9.", to=words)
        await scene.lose_webhooks()
        await scene.faults(answer_next=1, answer_status=500, fail_after_commit=True, **POSTS)
        await scene.works(readback_seconds=0.6)
        await scene.until_in_chatwoot(words.chatwoot_conversation_id, "Vale 9.")
        await scene.person(words.chatwoot_conversation_id, content="Yo me encargo")
        await scene.until_sent(message)
        assert await scene.notes() == []

    async def test_notes_and_what_the_house_asked_for_pass(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        await scene.person(words.chatwoot_conversation_id, assignee="person")
        await scene.settled()
        [note] = await scene.replies(to=words, notes=["Solo para nosotros"])
        async with scene.database.session() as session:
            to = Destination(conversation_id=words.conversation_id)
            asked = await queue_message(
                session, to, content="Aviso", idempotency_key="k", account_id=1, mode=AgentMode.AUTO, now=utc_now()
            )
        await scene.works()
        await scene.until_sent(note)
        await scene.until_sent(asked)
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == ["Aviso"]

    async def test_words_that_a_person_decided_on_pass(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        await scene.person(words.chatwoot_conversation_id, assignee="person")
        await scene.settled()
        [approved] = await scene.replies("Vale 9.", to=words)
        async with scene.database.session() as session:
            asked = await Approvals(session).open_once(
                operation_key="k",
                conversation_id=words.conversation_id,
                turn_id=words.turn_id,
                kind="reply",
                question="?",
                proposal={},
            )
            await Approvals(session).close(asked, Choice.APPROVE, edit=None, note=None, by="ana", now=utc_now())
        await scene.works()
        await scene.until_sent(approved)

    @pytest.mark.parametrize("scope", ["everything", "supplier"])
    async def test_a_pause_is_waited_out_and_costs_nothing(self, scene: Scene, scope: str) -> None:
        words = await scene.supplier_writes()
        public, note = await scene.replies("Vale 9.", to=words, notes=["Ojo"])
        async with scene.database.session() as session:
            conversation = await Conversations(session).get(words.conversation_id)
            paused = conversation.supplier_id if scope == "supplier" else None
            await Pauses(session).pause(paused, by="ana")
        await scene.works()
        await asyncio.sleep(0.4)
        assert [(await scene.row(message)).status for message in (public, note)] == ["queued", "queued"]
        async with scene.database.session() as session:
            await Pauses(session).resume(paused, by="ana")
        row = await scene.until_sent(public)
        assert row.attempts == 1
        await scene.until_sent(note)

    async def test_a_pause_ordered_while_it_is_looked_at_holds_it(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        [message] = await scene.replies("Vale 9.", to=words)
        await scene.faults(latency_before_seconds=0.8, method="GET", path=r"/conversations/\d+$")
        await scene.works()
        await asyncio.sleep(0.3)
        async with scene.database.session() as session:
            await Pauses(session).pause(None, by="ana")
        await asyncio.sleep(1.2)
        row = await scene.row(message)
        assert (row.status, row.attempts, row.outcome_unknown_at) == ("queued", 0, None)
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == []

    async def test_a_suppliers_lost_words_are_heard_and_the_reply_goes_all_the_same(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        [message] = await scene.replies("Vale 9.", to=words)
        await scene.lose_webhooks()
        await scene.control.post("/control/incoming", json=WHATSAPP | {"content": "¿Y el plazo?"})
        await scene.works()
        await scene.until_sent(message)
        async with scene.database.session() as session:
            stored = await Messages(session).latest(limit=10)
        assert "¿Y el plazo?" in [row.content for row in stored if row.direction == "inbound"]

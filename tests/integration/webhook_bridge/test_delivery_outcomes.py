"""Whatever becomes of a POST, the supplier reads the message once.

Real: HTTP, databases, intake. Faked: Chatwoot, by the sandbox's stand-in, which is told how to fail; a bridge's death,
by an exception at a fault point, after which nothing more is recorded.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest

from domain import fault_points
from domain.messages import MessageStatus
from storage.audit import Audit
from storage.engine import Database
from storage.messages import Messages
from tests.integration.webhook_bridge.delivery_scene import MAIL, POSTS, WHATSAPP, Scene, a_scene, utc_now
from webhook_bridge import metrics
from webhook_bridge.views import message_view


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    async with a_scene(database) as scene:
        yield scene


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    fault_points.disarm()


class Died(Exception):
    """The bridge was killed."""


def dies_at(point: str) -> None:
    def die() -> None:
        fault_points.disarm()
        raise Died

    fault_points.arm(point, fire=die)


async def test_an_answer_is_accepted_once_and_its_receipts_come_back(scene: Scene) -> None:
    words = await scene.supplier_writes()
    first, second = await scene.replies("Buenas", "Vale 9.", to=words)
    await scene.works()
    # Of a message that has a newer one after it, webhooks tell no receipts: a sweep does.
    for part, ends in ((second, ("read",)), (first, ("sent", "delivered", "read"))):
        row = await scene.until(part, *ends)
        assert row.attempts == 1
        assert row.sent_at is not None
        assert timedelta(0) <= row.sent_at - row.timestamp < timedelta(seconds=10)
        assert (row.failure, row.outcome_unknown_at, row.duplicates) == (None, None, None)
    assert await scene.in_chatwoot(words.chatwoot_conversation_id) == ["Buenas", "Vale 9."]


class TestUnknown:
    """Nobody knows whether Chatwoot has it; the echo is lost too, so only reading back can tell."""

    @pytest.mark.parametrize(
        "fault",
        [
            {"answer_next": 1, "answer_status": 500},
            {"answer_next": 1, "answer_status": 503},
            {"answer_next": 1, "answer_status": 422},
            {"reset_next": 1},
            {"hang_next": 1},
        ],
        ids=str,
    )
    async def test_what_chatwoot_has_in_spite_of_its_answer_is_not_sent_again(
        self, scene: Scene, fault: dict[str, Any]
    ) -> None:
        words = await scene.supplier_writes()
        [message] = await scene.replies("Vale 9.", to=words)
        await scene.lose_webhooks()
        await scene.faults(fail_after_commit=True, **POSTS, **fault)
        await scene.works(chatwoot=scene.client(timeout_seconds=1.0))
        row = await scene.until_sent(message)
        assert row.chatwoot_message_id is not None
        assert (row.failure, row.outcome_unknown_at) == (None, None)
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == ["Vale 9."]

    @pytest.mark.parametrize("fault", [{"answer_next": 1, "answer_status": 500}, {"reset_next": 1}, {"hang_next": 1}], ids=str)
    async def test_what_it_has_not_is_sent_again_after_the_wait(self, scene: Scene, fault: dict[str, Any]) -> None:
        words = await scene.supplier_writes()
        [message] = await scene.replies("Vale 9.", to=words)
        await scene.faults(**POSTS, **fault)
        await scene.works(chatwoot=scene.client(timeout_seconds=1.0), readback_seconds=1.5, lease_seconds=20)
        waiting = await scene.until_tried(message)
        assert waiting.status == "queued"
        row = await scene.until_sent(message)
        assert row.sent_at is not None
        assert waiting.outcome_unknown_at is not None
        assert row.sent_at - waiting.outcome_unknown_at >= timedelta(seconds=1.5)
        assert row.attempts == 2
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == ["Vale 9."]

    async def test_a_late_commit_is_waited_for(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        first, second = await scene.replies("Vale 9.", "Hay 40.", to=words)
        await scene.lose_webhooks()
        await scene.faults(late_commit_next=1, late_commit_seconds=0.5, **POSTS)
        await scene.works(readback_seconds=1.2)
        row = await scene.until_sent(first)
        await scene.until_sent(second)
        assert row.duplicates is None
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == ["Vale 9.", "Hay 40."]

    async def test_a_commit_that_comes_even_later_is_a_duplicate_that_is_told(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        [message] = await scene.replies("Vale 9.", to=words)
        await scene.faults(late_commit_next=1, late_commit_seconds=4.0, **POSTS)
        before = metrics.DUPLICATES._value.get()
        await scene.works(readback_seconds=0.2)
        await scene.until_sent(message)
        row = await scene.until_doubled(message)
        [duplicate] = row.duplicates or []
        assert duplicate != row.chatwoot_message_id
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == ["Vale 9.", "Vale 9."]
        # The sweeps that tell all of it again are of no more consequence.
        await scene.sweeps(words.chatwoot_conversation_id)
        async with scene.database.session() as session:
            assert message_view(await Messages(session).get(message))["duplicates"] == [duplicate]
        assert metrics.DUPLICATES._value.get() == before + 1

    @pytest.mark.parametrize("with_words_before", [True, False])
    async def test_it_is_found_among_all_that_was_written_since(self, scene: Scene, with_words_before: bool) -> None:
        words = await scene.supplier_writes()
        [message] = await scene.replies("Vale 9.", to=words)
        if not with_words_before:
            # As in a Chatwoot conversation that we opened: nothing in our tables says from where to read.
            async with scene.database.session() as session:
                stored = await Messages(session).get(words.id)
                stored.chatwoot_message_id = None
        await scene.lose_webhooks()
        await scene.faults(answer_next=1, answer_status=500, fail_after_commit=True, **POSTS)
        await scene.works(readback_seconds=2.5, lease_seconds=20)
        await scene.until_in_chatwoot(words.chatwoot_conversation_id, "Vale 9.")
        for number in range(105):
            answer = await scene.control.post("/control/incoming", json=WHATSAPP | {"content": f"hola {number}"})
            assert answer.status_code == 200
        row = await scene.until_sent(message, within=20)
        assert row.attempts == 2
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == ["Vale 9."]

    async def test_a_bridge_that_died_after_the_post_left_word_of_it(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        [message] = await scene.replies("Vale 9.", to=words)
        await scene.lose_webhooks()
        dies_at("delivery.posted")
        await scene.works()
        row = await scene.until_sent(message)
        assert row.attempts == 2
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == ["Vale 9."]

    async def test_one_that_died_before_it_is_waited_for_like_an_unknown_outcome(self, scene: Scene) -> None:
        """From outside the two look the same: so nothing is sent before Chatwoot had the time for a late commit."""
        words = await scene.supplier_writes()
        [message] = await scene.replies("Vale 9.", to=words)
        dies_at("delivery.before_post")
        await scene.works(lease_seconds=1, readback_seconds=100)
        row = await scene.until_tried(message)
        assert row.outcome_unknown_at is not None
        assert row.next_attempt_at is not None
        assert row.next_attempt_at - row.outcome_unknown_at >= timedelta(seconds=100)
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == []

    async def test_one_that_died_with_nothing_tried_is_made_up_for_at_once(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        [message] = await scene.replies("Vale 9.", to=words)
        dies_at("delivery.claimed")
        await scene.works(lease_seconds=1, readback_seconds=60)
        row = await scene.until_sent(message)
        assert row.attempts >= 2
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == ["Vale 9."]

    async def test_after_so_many_posts_it_is_given_up_and_a_person_told_all_of_it(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        first, second = await scene.replies("Vale 9.", "Hay 40.", to=words)
        await scene.faults(answer_next=3, answer_status=500, **POSTS)
        await scene.works(max_attempts=3, readback_seconds=0.05)
        row = await scene.until(first, "failed")
        assert "3 attempts" in (row.failure or "")
        assert "500" in (row.failure or "")
        assert (await scene.row(second)).status == "cancelled"
        [note] = await scene.notes()
        await scene.until_sent(note.id)
        [told] = await scene.in_chatwoot(words.chatwoot_conversation_id, private=True)
        assert "Vale 9." in told
        assert "Hay 40." in told
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == []

    async def test_what_was_given_up_and_is_there_after_all_counts_as_sent(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        [message] = await scene.replies("Vale 9.", to=words)
        await scene.faults(late_commit_next=1, late_commit_seconds=4.0, **POSTS)
        await scene.works(max_attempts=1, readback_seconds=0.1)
        await scene.until(message, "failed")
        row = await scene.until_sent(message)
        assert (row.failure, row.duplicates) == (None, None)


class TestCertainlyNotThere:
    @pytest.mark.parametrize("fault", [{"answer_next": 2, "answer_status": 429}, {"messages_per_minute": 0}], ids=str)
    async def test_too_much_is_waited_out_and_costs_nothing(self, scene: Scene, fault: dict[str, Any]) -> None:
        words = await scene.supplier_writes()
        [message] = await scene.replies("Vale 9.", to=words)
        await scene.faults(**POSTS, **fault)
        await scene.works(readback_seconds=60, lease_seconds=60, max_attempts=1)
        await asyncio.sleep(0.4)
        await scene.all_well()
        row = await scene.until_sent(message)
        assert row.attempts == 1
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == ["Vale 9."]

    async def test_nobody_listening_costs_nothing_either(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        [message] = await scene.replies("Vale 9.", to=words)
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            nowhere = scene.client(base_url=f"http://127.0.0.1:{unused.getsockname()[1]}")
            worker = await scene.works(chatwoot=nowhere, max_attempts=2)
            await scene.until_set_back(message)
            await asyncio.sleep(0.8)
            await worker.stop()
        row = await scene.row(message)
        assert (row.status, row.outcome_unknown_at) == ("queued", None)
        assert row.attempts <= 1
        assert "ConnectError" in (row.failure or "")
        await scene.works()
        await scene.until_sent(message)

    async def test_a_chatwoot_that_is_down_for_long_loses_nothing(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        parts = await scene.replies("Vale 9.", "Hay 40.", to=words)
        await scene.faults(down=True, down_answer="502")
        await scene.works(max_attempts=2)
        await asyncio.sleep(1)
        assert [(await scene.row(part)).status for part in parts] == ["queued", "queued"]
        await scene.all_well()
        for part in parts:
            await scene.until_sent(part)
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == ["Vale 9.", "Hay 40."]

    @pytest.mark.parametrize("status", [401, 403, 404])
    @pytest.mark.parametrize("where", [POSTS, {"method": None, "path": None}], ids=["posts", "everything"])
    async def test_a_refusal_of_us_is_an_alarm_and_the_message_waits(
        self, scene: Scene, status: int, where: dict[str, Any]
    ) -> None:
        words = await scene.supplier_writes()
        [message] = await scene.replies("Vale 9.", to=words)
        await scene.faults(answer_next=100_000, answer_status=status, **where)
        worker = await scene.works(max_attempts=2)
        await scene.until_set_back(message)
        await asyncio.sleep(0.8)
        await worker.stop()
        row = await scene.row(message)
        assert (row.status, row.outcome_unknown_at) == ("queued", None)
        assert str(status) in (row.failure or "")
        await scene.all_well()
        await scene.works(max_attempts=2)
        await scene.until_sent(message)
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == ["Vale 9."]

    async def test_a_chatwoot_conversation_that_is_gone_fails_its_messages_only(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        first, second = await scene.replies("Vale 9.", "Hay 40.", to=words, chatwoot_conversation_id=9999)
        mail = await scene.supplier_writes(**MAIL)
        [elsewhere] = await scene.replies("Va por correo.", to=mail)
        await scene.works()
        row = await scene.until(first, "failed")
        assert "does not have this Chatwoot conversation" in (row.failure or "")
        assert (await scene.row(second)).status == "cancelled"
        await scene.until_sent(elsewhere)
        assert await scene.notes() == []
        async with scene.database.session() as session:
            [told] = await Audit(session).of("message", first)
        assert (told.action, told.after) == ("failed", {"attempts": 1, "cancelled": [second]})

    async def test_what_chatwoot_does_not_take_is_final_once_it_is_seen_not_to_be_there(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        [message] = await scene.replies("Vale 9.", to=words)
        await scene.faults(answer_next=1, answer_status=422, **POSTS)
        await scene.works()
        row = await scene.until(message, "failed")
        assert (row.attempts, row.outcome_unknown_at) == (1, None)
        [note] = await scene.notes()
        await scene.until_sent(note.id)
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == []


class TestAPersonTriesAgain:
    async def again(self, scene: Scene, message: int) -> None:
        """As `po-agent outbox retry` does."""
        async with scene.database.session() as session:
            await Messages(session).move(message, MessageStatus.QUEUED, next_attempt_at=utc_now(), failure=None)

    async def test_a_message_that_the_channel_refused_is_sent_anew(self, scene: Scene) -> None:
        """The copy that failed is still in Chatwoot, under the same key: it must neither stand for the new one nor fail it."""
        words = await scene.supplier_writes()
        [message] = await scene.replies("Vale 9.", to=words)
        await scene.faults(fail_deliveries=1)
        await scene.works()
        failed = await scene.until(message, "failed")
        assert "131026" in (failed.failure or "")
        await scene.settled()
        await self.again(scene, message)
        row = await scene.until(message, "read")
        assert row.chatwoot_message_id != failed.chatwoot_message_id
        assert row.duplicates is None
        assert await scene.in_chatwoot(words.chatwoot_conversation_id) == ["Vale 9.", "Vale 9."]
        await scene.sweeps(words.chatwoot_conversation_id)
        again = await scene.row(message)
        assert (again.status, again.chatwoot_message_id, again.duplicates) == ("read", row.chatwoot_message_id, None)
        assert len(await scene.notes()) == 1

    async def test_a_sweep_while_it_waits_does_not_fail_it_by_its_first_copy(self, scene: Scene) -> None:
        words = await scene.supplier_writes()
        [message] = await scene.replies("Vale 9.", to=words)
        await scene.faults(fail_deliveries=1)
        worker = await scene.works()
        await scene.until(message, "failed")
        await worker.stop()
        await scene.settled()
        await self.again(scene, message)
        await scene.sweeps(words.chatwoot_conversation_id)
        assert (await scene.row(message)).status == "queued"

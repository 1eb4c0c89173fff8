"""A LangGraph server that fails in every way. Real: storage, HTTP, SDK, worker. Stand-in: the server, named as one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from langgraph_sdk import get_client

from domain.errors import StaleAttempt
from storage.engine import Database
from storage.messages import Messages
from storage.models import Conversation, Message, Turn
from storage.models.turn import TurnStatus
from storage.turns import Turns
from tests.integration.sandbox.serving import served
from tests.integration.webhook_bridge.intake_scenes import an_intake, rows, words
from tests.integration.webhook_bridge.langgraph_stand_in import LangGraphStandIn
from webhook_bridge.attempt import Attempts, TurnMustWait
from webhook_bridge.stray_runs import cancel_stray_runs
from webhook_bridge.turns import TurnSettings, TurnWorker
from webhook_bridge.wake import Wake

PATIENCE = 15.0
QUICK = timedelta(milliseconds=50)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Scene:
    database: Database
    server: LangGraphStandIn
    url: str
    answered: list[tuple[int, int]] = field(default_factory=list)
    wake: Wake = field(default_factory=Wake)

    async def answer(self, turn_id: int, attempt: int) -> None:
        """What the graph's dispatcher does, fenced as it is."""
        async with self.database.session() as session:
            turn = await Turns(session).held(turn_id, attempt)
            await Messages(session).mark_read([message.id for message in await Messages(session).of_turn(turn_id)])
            turn.status, turn.ended_at = TurnStatus.DONE, utc_now()
        self.answered.append((turn_id, attempt))

    async def writes(self, message_id: int = 100, **changes: Any) -> None:
        intake = an_intake(self.database, quiet=QUICK, cap=QUICK, now=utc_now)
        assert await intake.take(words(message_id, **changes)) == "stored"

    @asynccontextmanager
    async def worker(self, *, lease: float = 1.2, timeout: float = 0.5, **given: Any) -> AsyncIterator[TurnWorker]:
        client = get_client(url=self.url, timeout=timeout)
        settings = TurnSettings(
            lease_seconds=lease,
            backoff_seconds=0.05,
            poll_seconds=given.pop("poll", 0.2),
            max_attempts=given.pop("most", 3),
        )
        attempts = Attempts(
            database=self.database,
            langgraph=client,
            lease=settings.lease,
            backoff=settings.backoff,
            max_attempts=settings.max_attempts,
            wake=self.wake,
            now=utc_now,
            **given,
        )
        worker = TurnWorker(
            database=self.database, langgraph=client, attempts=attempts, settings=settings, wake=self.wake, now=utc_now
        )
        working = asyncio.create_task(worker.run())
        try:
            yield worker
        finally:
            await worker.stop(grace_seconds=2)
            await working
            await client.aclose()

    async def turn(self) -> Turn:
        [turn] = await rows(self.database, Turn)
        return turn

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not await holds():  # noqa: ASYNC110 - what is waited for is a row
                await asyncio.sleep(0.02)

    async def until_done(self) -> None:
        async def done() -> bool:
            return (await self.turn()).status == TurnStatus.DONE

        await self.until(done)


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    server = LangGraphStandIn(answer=lambda turn_id, attempt: made.answer(turn_id, attempt))
    async with served(server.app()) as url:
        made = Scene(database=database, server=server, url=url)
        yield made


async def test_claimed_when_it_is_due_and_not_at_the_next_poll(scene: Scene) -> None:
    intake = an_intake(scene.database, quiet=timedelta(seconds=1), cap=timedelta(seconds=1), now=utc_now)
    await intake.take(words())
    async with scene.worker(poll=3600):
        await scene.until_done()
    assert scene.answered == [((await scene.turn()).id, 1)]


async def test_delivery_is_woken_though_the_typing_sign_does_not_come_off(scene: Scene) -> None:
    off = asyncio.Event()

    @asynccontextmanager
    async def stuck(_: Turn) -> AsyncIterator[None]:
        yield
        await off.wait()

    bell = scene.wake.listener()
    await scene.writes()
    async with scene.worker(accompaniment=stuck):
        async with asyncio.timeout(PATIENCE):
            await bell.rung.wait()
        assert (await scene.turn()).status == TurnStatus.DONE
        off.set()


async def test_gone_and_back_again(scene: Scene) -> None:
    scene.server.is_up = False
    await scene.writes()
    async with scene.worker() as worker:
        await asyncio.sleep(0.6)
        assert (await scene.turn()).attempt == 0, "a turn was claimed for a server that is away"
        with pytest.raises(Exception, match="not worked on"):
            await worker.check()
        scene.server.is_up = True
        await scene.until_done()
    assert len(scene.answered) == 1


async def test_refusals_use_up_no_attempts(scene: Scene) -> None:
    scene.server.refuse_runs = 503
    await scene.writes()
    async with scene.worker(most=2):

        async def several() -> bool:
            return (await scene.turn()).attempt >= 4

        await scene.until(several)
        assert (await scene.turn()).status != TurnStatus.FAILED
        scene.server.refuse_runs = None
        await scene.until_done()
    assert len(scene.answered) == 1


async def test_answered_after_we_gave_up(scene: Scene) -> None:
    """The server takes the run and answers too late: that run, or the next attempt, answers; never both."""
    scene.server.hang_runs = 1.0
    await scene.writes()
    async with scene.worker(timeout=0.3):
        await scene.until_done()
        scene.server.hang_runs = 0
        await asyncio.sleep(1.5)
    assert len(scene.answered) == 1


async def test_hangs_without_starting_anything(scene: Scene) -> None:
    scene.server.hang_runs, scene.server.start_before_hanging = 5.0, False
    await scene.writes()
    async with scene.worker(timeout=0.2):

        async def tried() -> bool:
            return (await scene.turn()).attempt >= 2

        await scene.until(tried)
        scene.server.hang_runs = 0
        await scene.until_done()
    assert len(scene.answered) == 1


async def test_memory_gone_while_it_ran(scene: Scene) -> None:
    """The thread is made again under its name, with its graph, and the turn is run again."""
    begun = asyncio.Event()

    async def never(_turn: int, _attempt: int) -> None:
        begun.set()
        await asyncio.sleep(60)

    scene.server.answer = never
    await scene.writes()
    async with scene.worker():
        await asyncio.wait_for(begun.wait(), PATIENCE)
        scene.server.answer = scene.answer
        scene.server.forget()
        await scene.until_done()
    [conversation] = await rows(scene.database, Conversation)
    assert list(scene.server.threads) == [str(conversation.thread_id)]
    assert [attempt for _, attempt in scene.answered] == [2]


async def test_a_run_nobody_knew_of_does_nothing(scene: Scene) -> None:
    """A bridge that died: its run goes on under an old attempt, and is refused at the fence."""
    stale: list[str] = []
    release = asyncio.Event()

    async def late(turn_id: int, attempt: int) -> None:
        if attempt == 1:
            await release.wait()
        try:
            await scene.answer(turn_id, attempt)
        except StaleAttempt:
            stale.append(f"attempt {attempt}")
            raise

    scene.server.answer = late
    await scene.writes()
    async with scene.worker(lease=60) as worker:

        async def running() -> bool:
            return (await scene.turn()).run_id is not None

        await scene.until(running)
        # It dies: nobody renews the lease, and the clock of the tables runs out.
        for task in worker._carried:
            task.cancel()
    async with scene.database.session() as session:
        (await session.get_one(Turn, (await scene.turn()).id)).due_at = utc_now() - timedelta(seconds=1)
    async with scene.worker():
        await scene.until_done()
        release.set()
        await scene.until(lambda: _is(lambda: bool(stale)))
    assert stale == ["attempt 1"]
    assert [attempt for _, attempt in scene.answered] == [2]


async def test_the_lease_is_renewed_while_the_run_lives(scene: Scene) -> None:
    async def slow(turn_id: int, attempt: int) -> None:
        await asyncio.sleep(5)
        await scene.answer(turn_id, attempt)

    scene.server.answer = slow
    await scene.writes()
    async with scene.worker(lease=3), scene.worker(lease=3):
        await scene.until_done()
    assert [attempt for _, attempt in scene.answered] == [1], "a second bridge took a turn whose run lived"


async def test_failed_for_good_it_goes_to_a_person_and_can_be_run_again(scene: Scene) -> None:
    async def broken(_turn: int, _attempt: int) -> None:
        raise RuntimeError("broken")

    scene.server.answer = broken
    await scene.writes()
    async with scene.worker(most=2):

        async def failed() -> bool:
            return (await scene.turn()).status == TurnStatus.FAILED

        await scene.until(failed)
    [conversation] = await rows(scene.database, Conversation)
    assert conversation.handled_by == "person"
    turn = await scene.turn()
    assert turn.attempt == 2
    notes = [message for message in await rows(scene.database, Message) if message.private]
    assert [(note.status, note.turn_id) for note in notes] == [("queued", turn.id)]
    assert f"turns retry {turn.id}" in notes[0].content

    scene.server.answer = scene.answer
    async with scene.database.session() as session:
        assert await Turns(session).retry(turn.id, now=utc_now())
        (await session.get_one(Conversation, conversation.id)).handled_by = "bot"
    async with scene.worker():
        await scene.until_done()
    assert [attempt for _, attempt in scene.answered] == [3]


async def test_what_must_wait_is_tried_again_without_counting(scene: Scene) -> None:
    asked = 0

    async def not_yet(turn: Turn) -> Turn:
        nonlocal asked
        asked += 1
        if asked < 5:
            raise TurnMustWait("Another turn runs.")
        return turn

    await scene.writes()
    async with scene.worker(most=2, preparations=(not_yet,)):
        await scene.until_done()
    assert (asked, len(scene.answered)) == (5, 1)


async def test_stray_runs_are_cancelled_and_no_others(scene: Scene) -> None:
    async def never(_turn: int, _attempt: int) -> None:
        await asyncio.sleep(60)

    scene.server.answer = never
    await scene.writes()
    async with scene.worker(lease=60) as worker:

        async def running() -> bool:
            return (await scene.turn()).run_id is not None

        await scene.until(running)
        client = get_client(url=scene.url)
        assert await cancel_stray_runs(scene.database, client, now=utc_now()) == 0
        thread_id = next(iter(scene.server.threads))
        someone_elses = {"run_id": "x", "thread_id": thread_id, "status": "running", "metadata": {"user": "studio"}}
        scene.server.runs["x"] = someone_elses
        turn = await scene.turn()
        async with scene.database.session() as session:
            await Turns(session).give_back(turn.id, 1, error="x", retry_at=utc_now(), max_attempts=9, now=utc_now())
            (await session.get_one(Conversation, turn.conversation_id)).handled_by = "person"
        assert await cancel_stray_runs(scene.database, client, now=utc_now()) == 1
        assert sorted(run["status"] for run in scene.server.runs.values()) == ["interrupted", "running"]
        for task in worker._carried:
            task.cancel()
        await client.aclose()


async def test_four_bridges_and_forty_suppliers(scene: Scene) -> None:
    for number in range(40):
        await scene.writes(
            1000 + number,
            chatwoot_conversation_id=number + 1,
            sender=words().sender.model_copy(update={"contact_id": 600 + number, "phone": f"+569123{number:05d}"}),
        )
    async with scene.worker(lease=60), scene.worker(lease=60), scene.worker(lease=60), scene.worker(lease=60):

        async def all_done() -> bool:
            return all(turn.status == TurnStatus.DONE for turn in await rows(scene.database, Turn))

        await scene.until(all_done)
    assert len(scene.answered) == len({turn_id for turn_id, _ in scene.answered}) == 40
    assert {attempt for _, attempt in scene.answered} == {1}


async def _is(holds: Callable[[], bool]) -> bool:
    return holds()

"""Let everything come to its end: troubles over, one bridge alive, every webhook in, time for every retry and sweep."""

from datetime import timedelta

from sqlalchemy import delete, select

from domain import fault_points
from domain.messages import MessageStatus
from storage.models import Conversation, Message, Operation, Pause, Turn
from tests.integration.webhook_bridge.state_machine.stage import Stage

#: Enough for the longest backoff, a lease, a read-back and two rounds of housekeeping, one after the other.
_ROUNDS = 60


async def settle_everything(stage: Stage) -> None:
    """Returns when there is nothing more to do; the promises say whether what is left is as it should be."""
    fault_points.disarm()
    for trouble in (stage.chatwoot_trouble, stage.server_trouble):
        trouble.end()
    stage.odoo.outage, stage.odoo.lost_answers = None, 0
    async with stage.database.session() as session:
        await session.execute(delete(Pause))
    stage.server.hurry()
    if stage.server.process.is_dead:
        await stage.restart_server()
        stage.server.hurry()
    for _ in stage.bridges[1:]:
        await stage.kill_bridge(0)
    if not stage.bridges:
        await stage.start_bridge()
    await stage.loop.settle()
    await _work_off(stage)
    # What the webhooks did not tell is found now, by the housekeeping.
    stage.clock.advance(timedelta(seconds=301))
    await stage.loop.settle()
    await _work_off(stage)


async def _work_off(stage: Stage) -> None:
    for _ in range(_ROUNDS):
        await _let_in(stage)
        if not await _is_something_left(stage):
            return
        stage.clock.advance(timedelta(seconds=31))
        await stage.loop.settle()


async def _let_in(stage: Stage) -> None:
    """Every webhook arrives, and the channels say what became of every message."""
    while stage.chatwoot.webhooks.jobs or stage.chatwoot.receipts:
        jobs = stage.chatwoot.webhooks.jobs
        waiting, jobs[:] = list(jobs), []
        for job in waiting:
            await stage.send(job)
            await stage.loop.settle()
        await stage.chatwoot.run_receipts()
        await stage.loop.settle()


async def _is_something_left(stage: Stage) -> bool:
    if stage.chatwoot.webhooks.jobs or stage.chatwoot.receipts:
        return True
    async with stage.database.session() as session:
        is_ours = Conversation.handled_by == "bot"
        begun = select(Operation.id).where(Operation.turn_id == Turn.id, Operation.status == "started").exists()
        turns = select(Turn.id).join(Conversation).where(Turn.ended_at.is_(None), is_ours | begun)
        queued = select(Message.id).join(Conversation, Conversation.id == Message.conversation_id)
        queued = queued.where(Message.status == MessageStatus.QUEUED, is_ours)
        return any([await session.scalar(turns.limit(1)), await session.scalar(queued.limit(1))])

"""Last node: one commit that ends the turn. Inbound read, outbound queued, turn done, audit: all of it or nothing.

What is not to be said goes out as a private note for our own team: in shadow mode, and where a person has taken the
conversation over or it has ended meanwhile. In assist mode a person is asked whether it may be said. While the agent is paused
it is queued, for delivery waits too. A turn of an SDK caller is answered in the run's output; its reply is only recorded.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain.fault_points import reach
from domain.identity import Channel
from domain.keys import operation_key
from domain.modes import AgentMode
from domain.plan import Outcome
from graphs.purchase_order.node import Update
from graphs.purchase_order.replies.notes import draft_note, not_said_note
from graphs.purchase_order.services import Services
from graphs.purchase_order.state import ConversationState
from storage.approvals import REPLY, Approvals
from storage.audit import Audit
from storage.gate import PAUSED, why_shut
from storage.in_reply import NOTES_FROM, in_reply_to
from storage.messages import Messages, MessageWriter
from storage.models import Message, Turn
from storage.models.turn import TurnKind, TurnStatus
from storage.turns import Turns
from tools.fetch_pending_messages import TRANSCRIPT_LENGTH
from tools.permissions import EFFECTS


@dataclass
class Outgoing:
    """What leaves the turn: words for the supplier, and notes for our own team."""

    said: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


async def message_dispatcher(state: ConversationState, services: Services) -> Update:
    """End the turn. Raises `StaleAttempt`, having done nothing."""
    facts, now = state["turn"], services.now()
    async with services.database.session() as session:
        turn = await Turns(session).held(facts["id"], facts["attempt"])
        answers = await Messages(session).get(facts["answers"])
        answered = await Messages(session).of_turn(turn.id)
        drafted = turn.draft or []
        parts = [part["content"] for part in drafted if not part["private"]]
        if turn.kind == TurnKind.SUPPLIER and not answered and not await Turns(session).has_operations(turn.id):
            # The supplier took its words back, and nothing was done for them: nobody waits for an answer.
            parts = []
        outgoing = await _outgoing(session, turn, parts, answers, state)
        outgoing.notes += [part["content"] for part in drafted if part["private"]]
        writer: MessageWriter = Messages(session)
        for seq, text in enumerate(outgoing.said, start=1):
            row = in_reply_to(answers, turn_id=turn.id, seq=seq, content=text, private=False, now=now)
            await writer.queue(Message(**row))
        for seq, text in enumerate(outgoing.notes, start=NOTES_FROM):
            row = in_reply_to(answers, turn_id=turn.id, seq=seq, content=text, private=True, now=now)
            await writer.queue(Message(**row))
        await Messages(session).mark_read([message.id for message in answered])
        turn.status, turn.ended_at = TurnStatus.DONE, now
        Audit(session).add(
            actor="agent",
            action="answered",
            entity="turn",
            entity_id=turn.id,
            after={"messages": len(answered), "parts": len(parts), "withheld": outgoing.said != parts},
            turn_id=turn.id,
            run_id=turn.run_id,
        )
        reach("graph.dispatch_before_commit")
    reach("graph.dispatched")
    said = [{"type": "ai", "id": f"turn-{facts['id']}-{n}", "content": text} for n, text in enumerate(outgoing.said, 1)]
    return {"status": "done", "messages": [*state["messages"], *said][-TRANSCRIPT_LENGTH:]}


async def _outgoing(
    session: AsyncSession, turn: Turn, parts: list[str], answers: Message, state: ConversationState
) -> Outgoing:
    """What becomes of the reply as things stand in this transaction."""
    mode = AgentMode(state["turn"]["mode"])
    why = await _why_not_said(session, turn, mode, answers)
    effects = [outcome for outcome in map(Outcome.from_json, state["outcomes"]) if outcome.kind.partition(".")[0] in EFFECTS]
    if not parts:
        return Outgoing()
    if why is not None:
        return Outgoing(notes=[not_said_note(parts, effects=effects, why=why)])
    if mode is AgentMode.ASSIST:
        approval_id = await _ask_to_say(session, turn, parts, answers)
        return Outgoing(notes=[draft_note(parts, approval_id=approval_id)])
    return Outgoing(said=parts)


async def _why_not_said(session: AsyncSession, turn: Turn, mode: AgentMode, answers: Message) -> str | None:
    shut = await why_shut(session, turn.conversation_id)
    if shut is not None and shut != PAUSED:
        return shut
    if mode is AgentMode.SHADOW or (mode is AgentMode.ASSIST and answers.channel == Channel.SDK):
        return f"In {mode} mode the agent says nothing by itself."
    return None


async def _ask_to_say(session: AsyncSession, turn: Turn, parts: list[str], answers: Message) -> int:
    """The approval of the reply: `storage.decisions` queues its words once a person has said so."""
    proposal: dict[str, Any] = {"parts": parts, "answers": answers.id}
    approval = await Approvals(session).open_once(
        operation_key=operation_key(conversation_id=turn.conversation_id, turn_id=turn.id, step=0, action=REPLY),
        conversation_id=turn.conversation_id,
        turn_id=turn.id,
        kind=REPLY,
        question="May this be said to the supplier?",
        proposal=proposal,
    )
    return approval.id

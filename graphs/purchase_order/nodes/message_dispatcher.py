"""Last node: one commit that ends the turn. Inbound read, outbound queued, turn done, audit: all of it or nothing.

Outside `auto` mode, or when a person has taken the conversation over meanwhile, what would have been said goes out as
private notes for our own team. A turn of an SDK caller is answered in the run's output; its reply is only recorded.
"""

from typing import Any

from domain.fault_points import reach
from domain.identity import Channel
from domain.keys import delivery_key
from domain.messages import Author, Direction, MessageStatus
from domain.modes import AgentMode
from graphs.purchase_order.node import Update
from graphs.purchase_order.services import Services
from graphs.purchase_order.state import ConversationState
from storage.audit import Audit
from storage.messages import Messages, MessageWriter
from storage.models import Message, Turn
from storage.models.turn import TurnStatus
from storage.turns import Turns
from tools.fetch_pending_messages import TRANSCRIPT_LENGTH


async def message_dispatcher(state: ConversationState, services: Services) -> Update:
    """End the turn. Raises `StaleAttempt`, having done nothing."""
    facts = state["turn"]
    async with services.database.session() as session:
        turn = await Turns(session).held(facts["id"], facts["attempt"])
        handled_by = (await Turns(session).get(turn.id)).conversation.handled_by
        answers = await Messages(session).get(facts["answers"])
        answered = await Messages(session).of_turn(turn.id)
        parts: list[dict[str, Any]] = turn.draft or []
        if not answered and not await Turns(session).has_operations(turn.id):
            # The supplier took its words back, and nothing was done for them: nobody waits for an answer.
            parts = [part for part in parts if part["private"]]
        withheld = facts["mode"] != AgentMode.AUTO or handled_by != "bot"
        writer: MessageWriter = Messages(session)
        for seq, part in enumerate(parts, start=1):
            await writer.queue(_outgoing(turn, part, answers, seq=seq, withheld=withheld, services=services))
        await Messages(session).mark_read([message.id for message in answered])
        turn.status, turn.ended_at = TurnStatus.DONE, services.now()
        Audit(session).add(
            actor="agent",
            action="answered",
            entity="turn",
            entity_id=turn.id,
            after={"messages": len(answered), "parts": len(parts), "withheld": withheld},
            turn_id=turn.id,
            run_id=turn.run_id,
        )
        reach("graph.dispatch_before_commit")
    reach("graph.dispatched")
    told = [] if withheld else [part["content"] for part in parts if not part["private"]]
    said = [{"type": "ai", "id": f"turn-{facts['id']}-{n}", "content": text} for n, text in enumerate(told, 1)]
    return {"status": "done", "messages": [*state["messages"], *said][-TRANSCRIPT_LENGTH:]}


def _outgoing(turn: Turn, part: dict[str, Any], answers: Message, *, seq: int, withheld: bool, services: Services) -> Message:
    """One part of the reply, to where the turn's messages came from."""
    now = services.now()
    to_caller = answers.channel == Channel.SDK
    return Message(
        conversation_id=turn.conversation_id,
        contact_point_id=answers.contact_point_id,
        turn_id=turn.id,
        seq=seq,
        channel=answers.channel,
        account_id=answers.account_id,
        chatwoot_conversation_id=answers.chatwoot_conversation_id,
        chatwoot_inbox_id=answers.chatwoot_inbox_id,
        direction=Direction.OUTBOUND,
        status=MessageStatus.SENT if to_caller else MessageStatus.QUEUED,
        author=Author.AGENT,
        private=part["private"] or withheld,
        content=part["content"],
        timestamp=now,
        next_attempt_at=None if to_caller else now,
        delivery_key=delivery_key(conversation_id=turn.conversation_id, turn_id=turn.id, seq=seq),
    )

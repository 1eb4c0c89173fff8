"""Fourth node: write the reply from the outcomes, in the supplier's language, and draft it on the turn."""

import asyncio

from domain.fault_points import reach
from domain.plan import Outcome
from domain.splitting import split_text
from domain.understanding import Understanding
from graphs.purchase_order.node import Update
from graphs.purchase_order.replies.notes import write_notes
from graphs.purchase_order.replies.writer import write_reply
from graphs.purchase_order.services import Services
from graphs.purchase_order.state import ConversationState
from tools.permissions import use


async def response_generator(state: ConversationState, services: Services) -> Update:
    """Fill `reply`. Raises `StaleAttempt`."""
    understanding = Understanding.from_json(state["understanding"])
    outcomes = [Outcome.from_json(outcome) for outcome in state["outcomes"]]
    # In a thread: Babel reads a locale's tables from files at first use.
    texts = await asyncio.to_thread(write_reply, outcomes, language=understanding.language)
    parts = [part for text in texts for part in split_text(text, channel=state["turn"]["channel"])]
    notes = write_notes(outcomes, understanding=understanding, files=state["files"])
    await use("send_reply", services.tool_context(state["turn"]), parts=parts, notes=notes)
    reach("graph.reply_drafted")
    return {"reply": parts}

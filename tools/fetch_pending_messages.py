"""Read the words that this turn answers, and the few messages before them."""

from langchain_core.tools import tool

from storage.messages import MessageReader, Messages
from storage.models import Message
from tools.context import Injected, ToolResult

#: How much of the transcript a run sees: state must not grow with the conversation.
TRANSCRIPT_LENGTH = 10


@tool
async def fetch_pending_messages(context: Injected) -> ToolResult:
    """Answer `pending`, the supplier's unanswered messages in order, and `transcript`, the last messages of both sides."""
    async with context.database.session() as session:
        reader: MessageReader = Messages(session)
        pending = await reader.of_turn(context.turn_id)
        transcript = await reader.transcript(context.conversation_id, limit=TRANSCRIPT_LENGTH)
    return {
        "pending": [_as_json(message) for message in pending],
        "transcript": [_as_json(message) for message in transcript],
    }


def _as_json(message: Message) -> dict[str, object]:
    return {
        "id": message.id,
        "author": message.author,
        "channel": message.channel,
        "content": message.content,
        "attachments": message.attachments,
        "at": message.timestamp.isoformat(),
    }

"""A message to where another one came from: the row that delivery sends, or that only records what an SDK caller was told."""

from datetime import datetime
from typing import Any

from domain.identity import Channel
from domain.keys import delivery_key
from domain.messages import Author, Direction, MessageStatus
from storage.models import Message

#: The places of a turn's messages: the parts of its reply from 1, notes to our own team from here, so that an edited reply
#: may have more parts than the draft, and each place's delivery key is its own.
NOTES_FROM = 500

#: Notes on decisions, one place for each approval of the turn.
DECISIONS_FROM = 10_000


def in_reply_to(answered: Message, *, turn_id: int, seq: int, content: str, private: bool, now: datetime) -> dict[str, Any]:
    """The columns. An e-mail's subject is not among them: Chatwoot keeps it by its conversation (`Re: <mail_subject>`)."""
    to_caller = answered.channel == Channel.SDK
    return {
        "conversation_id": answered.conversation_id,
        "contact_point_id": answered.contact_point_id,
        "turn_id": turn_id,
        "seq": seq,
        "channel": answered.channel,
        "account_id": answered.account_id,
        "chatwoot_conversation_id": answered.chatwoot_conversation_id,
        "chatwoot_inbox_id": answered.chatwoot_inbox_id,
        "direction": Direction.OUTBOUND,
        "status": MessageStatus.SENT if to_caller else MessageStatus.QUEUED,
        "author": Author.AGENT,
        "private": private,
        "content": content,
        "timestamp": now,
        "next_attempt_at": None if to_caller else now,
        "delivery_key": delivery_key(conversation_id=answered.conversation_id, turn_id=turn_id, seq=seq),
    }

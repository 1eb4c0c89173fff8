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
    """The columns of the message that has this place in a turn."""
    key = delivery_key(conversation_id=answered.conversation_id, turn_id=turn_id, seq=seq)
    return beside(answered, turn_id=turn_id, seq=seq, content=content, private=private, now=now, key=key)


def beside(
    message: Message, *, turn_id: int | None, seq: int, content: str, private: bool, now: datetime, key: str
) -> dict[str, Any]:
    """The same with a delivery key of the caller's, also where there is no turn.

    An e-mail's subject is not among the columns: Chatwoot keeps it by its conversation (`Re: <mail_subject>`).
    """
    to_caller = message.channel == Channel.SDK
    return {
        "conversation_id": message.conversation_id,
        "contact_point_id": message.contact_point_id,
        "turn_id": turn_id,
        "seq": seq,
        "channel": message.channel,
        "account_id": message.account_id,
        "chatwoot_conversation_id": message.chatwoot_conversation_id,
        "chatwoot_inbox_id": message.chatwoot_inbox_id,
        "direction": Direction.OUTBOUND,
        "status": MessageStatus.SENT if to_caller else MessageStatus.QUEUED,
        "author": Author.AGENT,
        "private": private,
        "content": content,
        "timestamp": now,
        "next_attempt_at": None if to_caller else now,
        "delivery_key": key,
    }

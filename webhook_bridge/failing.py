"""Messages that will not reach the supplier: what was to follow them is cancelled, and our own team is told, once.

Everything here happens in the transaction that finds it out. The team is told by a private note in the Chatwoot conversation,
which is a message of its own; where there is no Chatwoot conversation (any more), the log and the audit are all there is.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from domain.messages import MessageStatus
from storage.audit import Audit
from storage.in_reply import beside
from storage.messages import Messages
from storage.models import Message
from storage.outbox import Outbox
from storage.turns import Turns

log = structlog.get_logger(__name__)

HALF_AN_ANSWER = "An earlier part of this reply did not go out."

#: The places of these notes in their turn come after all others; each time that a message is given up has one of its own.
_NOTES_FROM = 1_000_000
_NOTES_OF_A_TRY = 10_000

_NAMESPACE = UUID("0b3e6f9c-52c5-5a6d-8a0f-7f3f0c1d9e21")


async def fail(session: AsyncSession, message: Message, *, why: str, now: datetime, is_gone: bool = False) -> None:
    """A queued message, locked, is given up. `is_gone`: so is its Chatwoot conversation."""
    await Messages(session).move(message.id, MessageStatus.FAILED, failure=why)
    log.error("message failed", error=why, private=message.private)
    await after_failure(session, message, why=why, now=now, is_gone=is_gone)


async def after_failure(session: AsyncSession, message: Message, *, why: str, now: datetime, is_gone: bool = False) -> None:
    """What follows when a message has failed: here, or (Chatwoot accepted it) on its way to the supplier."""
    withheld = await _cancel_rest(session, message)
    _note_in_audit(session, message, "failed", withheld)
    if not is_gone:
        await _tell_team(session, message, "This did not reach the supplier.", why, withheld=withheld, now=now)


async def withhold(session: AsyncSession, message: Message, *, why: str, now: datetime) -> None:
    """A queued part of a reply, locked, is not sent, on purpose, nor what was to follow it."""
    await Messages(session).move(message.id, MessageStatus.CANCELLED, failure=why)
    withheld = await _cancel_rest(session, message)
    log.warning("message withheld", reason=why, parts=1 + len(withheld))
    _note_in_audit(session, message, "withheld", withheld)
    if message.turn_id is not None and await Turns(session).has_operations(message.turn_id):
        why += " The order was acted on in this turn all the same: check it."
    await _tell_team(session, message, "Not sent, because:", why, withheld=withheld, now=now)


async def _cancel_rest(session: AsyncSession, message: Message) -> list[Message]:
    rest = await Outbox(session).rest_of_reply(message)
    for part in rest:
        await Messages(session).move(part.id, MessageStatus.CANCELLED, failure=HALF_AN_ANSWER)
    return rest


def _note_in_audit(session: AsyncSession, message: Message, action: str, withheld: Sequence[Message]) -> None:
    Audit(session).add(
        actor="bridge",
        action=action,
        entity="message",
        entity_id=message.id,
        after={"attempts": message.attempts, "cancelled": [part.id for part in withheld]},
        turn_id=message.turn_id,
    )


async def _tell_team(
    session: AsyncSession, message: Message, what: str, why: str, *, withheld: Sequence[Message], now: datetime
) -> None:
    # Of a note that failed no note is written: it would fail like it.
    if message.private or message.chatwoot_conversation_id is None:
        return
    texts = [message.content, *(part.content for part in withheld)]
    seq = _NOTES_FROM + _NOTES_OF_A_TRY * message.attempts + message.seq
    key = str(uuid5(_NAMESPACE, f"{message.delivery_key}:{message.attempts}"))
    words = "\n\n".join([f"{what} {why}", *texts])
    note = beside(message, turn_id=message.turn_id, seq=seq, content=words, private=True, now=now, key=key)
    await Messages(session).add_once(note)

"""The steps of one message on its way out, from its claim to what became of it.

Every step of a worker's compares the claim (`attempts`), so that one who was slow undoes nothing that another has done since.
Just before a message is handed to Chatwoot its row says so (`outcome_unknown_at`): whoever finds that, after a crash too, reads
back before it is handed over again.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.messages import Direction, MessageStatus
from storage.approvals import REPLY
from storage.messages import Messages
from storage.models import Approval, Message


class Acceptance(StrEnum):
    """What it means to us that Chatwoot has a message: that it was sent, nothing new, or that it is there twice."""

    SENT = "sent"
    REPEATED = "repeated"
    DUPLICATE = "duplicate"


class Outbox:
    """The repository of messages under way. A `claimed` message is the row as `Messages.claim_outgoing` gave it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def held(self, claimed: Message) -> Message | None:
        """The row, locked until the transaction ends; None if it was sent or cancelled, or another claim has it by now."""
        present = await self._session.get(Message, claimed.id, with_for_update={"of": Message}, populate_existing=True)
        if present is None or present.status != MessageStatus.QUEUED or present.attempts != claimed.attempts:
            return None
        return present

    async def put_back(self, claimed: Message, *, until: datetime, failure: str | None) -> None:
        """End a claim by which nothing reached Chatwoot: it is as if it had not been, and may be claimed again at `until`."""
        present = await self.held(claimed)
        if present is None:
            return
        present.attempts -= 1
        present.outcome_unknown_at = claimed.outcome_unknown_at
        present.next_attempt_at, present.failure = until, failure

    async def accept(self, message: Message, *, chatwoot_message_id: int, at: datetime) -> Acceptance:
        """Chatwoot has `message` under this id: however we know, and however often. Locks the row."""
        await self._session.flush()  # a refresh forgets what was set and not yet written
        await self._session.refresh(message, with_for_update={"of": Message})
        if chatwoot_message_id in (message.chatwoot_message_id, *(message.duplicates or [])):
            return Acceptance.REPEATED
        if message.status == MessageStatus.FAILED and message.chatwoot_message_id is None:
            # We had given it up, and it is there after all.
            await Messages(self._session).move(message.id, MessageStatus.QUEUED)
        if message.status == MessageStatus.QUEUED:
            await Messages(self._session).move(
                message.id,
                MessageStatus.SENT,
                chatwoot_message_id=chatwoot_message_id,
                sent_at=at,
                outcome_unknown_at=None,
                failure=None,
            )
            return Acceptance.SENT
        message.duplicates = [*(message.duplicates or []), chatwoot_message_id]
        return Acceptance.DUPLICATE

    async def rest_of_reply(self, message: Message) -> list[Message]:
        """The later parts of the same reply that Chatwoot cannot have yet, locked, in order."""
        if message.turn_id is None or message.private:
            return []
        query = (
            select(Message)
            .where(
                Message.turn_id == message.turn_id,
                Message.direction == Direction.OUTBOUND,
                Message.status == MessageStatus.QUEUED,
                ~Message.private,
                Message.seq > message.seq,
                Message.outcome_unknown_at.is_(None),
            )
            .order_by(Message.seq)
            .with_for_update(of=Message)
        )
        return list(await self._session.scalars(query))

    async def lacks_earlier_part(self, message: Message) -> bool:
        """Whether an earlier part of the same reply will not come, so that this one would be half an answer."""
        if message.turn_id is None or message.private or message.chatwoot_message_id is not None:
            return False
        query = select(Message.id).where(
            Message.turn_id == message.turn_id,
            Message.direction == Direction.OUTBOUND,
            Message.status.in_([MessageStatus.FAILED, MessageStatus.CANCELLED]),
            ~Message.private,
            Message.seq < message.seq,
        )
        return await self._session.scalar(query.limit(1)) is not None

    async def was_decided_on(self, message: Message) -> bool:
        """Whether a person decided on these very words: then they are sent also while a person has the conversation."""
        query = select(Approval.id).where(
            Approval.turn_id == message.turn_id, Approval.kind == REPLY, Approval.status.in_(["approved", "edited"])
        )
        return await self._session.scalar(query.limit(1)) is not None

    async def newest_known_before(self, message: Message) -> int | None:
        """A Chatwoot id below any that `message` can have; None if there is none that we know.

        What others wrote was stored after Chatwoot had numbered it, so what was stored before our row was made is older.
        """
        query = select(func.max(Message.chatwoot_message_id)).where(
            Message.account_id == message.account_id,
            Message.chatwoot_conversation_id == message.chatwoot_conversation_id,
            Message.delivery_key.is_(None),
            Message.id < message.id,
        )
        return await self._session.scalar(query)

    async def last_heard_at(self, message: Message) -> datetime | None:
        """When the supplier last wrote in the Chatwoot conversation that `message` goes to, by Chatwoot's clock."""
        query = select(func.max(Message.timestamp)).where(
            Message.account_id == message.account_id,
            Message.chatwoot_conversation_id == message.chatwoot_conversation_id,
            Message.direction == Direction.INBOUND,
        )
        return await self._session.scalar(query)

"""One attempt at one message: is it there already, may it go now, and how; then one POST, and what became of it.

Chatwoot has no idempotency. So the row says that the message may be there before it is posted; and as long as nobody knows, the
Chatwoot conversation is read back for the delivery key before anything is sent again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import AgentError
from domain.fault_points import reach
from domain.identity import Channel
from domain.messages import MessageStatus
from storage.engine import Database
from storage.gate import PAUSED, PERSON, why_shut
from storage.models import Message
from storage.outbox import Acceptance, Outbox
from storage.pauses import Pauses
from webhook_bridge import metrics, window
from webhook_bridge.chatwoot.client import ChatwootClient
from webhook_bridge.chatwoot.failures import (
    ChatwootMisconfigured,
    ChatwootNotReached,
    ChatwootRejected,
    ChatwootUnavailable,
)
from webhook_bridge.failing import HALF_AN_ANSWER, fail, withhold
from webhook_bridge.last_look import LastLook
from webhook_bridge.opening import Opener
from webhook_bridge.readback import ReadBack
from webhook_bridge.receipts import accepted
from webhook_bridge.setbacks import Setbacks

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Posting:
    """Attempts at messages. `claimed` is a row as it was when it was claimed, `present` the same row as it is now."""

    database: Database
    chatwoot: ChatwootClient
    opener: Opener
    look: LastLook
    read_back: ReadBack
    setbacks: Setbacks
    now: Callable[[], datetime]

    async def attempt(self, claimed: Message) -> int | None:
        """Chatwoot's id of the message if it is there now. Whatever Chatwoot fails with is dealt with here."""
        settings = self.setbacks.settings
        try:
            if claimed.outcome_unknown_at is not None:
                if (there := await self._found(claimed)) is not None:
                    return there
                if claimed.attempts > settings.max_attempts:
                    why = f"Chatwoot did not take it in {claimed.attempts - 1} attempts. {claimed.failure or ''}"
                    await self.setbacks.give_up(claimed, why)
                    return None
            account_id, conversation_id = await self.opener.destination(claimed)
            claimed.account_id, claimed.chatwoot_conversation_id = account_id, conversation_id
            is_closed = await self._is_window_closed(claimed, account_id, conversation_id)
            template = settings.whatsapp_template if is_closed else None
            if is_closed and template is None:
                await self._mark_closed(account_id, conversation_id)
        except AgentError as error:
            await self.setbacks.not_there(claimed, error)
            return None
        if not await self._last_door(claimed, is_closed=is_closed, template=template):
            return None
        reach("delivery.before_post")
        try:
            posted = await self.chatwoot.create_message(
                account_id=account_id,
                conversation_id=conversation_id,
                content=claimed.content,
                delivery_key=claimed.delivery_key,
                private=claimed.private,
                template_params=template.filled_with(claimed.content) if template else None,
            )
        except ChatwootRejected as error:
            return await self._rejected(claimed, error)
        except AgentError as error:
            is_unknown = isinstance(error, ChatwootUnavailable) and not isinstance(error, ChatwootNotReached)
            await (self.setbacks.unknown if is_unknown else self.setbacks.not_there)(claimed, error)
            return None
        reach("delivery.posted")
        await self._accepted(claimed, posted.id)
        reach("delivery.recorded")
        return posted.id

    async def _found(self, claimed: Message) -> int | None:
        """Its id, if an earlier attempt did reach Chatwoot."""
        copies = await self.read_back.copies_of(claimed)
        for chatwoot_message_id in copies:
            await self._accepted(claimed, chatwoot_message_id)
        return copies[0] if copies else None

    async def _accepted(self, claimed: Message, chatwoot_message_id: int) -> None:
        async with self.database.session() as session:
            present = await session.get_one(Message, claimed.id)
            acceptance = await accepted(session, present, chatwoot_message_id, now=self.now())
        if acceptance is not Acceptance.DUPLICATE:
            metrics.message_accepted(claimed, now=self.now())

    async def _rejected(self, claimed: Message, error: ChatwootRejected) -> int | None:
        """Final, once it is seen not to be there: Chatwoot answers 422 also to what failed after it was stored."""
        try:
            there = await self._found(claimed)
        except AgentError:
            await self.setbacks.unknown(claimed, error)
            return None
        if there is None:
            await self.setbacks.give_up(claimed, str(error))
        return there

    async def _is_window_closed(self, claimed: Message, account_id: int, conversation_id: int) -> bool:
        """Look at the Chatwoot conversation before a supplier reads us there: would WhatsApp refuse a free text in it?"""
        is_reply, is_whatsapp = claimed.turn_id is not None, claimed.channel == Channel.WHATSAPP
        if claimed.private or not (is_reply or is_whatsapp):
            return False
        state = await self.look.at(account_id=account_id, conversation_id=conversation_id, heard=is_reply)
        if not is_whatsapp:
            return False
        async with self.database.session() as session:
            last_heard_at = await Outbox(session).last_heard_at(claimed)
        return window.is_closed(can_reply=state.can_reply, last_heard_at=last_heard_at, now=self.now())

    async def _mark_closed(self, account_id: int, conversation_id: int) -> None:
        """People see in Chatwoot where the agent cannot write. That this is not allowed to us keeps nothing back."""
        try:
            await self.chatwoot.add_label(account_id=account_id, conversation_id=conversation_id, label=window.LABEL)
        except (ChatwootMisconfigured, ChatwootRejected) as error:
            log.error("Chatwoot conversation not labelled", label=window.LABEL, error=str(error))

    async def _last_door(self, claimed: Message, *, is_closed: bool, template: window.Template | None) -> bool:
        """In one transaction: may it still be sent? Then the row says that from here on it may be there."""
        now = self.now()
        async with self.database.session() as session:
            shut = await self._why_shut(session, claimed)
            present = await Outbox(session).held(claimed)
            if present is None:
                return False  # its echo has come, or another worker has it by now
            if shut == PAUSED or present.conversation_id != claimed.conversation_id:
                # A merge may have given it to another conversation: that one's gate counts.
                await Outbox(session).put_back(claimed, until=now, failure=claimed.failure)
            elif shut:
                await withhold(session, present, why=shut, now=now)
            elif await Outbox(session).lacks_earlier_part(present):
                await withhold(session, present, why=HALF_AN_ANSWER, now=now)
            elif is_closed and template is None:
                await fail(session, present, why=window.CLOSED, now=now)
            else:
                present.outcome_unknown_at = claimed.outcome_unknown_at or now
                present.next_attempt_at = now + self.setbacks.settings.post_lease
                present.template = str(template) if template else None
                return True
        metrics.delivery_ended("retried" if present.status == MessageStatus.QUEUED else present.status)
        return False

    async def _why_shut(self, session: AsyncSession, claimed: Message) -> str | None:
        """The gate is for replies. Notes to the team, and what the house asked to be sent, wait for pauses only."""
        if claimed.turn_id is not None and not claimed.private:
            shut = await why_shut(session, claimed.conversation_id)
            if shut != PERSON or not await Outbox(session).was_decided_on(claimed):
                return shut
        return PAUSED if await Pauses(session).holds(claimed.conversation.supplier_id) else None

"""The sign that somebody is typing: on while a turn runs, always off after. Best effort, and never in a turn's way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from domain.errors import AgentError
from domain.modes import AgentMode, stricter
from storage.models import Turn
from webhook_bridge.chatwoot.client import ChatwootClient

log = structlog.get_logger(__name__)


class TypingSign:
    """Shown by Chatwoot in widget and dashboard (WhatsApp has none). Only where an answer follows: in `auto` mode."""

    def __init__(self, *, chatwoot: ChatwootClient, mode: AgentMode) -> None:
        self._chatwoot = chatwoot
        self._mode = mode

    @asynccontextmanager
    async def shown(self, turn: Turn) -> AsyncIterator[None]:
        """For as long as the run takes. Neither waits for the other."""
        if stricter(self._mode, turn.conversation.supplier.mode) is not AgentMode.AUTO:
            yield
            return
        beginning = asyncio.create_task(self._toggle(turn, typing=True))
        try:
            yield
        finally:
            # In this order also when the run was faster than the first call: else the sign would stay.
            await beginning
            await self._toggle(turn, typing=False)

    async def _toggle(self, turn: Turn, *, typing: bool) -> None:
        if turn.account_id is None or turn.chatwoot_conversation_id is None:
            return
        try:
            await self._chatwoot.toggle_typing(
                account_id=turn.account_id, conversation_id=turn.chatwoot_conversation_id, typing=typing
            )
        except AgentError as error:
            log.info("typing sign not changed", typing=typing, error=error.code)

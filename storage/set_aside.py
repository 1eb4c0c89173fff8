"""Webhooks that were signed and not understood: kept for a person, once each."""

import hashlib
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import WebhookSetAside
from storage.upsert import insert_into


class SetAside:
    """The repository of webhooks set aside."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def keep(self, *, body: bytes, headers: Mapping[str, str], reason: str) -> bool:
        """Keep the raw bytes; False if the same bytes are kept already."""
        kept = await self._session.scalar(
            insert_into(self._session, WebhookSetAside)
            .values(digest=hashlib.sha256(body).hexdigest(), body=body, headers=dict(headers), reason=reason[:1000])
            .on_conflict_do_nothing(index_elements=["digest"])
            .returning(WebhookSetAside.id)
        )
        return kept is not None

    async def count(self) -> int:
        """How many are kept."""
        return int(await self._session.scalar(select(func.count()).select_from(WebhookSetAside)) or 0)

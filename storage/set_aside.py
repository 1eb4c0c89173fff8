"""Webhooks that were signed and not understood: kept for a person, once each."""

import hashlib
from collections.abc import Mapping

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import NotFound
from storage.audit import Audit
from storage.models import WebhookSetAside
from storage.upsert import insert_into


class SetAsideNotFound(NotFound):
    """There is no such webhook set aside."""

    code = "set_aside_not_found"


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

    async def newest(self, *, limit: int = 50) -> list[WebhookSetAside]:
        """Newest first."""
        query = select(WebhookSetAside).order_by(WebhookSetAside.id.desc()).limit(limit)
        return list(await self._session.scalars(query))

    async def get(self, set_aside_id: int) -> WebhookSetAside:
        """Raise `SetAsideNotFound`."""
        kept = await self._session.get(WebhookSetAside, set_aside_id)
        if kept is None:
            raise SetAsideNotFound(str(set_aside_id))
        return kept

    async def drop(self, set_aside_id: int, *, by: str) -> None:
        """A person has looked at it: forget it. The same bytes are kept anew if they come again. Raise `SetAsideNotFound`."""
        dropped = await self._session.scalar(
            delete(WebhookSetAside).where(WebhookSetAside.id == set_aside_id).returning(WebhookSetAside.digest)
        )
        if dropped is None:
            raise SetAsideNotFound(str(set_aside_id))
        Audit(self._session).add(
            actor=by, action="dropped", entity="webhook_set_aside", entity_id=set_aside_id, before={"digest": dropped}
        )

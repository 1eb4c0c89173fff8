"""The files that suppliers sent: which are still to be fetched for a turn, and what was fetched, kept once and for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.messages import Direction, MessageStatus
from storage.models import AttachmentFile, Message
from storage.upsert import insert_into

#: Chatwoot's `file_type`s that are files; a place, a contact card or a shared link is no file, whatever its address.
FILE_TYPES = frozenset({"image", "audio", "video", "file"})


@dataclass(frozen=True, kw_only=True)
class WantedFile:
    """One entry of `message.attachments` that is to be fetched. `size` is what was told, in bytes, if anything."""

    message_id: int
    number: int
    url: str
    size: int | None


class Attachments:
    """The repository of fetched files."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def wanted_for(self, turn_id: int) -> list[WantedFile]:
        """Files of the turn's unanswered messages of which neither content nor failure is kept yet, in order."""
        received = select(Message.id, Message.attachments).where(
            Message.turn_id == turn_id,
            Message.direction == Direction.INBOUND,
            Message.status == MessageStatus.RECEIVED,
        )
        messages = [(message_id, entries) for message_id, entries in await self._session.execute(received) if entries]
        if not messages:
            return []
        kept = set(
            await self._session.execute(
                select(AttachmentFile.message_id, AttachmentFile.number).where(
                    AttachmentFile.message_id.in_([message_id for message_id, _ in messages])
                )
            )
        )
        return [
            WantedFile(message_id=message_id, number=number, url=entry["url"], size=entry.get("size"))
            for message_id, entries in sorted(messages, key=lambda pair: pair[0])
            for number, entry in enumerate(entries)
            if entry.get("url") and entry.get("type") in FILE_TYPES and (message_id, number) not in kept
        ]

    async def keep_once(
        self,
        wanted: WantedFile,
        *,
        content: bytes | None = None,
        media_type: str | None = None,
        failure: str | None = None,
        at: datetime,
    ) -> bool:
        """Keep either content or the failure; False, and nothing done, if one is kept or the message is gone."""
        values = {
            "message_id": wanted.message_id,
            "number": wanted.number,
            "media_type": media_type,
            "content": content,
            "failure": failure,
            "fetched_at": at,
        }
        columns = [AttachmentFile.__table__.c[name] for name in values]
        # From a select, so that a message that was erased meanwhile gives no row instead of an error.
        row = select(
            *(literal(value, column.type).label(column.name) for column, value in zip(columns, values.values(), strict=True))
        )
        kept = await self._session.scalar(
            insert_into(self._session, AttachmentFile)
            .from_select(list(values), row.where(exists().where(Message.id == wanted.message_id)))
            .on_conflict_do_nothing()
            .returning(AttachmentFile.number)
        )
        return kept is not None

    async def get(self, message_id: int, number: int) -> AttachmentFile | None:
        """What is kept of one entry of `message.attachments`, by its place there."""
        return await self._session.get(AttachmentFile, (message_id, number))

    async def of_messages(self, message_ids: Sequence[int]) -> list[AttachmentFile]:
        """What is kept of these messages, in order."""
        query = select(AttachmentFile).where(AttachmentFile.message_id.in_(message_ids))
        return list(await self._session.scalars(query.order_by(AttachmentFile.message_id, AttachmentFile.number)))

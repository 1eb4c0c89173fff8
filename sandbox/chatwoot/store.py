"""The stand-in's memory: everything in dictionaries, every change written through to one SQLite file.

A restart finds all of it, and ids go on where they stopped, also after a reset: a bridge that has seen message 7 must
never be shown another message 7. SQLite is reached through aiosqlite, so the event loop is not blocked.
"""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar, cast

import aiosqlite

from sandbox.chatwoot.records import (
    RECORD_TYPES,
    Contact,
    ContactInbox,
    Conversation,
    Message,
    MessageType,
    Record,
    StoredFile,
    Subscription,
)

_R = TypeVar("_R", Contact, ContactInbox, Conversation, Message, Subscription, StoredFile)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (kind TEXT NOT NULL, id INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id));
CREATE TABLE IF NOT EXISTS counter (kind TEXT PRIMARY KEY, last_id INTEGER NOT NULL);
"""


class Store:
    """Records by kind and id. Read straight from memory; call `save` after each change."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._database: aiosqlite.Connection | None = None
        self._rows: dict[str, dict[int, Record]] = {kind.__name__: {} for kind in RECORD_TYPES}
        self._last_ids: dict[str, int] = dict.fromkeys(self._rows, 0)
        self._by_conversation: dict[int, list[Message]] = {}
        self._write_lock = asyncio.Lock()

    async def open(self) -> None:
        """Read what an earlier run left. Raise `sqlite3.Error` if the file is not ours."""
        if self._path is None or self._database is not None:
            return
        await asyncio.to_thread(self._path.parent.mkdir, parents=True, exist_ok=True)
        self._database = await aiosqlite.connect(self._path)
        await self._database.execute("PRAGMA journal_mode = WAL")
        await self._database.executescript(_SCHEMA)
        await self._database.commit()
        kinds = {kind.__name__: kind for kind in RECORD_TYPES}
        async with self._database.execute("SELECT kind, body FROM record ORDER BY kind, id") as rows:
            async for kind, body in rows:
                self._remember(kinds[kind].model_validate_json(body))
        async with self._database.execute("SELECT kind, last_id FROM counter") as counters:
            async for kind, last_id in counters:
                self._last_ids[kind] = last_id

    async def close(self) -> None:
        """Close the file; what was saved stays."""
        if self._database is not None:
            await self._database.close()
            self._database = None

    def next_id(self, kind: type[Record]) -> int:
        """A new id of this kind, never given before."""
        self._last_ids[kind.__name__] += 1
        return self._last_ids[kind.__name__]

    async def save(self, *records: Record) -> None:
        """Keep these records, in memory and on disk, in one commit."""
        for record in records:
            self._remember(record)
        rows = [(type(record).__name__, record.id, record.model_dump_json()) for record in records]
        await self._write("INSERT OR REPLACE INTO record (kind, id, body) VALUES (?, ?, ?)", rows)

    async def clear(self) -> None:
        """Forget contacts, conversations and messages; subscriptions and the counters stay."""
        gone = [kind.__name__ for kind in RECORD_TYPES if kind is not Subscription]
        for kind in gone:
            self._rows[kind].clear()
        self._by_conversation.clear()
        await self._write("DELETE FROM record WHERE kind = ?", [(kind,) for kind in gone])

    async def delete(self, record: Record) -> None:
        """Forget one record (used for subscriptions: Chatwoot keeps deleted messages)."""
        self._rows[type(record).__name__].pop(record.id, None)
        await self._write("DELETE FROM record WHERE kind = ? AND id = ?", [(type(record).__name__, record.id)])

    def get(self, kind: type[_R], record_id: int | None) -> _R | None:
        """The record, or None."""
        return cast("_R | None", self._rows[kind.__name__].get(record_id)) if record_id is not None else None

    def the(self, kind: type[_R], record_id: int) -> _R:
        """A record that another one refers to, so that it must exist. Raise `KeyError` if it does not."""
        return cast(_R, self._rows[kind.__name__][record_id])

    def all(self, kind: type[_R]) -> list[_R]:
        """All records of a kind, oldest first."""
        return cast("list[_R]", list(self._rows[kind.__name__].values()))

    def messages(self, conversation_id: int) -> Sequence[Message]:
        """All messages of a Chatwoot conversation, private notes and activities too, oldest first."""
        return self._by_conversation.get(conversation_id, [])

    def newest_public_message(self, conversation_id: int) -> Message | None:
        """The newest message that is neither private nor an activity: what Chatwoot puts into `messages[]`."""
        for message in reversed(self.messages(conversation_id)):
            if not message.private and message.message_type is not MessageType.ACTIVITY:
                return message
        return None

    def last_incoming(self, conversation_id: int) -> Message | None:
        """The contact's newest message, which opens WhatsApp's 24-hour window."""
        for message in reversed(self.messages(conversation_id)):
            if message.message_type is MessageType.INCOMING:
                return message
        return None

    def _remember(self, record: Record) -> None:
        rows = self._rows[type(record).__name__]
        if isinstance(record, Message) and record.id not in rows:
            self._by_conversation.setdefault(record.conversation_id, []).append(record)
        rows[record.id] = record

    async def _write(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        if self._database is None:
            return
        async with self._write_lock:
            await self._database.executemany(statement, rows)
            await self._database.executemany(
                "INSERT OR REPLACE INTO counter (kind, last_id) VALUES (?, ?)", list(self._last_ids.items())
            )
            await self._database.commit()

"""The files of a claimed turn, fetched before its run so that the graph finds them in our tables.

A file that cannot be had never holds its turn up: trouble that may pass is tried again a few times within seconds, then the
failure is kept in the file's place, and the graph tells a person. What is kept is never fetched again, so a second attempt at
the turn, or another bridge, does only what is left.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from domain.errors import AgentError
from storage.attachments import Attachments, WantedFile
from storage.engine import Database
from storage.models import Turn
from webhook_bridge.chatwoot.attachments import FetchedFile, FileFetcher, FileTooLarge

log = structlog.get_logger(__name__)

_ATTEMPTS = 3

#: Files held in memory at once by one bridge.
_AT_ONCE = 3


class Files:
    """Fetches and keeps. `at_most` is for all files of a turn, and must be well within the turn's lease."""

    def __init__(
        self,
        *,
        database: Database,
        fetcher: FileFetcher,
        max_bytes: int,
        now: Callable[[], datetime],
        at_most: timedelta = timedelta(seconds=20),
        backoff_seconds: float = 0.5,
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._max_bytes = max_bytes
        self._now = now
        self._at_most = at_most
        self._backoff_seconds = backoff_seconds
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def fetch_for(self, turn: Turn) -> Turn:
        """Fetch what the turn's messages bring along and is not kept yet. Only a database that is away raises."""
        async with self._database.session() as session:
            wanted = await Attachments(session).wanted_for(turn.id)
        if wanted:
            ends_at = asyncio.get_running_loop().time() + self._at_most.total_seconds()
            await asyncio.gather(*(self._take(each, ends_at=ends_at) for each in wanted))
        return turn

    async def _take(self, wanted: WantedFile, *, ends_at: float) -> None:
        file: FetchedFile | None = None
        failure = ""
        try:
            async with asyncio.timeout_at(ends_at), self._room:
                file = await self._fetch(wanted)
        except AgentError as error:
            failure = str(error)
        except TimeoutError:
            failure = f"Not had within {self._at_most.total_seconds():g} s."
        except Exception as error:
            # A file is never worth a turn.
            log.exception("fetching a file failed", message=wanted.message_id, number=wanted.number)
            failure = f"It could not be fetched: {type(error).__name__}."
        if file is None:
            log.warning("file not fetched", message=wanted.message_id, number=wanted.number, failure=failure)
        await self._keep(wanted, file, failure)

    async def _fetch(self, wanted: WantedFile) -> FetchedFile:
        if wanted.size is not None and wanted.size > self._max_bytes:
            raise FileTooLarge(f"It has {wanted.size} bytes; {self._max_bytes} are allowed.")
        for attempt in range(1, _ATTEMPTS):
            try:
                return await self._fetcher.fetch(wanted.url)
            except AgentError as error:
                if not error.retryable:
                    raise
                await asyncio.sleep(self._backoff_seconds * attempt)
        return await self._fetcher.fetch(wanted.url)

    async def _keep(self, wanted: WantedFile, file: FetchedFile | None, failure: str) -> None:
        async with self._database.session() as session:
            files = Attachments(session)
            if file is None:
                await files.keep_once(wanted, failure=failure, at=self._now())
            else:
                await files.keep_once(wanted, content=file.content, media_type=file.media_type, at=self._now())

"""The bridge as one thing: what its routes and workers share, and how they start and stop.

Nothing is opened until `running` is entered, in the event loop that will use it. On leaving it nothing more is claimed, what
runs is waited for, and only then connections close.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from langgraph_sdk import get_client

from domain.modes import AgentMode
from domain.partners import PartnerDirectory
from storage.conversations import Conversations
from storage.decisions import Consequence
from storage.engine import Database
from webhook_bridge.attempt import Attempts
from webhook_bridge.chatwoot.attachments import FileFetcher
from webhook_bridge.chatwoot.client import ChatwootClient
from webhook_bridge.chatwoot.signature import SignatureVerifier
from webhook_bridge.delivery import DeliverySettings, DeliveryWorker
from webhook_bridge.files import Files
from webhook_bridge.housekeeping import Chore, Housekeeping
from webhook_bridge.identity import Linker
from webhook_bridge.intake import Intake
from webhook_bridge.link_questions import LINK_SUPPLIER
from webhook_bridge.opening import Opener
from webhook_bridge.progress import due_messages_move, due_turns_move, not_paused
from webhook_bridge.reconcile import Reconciler
from webhook_bridge.stray_runs import cancel_stray_runs
from webhook_bridge.turns import TurnSettings, TurnWorker
from webhook_bridge.typing import TypingSign
from webhook_bridge.wake import Wake

log = structlog.get_logger(__name__)

#: Seconds for one answer of the LangGraph server: a run is started and asked after, never waited for.
_SERVER_PATIENCE = 10.0

Check = Callable[[], Awaitable[object]]


def utc_now() -> datetime:
    """The clock of a bridge that was given no other."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class BridgeSettings:
    """What a bridge must be told. `account_id` and `inbox_ids`: see `Intake`. Tokens are never logged."""

    langgraph_url: str
    langgraph_api_key: str = field(repr=False)
    chatwoot_url: str
    chatwoot_api_token: str = field(repr=False)
    chatwoot_bot_token: str | None = field(default=None, repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    allow_unsigned: bool = False
    api_token: str = field(repr=False)
    account_id: int | None = None
    inbox_ids: frozenset[int] = frozenset()
    quiet: timedelta = timedelta(seconds=6)
    cap: timedelta = timedelta(seconds=30)
    reconcile_every: timedelta = timedelta(seconds=300)
    reconcile_lookback: timedelta = timedelta(hours=48)
    mode: AgentMode = AgentMode.AUTO
    idle: timedelta = timedelta(days=14)
    attachment_max_bytes: int = 20_000_000
    turns: TurnSettings = field(default_factory=TurnSettings)
    delivery: DeliverySettings = field(default_factory=DeliverySettings)


class Bridge:
    """Made anywhere, used while `running`. `more_checks` are shown by `/ready` beside the bridge's own.

    `consequences`: what decisions lead to, by kind of approval, beside what `storage.decisions` knows.
    """

    database: Database
    intake: Intake
    linker: Linker
    reconciler: Reconciler
    housekeeping: Housekeeping
    wake: Wake

    def __init__(
        self,
        settings: BridgeSettings,
        *,
        partners: PartnerDirectory,
        more_checks: Mapping[str, Check] | None = None,
        consequences: Mapping[str, Consequence] | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.settings = settings
        self.now = now
        self.signatures = SignatureVerifier(settings.webhook_secrets, allow_unsigned=settings.allow_unsigned)
        self._partners = partners
        self._more_checks = dict(more_checks or {})
        self.consequences = dict(consequences or {})

    @property
    def account_id(self) -> int:
        """The account that messages of our own go to: the configured one, else Chatwoot's first."""
        return self.settings.account_id or 1

    def checks(self) -> dict[str, Check]:
        """Every dependency by name, with a question that raises if it is down."""
        return {
            "database": self.database.ping,
            "langgraph": lambda: self._langgraph.http.get("/ok"),
            "turns": self._turns.check,
            "chatwoot": self._chatwoot.profile,
            "housekeeping": self.housekeeping.check,
            "due_turns": lambda: due_turns_move(self.database, now=self.now()),
            "delivery": lambda: due_messages_move(self.database, now=self.now()),
            "pause": lambda: not_paused(self.database),
        } | self._more_checks

    @asynccontextmanager
    async def connected(self, database_url: str) -> AsyncIterator["Bridge"]:
        """Open connections, which close on leaving, and work on nothing. `database_url` is SQLAlchemy's."""
        settings = self.settings
        self.wake = Wake()
        self.database = Database(database_url)
        self._chatwoot = ChatwootClient(
            base_url=settings.chatwoot_url,
            api_token=settings.chatwoot_api_token,
            bot_token=settings.chatwoot_bot_token,
        )
        # By URL and key also when mounted: the in-process client would go past the server's authentication.
        self._langgraph = get_client(url=settings.langgraph_url, api_key=settings.langgraph_api_key, timeout=_SERVER_PATIENCE)
        self._fetcher = FileFetcher(base_url=settings.chatwoot_url, max_bytes=settings.attachment_max_bytes)
        self.intake = Intake(
            database=self.database,
            quiet=settings.quiet,
            cap=settings.cap,
            now=self.now,
            account_id=settings.account_id,
            inbox_ids=settings.inbox_ids,
        )
        self.linker = Linker(database=self.database, partners=self._partners, now=self.now)
        self.consequences[LINK_SUPPLIER] = self.linker.decided
        self.reconciler = Reconciler(
            database=self.database,
            chatwoot=self._chatwoot,
            intake=self.intake,
            account_id=self.account_id,
            inbox_ids=settings.inbox_ids,
            lookback=settings.reconcile_lookback,
            wake=self.wake,
            now=self.now,
        )
        self.housekeeping = Housekeeping(self._chores(), every=settings.reconcile_every, now=self.now)
        self._turns = TurnWorker(
            database=self.database,
            langgraph=self._langgraph,
            attempts=self._attempts(),
            settings=settings.turns,
            wake=self.wake,
            now=self.now,
        )
        try:
            yield self
        finally:
            await self._chatwoot.aclose()
            await self._fetcher.aclose()
            await self._langgraph.aclose()
            await self.database.close()

    @asynccontextmanager
    async def running(self, database_url: str) -> AsyncIterator[None]:
        """Connected, and at work on turns, deliveries and what was missed; on leaving, drain."""
        async with self.connected(database_url):
            turns, delivery = self._turns, self._delivery()
            reconciling = asyncio.create_task(self.housekeeping.run())
            working = [asyncio.create_task(turns.run()), asyncio.create_task(delivery.run())]
            log.info("bridge started", chatwoot=self.settings.chatwoot_url, langgraph=self.settings.langgraph_url)
            try:
                yield
            finally:
                reconciling.cancel()
                await turns.stop()
                await delivery.stop()
                await asyncio.gather(*working)
                await asyncio.gather(reconciling, return_exceptions=True)
                log.info("bridge stopped")

    def _chores(self) -> dict[str, Chore]:
        async def missing_messages() -> int:
            return (await self.reconciler.sweep()).found

        async def idle_conversations() -> int:
            now = self.now()
            async with self.database.session() as session:
                return len(await Conversations(session).end_idle(since=now - self.settings.idle, at=now))

        async def stray_runs() -> int:
            return await cancel_stray_runs(self.database, self._langgraph, now=self.now())

        return {
            "missing_messages": missing_messages,
            "idle_conversations": idle_conversations,
            "stray_runs": stray_runs,
            "identities": self.linker.identities_odoo_now_knows,
        }

    def _attempts(self) -> Attempts:
        files = Files(
            database=self.database,
            fetcher=self._fetcher,
            max_bytes=self.settings.attachment_max_bytes,
            now=self.now,
            at_most=self.settings.turns.lease / 3,
        )
        return Attempts(
            database=self.database,
            langgraph=self._langgraph,
            lease=self.settings.turns.lease,
            backoff=self.settings.turns.backoff,
            max_attempts=self.settings.turns.max_attempts,
            wake=self.wake,
            now=self.now,
            preparations=(self.linker.settle, files.fetch_for),
            accompaniment=TypingSign(chatwoot=self._chatwoot, mode=self.settings.mode).shown,
        )

    def _delivery(self) -> DeliveryWorker:
        opener = Opener(
            database=self.database,
            chatwoot=self._chatwoot,
            account_id=self.account_id,
            inbox_ids=self.settings.inbox_ids,
        )
        return DeliveryWorker(
            database=self.database,
            chatwoot=self._chatwoot,
            opener=opener,
            settings=self.settings.delivery,
            wake=self.wake,
            now=self.now,
            hear=self.intake.take,
        )

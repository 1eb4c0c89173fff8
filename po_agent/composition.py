"""Puts adapters together from the settings: the one place, with the graphs' server module, that names concrete ones.

The LangGraph server imports graph, HTTP app, checkpointer and auth each on its own, so what they share hangs on this module,
once per process, and is made when it is first asked for. What belongs to an event loop (database pools) is made once per loop.
"""

import asyncio
import atexit
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from weakref import WeakKeyDictionary

from langgraph.checkpoint.base import BaseCheckpointSaver

from domain import fault_points
from domain.understanding import Reader
from graphs.purchase_order.services import Services
from graphs.reading.offline.interpreter import OfflineReader
from po_agent.settings import Settings, load_settings, sqlalchemy_url
from po_agent.tracing import start_tracing
from sandbox.odoo_demo_data import DEMO_ODOO
from storage.checkpointer import open_checkpointer
from storage.embedded_postgres import EmbeddedPostgres
from storage.engine import Database
from tools.odoo.memory_adapter import InMemoryOdoo
from tools.odoo.odoorpc_adapter import OdooRpcOrderManager
from tools.odoo.port import OdooOrderManager
from tools.odoo.seed import OdooSeed
from tools.odoo.transport import OdooConnection
from webhook_bridge.bridge import BridgeSettings
from webhook_bridge.delivery import DeliverySettings
from webhook_bridge.turns import TurnSettings


@cache
def process_settings() -> Settings:
    """The settings of this process, read once. Raises `SettingsError` with every fault."""
    settings = load_settings()
    if settings.fault_point:
        name, _, passes = settings.fault_point.partition(":")
        fault_points.arm(name, passes=int(passes or 0))
    return settings


def embedded_postgres(settings: Settings) -> EmbeddedPostgres:
    """The embedded server's handle; whoever starts it stops it."""
    return EmbeddedPostgres(settings.data_dir / "postgres")


@cache
def process_database_url() -> str:
    """Where the tables are. Blocking. Without DATABASE_URL: the embedded server that runs, else one of this process's own."""
    settings = process_settings()
    if settings.database_url is not None:
        return settings.database_url
    server = _process_postgres()
    url = server.attach()
    if url is None:
        # Plain `langgraph dev`: nobody else owns the database, so this process does, to its end.
        url = server.start()
        atexit.register(server.stop)
    return sqlalchemy_url(url)


@cache
def _process_postgres() -> EmbeddedPostgres:
    return embedded_postgres(process_settings())


def stop_own_database() -> None:
    """Stop the embedded server if this process owns it. Blocking. Killed by a signal, as uvicorn ends, no `atexit` runs."""
    if process_settings().database_url is None:
        _process_postgres().stop()


@cache
def process_odoo() -> OdooOrderManager:
    """The book of record. One per process: its threads are bounded for the process."""
    return make_odoo(process_settings())


def make_odoo(settings: Settings) -> OdooOrderManager:
    """The adapter that ODOO_PROTOCOL asks for."""
    if settings.has_sandbox_odoo:
        return InMemoryOdoo(settings.data_dir / "sandbox" / "odoo.json", seed=OdooSeed.from_json(DEMO_ODOO))
    return OdooRpcOrderManager(odoo_connection(settings))


def odoo_connection(settings: Settings) -> OdooConnection:
    """To the real Odoo. `Settings.check` has seen to it that nothing is missing. Raises `InvalidInput` for its address."""
    return OdooConnection(
        url=settings.odoo_url or "",
        db=settings.odoo_db or "",
        username=settings.odoo_username or "",
        password=settings.odoo_password.get_secret_value() if settings.odoo_password else "",
        protocol="auto" if settings.odoo_protocol == "sandbox" else settings.odoo_protocol,
        timeout_seconds=settings.odoo_timeout_seconds,
        # The rest of the lease is for the tables, before and after.
        budget_seconds=settings.turn_lease_seconds * 0.75,
        requests_per_second=settings.odoo_requests_per_second,
    )


def make_reader(settings: Settings) -> Reader:
    """The offline reader; with a key, a model that binds only where the offline one agrees."""
    offline = OfflineReader()
    if settings.openai_api_key is None:
        return offline
    from graphs.reading.two_readers import TwoReaders

    model = make_model_reader(settings, model=settings.model)
    return TwoReaders(model, offline, binding_readers=settings.policy_binding_readers)


def make_model_reader(settings: Settings, *, model: str) -> Reader:
    """A chat model alone, by its name at OPENAI_BASE_URL."""
    # Imported only where it is used: the client libraries take seconds to load.
    from graphs.reading.model import ModelReader, make_model

    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
    timeout = settings.model_timeout_seconds
    chat_model = make_model(api_key=key, base_url=settings.openai_base_url, model=model, timeout_seconds=timeout)
    return ModelReader(chat_model, timeout_seconds=timeout)


_services: WeakKeyDictionary[asyncio.AbstractEventLoop, Services] = WeakKeyDictionary()


async def services() -> Services:
    """What the graph's nodes need, for the event loop that asks. What blocks while it is made is made in a thread."""
    loop = asyncio.get_running_loop()
    if loop not in _services:
        settings = process_settings()
        database_url = await asyncio.to_thread(process_database_url)
        await asyncio.to_thread(start_tracing, settings)
        odoo, reader = await asyncio.to_thread(process_odoo), await asyncio.to_thread(process_reader)
        # The first look at a country's holidays reads files.
        limits = await asyncio.to_thread(lambda: settings.policy)
        _services[loop] = Services(
            database=Database(database_url),
            odoo=odoo,
            reader=reader,
            limits=limits,
            mode=settings.mode,
            now=lambda: datetime.now(UTC),
            timezone=settings.timezone,
            quiet=timedelta(seconds=settings.debounce_seconds),
            lease=timedelta(seconds=settings.turn_lease_seconds),
        )
    return _services[loop]


@cache
def process_reader() -> Reader:
    """One per process: it keeps no state of a conversation."""
    return make_reader(process_settings())


@asynccontextmanager
async def checkpointer() -> AsyncIterator[BaseCheckpointSaver[str]]:
    """LangGraph's checkpoints, in our database. Named in `langgraph.json`; entered once per event loop."""
    async with open_checkpointer(await asyncio.to_thread(process_database_url)) as saver:
        yield saver


def bridge_settings(settings: Settings) -> BridgeSettings:
    """The bridge's part of the settings."""
    return BridgeSettings(
        langgraph_url=settings.langgraph_url or settings.home,
        langgraph_api_key=settings.langgraph_api_key.get_secret_value(),
        chatwoot_url=settings.chatwoot_base_url or f"{settings.home}/sandbox/chatwoot",
        chatwoot_api_token=settings.chatwoot_api_key.get_secret_value(),
        chatwoot_bot_token=settings.chatwoot_bot_token.get_secret_value() if settings.chatwoot_bot_token else None,
        webhook_secrets=tuple(secret.get_secret_value() for secret in settings.chatwoot_webhook_secrets),
        allow_unsigned=settings.chatwoot_allow_unsigned,
        api_token=settings.bridge_api_token.get_secret_value(),
        account_id=settings.chatwoot_account_id,
        inbox_ids=settings.chatwoot_inbox_ids,
        quiet=timedelta(seconds=settings.debounce_seconds),
        cap=timedelta(seconds=settings.debounce_cap_seconds),
        reconcile_every=timedelta(seconds=settings.reconcile_seconds),
        reconcile_lookback=timedelta(hours=settings.reconcile_lookback_hours),
        mode=settings.mode,
        idle=timedelta(days=settings.conversation_idle_days),
        attachment_max_bytes=settings.attachment_max_bytes,
        turns=TurnSettings(lease_seconds=settings.turn_lease_seconds, max_attempts=settings.turn_max_attempts),
        delivery=DeliverySettings(
            lease_seconds=settings.turn_lease_seconds,
            readback_seconds=settings.delivery_readback_seconds,
            whatsapp_template=settings.whatsapp_template,
        ),
    )

"""`/health`, `/ready` and `/bridge/metrics`, and what the webhook's route counts. The bridge and its database are real.

Faked: the LangGraph server and Chatwoot are not there at all, so what asks them must say so.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from domain.errors import UpstreamError
from storage.engine import Database
from storage.pauses import Pauses
from tests.contract.material import fixture_bytes, signed
from tests.integration.storage.scenes import a_burst, a_conversation, an_outbound
from tools.odoo.memory_adapter import InMemoryOdoo
from tools.odoo.seed import OdooSeed
from webhook_bridge import progress
from webhook_bridge.app import bridge_routes
from webhook_bridge.bridge import Bridge, BridgeSettings, Check
from webhook_bridge.http import ERROR_HANDLERS

SECRET = "secret"
TOKEN = {"Authorization": "Bearer token"}
NOBODY_LISTENS = "postgresql+psycopg://nobody:x@127.0.0.1:9/nothing"


@asynccontextmanager
async def served(database: Database, **more_checks: Check) -> AsyncIterator[tuple[httpx.AsyncClient, Bridge]]:
    """A bridge that is connected to the database, and works on nothing."""
    settings = BridgeSettings(
        langgraph_url="http://127.0.0.1:9",
        langgraph_api_key="key",
        chatwoot_url="http://127.0.0.1:9",
        chatwoot_api_token="token",
        webhook_secrets=(SECRET,),
        api_token="token",
    )
    bridge = Bridge(settings, partners=InMemoryOdoo(seed=OdooSeed()), more_checks=more_checks)
    app = Starlette(routes=bridge_routes(bridge), exception_handlers=ERROR_HANDLERS)
    async with bridge.connected(database.url):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://bridge") as client:
            yield client, bridge


async def scraped(client: httpx.AsyncClient) -> dict[tuple[str, ...], float]:
    answer = await client.get("/bridge/metrics", headers=TOKEN)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


class TestMetrics:
    async def test_it_is_closed(self, database: Database) -> None:
        async with served(database) as (client, _):
            for headers in ({}, {"Authorization": "Bearer wrong"}):
                refused = await client.get("/bridge/metrics", headers=headers)
                assert refused.status_code == 401
                assert "po_agent" not in refused.text
            assert (await client.post("/bridge/metrics", headers=TOKEN)).status_code == 405

    async def test_it_tells_what_waits_now(self, database: Database) -> None:
        async with served(database) as (client, _):
            assert (await scraped(client))["po_agent_unfinished_turns", "collecting"] == 0
            async with database.session() as session:
                await a_burst(session, await a_conversation(session), now=datetime.now(UTC) - timedelta(minutes=2))
            told = await scraped(client)
        assert told["po_agent_unfinished_turns", "collecting"] == 1
        assert told["po_agent_active_conversations", "bot"] == 1
        assert 100 < told["po_agent_oldest_due_turn_seconds",] < 200

    async def test_without_the_database_it_says_so(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        async def gone(*_: Any, **__: Any) -> None:
            raise OSError("gone")

        monkeypatch.setattr("webhook_bridge.routes.metrics.backlog", gone)
        async with served(database) as (client, _):
            told = await scraped(client)
        assert told["po_agent_database_up",] == 0
        assert not [name for name, *_ in told if name.startswith("po_agent_oldest")]


class TestWebhooksAreCounted:
    async def counted(self, client: httpx.AsyncClient, event: str, outcome: str) -> float:
        return (await scraped(client)).get(("po_agent_webhooks_received_total", event, outcome), 0.0)

    async def post(self, client: httpx.AsyncClient, body: bytes, *, secret: str = SECRET) -> int:
        headers = signed(body, secret=secret, timestamp=int(datetime.now(UTC).timestamp()))
        return (await client.post("/webhook/chatwoot", content=body, headers=headers)).status_code

    async def test_each_by_what_was_done(self, database: Database) -> None:
        body = fixture_bytes("whatsapp_message_created")
        expected = [
            (body, SECRET, 200, "supplier_message", "stored"),
            (body, SECRET, 200, "supplier_message", "repeated"),
            (body, "wrong", 401, "unread", "signature_mismatch"),
            (b'{"event": "nobody_knows"}', SECRET, 200, "not_understood", "set_aside"),
            (fixture_bytes("webwidget_conversation_typing_on_agent"), SECRET, 200, "ignored", "ignored"),
            (b" " * (4 * 1024 * 1024 + 1), SECRET, 413, "unread", "too_large"),
        ]
        async with served(database) as (client, _):
            for content, secret, status, event, outcome in expected:
                before = await self.counted(client, event, outcome)
                assert await self.post(client, content, secret=secret) == status
                assert await self.counted(client, event, outcome) == before + 1, (event, outcome)

    async def test_one_that_could_not_be_stored(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        async with served(database) as (client, bridge):
            before = await self.counted(client, "supplier_message", "not_stored")
            errors = (await scraped(client)).get(("po_agent_errors_total", "OSError"), 0.0)

            async def fails(*_: Any) -> str:
                raise OSError("disk full")

            object.__setattr__(bridge.intake, "take", fails)
            assert await self.post(client, fixture_bytes("whatsapp_message_created")) == 500
            assert await self.counted(client, "supplier_message", "not_stored") == before + 1
            assert (await scraped(client))["po_agent_errors_total", "OSError"] == errors + 1

    async def test_refusals_of_callers_are_errors_by_their_code(self, database: Database) -> None:
        async with served(database) as (client, _):
            before = (await scraped(client)).get(("po_agent_errors_total", "invalid_input"), 0.0)
            assert (await client.get("/messages/latest?limit=nine", headers=TOKEN)).status_code == 422
            assert (await scraped(client))["po_agent_errors_total", "invalid_input"] == before + 1


class TestReady:
    async def test_each_dependency_by_name(self, database: Database) -> None:
        async def odoo() -> None:
            raise UpstreamError("a secret detail")

        async with served(database, odoo=odoo) as (client, _):
            answer = await client.get("/ready")
        told = answer.json()
        assert (answer.status_code, told["ready"]) == (503, False)
        assert told["dependencies"]["database"] == {"ok": True}
        assert told["dependencies"]["odoo"] == {"ok": False, "error": "upstream_error"}
        assert not told["dependencies"]["chatwoot"]["ok"]
        assert told["dependencies"]["chatwoot"]["error"].startswith("chatwoot_")
        assert not told["dependencies"]["langgraph"]["ok"]
        assert told["dependencies"]["turns"] == {"ok": False, "error": "not_at_work"}
        assert told["dependencies"]["delivery"] == {"ok": True, "age_seconds": 0.0}
        assert "secret" not in answer.text

    async def test_who_asks_in_a_loop_makes_nobody_ask_in_a_loop(self, database: Database) -> None:
        asked = []

        async def chatty() -> None:
            asked.append(1)

        async with served(database, chatty=chatty) as (client, _):
            for _ in range(20):
                await client.get("/ready")
        assert 1 <= len(asked) < 20

    async def test_what_hangs_is_down(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        async def hangs() -> None:
            await asyncio.sleep(60)

        monkeypatch.setattr("webhook_bridge.routes.health._PATIENCE", 0.2)
        async with served(database, slow=hangs) as (client, _):
            told = (await client.get("/ready")).json()
        assert told["dependencies"]["slow"] == {"ok": False, "error": "TimeoutError"}

    async def test_work_that_nobody_takes_up_is_told_and_stops_nothing(self, database: Database) -> None:
        """A bridge that is taken out of service for being slow would lose webhooks: so stuck work is shown, not refused."""
        since = datetime.now(UTC) - progress.STUCK_AFTER - timedelta(minutes=1)
        async with database.session() as session:
            conversation = await a_conversation(session)
            await a_burst(session, conversation, now=since)
            session.add(an_outbound(conversation, key="k", at=since))
        async with served(database) as (client, _):
            told = (await client.get("/ready")).json()["dependencies"]
        assert told["due_turns"] == {"ok": False, "error": "work_stuck"}
        assert told["delivery"] == {"ok": False, "error": "work_stuck"}

    async def test_that_a_person_has_stopped_everything(self, database: Database) -> None:
        async with served(database) as (client, _):
            assert (await client.get("/ready")).json()["dependencies"]["pause"] == {"ok": True}
            async with database.session() as session:
                await Pauses(session).pause(None, by="ana")
            await asyncio.sleep(1.1)  # an answer holds for a second
            told = (await client.get("/ready")).json()["dependencies"]
        assert told["pause"] == {"ok": False, "error": "everything_paused"}

    async def test_work_that_waits_a_little_is_well(self, database: Database) -> None:
        async with database.session() as session:
            conversation = await a_conversation(session)
            session.add(an_outbound(conversation, key="k", at=datetime.now(UTC) - timedelta(minutes=1)))
        async with served(database) as (client, _):
            told = (await client.get("/ready")).json()["dependencies"]["delivery"]
        assert told["ok"]
        assert 50 < told["age_seconds"] < 120

    async def test_alive_is_alive(self, database: Database) -> None:
        async with served(database) as (client, _):
            answer = await client.get("/health")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


class TestDatabaseAway:
    """Chatwoot's bots send a webhook again on 429 and 500 only; everybody else is told that it may well work later."""

    @pytest.mark.parametrize(
        ("method", "path"), [("GET", "/messages/count"), ("POST", "/outbound/send"), ("POST", "/approvals/1")]
    )
    async def test_it_is_said_so(self, method: str, path: str) -> None:
        sendable = {"content": "Hola", "channel": "email", "contact": {"email": "ventas@molino.cl"}}
        body = sendable if path == "/outbound/send" else {"decision": "approve"}
        async with served(Database(NOBODY_LISTENS)) as (client, _):
            answer = await client.request(method, path, headers=TOKEN, json=body if method == "POST" else None)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database_unavailable")
        assert "127.0.0.1" not in answer.text

    @pytest.mark.parametrize("content", [fixture_bytes("whatsapp_message_created"), b'{"event": "nobody_knows"}'])
    async def test_a_webhook_is_not_acknowledged(self, content: bytes) -> None:
        async with served(Database(NOBODY_LISTENS)) as (client, _):
            headers = signed(content, secret=SECRET, timestamp=int(datetime.now(UTC).timestamp()))
            answer = await client.post("/webhook/chatwoot", content=content, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (500, "database_unavailable")

"""`GET /approvals` and `POST /approvals/{id}` over HTTP, against a real database; no bridge works, so nothing is sent."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from sandbox.odoo_demo_data import DEMO_ODOO
from storage.engine import Database
from tests.integration.storage.test_storage_approvals import a_reply, an_effect, decisions, outgoing
from tools.odoo.memory_adapter import InMemoryOdoo
from tools.odoo.seed import OdooSeed
from webhook_bridge.app import bridge_routes
from webhook_bridge.bridge import Bridge, BridgeSettings
from webhook_bridge.http import ERROR_HANDLERS
from webhook_bridge.wake import Wake


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    nowhere = "http://127.0.0.1:1"
    bridge = Bridge(
        BridgeSettings(
            langgraph_url=nowhere, langgraph_api_key="key", chatwoot_url=nowhere, chatwoot_api_token="token", api_token="secret"
        ),
        partners=InMemoryOdoo(seed=OdooSeed.from_json(DEMO_ODOO)),
    )
    bridge.database, bridge.wake = database, Wake()
    app = Starlette(routes=bridge_routes(bridge), exception_handlers=ERROR_HANDLERS)
    headers = {"Authorization": "Bearer secret"}
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://bridge.test", headers=headers) as client:
        yield client


async def test_a_reply_is_listed_approved_once_and_queued(client: httpx.AsyncClient, database: Database) -> None:
    reply = await a_reply(database)
    [listed] = (await client.get("/approvals?status=open")).json()["approvals"]
    assert (listed["id"], listed["kind"], listed["proposal"]["parts"]) == (reply, "reply", ["uno", "dos"])
    for _ in range(2):
        answer = await client.post(f"/approvals/{reply}", json={"decision": "approve", "note": "bien"})
        assert (answer.status_code, answer.json()["status"], answer.json()["decided_by"]) == (200, "approved", "api")
    refused = await client.post(f"/approvals/{reply}", json={"decision": "reject"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "already_decided")
    assert len(await outgoing(database)) == 2
    assert (await client.get("/approvals?status=open")).json() == {"approvals": []}


async def test_an_effect_becomes_a_turn(client: httpx.AsyncClient, database: Database) -> None:
    effect = await an_effect(database)
    edited = await client.post(f"/approvals/{effect}", json={"decision": "edit", "edit": {"text": "x"}})
    assert (edited.status_code, edited.json()["error"]["code"]) == (422, "cannot_be_edited")
    assert (await client.post(f"/approvals/{effect}", json={"decision": "approve"})).status_code == 200
    assert len(await decisions(database)) == 1


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("1", {}, 422),
        ("1", {"decision": "maybe"}, 422),
        ("1", {"decision": "approve", "edit": {"text": "x"}}, 422),
        ("1", {"decision": "edit"}, 422),
        ("1", {"decision": "approve", "by": "the boss"}, 422),
        ("1", {"decision": "edit", "edit": "words"}, 422),
        ("2", {"decision": "approve"}, 404),
        ("99999999999999999999999", {"decision": "approve"}, 404),
        ("-1", {"decision": "approve"}, 404),
        ("one", {"decision": "approve"}, 404),
    ],
)
async def test_what_is_no_decision_decides_nothing(
    client: httpx.AsyncClient, database: Database, path: str, body: dict[str, Any], status: int
) -> None:
    assert await a_reply(database) == 1
    assert (await client.post(f"/approvals/{path}", json=body)).status_code == status
    assert len((await client.get("/approvals?status=open")).json()["approvals"]) == 1
    assert await outgoing(database) == []


async def test_without_the_token_nothing_is_told_or_decided(client: httpx.AsyncClient, database: Database) -> None:
    reply = await a_reply(database)
    client.headers["Authorization"] = "Bearer guess"
    assert (await client.get("/approvals")).status_code == 401
    assert (await client.post(f"/approvals/{reply}", json={"decision": "approve"})).status_code == 401
    assert await outgoing(database) == []


async def test_a_status_that_is_none_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/approvals?status=pending")).status_code == 422

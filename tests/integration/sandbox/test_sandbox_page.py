"""The page's routes over real HTTP, mounted as in the product. Faked: the bridge and the Odoo parts (`fake_bridge`)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from blockbuster import blockbuster_ctx
from starlette.applications import Starlette
from starlette.routing import Mount

from sandbox.chatwoot import ChatwootSandbox, make_chatwoot
from sandbox.page import PageConfig, make_page
from tests.integration.sandbox.fake_bridge import SUPPLIERS, TOKEN, TURN, FakeBridge, FakeOdoo, a_conversation
from tests.integration.sandbox.serving import served
from tests.integration.sandbox.stand_in import sandbox_config

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Page:
    client: httpx.AsyncClient
    bridge: FakeBridge
    odoo: FakeOdoo
    chatwoot: ChatwootSandbox

    async def state(self, supplier: str = "molino", channel: str = "whatsapp") -> dict[str, Any]:
        answer = await self.client.get("/sandbox/state", params={"supplier": supplier, "channel": channel})
        assert answer.status_code == 200, answer.text
        state: dict[str, Any] = answer.json()
        return state

    async def post(self, path: str, **body: Any) -> httpx.Response:
        return await self.client.post(f"/sandbox/{path}", json=body, headers=SAME_ORIGIN)


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    bridge, odoo = FakeBridge(), FakeOdoo(SUPPLIERS[0]["name"])
    chatwoot = make_chatwoot(sandbox_config(path=tmp_path / "chatwoot.sqlite"))
    async with served(bridge.app) as bridge_url:
        routes = make_page(
            PageConfig(bridge_url=bridge_url, bridge_token=TOKEN),
            chatwoot=chatwoot.state.sandbox,
            suppliers=SUPPLIERS,
            odoo=odoo,
        )
        await chatwoot.state.sandbox.start()
        async with (
            served(Starlette(routes=[Mount("/sandbox/chatwoot", chatwoot), *routes])) as url,
            httpx.AsyncClient(base_url=url) as client,
        ):
            yield Page(client, bridge, odoo, chatwoot.state.sandbox)
        await chatwoot.state.sandbox.stop()


async def test_the_page_and_its_files_are_served_and_load_nothing_from_elsewhere(page: Page) -> None:
    html = await page.client.get("/sandbox")
    assert html.status_code == 200
    assert "default-src 'self'" in html.headers["content-security-policy"]
    for path in ("/sandbox/static/sandbox.css", "/sandbox/static/sandbox.js"):
        assert path in html.text
        text = (await page.client.get(path)).text
        assert "https://" not in text
        assert "@import" not in text
    for supplier in SUPPLIERS:
        assert supplier["name"] in html.text


@pytest.mark.parametrize("channel", ["whatsapp", "email", "web", "api"])
async def test_what_the_supplier_writes_is_in_chatwoot_and_on_his_phone(page: Page, channel: str) -> None:
    assert (await page.post("write", supplier="molino", channel=channel, content="Hola", subject="Oferta")).status_code == 200
    assert (await page.post("write", supplier="molino", channel=channel, content="¿Siguen ahí?")).status_code == 200
    state = await page.state(channel=channel)
    assert [(m["content"], m["mine"], m["status"]) for m in state["chat"]["messages"]] == [
        ("Hola", True, "sent"),
        ("¿Siguen ahí?", True, "sent"),
    ]
    others = [await page.state(channel=other) for other in ("whatsapp", "email", "web", "api") if other != channel]
    assert all(not other["chat"]["messages"] for other in others)
    if channel == "email":
        assert [m["subject"] for m in state["chat"]["messages"]] == ["Oferta", "Re: Oferta"]
        await page.post("write", supplier="molino", channel=channel, content="Otro tema", subject="Otro", new_mail=True)
        assert [m["content"] for m in (await page.state(channel=channel))["chat"]["messages"]] == ["Otro tema"]


async def test_private_notes_are_the_teams_only(page: Page) -> None:
    await a_conversation(page.chatwoot, SUPPLIERS[0])
    state = await page.state()
    assert [m["status"] for m in state["chat"]["messages"]] == ["read", "read", ""]
    assert not any("supera el monto" in m["content"] for m in state["chat"]["messages"])
    assert [note["kind"] for note in state["team"]] == ["note"]
    assert "supera el monto" in state["team"][0]["content"]


async def test_turn_and_order_come_from_bridge_and_odoo(page: Page) -> None:
    page.bridge.deals_with(SUPPLIERS[1], turns=[TURN | {"status": "failed"}])
    page.bridge.deals_with(SUPPLIERS[0], turns=[], is_active=False)
    page.bridge.deals_with(SUPPLIERS[0], turns=[TURN])
    state = await page.state()
    assert [(t["status"], t["understanding"]["intent"]) for t in state["turns"]] == [("done", "Offers goods")]
    assert [step["verdict"] for step in state["turns"][0]["steps"]] == ["Do", "Ask a person"]
    assert [(order["name"], order["state"]) for order in state["orders"]] == [("P00045", "sent")]
    assert (await page.state("castanhas"))["turns"] == []


async def test_a_silent_bridge_or_odoo_is_said_and_breaks_nothing(page: Page) -> None:
    page.bridge.deals_with(SUPPLIERS[0], turns=[TURN])
    page.bridge.orders = [{"odoo_id": 7, "name": "P00007", "state": "draft"}]
    page.odoo.broken = True
    state = await page.state()
    assert state["problems"] == ["Odoo does not answer: ConnectionError."]
    assert [order["name"] for order in state["orders"]] == ["P00007"], "What the bridge mirrors is shown instead."
    page.bridge.broken = True
    await page.post("write", supplier="molino", channel="whatsapp", content="Hola")
    state = await page.state()
    assert state["problems"][0] == "The bridge does not answer: GET /conversations answered 500."
    assert [m["content"] for m in state["chat"]["messages"]] == ["Hola"]


async def test_the_other_parts_move_the_order_and_a_refusal_is_told(page: Page) -> None:
    page.odoo.order["state"] = "to_approve"
    refused = await page.post("orders/45/bill")
    assert (refused.status_code, refused.json()) == (409, {"error": "The order is to_approve, not received."})
    for part, state in (("approve", "confirmed"), ("receive", "received"), ("bill", "billed")):
        assert (await page.post(f"orders/45/{part}")).status_code == 200
        assert (await page.state())["orders"][0]["state"] == state
    assert (await page.post("orders/45/destroy")).status_code == 404


async def test_a_supplier_takes_back_his_own_messages_only(page: Page) -> None:
    await a_conversation(page.chatwoot, SUPPLIERS[0])
    first, _, answer = (await page.state())["chat"]["messages"]
    assert (await page.post("delete", supplier="molino", message_id=answer["id"])).status_code == 404
    assert (await page.post("delete", supplier="frutos", message_id=first["id"])).status_code == 404
    assert (await page.post("delete", supplier="molino", message_id=first["id"])).status_code == 200
    assert [m["deleted"] for m in (await page.state())["chat"]["messages"]] == [True, False, False]


async def test_a_person_of_the_team_writes(page: Page) -> None:
    await a_conversation(page.chatwoot, SUPPLIERS[0])
    conversation_id = (await page.state())["chat"]["conversation_id"]
    assert (await page.post("person", conversation_id=conversation_id, content="Yo sigo")).status_code == 200
    last = (await page.state())["chat"]["messages"][-1]
    assert (last["content"], last["who"], last["who_name"]) == ("Yo sigo", "person", "Camila Rojas")
    assert (await page.post("person", conversation_id=999, content="x")).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-origin", "Content-Type": "text/plain"},
    ],
)
async def test_other_pages_cannot_act(page: Page, headers: dict[str, str]) -> None:
    body = '{"supplier": "molino", "channel": "whatsapp", "content": "forged"}'
    for path in ("write", "orders/45/receive"):
        answer = await page.client.post(
            f"/sandbox/{path}", content=body, headers={"Content-Type": "application/json"} | headers
        )
        assert answer.status_code == 403
    assert (await page.state())["chat"]["messages"] == []


async def test_the_same_origin_by_its_name_may_act(page: Page) -> None:
    answer = await page.client.post(
        "/sandbox/write",
        json={"supplier": "molino", "channel": "whatsapp", "content": "Hola"},
        headers={"Origin": str(page.client.base_url).rstrip("/")},
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"supplier": "nobody", "channel": "whatsapp", "content": "x"}, 404),
        ({"supplier": "molino", "channel": "fax", "content": "x"}, 404),
        ({"supplier": "molino", "channel": "whatsapp", "content": "   "}, 422),
        ({}, 404),
    ],
)
async def test_what_makes_no_sense_is_refused(page: Page, body: dict[str, str], status: int) -> None:
    assert (await page.post("write", **body)).status_code == status
    assert (await page.client.get("/sandbox/state", params={"supplier": "nobody", "channel": "web"})).status_code == 404


async def test_nothing_blocks_the_event_loop(page: Page) -> None:
    """Under `langgraph dev` a blocking call raises; here too."""
    with blockbuster_ctx():
        assert (await page.client.get("/sandbox")).status_code == 200
        assert (await page.client.get("/sandbox/static/sandbox.css")).status_code == 200
        assert (await page.post("write", supplier="molino", channel="email", content="Hola", subject="x")).status_code == 200
        assert len((await page.state(channel="email"))["chat"]["messages"]) == 1

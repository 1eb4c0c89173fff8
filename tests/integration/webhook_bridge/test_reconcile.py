"""Lost webhooks are found again. Real: HTTP, database, intake. Stand-in: the Chatwoot of the sandbox, told what to lose."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.chatwoot.app import make_chatwoot
from sandbox.chatwoot.config import ChatwootSandboxConfig
from storage.engine import Database
from storage.messages import Messages
from tests.integration.sandbox.serving import served
from webhook_bridge.chatwoot.client import ChatwootClient
from webhook_bridge.chatwoot.payloads import parse_event
from webhook_bridge.intake import Intake
from webhook_bridge.reconcile import Reconciler
from webhook_bridge.wake import Wake

TOKEN = "user-token"


@dataclass
class Scene:
    control: httpx.AsyncClient
    chatwoot: ChatwootClient
    database: Database
    intake: Intake

    def reconciler(self, **changes: Any) -> Reconciler:
        given: dict[str, Any] = {
            "database": self.database,
            "chatwoot": self.chatwoot,
            "intake": self.intake,
            "account_id": 1,
            "inbox_ids": frozenset(),
            "lookback": timedelta(hours=48),
            "wake": Wake(),
            "now": lambda: datetime.now(UTC),
        }
        return Reconciler(**(given | changes))

    async def writes(self, content: str, **contact: Any) -> dict[str, Any]:
        who = contact or {"inbox": "whatsapp", "name": "Molino", "phone": "+56961230101"}
        answer = await self.control.post("/control/incoming", json=who | {"content": content})
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def lose(self, *, events: int) -> None:
        answer = await self.control.post("/control/faults", json={"webhooks": {"drop": events}})
        assert answer.status_code == 200, answer.text

    async def settled(self) -> None:
        """Every webhook has been sent, or lost."""
        while (await self.control.get("/control/deliveries")).json()["pending"]:
            pass

    async def texts(self) -> list[str]:
        """What suppliers said, in Chatwoot's order."""
        async with self.database.session() as session:
            stored = await Messages(session).latest(limit=200)
        inbound = sorted((m.chatwoot_message_id or 0, m.content) for m in stored if m.direction == "inbound")
        return [text for _, text in inbound]


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    intake = Intake(
        database=database, quiet=timedelta(seconds=1), cap=timedelta(seconds=5), now=lambda: datetime.now(UTC), account_id=1
    )

    async def receive(request: Request) -> JSONResponse:
        return JSONResponse({"status": await intake.take(parse_event(await request.body()))})

    async with served(Starlette(routes=[Route("/hook", receive, methods=["POST"])])) as bridge:
        stand_in = make_chatwoot(ChatwootSandboxConfig(webhook_url=f"{bridge}/hook", webhook_secret="s", api_token=TOKEN))
        async with served(stand_in) as url:
            chatwoot = ChatwootClient(base_url=url, api_token=TOKEN)
            async with httpx.AsyncClient(base_url=url, headers={"api-access-token": TOKEN}) as control:
                yield Scene(control=control, chatwoot=chatwoot, database=database, intake=intake)
            await chatwoot.aclose()


async def test_a_hole_in_the_middle_is_found_and_nothing_is_repeated(scene: Scene) -> None:
    await scene.writes("uno")
    await scene.settled()
    await scene.lose(events=1000)
    await scene.writes("dos")
    await scene.settled()
    await scene.lose(events=0)
    await scene.writes("tres")
    await scene.settled()
    assert await scene.texts() == ["uno", "tres"]

    assert (await scene.reconciler().sweep()).found == 1
    assert await scene.texts() == ["uno", "dos", "tres"]
    assert (await scene.reconciler().sweep()).found == 0
    assert await scene.texts() == ["uno", "dos", "tres"]


async def test_more_messages_than_a_page_are_read(scene: Scene) -> None:
    await scene.lose(events=10_000)
    said = [f"mensaje {number}" for number in range(45)]
    for words in said:
        await scene.writes(words)
    await scene.settled()
    swept = await scene.reconciler().sweep()
    assert swept.found == 45
    assert await scene.texts() == said


async def test_more_conversations_than_a_page_are_read(scene: Scene) -> None:
    await scene.lose(events=10_000)
    for number in range(30):
        await scene.writes(f"soy {number}", inbox="whatsapp", name=f"P{number}", phone=f"+569612302{number:02}")
    await scene.settled()
    swept = await scene.reconciler().sweep()
    assert (swept.conversations, swept.found) == (30, 30)


async def test_what_is_older_than_the_lookback_or_in_another_inbox_is_left(scene: Scene) -> None:
    await scene.lose(events=10_000)
    await scene.writes("hace tiempo")
    await scene.settled()
    later = scene.reconciler(now=lambda: datetime.now(UTC) + timedelta(hours=49))
    assert (await later.sweep()).conversations == 0
    assert (await scene.reconciler(inbox_ids=frozenset({13})).sweep()).conversations == 0
    assert await scene.texts() == []


async def test_a_person_who_answered_meanwhile_is_heard_too(scene: Scene) -> None:
    await scene.lose(events=10_000)
    told = await scene.writes("¿me confirman?")
    answer = await scene.control.post(
        "/control/person", json={"conversation_id": told["conversation_id"], "content": "Sí, confirmado"}
    )
    assert answer.status_code == 200, answer.text
    await scene.settled()
    assert (await scene.reconciler().sweep()).found == 2
    async with scene.database.session() as session:
        stored = await Messages(session).latest(limit=10)
    assert {(m.author, m.status) for m in stored} == {("supplier", "read"), ("person", "sent")}
    assert stored[0].conversation.handled_by == "person"

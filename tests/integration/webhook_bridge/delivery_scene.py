"""Delivery against the Chatwoot of the sandbox over HTTP, with its webhooks heard by a real intake, and replies to be sent."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from domain.keys import delivery_key
from domain.messages import Author, Direction, MessageStatus
from sandbox.chatwoot.app import make_chatwoot
from sandbox.chatwoot.config import ChatwootSandboxConfig
from storage.engine import Database
from storage.messages import Messages
from storage.models import Message
from storage.models.turn import TurnStatus
from storage.turns import Turns
from tests.integration.sandbox.serving import served
from webhook_bridge.chatwoot.client import ChatwootClient
from webhook_bridge.chatwoot.listing import events_of_listed
from webhook_bridge.chatwoot.payloads import parse_event
from webhook_bridge.delivery import DeliverySettings, DeliveryWorker
from webhook_bridge.intake import Intake
from webhook_bridge.opening import Opener
from webhook_bridge.wake import Wake

TOKEN = "user-token"

#: The POST of a message, and nothing else: so that a fault strikes that alone.
POSTS = {"method": "POST", "path": r"/messages$"}

WHATSAPP = {"inbox": "whatsapp", "name": "Molino", "phone": "+56961230101"}
MAIL = {"inbox": "email", "name": "Molino", "email": "ventas@molino.cl", "subject": "Harina"}


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Scene:
    """One Chatwoot, one database, and as many workers as a test starts."""

    url: str
    control: httpx.AsyncClient
    database: Database
    intake: Intake
    exits: AsyncExitStack
    now: Callable[[], datetime] = utc_now

    def client(self, **changes: Any) -> ChatwootClient:
        client = ChatwootClient(**({"base_url": self.url, "api_token": TOKEN, "timeout_seconds": 5.0} | changes))
        self.exits.push_async_callback(client.aclose)
        return client

    async def works(self, *, chatwoot: ChatwootClient | None = None, **settings: Any) -> DeliveryWorker:
        """A worker that sends from now on. It is quicker than a real one in everything."""
        chatwoot = chatwoot or self.client()
        quick: dict[str, Any] = {
            "lease_seconds": 5.0,
            "backoff_seconds": 0.05,
            "backoff_most_seconds": 0.2,
            "outage_most_seconds": 0.1,
            "readback_seconds": 0.3,
            "post_seconds": 0.7,
            "poll_seconds": 0.02,
        }
        worker = DeliveryWorker(
            database=self.database,
            chatwoot=chatwoot,
            opener=Opener(database=self.database, chatwoot=chatwoot, account_id=1, inbox_ids=frozenset()),
            settings=DeliverySettings(**(quick | settings)),
            wake=Wake(),
            now=self.now,
            hear=self.intake.take,
        )
        task = asyncio.create_task(worker.run())

        async def stop() -> None:
            await worker.stop()
            await task

        self.exits.push_async_callback(stop)
        return worker

    async def faults(self, **changes: Any) -> None:
        answer = await self.control.post("/control/faults", json=changes)
        assert answer.status_code == 200, answer.text

    async def all_well(self) -> None:
        assert (await self.control.delete("/control/faults")).status_code == 200

    async def lose_webhooks(self) -> None:
        await self.settled()
        await self.faults(webhooks={"drop": 100_000})

    async def settled(self) -> None:
        """Every webhook has been sent, or lost."""
        for _ in range(1000):
            if not (await self.control.get("/control/deliveries")).json()["pending"]:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("webhooks were never all sent")

    async def supplier_writes(self, content: str = "¿Precio?", **contact: Any) -> Message:
        """Answers the stored message."""
        answer = await self.control.post("/control/incoming", json=(contact or WHATSAPP) | {"content": content})
        assert answer.status_code == 200, answer.text
        told = answer.json()
        for _ in range(500):
            async with self.database.session() as session:
                stored = await Messages(session).find(account_id=1, chatwoot_message_id=told["message_id"])
            if stored:
                return stored
            await asyncio.sleep(0.01)
        raise AssertionError("the supplier's words were never stored")

    async def replies(self, *parts: str, to: Message, notes: Iterable[str] = (), **changes: Any) -> list[int]:
        """Queue the parts of a reply, and notes, as the graph's last node does: in the commit that ends the turn."""
        assert to.turn_id is not None
        now = self.now()
        async with self.database.session() as session:
            turn = await Turns(session).get(to.turn_id)
            turn.status, turn.ended_at = TurnStatus.DONE, now
            rows = []
            for seq, (text, private) in enumerate([*((part, False) for part in parts), *((n, True) for n in notes)], 1):
                row = Message(
                    conversation_id=to.conversation_id,
                    contact_point_id=to.contact_point_id,
                    turn_id=to.turn_id,
                    seq=seq,
                    channel=to.channel,
                    account_id=to.account_id,
                    chatwoot_conversation_id=to.chatwoot_conversation_id,
                    chatwoot_inbox_id=to.chatwoot_inbox_id,
                    direction=Direction.OUTBOUND,
                    status=MessageStatus.QUEUED,
                    author=Author.AGENT,
                    private=private,
                    content=text,
                    timestamp=now,
                    next_attempt_at=now,
                    delivery_key=delivery_key(conversation_id=to.conversation_id, turn_id=to.turn_id, seq=seq),
                )
                for column, value in changes.items():
                    setattr(row, column, value)
                rows.append(await Messages(session).queue(row))
        return [row.id for row in rows]

    async def row(self, message_id: int) -> Message:
        async with self.database.session() as session:
            return await Messages(session).get(message_id)

    async def until(self, message_id: int, *statuses: str, within: float = 30) -> Message:
        """The row once it is in one of these."""
        return await self._once(message_id, lambda row: row.status in statuses, within=within)

    async def until_tried(self, message_id: int) -> Message:
        """The row once a post of it has begun."""
        return await self._once(message_id, lambda row: row.outcome_unknown_at is not None)

    async def until_set_back(self, message_id: int) -> Message:
        """The row once an attempt at it has failed."""
        return await self._once(message_id, lambda row: bool(row.failure))

    async def until_doubled(self, message_id: int) -> Message:
        """The row once a duplicate was noticed."""
        return await self._once(message_id, lambda row: bool(row.duplicates))

    async def until_sent(self, message_id: int, *, within: float = 30) -> Message:
        return await self.until(message_id, "sent", "delivered", "read", within=within)

    async def _once(self, message_id: int, holds: Callable[[Message], bool], *, within: float = 30) -> Message:
        async with asyncio.timeout(within + 5):
            for _ in range(int(within / 0.02)):
                row = await self.row(message_id)
                if holds(row):
                    return row
                await asyncio.sleep(0.02)
        raise AssertionError(f"it is {row.status} ({row.failure}), after {row.attempts} attempts")

    async def sweeps(self, conversation_id: int | None) -> None:
        """Tell intake of every message there, as reconciling does."""
        client = self.client()
        state = await client.get_conversation(account_id=1, conversation_id=conversation_id or 0)
        for listed in await client.list_messages(account_id=1, conversation_id=conversation_id or 0):
            for event in events_of_listed(listed, state):
                await self.intake.take(event)

    async def notes(self) -> list[Message]:
        """The private notes that our tables hold."""
        async with self.database.session() as session:
            query = select(Message).where(Message.private, Message.direction == Direction.OUTBOUND).order_by(Message.id)
            return list(await session.scalars(query))

    async def in_chatwoot(self, conversation_id: int | None, *, private: bool = False) -> list[str]:
        """What we, and people, wrote there; public or private."""
        answer = await self.control.get("/control/messages", params={"conversation_id": conversation_id or 0})
        listed = answer.json()["messages"]
        return [said["content"] for said in listed if said["message_type"] == 1 and said["private"] is private]

    async def until_in_chatwoot(self, conversation_id: int | None, *contents: str) -> None:
        for _ in range(1000):
            if await self.in_chatwoot(conversation_id) == [*contents]:
                return
            await asyncio.sleep(0.02)
        raise AssertionError("it never came to Chatwoot")

    async def person(self, conversation_id: int | None, **does: Any) -> None:
        path = "/control/person" if "content" in does else f"/control/conversations/{conversation_id}"
        answer = await self.control.post(path, json={"conversation_id": conversation_id} | does)
        assert answer.status_code == 200, answer.text

    async def later(self, **by: float) -> None:
        """Time passes in Chatwoot."""
        seconds = timedelta(**by).total_seconds()
        assert (await self.control.post("/control/clock", json={"seconds": seconds})).status_code == 200


@asynccontextmanager
async def a_scene(database: Database) -> AsyncIterator[Scene]:
    intake = Intake(database=database, quiet=timedelta(seconds=1), cap=timedelta(seconds=5), now=utc_now, account_id=1)

    async def receive(request: Request) -> JSONResponse:
        return JSONResponse({"status": await intake.take(parse_event(await request.body()))})

    async with AsyncExitStack() as exits:
        bridge = await exits.enter_async_context(served(Starlette(routes=[Route("/hook", receive, methods=["POST"])])))
        config = ChatwootSandboxConfig(
            webhook_url=f"{bridge}/hook",
            webhook_secret="s",
            api_token=TOKEN,
            receipt_seconds=0.05,
            whatsapp_templates=frozenset({"mensaje_compras"}),
        )
        url = await exits.enter_async_context(served(make_chatwoot(config)))
        control = await exits.enter_async_context(
            httpx.AsyncClient(base_url=url, headers={"api-access-token": TOKEN}, timeout=20)
        )
        # Workers stop before the Chatwoot they speak to.
        async with AsyncExitStack() as workers:
            yield Scene(url=url, control=control, database=database, intake=intake, exits=workers)

"""Fan-out, agent bots' retries and hand-overs, late and doubled webhooks: over real HTTP, with a receiver that verifies.

Faked: the receiver stands for the bridge; a bot's retries come after 0.1 s instead of 3.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.chatwoot import make_chatwoot
from tests.contract.material import fixture
from tests.contract.shapes import shape
from tests.integration.sandbox.receiver import SECRET, Receiver
from tests.integration.sandbox.serving import served
from tests.integration.sandbox.stand_in import ACCOUNT, BOT_TOKEN, USER_TOKEN, StandIn, sandbox_config


@asynccontextmanager
async def with_bot(**changes: Any) -> AsyncIterator[tuple[StandIn, Receiver]]:
    """A stand-in whose only webhook is an agent bot's, and that bot."""
    bot = Receiver()
    async with served(bot.app) as hook:
        app = make_chatwoot(sandbox_config(bot_retry_seconds=0.1, **changes))
        async with (
            served(app) as url,
            httpx.AsyncClient(base_url=url, headers={"api_access_token": USER_TOKEN}) as user,
            httpx.AsyncClient(base_url=url, headers={"api-access-token": BOT_TOKEN}) as bot_client,
        ):
            stand_in = StandIn(url, user, bot_client, bot, app.state.sandbox)
            made = await user.post("/control/subscriptions", json={"kind": "agent_bot", "url": f"{hook}/hook"})
            assert made.status_code == 200, made.text
            yield stand_in, bot


async def _status(stand_in: StandIn, conversation_id: int) -> str:
    shown = await stand_in.user.get(f"{ACCOUNT}/conversations/{conversation_id}")
    status: str = shown.json()["status"]
    return status


async def test_one_message_comes_by_account_and_api_inbox_webhook(stand_in: StandIn) -> None:
    connected = await stand_in.user.post("/control/subscriptions", json={"kind": "api_inbox"})
    await stand_in.incoming()
    told = await stand_in.incoming(inbox="api", content="Hola", identifier="crm-1")
    receiver = stand_in.receiver
    await receiver.until(lambda: len(receiver.named("message_created")) == 3)
    await receiver.until(lambda: stand_in.sandbox.webhooks.pending == 0)
    arrived = zip(receiver.delivery_ids, receiver.events, strict=True)
    twice = [d for d, e in arrived if (e["event"], e.get("id")) == ("message_created", told["message_id"])]
    assert len(set(twice)) == len(twice) == 2, "Each webhook has a delivery id of its own."
    assert len(receiver.named("contact_created")) == 2, "An inbox's webhook tells nothing of contacts."
    listed = await stand_in.user.get(f"{ACCOUNT}/webhooks")
    assert len(listed.json()["payload"]["webhooks"]) == 1, "An inbox's webhook is no account webhook."
    path = f"/control/subscriptions/{connected.json()['subscription']['id']}"
    assert (await stand_in.user.delete(path)).status_code == 200
    await stand_in.incoming(inbox="api", content="Otra vez", identifier="crm-1")
    await receiver.until(lambda: stand_in.sandbox.webhooks.pending == 0)
    assert len(receiver.named("message_created")) == 4


async def test_an_api_inboxs_refused_webhook_fails_the_message(stand_in: StandIn) -> None:
    refusing = Receiver()
    refusing.answer = 500
    async with served(refusing.app) as url:
        body = {"kind": "api_inbox", "url": f"{url}/hook", "secret": SECRET}
        await stand_in.user.post("/control/subscriptions", json=body)
        told = await stand_in.incoming(inbox="api", content="Hola", identifier="crm-1")
        sent = await stand_in.write(told["conversation_id"])
        receiver = stand_in.receiver
        await receiver.until(lambda: any(e["id"] == sent["id"] for e in receiver.named("message_updated")))
        await receiver.until(lambda: stand_in.sandbox.webhooks.pending == 0)
    failed = next(e for e in receiver.named("message_updated") if e["id"] == sent["id"])
    assert failed["content_attributes"]["external_error"] == "500 Internal Server Error"
    assert len([e for e in receiver.named("message_updated") if e["id"] == sent["id"]]) == 1, "It does not fail in circles."


async def test_with_a_bot_conversations_begin_pending_and_the_bot_hears_other_events() -> None:
    async with with_bot() as (stand_in, bot):
        told = await stand_in.incoming()
        await bot.until(lambda: bool(bot.named("message_created")))
        assert await _status(stand_in, told["conversation_id"]) == "pending"
        path = f"/control/conversations/{told['conversation_id']}"
        await stand_in.user.post(path, json={"status": "open"})
        await stand_in.user.post(path, json={"status": "resolved"})
        await bot.until(lambda: bool(bot.named("conversation_opened") and bot.named("conversation_resolved")))
        never = {"conversation_created", "contact_created", "contact_updated"}
        assert never & {event["event"] for event in bot.events} == set()


@pytest.mark.parametrize("status", [429, 500])
async def test_a_bots_webhook_is_tried_three_times_with_one_delivery_id(status: int) -> None:
    async with with_bot() as (stand_in, bot):
        bot.answer = status
        told = await stand_in.incoming()
        await bot.until(lambda: stand_in.sandbox.webhooks.pending == 0)
        tries = [
            (each.delivery_id, each.attempt)
            for each in stand_in.sandbox.webhooks.deliveries
            if each.event == "message_created" and each.record_id == told["message_id"]
        ]
        assert [attempt for _, attempt in tries] == [1, 2, 3]
        assert len({delivery_id for delivery_id, _ in tries}) == 1
        assert await _status(stand_in, told["conversation_id"]) == "open"
        written = (await stand_in.user.get(f"/control/messages?conversation_id={told['conversation_id']}")).json()["messages"]
        assert any("due to an error with the agent bot" in message["content"] for message in written)


async def test_a_bots_webhook_that_succeeds_at_last_hands_nothing_over() -> None:
    async with with_bot() as (stand_in, bot):
        bot.answer = 500
        told = await stand_in.incoming()
        await bot.until(lambda: bot.posts > 0)
        bot.answer = 200
        await bot.until(lambda: bool(bot.named("message_created")))
        await bot.until(lambda: stand_in.sandbox.webhooks.pending == 0)
        assert await _status(stand_in, told["conversation_id"]) == "pending"


@pytest.mark.parametrize("status", [401, 404, 502, 503])
async def test_any_other_refusal_hands_a_pending_conversation_over_at_once(status: int) -> None:
    async with with_bot() as (stand_in, bot):
        bot.answer = status
        told = await stand_in.incoming()
        await bot.until(lambda: stand_in.sandbox.webhooks.pending == 0)
        attempts = [each.attempt for each in stand_in.sandbox.webhooks.deliveries if each.event == "message_created"]
        assert attempts == [1]
        assert await _status(stand_in, told["conversation_id"]) == "open"


@pytest.mark.parametrize(("keeps", "expected"), [(False, "open"), (True, "pending")])
async def test_a_time_out_hands_over_unless_the_account_keeps_pending(keeps: bool, expected: str) -> None:
    async with with_bot(webhook_timeout_seconds=0.2, keep_pending_on_bot_failure=keeps) as (stand_in, bot):
        bot.delay = 0.6
        told = await stand_in.incoming()
        await bot.until(lambda: stand_in.sandbox.webhooks.pending == 0)
        assert await _status(stand_in, told["conversation_id"]) == expected


async def test_a_bots_payload_is_of_the_moment_of_the_event(stand_in: StandIn) -> None:
    bot = Receiver()
    async with served(bot.app) as url:
        body = {"kind": "agent_bot", "url": f"{url}/hook", "secret": SECRET}
        await stand_in.user.post("/control/subscriptions", json=body)
        await stand_in.user.post("/control/down", json={})
        first = await stand_in.incoming(content="Uno")
        second = await stand_in.incoming(content="Dos")
        await stand_in.user.delete("/control/down")
        receiver = stand_in.receiver
        await bot.until(lambda: len(bot.named("message_created")) == 2)
        await receiver.until(lambda: len(receiver.named("message_created")) == 2)
    newest = {e["id"]: e["conversation"]["messages"][0]["id"] for e in bot.named("message_created")}
    assert newest == {first["message_id"]: first["message_id"], second["message_id"]: second["message_id"]}
    newest = {e["id"]: e["conversation"]["messages"][0]["id"] for e in receiver.named("message_created")}
    assert newest[first["message_id"]] == second["message_id"], "The account's is built when its job runs."


async def test_doubled_with_the_same_delivery_id_and_later(stand_in: StandIn) -> None:
    faults = {"duplicate": 1, "duplicate_same_id": True, "duplicate_after_seconds": 0.3, "event": "message_created"}
    await stand_in.user.post("/control/faults", json={"webhooks": faults})
    told = await stand_in.incoming()
    receiver = stand_in.receiver
    await receiver.until(lambda: bool(receiver.named("message_created")))
    assert len(receiver.named("message_created")) == 1
    await receiver.until(lambda: len(receiver.named("message_created")) == 2)
    ids = {d for d, e in zip(receiver.delivery_ids, receiver.events, strict=True) if e["event"] == "message_created"}
    assert (len(ids), {e["id"] for e in receiver.named("message_created")}) == (1, {told["message_id"]})


async def test_delayed_by_seconds_while_others_pass(stand_in: StandIn) -> None:
    faults = {"delay": 1, "delay_seconds": 0.5, "event": "message_created"}
    await stand_in.user.post("/control/faults", json={"webhooks": faults})
    await stand_in.incoming(content="tarde")
    await stand_in.incoming(content="pronto")
    receiver = stand_in.receiver
    await receiver.until(lambda: len(receiver.named("message_created")) == 2)
    assert [e["content"] for e in receiver.named("message_created")] == ["pronto", "tarde"]


async def test_macros_and_automations_sign_nothing(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    seen: list[tuple[Headers, dict[str, Any]]] = []

    async def take(request: Request) -> Response:
        seen.append((request.headers, await request.json()))
        return Response()

    async with served(Starlette(routes=[Route("/hook", take, methods=["POST"])])) as url:
        body = {"conversation_id": told["conversation_id"], "url": f"{url}/hook"}
        await stand_in.user.post("/control/unsigned", json=body)
        await stand_in.receiver.until(lambda: bool(seen))
    ((headers, payload),) = seen
    assert [name for name in headers if name.startswith("x-chatwoot")] == []
    assert shape(payload) == shape(fixture("macro_executed_unsigned"))
    assert payload["event"] == "macro.executed"

"""Webhooks over real HTTP: signed over the bytes, sent once, lost when refused, and the faults that can be set.

Real: the stand-in, uvicorn, a receiver that verifies. Faked: the receiver stands for the bridge.
"""

import time

import httpx

from sandbox.chatwoot import make_chatwoot
from sandbox.chatwoot.delivery import TEMPLATE_UNKNOWN, WINDOW_CLOSED
from tests.integration.sandbox.receiver import Receiver
from tests.integration.sandbox.serving import served
from tests.integration.sandbox.stand_in import ACCOUNT, USER_TOKEN, StandIn, messages_path, sandbox_config


async def test_a_first_message_tells_of_contact_conversation_and_message(stand_in: StandIn) -> None:
    told = await stand_in.incoming(content="Ofrezco <20> sacos & más")
    receiver = stand_in.receiver
    await receiver.until(
        lambda: {"contact_created", "conversation_created", "message_created"} <= {e["event"] for e in receiver.events}
    )
    (message,) = receiver.named("message_created")
    assert (message["id"], message["content"]) == (told["message_id"], "Ofrezco <20> sacos & más")
    assert (message["message_type"], message["conversation"]["channel"]) == ("incoming", "Channel::Whatsapp")
    assert message["conversation"]["contact_inbox"]["source_id"] == "56961230101"
    assert "type" not in message["sender"]
    assert message["conversation"]["meta"]["sender"]["type"] == "contact"
    raw = next(body for body in receiver.bodies if b'"message_created"' in body)
    assert b"\\u003c20\\u003e sacos \\u0026" in raw
    assert len(set(receiver.delivery_ids)) == len(receiver.delivery_ids)


async def test_the_signature_is_of_the_subscriptions_secret(stand_in: StandIn) -> None:
    other = Receiver(secret="not the secret")
    async with served(other.app) as url:
        made = await stand_in.user.post(
            f"{ACCOUNT}/webhooks", json={"url": f"{url}/hook", "subscriptions": ["message_created"]}
        )
        secret = made.json()["payload"]["webhook"]["secret"]
        await stand_in.incoming()
        await other.until(lambda: other.posts == 1)
        assert other.events == []
        other._secret = secret
        await stand_in.incoming()
        await other.until(lambda: len(other.events) == 1)
        assert other.events[0]["event"] == "message_created"


async def test_a_refused_or_slow_webhook_is_lost(stand_in: StandIn) -> None:
    receiver = stand_in.receiver
    receiver.answer = 500
    await stand_in.incoming(content="perdido")
    await receiver.until(lambda: receiver.posts >= 4 and stand_in.sandbox.webhooks.pending == 0)
    receiver.answer = 200
    await stand_in.incoming(content="llega")
    await receiver.until(lambda: bool(receiver.named("message_created")))
    assert [message["content"] for message in receiver.named("message_created")] == ["llega"]
    deliveries = (await stand_in.user.get("/control/deliveries")).json()["deliveries"]
    first = next(each for each in deliveries if each["event"] == "message_created")
    assert first["status"] == 500
    assert sum(each["record_id"] == first["record_id"] for each in deliveries if each["event"] == "message_created") == 1


async def test_a_receiver_that_is_too_slow_counts_as_lost() -> None:
    receiver = Receiver()
    receiver.delay = 1.0
    async with served(receiver.app) as hook:
        app = make_chatwoot(sandbox_config(webhook_url=f"{hook}/hook", webhook_timeout_seconds=0.1))
        async with served(app) as url, httpx.AsyncClient(base_url=url, headers={"api_access_token": USER_TOKEN}) as user:
            await user.post("/control/incoming", json={"inbox": "web", "content": "hola"})
            await receiver.until(lambda: any(d.error for d in app.state.sandbox.webhooks.deliveries))
            errors = [delivery.error for delivery in app.state.sandbox.webhooks.deliveries]
            assert any("ReadTimeout" in str(error) for error in errors)


async def test_own_messages_echo_and_whatsapp_reports_each_step(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    sent = await stand_in.write(told["conversation_id"], content_attributes={"bridge_message_id": "k-1"})
    receiver = stand_in.receiver
    await receiver.until(lambda: len([e for e in receiver.named("message_updated") if e["id"] == sent["id"]]) == 3)
    echo = next(event for event in receiver.named("message_created") if event["id"] == sent["id"])
    assert (echo["message_type"], echo["sender"]["type"], echo["source_id"]) == ("outgoing", "user", None)
    assert echo["content_attributes"] == {"bridge_message_id": "k-1"}
    steps = [(e["source_id"][:5], e["conversation"]["messages"][0]["status"]) for e in receiver.named("message_updated")]
    assert sorted(steps) == [("wamid", "delivered"), ("wamid", "read"), ("wamid", "sent")]


async def test_outside_the_window_a_message_is_accepted_and_then_fails(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    await stand_in.user.post("/control/clock", json={"seconds": 24 * 3600 + 1})
    free = await stand_in.write(told["conversation_id"])
    assert free["status"] == "sent"
    template = {"name": "purchase_order_update", "category": "UTILITY", "language": "es", "processed_params": {}}
    good = await stand_in.write(told["conversation_id"], template_params=template)
    bad = await stand_in.write(told["conversation_id"], template_params=template | {"name": "unknown"})
    receiver = stand_in.receiver
    await receiver.until(lambda: {free["id"], good["id"], bad["id"]} <= {e["id"] for e in receiver.named("message_updated")})
    errors = {e["id"]: e["content_attributes"].get("external_error") for e in receiver.named("message_updated")}
    assert errors == {free["id"]: WINDOW_CLOSED, good["id"]: None, bad["id"]: TEMPLATE_UNKNOWN}


async def test_a_source_id_keeps_a_message_from_being_delivered(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    trapped = await stand_in.write(told["conversation_id"], source_id="my-key")
    free = await stand_in.write(told["conversation_id"])
    receiver = stand_in.receiver
    await receiver.until(lambda: len([e for e in receiver.named("message_updated") if e["id"] == free["id"]]) == 3)
    assert not [event for event in receiver.named("message_updated") if event["id"] == trapped["id"]]


async def test_dropped_doubled_and_overtaken(stand_in: StandIn) -> None:
    receiver = stand_in.receiver
    faults = {"drop": 1, "event": "message_created"}
    await stand_in.user.post("/control/faults", json={"webhooks": faults})
    await stand_in.incoming(content="dropped")
    await stand_in.user.post("/control/faults", json={"webhooks": {"duplicate": 1}})
    await stand_in.incoming(content="doubled")
    await receiver.until(lambda: len(receiver.named("message_created")) == 2)
    await stand_in.user.post("/control/faults", json={"webhooks": {"reorder": 1}})
    await stand_in.incoming(content="first")
    await stand_in.incoming(content="second")
    await receiver.until(lambda: len(receiver.named("message_created")) == 4)
    contents = [message["content"] for message in receiver.named("message_created")]
    assert contents == ["doubled", "doubled", "second", "first"]
    ids = [d for d, e in zip(receiver.delivery_ids, receiver.events, strict=True) if e.get("content") == "doubled"]
    assert len(set(ids)) == 2, "Two runs of a job have two delivery ids."


async def test_a_held_webhook_that_nothing_overtakes_comes_all_the_same(stand_in: StandIn) -> None:
    receiver = stand_in.receiver
    await stand_in.user.post("/control/faults", json={"webhooks": {"reorder": 1, "event": "message_created"}})
    await stand_in.incoming(content="alone")
    await receiver.until(lambda: bool(receiver.named("contact_updated")))
    assert not receiver.named("message_created")
    await receiver.until(lambda: bool(receiver.named("message_created")))


async def test_status_assignee_typing_and_deletion_are_told(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    path = f"{ACCOUNT}/conversations/{told['conversation_id']}"
    await stand_in.user.post(f"{path}/assignments", json={"assignee_id": 7})
    await stand_in.user.post(f"{path}/toggle_status", json={"status": "resolved"})
    await stand_in.bot.post(f"{path}/toggle_typing_status", json={"typing_status": "on"})
    await stand_in.user.delete(f"{messages_path(told['conversation_id'])}/{told['message_id']}")
    receiver = stand_in.receiver
    await receiver.until(lambda: bool(receiver.named("message_updated") and receiver.named("conversation_typing_on")))
    await receiver.until(
        lambda: any("assignee_id" in c for e in receiver.named("conversation_updated") for c in e["changed_attributes"])
    )
    (changed,) = receiver.named("conversation_status_changed")
    assert (changed["status"], changed["changed_attributes"], changed["id"]) == ("resolved", None, told["conversation_id"])
    (gone,) = receiver.named("message_updated")
    assert (gone["content"], gone["content_attributes"]) == ("This message was deleted", {"deleted": True})
    assert receiver.named("conversation_typing_on")[0]["user"]["type"] == "agent_bot"


async def test_a_message_after_resolving_begins_a_new_whatsapp_conversation_and_reopens_a_web_one(stand_in: StandIn) -> None:
    first = await stand_in.incoming()
    await stand_in.user.post(f"{ACCOUNT}/conversations/{first['conversation_id']}/toggle_status", json={"status": "resolved"})
    second = await stand_in.incoming()
    assert second["conversation_id"] != first["conversation_id"]
    assert second["contact_id"] == first["contact_id"]
    web = await stand_in.incoming(inbox="web", content="hola", identifier="supplier-1")
    await stand_in.user.post(f"{ACCOUNT}/conversations/{web['conversation_id']}/toggle_status", json={"status": "resolved"})
    again = await stand_in.incoming(inbox="web", content="otra vez", identifier="supplier-1")
    assert again["conversation_id"] == web["conversation_id"]
    shown = await stand_in.user.get(f"{ACCOUNT}/conversations/{web['conversation_id']}")
    assert shown.json()["status"] == "open"
    receiver = stand_in.receiver
    await receiver.until(lambda: any(e["id"] == again["message_id"] for e in receiver.named("message_created")))


async def test_two_anonymous_visitors_are_two_people_and_mails_begin_threads(stand_in: StandIn) -> None:
    one = await stand_in.incoming(inbox="web", content="hola")
    other = await stand_in.incoming(inbox="web", content="hola")
    assert one["contact_id"] != other["contact_id"]
    mail = {"inbox": "email", "email": "Ventas@Molino.example", "content": "Precio: 12\n> cita", "subject": "Oferta"}
    first = await stand_in.incoming(**mail)
    answer = await stand_in.incoming(**mail, conversation_id=first["conversation_id"])
    new = await stand_in.incoming(**mail)
    assert first["contact_id"] == answer["contact_id"] == new["contact_id"]
    assert answer["conversation_id"] == first["conversation_id"] != new["conversation_id"]
    receiver = stand_in.receiver
    await receiver.until(lambda: any(e["id"] == answer["message_id"] for e in receiver.named("message_created")))
    told = next(e for e in receiver.named("message_created") if e["id"] == answer["message_id"])["content_attributes"]["email"]
    assert told["text_content"] == {"full": mail["content"], "reply": mail["content"], "quoted": "Precio: 12"}
    assert told["in_reply_to"] == told["references"][0]


async def test_a_hundred_webhooks_all_arrive(stand_in: StandIn) -> None:
    begun = time.monotonic()
    for number in range(100):
        await stand_in.incoming(phone=f"+569612{number:05d}", content=str(number))
    await stand_in.receiver.until(lambda: len(stand_in.receiver.named("message_created")) == 100, seconds=20)
    assert {message["content"] for message in stand_in.receiver.named("message_created")} == {str(n) for n in range(100)}
    assert time.monotonic() - begun < 20

"""The team takes over and hands back, contacts are merged, changed and blocked, typing is kept: all by control routes.

Real: the stand-in, uvicorn, a receiver that verifies. Nothing is faked.
"""

from typing import Any

from tests.integration.sandbox.stand_in import ACCOUNT, StandIn, messages_path


async def _act(stand_in: StandIn, conversation_id: int, **body: Any) -> dict[str, Any]:
    answer = await stand_in.user.post(f"/control/conversations/{conversation_id}", json=body)
    assert answer.status_code == 200, answer.text
    conversation: dict[str, Any] = answer.json()["conversation"]
    return conversation


async def test_a_person_takes_over_and_hands_back(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    taken = await _act(stand_in, told["conversation_id"], assignee="person")
    assert (taken["meta"]["assignee"]["id"], taken["meta"]["assignee_type"]) == (7, "User")
    back = await _act(stand_in, told["conversation_id"], assignee="nobody", status="pending")
    assert ("assignee" in back["meta"], back["status"]) == (False, "pending")
    receiver = stand_in.receiver
    await receiver.until(lambda: bool(receiver.named("conversation_status_changed")))
    states = [
        (e["meta"]["assignee_type"], e["status"]) for e in receiver.named("conversation_updated") if e["meta"]["assignee"]
    ]
    assert ("User", "open") in states


async def test_who_opens_a_conversation_gets_it(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    await _act(stand_in, told["conversation_id"], status="resolved")
    assert (await _act(stand_in, told["conversation_id"], status="open"))["meta"]["assignee"]["id"] == 7
    await _act(stand_in, told["conversation_id"], status="pending", assignee="nobody")
    assert "assignee" not in (await _act(stand_in, told["conversation_id"], status="open", assignee="nobody"))["meta"]


async def test_snoozed_until_a_time(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    snoozed = await _act(stand_in, told["conversation_id"], status="snoozed", snooze_seconds=3600)
    assert (snoozed["status"], snoozed["snoozed_until"] is None) == ("snoozed", False)


async def test_what_the_team_cannot_do_is_refused(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    path = f"/control/conversations/{told['conversation_id']}"
    assert (await stand_in.user.post(path, json={"status": "asleep"})).status_code == 422
    assert (await stand_in.user.post(path, json={"assignee": "the cat"})).status_code == 422
    assert (await stand_in.user.post("/control/conversations/999", json={"status": "open"})).status_code == 404


async def test_a_message_into_a_resolved_conversation_reopens_it_and_says_so_first(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    await _act(stand_in, told["conversation_id"], status="resolved")
    await stand_in.receiver.until(lambda: stand_in.sandbox.webhooks.pending == 0)
    stand_in.receiver.events.clear()
    again = await stand_in.incoming(inbox="whatsapp", conversation_id=told["conversation_id"], content="¿Siguen ahí?")
    receiver = stand_in.receiver
    await receiver.until(lambda: bool(receiver.named("message_created")))
    kinds = [e["event"] for e in receiver.events]
    assert kinds.index("conversation_status_changed") < kinds.index("message_created")
    assert receiver.named("conversation_status_changed")[0]["status"] == "open"
    assert again["conversation_id"] == told["conversation_id"]


async def test_merged_contacts_keep_conversations_and_change_contact_without_a_word(stand_in: StandIn) -> None:
    base = await stand_in.incoming(phone="+56961230101")
    other = await stand_in.incoming(inbox="email", email="ventas@molino.example", name="Ana", content="Hola")
    receiver = stand_in.receiver
    await receiver.until(lambda: stand_in.sandbox.webhooks.pending == 0 and len(receiver.named("message_created")) == 2)
    receiver.events.clear()
    bodies = {"base_contact_id": base["contact_id"], "mergee_contact_id": other["contact_id"]}
    merged = await stand_in.user.post("/control/contacts/merge", json=bodies)
    assert merged.json()["contact"]["email"] == "ventas@molino.example"
    await receiver.until(lambda: bool(receiver.named("contact_updated")))
    assert {e["event"] for e in receiver.events} == {"contact_updated"}
    assert (await stand_in.user.get(f"{ACCOUNT}/contacts/{other['contact_id']}")).status_code == 404
    await stand_in.incoming(inbox="email", email="ventas@molino.example", conversation_id=other["conversation_id"], content="2")
    await receiver.until(lambda: bool(receiver.named("message_created")))
    (after,) = receiver.named("message_created")
    assert after["conversation"]["id"] == other["conversation_id"]
    assert after["conversation"]["contact_inbox"]["contact_id"] == after["sender"]["id"] == base["contact_id"]
    senders = (await stand_in.user.get(messages_path(other["conversation_id"]))).json()["payload"]
    assert {m["sender"]["id"] for m in senders if m["message_type"] == 0} == {base["contact_id"]}
    assert (await stand_in.user.post("/control/contacts/merge", json=bodies)).status_code == 404
    same = {"base_contact_id": base["contact_id"], "mergee_contact_id": base["contact_id"]}
    assert (await stand_in.user.post("/control/contacts/merge", json=same)).status_code == 422


async def test_a_contact_is_changed_and_no_two_share_a_number(stand_in: StandIn) -> None:
    one = await stand_in.incoming(phone="+56961230101")
    other = await stand_in.incoming(phone="+56961230102")
    path = f"/control/contacts/{one['contact_id']}"
    changed = await stand_in.user.post(path, json={"name": "Molino Nuevo", "blocked": True})
    assert (changed.json()["contact"]["name"], changed.json()["contact"]["blocked"]) == ("Molino Nuevo", True)
    assert (await stand_in.user.post(path, json={"phone": "+56961230102"})).status_code == 422
    receiver = stand_in.receiver
    await receiver.until(lambda: any(e["blocked"] for e in receiver.named("contact_updated")))
    assert other["contact_id"] != one["contact_id"]


async def test_typing_is_seen_on_and_off(stand_in: StandIn) -> None:
    told = await stand_in.incoming(inbox="web", content="hola")
    path = f"{ACCOUNT}/conversations/{told['conversation_id']}/toggle_typing_status"
    await stand_in.bot.post(path, json={"typing_status": "on"})
    shown = (await stand_in.user.get("/control/typing")).json()
    assert shown["typing"] == {str(told["conversation_id"]): "Asistente de Compras"}
    await stand_in.bot.post(path, json={"typing_status": "off"})
    shown = (await stand_in.user.get("/control/typing")).json()
    assert shown["typing"] == {}
    assert [(toggle["conversation_id"], toggle["on"], toggle["by"]) for toggle in shown["toggles"]] == [
        (told["conversation_id"], True, "AgentBot"),
        (told["conversation_id"], False, "AgentBot"),
    ]

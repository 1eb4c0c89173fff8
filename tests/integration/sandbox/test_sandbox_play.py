"""What can be played over the control routes: attachments, mails, BSUIDs, blocked contacts, echoes, receipts, transcripts.

Real: the stand-in, uvicorn, a receiver that verifies. Nothing is faked.
"""

import base64
from typing import Any

import pytest

from tests.integration.sandbox.stand_in import ACCOUNT, StandIn, messages_path


async def _told(stand_in: StandIn, event: str, message_id: int) -> dict[str, Any]:
    """The newest webhook of this event for this message."""
    await stand_in.receiver.until(lambda: any(e["id"] == message_id for e in stand_in.receiver.named(event)))
    return [e for e in stand_in.receiver.named(event) if e["id"] == message_id][-1]


async def _receipt(stand_in: StandIn, message_id: int, **body: Any) -> int:
    return (await stand_in.user.post(f"/control/messages/{message_id}/receipt", json=body)).status_code


async def test_files_are_really_served_behind_a_redirect_on_the_same_host(stand_in: StandIn) -> None:
    content = bytes(range(256))
    given = {"type": "image", "name": "año 1.jpg", "base64": base64.b64encode(content).decode(), "file_size": 7}
    told = await stand_in.incoming(content=None, attachments=[given])
    (shown,) = (await _told(stand_in, "message_created", told["message_id"]))["attachments"]
    assert shown["data_url"].startswith(stand_in.url)
    assert (shown["file_type"], shown["file_size"], shown["content_type"]) == ("image", 7, "image/jpeg")
    first = await stand_in.user.get(shown["data_url"])
    assert (first.status_code, first.headers["location"].startswith(stand_in.url)) == (302, True)
    last = await stand_in.user.get(first.headers["location"])
    assert (last.content, last.headers["content-type"]) == (content, "image/jpeg")
    listed = (await stand_in.user.get(messages_path(told["conversation_id"]))).json()["payload"]
    assert listed[-1]["attachments"] == [shown]


async def test_files_may_lead_elsewhere_be_gone_or_suffer_faults(stand_in: StandIn) -> None:
    files = [{"name": "a.pdf", "text": "a", "redirect": "http://10.0.0.1/x"}, {"name": "b.pdf", "text": "b", "missing": True}]
    told = await stand_in.incoming(content=None, attachments=files)
    elsewhere, gone = (each["data_url"] for each in told["message"]["attachments"])
    assert (await stand_in.user.get(elsewhere)).headers["location"] == "http://10.0.0.1/x"
    assert (await stand_in.user.get(gone, follow_redirects=True)).status_code == 404
    assert (await stand_in.user.get(gone.replace("/redirect/", "/redirect/x"))).status_code == 404
    await stand_in.user.post("/control/faults", json={"answer_next": 1, "answer_status": 503, "path": "/rails/"})
    assert (await stand_in.user.get(elsewhere)).status_code == 503


@pytest.mark.parametrize(
    "attachment", [{"type": "hologram"}, {"type": "location"}, {"type": "file", "base64": "?"}, "a file", {"type": ["file"]}]
)
async def test_attachments_that_mean_nothing_are_refused(stand_in: StandIn, attachment: Any) -> None:
    body = {"inbox": "web", "content": "x", "attachments": [attachment]}
    assert (await stand_in.user.post("/control/incoming", json=body)).status_code == 422


async def test_a_voice_notes_transcript_comes_later(stand_in: StandIn) -> None:
    told = await stand_in.incoming(content=None, attachments=[{"type": "audio", "name": "voice.ogg", "text": "OGG"}])
    first = await _told(stand_in, "message_created", told["message_id"])
    assert (first["content"], first["attachments"][0]["transcribed_text"]) == (None, "")
    await stand_in.user.post(f"/control/messages/{told['message_id']}/transcript", json={"text": "veinte sacos"})
    then = await _told(stand_in, "message_updated", told["message_id"])
    assert then["attachments"][0]["transcribed_text"] == "veinte sacos"
    plain = await stand_in.incoming()
    refused = await stand_in.user.post(f"/control/messages/{plain['message_id']}/transcript", json={"text": "x"})
    assert refused.status_code == 422


async def test_someone_known_by_user_name_only_is_one_contact_without_a_phone(stand_in: StandIn) -> None:
    person = {"inbox": "whatsapp", "source_id": "US.13491208655302741918", "name": "solo_usuario", "content": "Hola"}
    one, two = await stand_in.incoming(**person), await stand_in.incoming(**person)
    assert (one["contact_id"], one["conversation_id"]) == (two["contact_id"], two["conversation_id"])
    told = await _told(stand_in, "message_created", one["message_id"])
    assert (told["sender"]["phone_number"], told["conversation"]["contact_inbox"]["source_id"]) == (None, person["source_id"])
    assert (await stand_in.user.post("/control/incoming", json=person | {"source_id": "not one"})).status_code == 422


async def test_what_a_blocked_contact_writes_is_dropped(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    await stand_in.user.post(f"/control/contacts/{told['contact_id']}", json={"blocked": True})
    body = {"inbox": "whatsapp", "phone": "+56961230101", "content": "¿Hola?"}
    assert (await stand_in.user.post("/control/incoming", json=body)).status_code == 422
    shown = await stand_in.user.get(f"{ACCOUNT}/contacts/{told['contact_id']}")
    assert shown.json()["payload"]["blocked"] is True
    await stand_in.user.post(f"/control/contacts/{told['contact_id']}", json={"blocked": False})
    assert (await stand_in.user.post("/control/incoming", json=body)).status_code == 200


async def test_the_phones_own_app_and_an_automation_have_no_sender(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    body = {"conversation_id": told["conversation_id"], "content": "Yo sigo"}
    echo = (await stand_in.user.post("/control/person", json=body | {"as": "phone_app"})).json()["message"]
    rule = (await stand_in.user.post("/control/person", json=body | {"as": "automation"})).json()["message"]
    greeting = (await stand_in.user.post("/control/person", json=body | {"as": "template"})).json()["message"]
    shown = await _told(stand_in, "message_created", echo["id"])
    assert (shown["sender"], shown["content_attributes"], shown["message_type"]) == (None, {"external_echo": True}, "outgoing")
    assert shown["source_id"].startswith("wamid.")
    assert (await _told(stand_in, "message_created", rule["id"]))["content_attributes"] == {"automation_rule_id": 4}
    assert (await _told(stand_in, "message_created", greeting["id"]))["message_type"] == "template"
    assert (await stand_in.user.post("/control/person", json=body | {"as": "a ghost"})).status_code == 422
    web = await stand_in.incoming(inbox="web", content="x")
    refused = await stand_in.user.post(
        "/control/person", json=body | {"conversation_id": web["conversation_id"], "as": "phone_app"}
    )
    assert refused.status_code == 422


async def test_receipts_on_demand_for_one_message(stand_in: StandIn) -> None:
    await stand_in.user.post("/control/faults", json={"hold_receipts": True})
    told = await stand_in.incoming()
    sent, other = await stand_in.write(told["conversation_id"]), await stand_in.write(told["conversation_id"])
    for status in ("sent", "delivered", "read"):
        assert await _receipt(stand_in, sent["id"], status=status) == 200
    assert await _receipt(stand_in, sent["id"], status="delivered") == 200
    assert await _receipt(stand_in, other["id"], status="failed", error="131049: Not delivered") == 200
    written = {m["id"]: m for m in (await stand_in.user.get("/control/messages")).json()["messages"]}
    assert (written[sent["id"]]["status"], written[sent["id"]]["source_id"][:6]) == ("read", "wamid.")
    assert (written[other["id"]]["status"], written[other["id"]]["source_id"]) == ("failed", None)
    failed = await _told(stand_in, "message_updated", other["id"])
    assert failed["content_attributes"]["external_error"] == "131049: Not delivered"
    assert await _receipt(stand_in, sent["id"], status="lost") == 422
    assert await _receipt(stand_in, told["message_id"], status="read") == 422
    assert await _receipt(stand_in, 999, status="read") == 404


async def test_a_closed_window_fails_a_message_also_while_receipts_are_held(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    await stand_in.user.post("/control/faults", json={"hold_receipts": True})
    await stand_in.user.post("/control/clock", json={"seconds": 24 * 3600 + 1})
    sent = await stand_in.write(told["conversation_id"])
    failed = await _told(stand_in, "message_updated", sent["id"])
    assert "24-hour" in failed["content_attributes"]["external_error"]


async def test_a_mail_with_all_that_a_mail_can_have(stand_in: StandIn) -> None:
    text = "Sí, 20 sacos.\n\nEl lun, 3 nov 2025 a las 10:00, Compras <c@x.example> escribió:\n> ¿200 sacos?\n-- \nAna"
    mail = {"cc": ["jefe@molino.example"], "to": ["compras@cordillera.example"], "auto_reply": True}
    told = await stand_in.incoming(inbox="email", email="ana@molino.example", subject="Oferta", content=text, mail=mail)
    shown = await _told(stand_in, "message_created", told["message_id"])
    email = shown["content_attributes"]["email"]
    assert shown["content"] == text
    assert (email["text_content"]["full"], email["text_content"]["quoted"]) == (text, "Sí, 20 sacos.")
    assert (email["subject"], email["cc"], email["auto_reply"]) == ("Oferta", ["jefe@molino.example"], True)
    assert shown["content_attributes"]["cc_email"] == ["jefe@molino.example"]
    other = await stand_in.incoming(
        inbox="email",
        conversation_id=told["conversation_id"],
        content="",
        mail={"sender": "luis@otro.example", "html": "<p>Yo <b>también</b></p><blockquote>vieja</blockquote>", "trimmed": ""},
    )
    shown = await _told(stand_in, "message_created", other["message_id"])
    email = shown["content_attributes"]["email"]
    assert (email["from"], shown["sender"]["email"]) == (["luis@otro.example"], "ana@molino.example")
    assert (email["text_content"], email["html_content"]["full"][:3]) == ({}, "<p>")
    assert (email["subject"], email["auto_reply"]) == ("Re: Oferta", False)
    refused = await stand_in.user.post(
        "/control/incoming", json={"inbox": "email", "email": "a@b.example", "content": "x", "mail": {"colour": "red"}}
    )
    assert refused.status_code == 422


async def test_a_widgets_answer_is_an_update_of_the_question(stand_in: StandIn) -> None:
    told = await stand_in.incoming(inbox="web", content="hola")
    items = [{"title": "Oferta", "value": "offer"}]
    asked = await stand_in.write(told["conversation_id"], content_type="input_select", content_attributes={"items": items})
    await stand_in.user.post(f"/control/messages/{asked['id']}/submitted", json={"values": items})
    answered = await _told(stand_in, "message_updated", asked["id"])
    assert answered["content_attributes"] == {"items": items, "submitted_values": items}


async def test_a_contacts_typing_and_his_opening_of_the_widget_are_told(stand_in: StandIn) -> None:
    told = await stand_in.incoming(inbox="web", content="hola")
    body = {"conversation_id": told["conversation_id"]}
    for on in (True, False):
        await stand_in.user.post("/control/typing", json=body | {"on": on})
    await stand_in.user.post("/control/widget", json=body)
    receiver = stand_in.receiver
    await receiver.until(lambda: bool(receiver.named("webwidget_triggered") and receiver.named("conversation_typing_off")))
    assert receiver.named("conversation_typing_on")[0]["user"]["id"] == told["contact_id"]
    assert receiver.named("webwidget_triggered")[0]["current_conversation"]["id"] == told["conversation_id"]

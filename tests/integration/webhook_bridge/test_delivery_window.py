"""WhatsApp's 24 hours: a free text that would fail unseen is never posted.

Real: HTTP, databases, intake. Faked: Chatwoot and its clock, by the sandbox's stand-in, which refuses as WhatsApp does.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from domain.modes import AgentMode
from storage.engine import Database
from tests.integration.webhook_bridge.delivery_scene import MAIL, Scene, a_scene, utc_now
from webhook_bridge.outbound import Destination, queue_message

TEMPLATE = "mensaje_compras:es"


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    async with a_scene(database) as scene:
        yield scene


async def listed(scene: Scene, conversation_id: int | None) -> list[dict[str, Any]]:
    answer = await scene.control.get("/control/messages", params={"conversation_id": conversation_id or 0})
    messages: list[dict[str, Any]] = answer.json()["messages"]
    return messages


async def labels(scene: Scene, conversation_id: int | None) -> list[str]:
    path = f"/api/v1/accounts/1/conversations/{conversation_id}/labels"
    payload: list[str] = (await scene.control.get(path)).json()["payload"]
    return payload


async def test_without_a_template_a_person_is_told_and_the_conversation_marked(scene: Scene) -> None:
    words = await scene.supplier_writes()
    there = words.chatwoot_conversation_id
    await scene.control.post(f"/api/v1/accounts/1/conversations/{there}/labels", json={"labels": ["vip"]})
    first, second = await scene.replies("Vale 9.", "Hay 40.", to=words)
    await scene.later(hours=25)
    await scene.works()
    row = await scene.until(first, "failed")
    assert "24 hours" in (row.failure or "")
    assert "WHATSAPP_TEMPLATE" in (row.failure or "")
    assert (await scene.row(second)).status == "cancelled"
    [note] = await scene.notes()
    await scene.until_sent(note.id)
    [told] = await scene.in_chatwoot(there, private=True)
    assert "Vale 9." in told
    assert "Hay 40." in told
    assert await scene.in_chatwoot(there) == []
    assert sorted(await labels(scene, there)) == ["vip", "whatsapp-window-closed"]


@pytest.mark.parametrize("asked_for", [False, True], ids=["a reply", "asked for"])
async def test_with_a_template_it_is_sent_by_that(scene: Scene, asked_for: bool) -> None:
    words = await scene.supplier_writes()
    text = "Buenas {{contact.email}}\n\nVale    9."
    if asked_for:
        async with scene.database.session() as session:
            to = Destination(conversation_id=words.conversation_id)
            message = await queue_message(
                session, to, content=text, idempotency_key="k", account_id=1, mode=AgentMode.AUTO, now=utc_now()
            )
    else:
        [message] = await scene.replies(text, to=words)
    await scene.later(hours=25)
    await scene.works(whatsapp_template=TEMPLATE)
    row = await scene.until(message, "delivered", "read")
    assert row.template == TEMPLATE
    assert await scene.in_chatwoot(words.chatwoot_conversation_id) == [text]
    assert await labels(scene, words.chatwoot_conversation_id) == []


async def test_within_the_window_the_template_is_left_alone(scene: Scene) -> None:
    words = await scene.supplier_writes()
    [message] = await scene.replies("Vale 9.", to=words)
    await scene.later(hours=23)
    await scene.works(whatsapp_template=TEMPLATE)
    assert (await scene.until_sent(message)).template is None


async def test_the_suppliers_next_words_open_it_again(scene: Scene) -> None:
    words = await scene.supplier_writes()
    await scene.later(hours=25)
    await scene.supplier_writes("¿Siguen ahí?")
    [message] = await scene.replies("Sí.", to=words)
    await scene.works()
    assert (await scene.until_sent(message)).template is None


async def test_when_we_know_that_it_is_closed_a_chatwoot_that_thinks_otherwise_is_not_believed(scene: Scene) -> None:
    words = await scene.supplier_writes()
    scene.now = lambda: utc_now() + timedelta(hours=23, minutes=59, seconds=30)
    [message] = await scene.replies("Vale 9.", to=words, next_attempt_at=utc_now(), timestamp=utc_now())
    await scene.works()
    await scene.until(message, "failed")
    assert await scene.in_chatwoot(words.chatwoot_conversation_id) == []


async def test_mail_has_no_window(scene: Scene) -> None:
    words = await scene.supplier_writes(**MAIL)
    [message] = await scene.replies("Va por correo.", to=words)
    await scene.later(hours=100)
    scene.now = lambda: utc_now() + timedelta(hours=100)
    await scene.works(whatsapp_template=TEMPLATE)
    assert (await scene.until_sent(message)).template is None


async def test_a_note_needs_no_window(scene: Scene) -> None:
    words = await scene.supplier_writes()
    [note] = await scene.replies(to=words, notes=["Ojo"])
    await scene.later(hours=100)
    await scene.works()
    await scene.until_sent(note)


async def test_a_template_that_whatsapp_does_not_know_fails_in_the_open(scene: Scene) -> None:
    words = await scene.supplier_writes()
    [message] = await scene.replies("Vale 9.", to=words)
    await scene.later(hours=25)
    await scene.works(whatsapp_template="otra:es")
    row = await scene.until(message, "failed")
    assert "Template not found" in (row.failure or "")
    [note] = await scene.notes()
    await scene.until_sent(note.id)
    assert [m["private"] for m in await listed(scene, words.chatwoot_conversation_id) if m["message_type"] == 1] == [
        False,
        True,
    ]

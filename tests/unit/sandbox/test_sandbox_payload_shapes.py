"""Each webhook of the stand-in has exactly the keys and types of the fixture that shows the same event. Nothing is faked."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from sandbox.chatwoot import ChatwootSandbox, ChatwootSandboxConfig
from sandbox.chatwoot.conversations import assign, change_status
from sandbox.chatwoot.delivery import WINDOW_CLOSED
from sandbox.chatwoot.events import typing as typing_event
from sandbox.chatwoot.play import incoming, person_writes
from sandbox.chatwoot.records import Conversation, Message
from sandbox.chatwoot.writing import delete_message, write_outgoing
from tests.contract.material import fixture

#: What is null in one payload and filled in another: both are right.
_NULLABLE = {
    "email", "identifier", "phone_number", "assignee", "assignee_type", "first_reply_created_at", "source_id", "assignee_id",
    "in_reply_to", "previous_value", "snoozed_until",
}  # fmt: skip


def shape(value: Any, key: str = "") -> Any:
    """Keys and types of a payload, without its values."""
    if key in _NULLABLE:
        return "any"
    if isinstance(value, dict):
        return {name: shape(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(each, key) for each in value[:1]] if key not in ("references", "cc_emails") else "list"
    return type(value).__name__


class Recorder:
    """A stand-in that is not served: events are built at once and kept."""

    def __init__(self) -> None:
        config = ChatwootSandboxConfig(webhook_url=None, webhook_secret="s", api_token="t", bot_token="b", receipt_seconds=0.01)
        self.sandbox = ChatwootSandbox(config)
        self.events: list[dict[str, Any]] = []
        self.sandbox.webhooks.emit = self._emit  # type: ignore[method-assign]

    def _emit(self, event: str, build: Callable[[], dict[str, Any]]) -> None:
        self.events.append(build() | {"event": event})

    def last(self, event: str) -> dict[str, Any]:
        return [each for each in self.events if each["event"] == event][-1]

    async def until(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        for _ in range(400):
            for each in self.events:
                if condition(each):
                    return each
            await asyncio.sleep(0.005)
        raise AssertionError([each["event"] for each in self.events])


Story = Callable[[Recorder], Awaitable[dict[str, Any]]]


async def _incoming(recorder: Recorder, inbox: str) -> Message:
    known: dict[str, dict[str, Any]] = {
        "whatsapp": {"name": "Ana", "phone": "+56961230101"},
        "email": {"name": "Ana", "email": "ana@example.com", "subject": "Oferta"},
        "web": {},
        "api": {"name": "Ana", "phone": "+56961230101", "email": "ana@example.com", "identifier": "crm-1"},
    }
    return await incoming(recorder.sandbox, inbox=inbox, content="Hola", **known[inbox])


def _conversation(recorder: Recorder) -> Conversation:
    return recorder.sandbox.store.all(Conversation)[-1]


def first_message(inbox: str, event: str = "message_created") -> Story:
    async def story(recorder: Recorder) -> dict[str, Any]:
        await _incoming(recorder, inbox)
        return recorder.last(event)

    return story


def own(inbox: str, *, bot: bool, event: str = "message_created") -> Story:
    async def story(recorder: Recorder) -> dict[str, Any]:
        await _incoming(recorder, inbox)
        by = recorder.sandbox.bot if bot else recorder.sandbox.user
        key = {"bridge_message_id": "k"}
        await write_outgoing(recorder.sandbox, _conversation(recorder), by=by, content="¿Mejor?", content_attributes=key)
        if event == "message_created":
            return recorder.last(event)
        return await recorder.until(lambda each: each["event"] == event and each["source_id"] is not None)

    return story


async def delivered(recorder: Recorder) -> dict[str, Any]:
    await own("whatsapp", bot=True)(recorder)
    return await recorder.until(
        lambda each: each["event"] == "message_updated" and each["conversation"]["messages"][0]["status"] == "delivered"
    )


async def window_closed(recorder: Recorder) -> dict[str, Any]:
    await _incoming(recorder, "whatsapp")
    recorder.sandbox.clock.advance(timedelta(hours=25))
    await write_outgoing(
        recorder.sandbox,
        _conversation(recorder),
        by=recorder.sandbox.bot,
        content="¿?",
        content_attributes={"bridge_message_id": "k"},
    )
    failed = await recorder.until(lambda each: each["event"] == "message_updated")
    assert failed["content_attributes"]["external_error"] == WINDOW_CLOSED
    assert failed["conversation"]["messages"][0]["status"] == "failed"
    assert failed["conversation"]["can_reply"] is False
    return failed


async def note(recorder: Recorder) -> dict[str, Any]:
    first = await _incoming(recorder, "whatsapp")
    noted = await person_writes(recorder.sandbox, conversation_id=first.conversation_id, content="Ojo", private=True)
    payload = recorder.last("message_created")
    assert (payload["id"], payload["conversation"]["messages"][0]["id"]) == (noted.id, first.id)
    return payload


async def deleted(recorder: Recorder) -> dict[str, Any]:
    first = await _incoming(recorder, "whatsapp")
    await _incoming(recorder, "whatsapp")
    await delete_message(recorder.sandbox, first)
    return recorder.last("message_updated")


async def assigned(recorder: Recorder) -> dict[str, Any]:
    await _incoming(recorder, "whatsapp")
    await assign(recorder.sandbox, _conversation(recorder), recorder.sandbox.person, by=recorder.sandbox.user)
    return recorder.last("conversation_updated")


def became(status: Any, inbox: str) -> Story:
    async def story(recorder: Recorder) -> dict[str, Any]:
        await _incoming(recorder, inbox)
        await change_status(recorder.sandbox, _conversation(recorder), status, by=recorder.sandbox.person)
        return recorder.last("conversation_status_changed")

    return story


async def typing(recorder: Recorder) -> dict[str, Any]:
    await _incoming(recorder, "web")
    typing_event(recorder.sandbox, _conversation(recorder), recorder.sandbox.person, on=True, private=False)
    return recorder.last("conversation_typing_on")


@pytest.mark.parametrize(
    ("name", "story"),
    [
        ("whatsapp_message_created", first_message("whatsapp")),
        ("email_message_created", first_message("email")),
        ("webwidget_message_created_anonymous", first_message("web")),
        ("api_message_created", first_message("api")),
        ("whatsapp_message_created_outgoing_own_bot", own("whatsapp", bot=True)),
        ("whatsapp_message_created_outgoing_own_user_token", own("whatsapp", bot=False)),
        ("email_message_created_outgoing_own_bot", own("email", bot=True)),
        ("whatsapp_message_created_private_note", note),
        ("whatsapp_message_updated_provider_accepted", own("whatsapp", bot=True, event="message_updated")),
        ("email_message_updated_sent_source_id", own("email", bot=True, event="message_updated")),
        ("whatsapp_message_updated_delivered", delivered),
        ("whatsapp_message_updated_failed_outside_24h", window_closed),
        ("whatsapp_message_updated_deleted", deleted),
        ("email_conversation_created", first_message("email", "conversation_created")),
        ("api_conversation_created", first_message("api", "conversation_created")),
        ("whatsapp_conversation_updated_assignee", assigned),
        ("whatsapp_conversation_status_changed_resolved", became("resolved", "whatsapp")),
        ("webwidget_conversation_status_changed_pending", became("pending", "web")),
        ("webwidget_conversation_typing_on_agent", typing),
        ("contact_created", first_message("whatsapp", "contact_created")),
        ("contact_updated", first_message("whatsapp", "contact_updated")),
    ],
)
async def test_shape_is_that_of_the_fixture(name: str, story: Story) -> None:
    recorder = Recorder()
    payload, expected = await story(recorder), fixture(name)
    if name.endswith("conversation_created"):  # Built at once here: no message yet, or there, is equally true.
        payload["messages"] = expected["messages"] = []
    assert shape(payload) == shape(expected)
    assert (payload["event"], payload.get("message_type")) == (expected["event"], expected.get("message_type"))
    await recorder.sandbox.stop()

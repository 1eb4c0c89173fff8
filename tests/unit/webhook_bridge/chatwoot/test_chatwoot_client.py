"""The client over real HTTP, against a Chatwoot that only records and answers as it is told.

Faked: Chatwoot's answers, in the shapes of its own views. Real: httpx, sockets, time-outs, the requests; each request is
checked against Chatwoot's OpenAPI description (a loud skip where that is missing).
"""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from domain.errors import AgentError
from tests.contract.material import fixture, fixture_bytes
from tests.contract.openapi_check import assert_request_matches
from webhook_bridge.chatwoot.answers import MessageType
from webhook_bridge.chatwoot.client import MAX_CONTENT, ChatwootClient
from webhook_bridge.chatwoot.events import MessageDeleted, MessageStatusChange, OwnEcho, SupplierMessage
from webhook_bridge.chatwoot.failures import (
    ChatwootMisconfigured,
    ChatwootNotFound,
    ChatwootNotReached,
    ChatwootRateLimited,
    ChatwootRejected,
    ChatwootUnavailable,
)
from webhook_bridge.chatwoot.listing import events_of_listed
from webhook_bridge.chatwoot.payloads import parse_event
from webhook_bridge.window import Template

POSTED = fixture("rest_post_message_200")
LISTED = fixture("rest_get_messages_200")
CONTACT = LISTED["meta"]["contact"]
CONVERSATION = {
    "meta": {"sender": CONTACT, "channel": "Channel::Whatsapp", "assignee": LISTED["meta"]["assignee"], "hmac_verified": False},
    "id": 101,
    "messages": [{"id": 5001, "conversation": {"contact_inbox": {"source_id": "15550100123"}}}],
    "account_id": 1,
    "inbox_id": 11,
    "status": "open",
    "can_reply": True,
    "last_activity_at": 1785315630,
}


@dataclass
class Recorder:
    """What was asked, and what to answer: one answer for all, or one for each request in turn."""

    base_url: str = ""
    requests: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    delay: float = 0.0

    async def record(self, request: Request) -> Response:
        body = await request.json() if await request.body() else None
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.requests.append((request.method, target, dict(request.headers), body))
        # Taken before the delay: whoever no longer waits must not use up the answer to a later test.
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        await asyncio.sleep(self.delay)
        return answer

    def will_answer(self, *answers: Any) -> None:
        self.answers = [answer if isinstance(answer, Response) else JSONResponse(answer) for answer in answers]


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    recorder = Recorder()
    app = Starlette(routes=[Route("/{path:path}", recorder.record, methods=["GET", "POST"])])
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()  # so that the first request waits for the server instead of failing
    running = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    recorder.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    yield recorder
    running.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def chatwoot(server: Recorder) -> Recorder:
    server.requests.clear()
    server.delay = 0.0
    server.will_answer({})
    return server


@pytest.fixture
async def client(chatwoot: Recorder) -> AsyncIterator[ChatwootClient]:
    client = ChatwootClient(base_url=chatwoot.base_url, api_token="user-token", bot_token="bot-token", timeout_seconds=5)
    yield client
    await client.aclose()


Call = Callable[[ChatwootClient], Awaitable[object]]
IN = {"account_id": 1, "conversation_id": 101}
CALLS: dict[str, tuple[Call, str]] = {
    "write": (lambda c: c.create_message(**IN, content="Hola", delivery_key="key-1"), "bot-token"),
    "note": (lambda c: c.create_message(**IN, content="Ojo", private=True), "bot-token"),
    "messages": (lambda c: c.list_messages(**IN), "user-token"),
    "messages after": (lambda c: c.list_messages(**IN, after=5001), "user-token"),
    "messages between": (lambda c: c.list_messages(**IN, after=5001, before=5020), "user-token"),
    "conversation": (lambda c: c.get_conversation(**IN), "user-token"),
    "conversations of a contact": (lambda c: c.conversations_of(account_id=1, contact_id=501), "user-token"),
    "template": (
        lambda c: c.create_message(**IN, content="Hola", template_params=Template.parse("saludo:es").filled_with("Hola")),
        "bot-token",
    ),
    "conversations": (lambda c: c.list_conversations(account_id=1), "user-token"),
    "conversations of an inbox": (
        lambda c: c.list_conversations(account_id=1, status="pending", inbox_id=11, page=2),
        "user-token",
    ),
    "search": (lambda c: c.search_contacts(account_id=1, phone="+15550100123"), "user-token"),
    "new contact": (
        lambda c: c.create_contact(account_id=1, inbox_id=11, name="Ana", phone="+15550100123", email="a@example.com"),
        "user-token",
    ),
    "new contact inbox": (
        lambda c: c.create_contact_inbox(account_id=1, contact_id=501, inbox_id=11, source_id="15550100123"),
        "user-token",
    ),
    "new conversation": (
        lambda c: c.create_conversation(account_id=1, inbox_id=11, contact_id=501, source_id="15550100123", status="open"),
        "bot-token",
    ),
    "status": (lambda c: c.toggle_status(**IN, status="open"), "bot-token"),
    "typing": (lambda c: c.toggle_typing(**IN, typing=True), "bot-token"),
    "assign a user": (lambda c: c.assign(**IN, user_id=7), "bot-token"),
    "assign a team": (lambda c: c.assign(**IN, team_id=2), "bot-token"),
    "assign a bot": (lambda c: c.assign(**IN, bot_id=3), "bot-token"),
    "inboxes": (lambda c: c.list_inboxes(account_id=1), "user-token"),
    "profile": (lambda c: c.profile(), "user-token"),
}


@pytest.mark.parametrize("name", CALLS)
async def test_each_request_is_one_that_chatwoot_describes(name: str, client: ChatwootClient, chatwoot: Recorder) -> None:
    call, token = CALLS[name]
    with suppress(ChatwootUnavailable):  # the empty answer is no answer to most calls; here only the request counts
        await call(client)
    [(method, path, headers, body)] = chatwoot.requests
    assert headers["api-access-token"] == token
    assert "api_access_token" not in headers
    assert_request_matches(method, path, body)


def test_the_checker_itself_refuses_what_chatwoot_does_not_describe() -> None:
    messages = "/api/v1/accounts/1/conversations/101/messages"
    assert_request_matches("POST", messages, {"content": "Hola"})
    for method, path, body in [
        ("POST", messages, {"message_type": "outgoing"}),
        ("POST", messages, {"content": 5}),
        ("POST", messages, {"content": "Hola", "message_type": "sideways"}),
        ("GET", f"{messages}?since=1", None),
        ("GET", f"{messages}?after=yesterday", None),
        ("PUT", messages, {"content": "Hola"}),
        ("GET", "/api/v1/accounts/one/conversations/101/messages", None),
        ("GET", "/api/v1/accounts/1/suppliers", None),
        ("POST", "/api/v1/accounts/1/conversations/101/toggle_status", {"status": "asleep"}),
        ("GET", messages, {"content": "a body where none belongs"}),
    ]:
        with pytest.raises(AssertionError):
            assert_request_matches(method, path, body)


async def test_a_message_carries_our_key_and_never_a_source_id(client: ChatwootClient, chatwoot: Recorder) -> None:
    chatwoot.will_answer(POSTED)
    posted = await client.create_message(**IN, content="Hola {{contact.email}}", delivery_key="key-1")
    assert chatwoot.requests[0][3] == {
        "content": 'Hola {{ "{" }}{contact.email}}',
        "message_type": "outgoing",
        "private": False,
        "content_attributes": {"bridge_message_id": "key-1"},
        "echo_id": "key-1",
    }
    assert (posted.id, posted.conversation_id, posted.message_type) == (5011, 101, MessageType.OUTGOING)
    assert posted.delivery_key == "0d9b6a70-0000-4000-8000-000000000001"


@pytest.mark.parametrize("content", ["", " \n", "x" * (MAX_CONTENT + 1), "{{" * (MAX_CONTENT // 4)])
async def test_what_chatwoot_would_refuse_is_not_sent(content: str, client: ChatwootClient, chatwoot: Recorder) -> None:
    with pytest.raises(ChatwootRejected):
        await client.create_message(**IN, content=content)
    assert chatwoot.requests == []


async def test_without_a_bots_token_the_users_writes(chatwoot: Recorder) -> None:
    client = ChatwootClient(base_url=chatwoot.base_url, api_token="user-token")
    chatwoot.will_answer(POSTED)
    await client.create_message(**IN, content="Hola")
    assert chatwoot.requests[0][2]["api-access-token"] == "user-token"
    await client.aclose()


async def test_a_search_takes_only_the_exact_contact_and_reads_on(client: ChatwootClient, chatwoot: Recorder) -> None:
    near = [
        CONTACT | {"id": 1, "phone_number": "+155501001234"},
        CONTACT | {"id": 2, "phone_number": None, "name": "+15550100123"},
    ]
    chatwoot.will_answer(
        {"meta": {"has_more": True}, "payload": near},
        {"meta": {"has_more": False}, "payload": [CONTACT | {"id": 3, "phone_number": "+1 555 010 0123"}]},
    )
    found = await client.search_contacts(account_id=1, phone="+15550100123")
    assert [contact.id for contact in found] == [3]
    assert [path for _, path, _, _ in chatwoot.requests] == [
        "/api/v1/accounts/1/contacts/search?q=%2B15550100123&page=1",
        "/api/v1/accounts/1/contacts/search?q=%2B15550100123&page=2",
    ]

    chatwoot.will_answer(
        {"meta": {}, "payload": [CONTACT | {"email": "Ana@Example.com"}, CONTACT | {"email": "mariana@example.com"}]}
    )
    assert [contact.email for contact in await client.search_contacts(account_id=1, email="ana@example.com")] == [
        "Ana@Example.com"
    ]
    with pytest.raises(ValueError, match="Give"):
        await client.search_contacts(account_id=1)


async def test_other_answers_are_read(client: ChatwootClient, chatwoot: Recorder) -> None:
    chatwoot.will_answer({"payload": {"contact": CONTACT, "contact_inbox": {"source_id": "15550100123", "inbox": {"id": 11}}}})
    created = await client.create_contact(account_id=1, inbox_id=11, name="Ana")
    assert (created.contact.id, created.source_id) == (501, "15550100123")
    chatwoot.will_answer({"source_id": "abc", "inbox": {"id": 11}})
    assert (await client.create_contact_inbox(account_id=1, contact_id=501, inbox_id=11)).source_id == "abc"
    chatwoot.will_answer(CONVERSATION)
    assert (await client.create_conversation(account_id=1, inbox_id=11, contact_id=501, source_id="abc")).id == 101
    chatwoot.will_answer(fixture("rest_toggle_status_200"))
    assert await client.toggle_status(**IN, status="open") == "open"
    chatwoot.will_answer({"payload": [{"id": 11, "name": "WhatsApp", "channel_type": "Channel::Whatsapp"}]})
    assert [inbox.channel_type for inbox in await client.list_inboxes(account_id=1)] == ["Channel::Whatsapp"]
    chatwoot.will_answer({"id": 9, "name": "Bridge", "access_token": "s3cret", "accounts": [{"id": 1, "role": "agent"}]})
    profile = await client.profile()
    assert (profile.id, profile.accounts[0].role) == (9, "agent")
    assert "s3cret" not in repr(profile)
    chatwoot.will_answer({"data": {"meta": {}, "payload": [CONVERSATION]}})
    [conversation] = await client.list_conversations(account_id=1)
    assert conversation.contact_inbox.source_id == "15550100123"
    chatwoot.will_answer(Response(status_code=200))
    await client.toggle_typing(**IN, typing=False)
    with pytest.raises(ValueError, match="Give"):
        await client.assign(**IN)


_ERRORS = fixture("rest_errors")


@pytest.mark.parametrize(
    ("status", "case", "error"),
    [
        *[(int(case[:3]), case, ChatwootMisconfigured) for case in _ERRORS if case[:3] in ("401", "403", "404")],
        (422, "422_message_flood", ChatwootRateLimited),
        (429, "429_text_plain", ChatwootRateLimited),
        (422, "422_content_too_long", ChatwootRejected),
        (422, "422_incoming_not_api", ChatwootRejected),
        (422, "422_record_invalid_elsewhere", ChatwootRejected),
    ],
)
async def test_each_refusal_of_chatwoot_says_what_to_do(
    status: int, case: str, error: type[AgentError], client: ChatwootClient, chatwoot: Recorder
) -> None:
    body = _ERRORS[case]
    chatwoot.will_answer(PlainTextResponse(body, status) if isinstance(body, str) else JSONResponse(body, status))
    with pytest.raises(error) as caught:
        await client.create_message(**IN, content="Hola")
    said = body.strip() if isinstance(body, str) else next(iter(body.values()))
    assert str(said[0] if isinstance(said, list) else said) in caught.value.detail


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (PlainTextResponse("<html>Bad gateway</html>", 502), ChatwootUnavailable),
        (JSONResponse({"error": "boom"}, 500), ChatwootUnavailable),
        (PlainTextResponse("", 408), ChatwootUnavailable),
        (PlainTextResponse("<html>a page, not an API</html>", 200), ChatwootUnavailable),
        (JSONResponse({"id": "5011"}, 200), ChatwootUnavailable),
        (JSONResponse([], 200), ChatwootUnavailable),
        (PlainTextResponse("", 301, {"location": "https://elsewhere.example/"}), ChatwootMisconfigured),
        (JSONResponse({"error": "too large"}, 413), ChatwootRejected),
    ],
    ids=lambda value: getattr(value, "__name__", None) or f"{value.status_code} {value.body[:20]!r}",
)
async def test_other_answers_have_a_name_too(
    answer: Response, error: type[AgentError], client: ChatwootClient, chatwoot: Recorder
) -> None:
    chatwoot.will_answer(answer)
    with pytest.raises(error):
        await client.create_message(**IN, content="Hola")
    assert len(chatwoot.requests) == 1, "a POST must never be tried again here"


async def test_a_time_out_leaves_the_outcome_unknown(chatwoot: Recorder) -> None:
    client = ChatwootClient(base_url=chatwoot.base_url, api_token="user-token", timeout_seconds=0.2)
    chatwoot.delay = 1.0
    with pytest.raises(ChatwootUnavailable) as caught:
        await client.create_message(**IN, content="Hola")
    assert caught.value.retryable
    assert len(chatwoot.requests) == 1
    await client.aclose()


async def test_nobody_listening_is_unavailable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        client = ChatwootClient(base_url=f"http://127.0.0.1:{unused.getsockname()[1]}", api_token="t", timeout_seconds=1)
        with pytest.raises(ChatwootNotReached):
            await client.profile()
        await client.aclose()


async def test_a_label_is_added_to_those_that_are_there(client: ChatwootClient, chatwoot: Recorder) -> None:
    chatwoot.will_answer({"payload": ["vip"]}, {"payload": ["vip", "new"]})
    await client.add_label(**IN, label="new")
    assert [(method, path, body) for method, path, _, body in chatwoot.requests] == [
        ("GET", "/api/v1/accounts/1/conversations/101/labels", None),
        ("POST", "/api/v1/accounts/1/conversations/101/labels", {"labels": ["vip", "new"]}),
    ]
    for method, path, _, body in chatwoot.requests:
        assert_request_matches(method, path, body)
    await client.add_label(**IN, label="new")
    assert len(chatwoot.requests) == 3, "it bears the label already"


async def test_only_a_404_says_that_something_is_not_there(client: ChatwootClient, chatwoot: Recorder) -> None:
    chatwoot.will_answer(JSONResponse(_ERRORS["404"], 404))
    with pytest.raises(ChatwootNotFound):
        await client.get_conversation(**IN)
    chatwoot.will_answer(JSONResponse(_ERRORS["401_invalid_token"], 401))
    with pytest.raises(ChatwootMisconfigured) as caught:
        await client.get_conversation(**IN)
    assert not isinstance(caught.value, ChatwootNotFound)


async def test_an_answer_that_drips_is_cut_off(chatwoot: Recorder) -> None:
    """httpx's own time-out begins anew with each piece; a lease must not run out on an answer that never ends."""

    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.1)

    client = ChatwootClient(base_url=chatwoot.base_url, api_token="user-token", timeout_seconds=0.5)
    chatwoot.answers = [StreamingResponse(drip())]
    with pytest.raises(ChatwootUnavailable, match="TimeoutError"):
        await client.create_message(**IN, content="Hola")
    await client.aclose()


def test_one_client_serves_several_event_loops(chatwoot: Recorder) -> None:
    client = ChatwootClient(base_url=chatwoot.base_url, api_token="user-token")
    chatwoot.will_answer(LISTED)

    async def use() -> int:
        messages = await client.list_messages(**IN)
        await client.aclose()
        return len(messages)

    assert [asyncio.run(use()) for _ in range(3)] == [4, 4, 4]


# What is read tells the same as what comes by webhook.


async def test_a_listed_message_is_the_same_event_as_its_webhook(client: ChatwootClient, chatwoot: Recorder) -> None:
    chatwoot.will_answer(LISTED, CONVERSATION)
    messages = await client.list_messages(**IN)
    conversation = await client.get_conversation(**IN)
    events = [events_of_listed(message, conversation) for message in messages]

    webhook = parse_event(fixture_bytes("whatsapp_message_created_assigned_human"))
    assert isinstance(webhook, SupplierMessage)
    sent_at = webhook.sent_at.replace(microsecond=0)
    shown = {"sent_at": sent_at, "state_at": conversation.updated_at or sent_at}
    assert events[0] == (webhook.model_copy(update=shown),)
    assert [type(event) for event in events[1]] == [OwnEcho, MessageStatusChange]
    assert [type(event).__name__ for listed in events[2:] for event in listed] == ["Ignored", "Ignored"]

    deleted = messages[0].model_copy(update={"content_attributes": {"deleted": True}})
    assert [type(event) for event in events_of_listed(deleted, conversation)] == [MessageDeleted]
    answered = messages[1].model_copy(update={"content_attributes": {"submitted_values": [{"title": "EXW", "value": "exw"}]}})
    [_, answer] = events_of_listed(answered, conversation)
    assert isinstance(answer, SupplierMessage)
    assert (answer.kind, answer.text) == ("submitted", "EXW")

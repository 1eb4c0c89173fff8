"""The REST API of the stand-in: answers, pages, limits, tokens, faults, restart. Real HTTP; nothing is faked.

Answers are checked against Chatwoot's own OpenAPI description where it has them. Three of its descriptions are not what
the server's views give (contact POST, webhooks, assignments): there the facts win, and the shapes are asserted here.
"""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from sandbox.chatwoot import make_chatwoot
from tests.contract.material import fixture
from tests.contract.openapi_check import description
from tests.integration.sandbox.serving import served
from tests.integration.sandbox.stand_in import ACCOUNT, USER_TOKEN, StandIn, messages_path, sandbox_config

ERRORS = fixture("rest_errors")


def assert_answer_matches(method: str, template: str, answer: httpx.Response) -> None:
    """Fail unless Chatwoot describes this answer. By the description mail, phone and the like are never null: they are."""
    described = description()["paths"][f"/api/v1{template}"][method]["responses"][str(answer.status_code)]
    while "$ref" in described:
        described = description()["components"]["responses"][described["$ref"].rsplit("/", 1)[1]]
    schema = described["content"]["application/json"]["schema"]
    validator = Draft202012Validator({**schema, "components": description()["components"]})
    faults = [
        f"{fault.json_path}: {fault.message}"
        for fault in validator.iter_errors(answer.json())
        if not re.match(r"None is not of type|None is not one of", fault.message)
    ]
    assert not faults, faults


async def test_answers_are_as_chatwoot_describes_them(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    account, conversation = "/accounts/{account_id}", f"{ACCOUNT}/conversations/{told['conversation_id']}"
    of_one = f"{account}/conversations/{{conversation_id}}"
    user = stand_in.user
    posted = await user.post(messages_path(told["conversation_id"]), json={"content": "Gracias"})
    checks: list[tuple[str, str, httpx.Response]] = [
        ("get", f"{account}/conversations", await user.get(f"{ACCOUNT}/conversations")),
        ("get", of_one, await user.get(conversation)),
        ("post", f"{of_one}/messages", posted),
        ("get", f"{of_one}/messages", await user.get(messages_path(told["conversation_id"]))),
        ("post", f"{of_one}/toggle_status", await user.post(f"{conversation}/toggle_status", json={"status": "pending"})),
        ("post", f"{of_one}/labels", await user.post(f"{conversation}/labels", json={"labels": ["rfq"]})),
        ("get", f"{of_one}/labels", await user.get(f"{conversation}/labels")),
        (
            "post",
            f"{of_one}/custom_attributes",
            await user.post(f"{conversation}/custom_attributes", json={"custom_attributes": {"a": 1}}),
        ),
        ("get", f"{account}/contacts/search", await user.get(f"{ACCOUNT}/contacts/search", params={"q": "molino"})),
        ("get", f"{account}/contacts/{{id}}", await user.get(f"{ACCOUNT}/contacts/{told['contact_id']}")),
        (
            "get",
            f"{account}/contacts/{{id}}/conversations",
            await user.get(f"{ACCOUNT}/contacts/{told['contact_id']}/conversations"),
        ),
        ("get", f"{account}/inboxes", await user.get(f"{ACCOUNT}/inboxes")),
        ("get", f"{account}/inboxes/{{id}}", await user.get(f"{ACCOUNT}/inboxes/12")),
        ("get", "/profile", await user.get("/api/v1/profile")),
        (
            "post",
            f"{account}/conversations",
            await user.post(f"{ACCOUNT}/conversations", json={"inbox_id": 11, "contact_id": told["contact_id"]}),
        ),
    ]
    for _, template, answer in checks:
        assert answer.status_code == 200, (template, answer.text)
        assert answer.headers["X-Sandbox"] == "stand-in for Chatwoot"
    for method, template, answer in checks:
        assert_answer_matches(method, template, answer)


async def test_a_posted_message_comes_back_with_its_key_but_without_its_echo_id(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    body = {"content": "Hola {{contact.name}}", "content_attributes": {"bridge_message_id": "k"}, "echo_id": "e"}
    posted = (await stand_in.bot.post(messages_path(told["conversation_id"]), json=body)).json()
    assert set(posted) == set(fixture("rest_post_message_200"))
    assert (posted["content"], posted["echo_id"], posted["message_type"]) == ("Hola Molino San Cristóbal", "e", 1)
    assert posted["sender"] == {"id": 3, "name": "Asistente de Compras", "avatar_url": "", "type": "agent_bot"}
    read = (await stand_in.user.get(messages_path(told["conversation_id"]))).json()
    assert set(read["meta"]) | {"assignee"} == set(fixture("rest_get_messages_200")["meta"])
    assert read["payload"][-1]["content_attributes"] == {"bridge_message_id": "k"}
    assert "echo_id" not in read["payload"][-1]


async def test_pages_of_messages(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    ids = [told["message_id"]]
    for number in range(129):
        private = number % 10 == 0
        ids.append((await stand_in.write(told["conversation_id"], str(number), private=private))["id"])

    async def page(**params: Any) -> list[int]:
        answer = await stand_in.user.get(messages_path(told["conversation_id"]), params=params)
        return [message["id"] for message in answer.json()["payload"]]

    assert await page() == ids[-20:]
    assert await page(before=ids[30]) == ids[10:30]
    assert await page(before=ids[5]) == ids[:5]
    assert await page(after=ids[3]) == ids[4:104]
    assert await page(after=ids[2], before=ids[120]) == ids[2:120]
    assert len(await page(after=ids[0], before=ids[-1], filter_internal_messages="true")) == 129 - 13
    everything = (await stand_in.user.get("/control/messages", params={"conversation_id": told["conversation_id"]})).json()
    assert [message["id"] for message in everything["messages"]] == ids


async def test_the_flood_limit_is_a_minutes_and_per_conversation(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    other = await stand_in.incoming(phone="+56961230199")
    for _ in range(199):
        await stand_in.write(told["conversation_id"])
    over = await stand_in.user.post(messages_path(told["conversation_id"]), json={"content": "one too many"})
    assert (over.status_code, over.json()) == (422, ERRORS["422_message_flood"])
    await stand_in.write(other["conversation_id"])
    await stand_in.user.post("/control/clock", json={"seconds": 61})
    await stand_in.write(told["conversation_id"])


async def test_refusals_have_chatwoots_status_and_body(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    path, user, bot = messages_path(told["conversation_id"]), stand_in.user, stand_in.bot
    cases: list[tuple[httpx.Response, int, str]] = [
        (await httpx.AsyncClient().get(f"{stand_in.url}/api/v1/profile"), 401, "401_no_token_devise"),
        (await user.get(path, headers={"api_access_token": "wrong"}), 401, "401_invalid_token"),
        (await user.get("/api/v1/accounts/2/inboxes"), 401, "401_wrong_account_user"),
        (await bot.get(f"/api/v1/accounts/2/conversations/{told['conversation_id']}"), 401, "401_wrong_account_bot"),
        (await user.get(messages_path(999)), 404, "404"),
        (await user.delete(f"{path}/999"), 404, "404"),
        (await user.patch(f"{path}/{told['message_id']}", json={"status": "read"}), 403, "403_patch_message_non_api_inbox"),
        (await user.post(path, json={"content": "x" * 150_001}), 422, "422_content_too_long"),
        (await user.post(path, json={"content": "x", "message_type": "incoming"}), 422, "422_incoming_not_api"),
    ]
    for answer, status, name in cases:
        assert (answer.status_code, answer.json()) == (status, ERRORS[name]), name
    bad_source = {"inbox_id": 11, "contact_id": told["contact_id"], "source_id": "+56 9"}
    refused = await user.post(f"{ACCOUNT}/conversations", json=bad_source)
    assert refused.status_code == 422
    assert set(refused.json()) == set(ERRORS["422_record_invalid_elsewhere"])
    taken = await user.post(f"{ACCOUNT}/contacts", json={"inbox_id": 11, "phone_number": "+56961230101"})
    assert taken.json() == {"message": "Phone number has already been taken", "attributes": ["phone_number"]}


async def test_a_bots_token_opens_only_its_endpoints(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    conversation, messages = f"{ACCOUNT}/conversations/{told['conversation_id']}", messages_path(told["conversation_id"])
    bot = stand_in.bot
    open_to_it = [
        await bot.get(conversation),
        await bot.post(messages, json={"content": "hola"}),
        await bot.post(f"{conversation}/toggle_status", json={"status": "pending"}),
        await bot.post(f"{conversation}/toggle_typing_status", json={"typing_status": "on"}),
        await bot.post(f"{conversation}/custom_attributes", json={"custom_attributes": {}}),
        await bot.post(f"{conversation}/assignments", json={"assignee_id": 7}),
        await bot.get(f"{conversation}/labels"),
        await bot.post(f"{conversation}/labels", json={"labels": []}),
    ]
    assert [answer.status_code for answer in open_to_it] == [200] * len(open_to_it)
    closed = [
        await bot.get(messages),
        await bot.delete(f"{messages}/{told['message_id']}"),
        await bot.patch(f"{messages}/{told['message_id']}", json={"status": "read"}),
        await bot.get(f"{ACCOUNT}/conversations"),
        await bot.post(f"{conversation}/update_last_seen"),
        await bot.get(f"{ACCOUNT}/contacts/search", params={"q": "a"}),
        await bot.post(f"{ACCOUNT}/contacts", json={"inbox_id": 11}),
        await bot.get(f"{ACCOUNT}/inboxes"),
        await bot.get(f"{ACCOUNT}/webhooks"),
        await bot.get("/api/v1/profile"),
        await bot.post("/control/reset"),
    ]
    for answer in closed:
        assert (answer.status_code, answer.json()) == (401, ERRORS["401_bot_endpoint"]), answer.url


async def test_a_bot_that_opens_a_pending_conversation_hands_it_over() -> None:
    app = make_chatwoot(sandbox_config(bot_connected=True))
    async with served(app) as url, httpx.AsyncClient(base_url=url, headers={"api_access_token": USER_TOKEN}) as user:
        told = (await user.post("/control/incoming", json={"inbox": "web", "content": "hola"})).json()
        path = f"{ACCOUNT}/conversations/{told['conversation_id']}"
        before = (await user.get(path)).json()
        assert (before["status"], before["meta"]["assignee_type"]) == ("pending", "AgentBot")
        answer = await user.post(f"{path}/toggle_status", json={"status": "open"}, headers={"api_access_token": "bot-token"})
        assert answer.json() == fixture("rest_toggle_status_200") | {
            "payload": fixture("rest_toggle_status_200")["payload"] | {"conversation_id": told["conversation_id"]}
        }
        after = (await user.get(path)).json()
        assert (after["status"], "assignee" in after["meta"]) == ("open", False)
        activity = (await user.get(f"{path}/messages")).json()["payload"][-1]
        assert (activity["message_type"], "sender" in activity) == (2, False)


async def test_a_contact_is_made_found_and_written_to(stand_in: StandIn) -> None:
    user = stand_in.user
    new = {"inbox_id": 11, "name": "Ana", "phone_number": "+56961230155", "email": "Ana@Example.com"}
    made = (await user.post(f"{ACCOUNT}/contacts", json=new)).json()["payload"]
    assert made["contact_inbox"]["source_id"] == "56961230155"
    assert made["contact"]["email"] == "ana@example.com"
    found = await user.get(f"{ACCOUNT}/contacts/search", params={"q": "+5696123"})
    assert [contact["id"] for contact in found.json()["payload"]] == [made["contact"]["id"]]
    assert found.json()["meta"]["has_more"] is False
    body = {"inbox_id": 11, "contact_id": made["contact"]["id"], "message": {"content": "Hola", "content_attributes": {"k": 1}}}
    opened = (await user.post(f"{ACCOUNT}/conversations", json=body)).json()
    assert opened["messages"][0]["content_attributes"] == {"k": 1}
    assert opened["can_reply"] is False, "Nobody has written on WhatsApp yet."
    joined = await user.post(f"{ACCOUNT}/contacts/{made['contact']['id']}/contact_inboxes", json={"inbox_id": 12})
    assert joined.json()["source_id"] == "ana@example.com"
    no_mail = (await user.post(f"{ACCOUNT}/contacts", json={"name": "Sin correo"})).json()["payload"]["contact"]
    refused = await user.post(f"{ACCOUNT}/contacts/{no_mail['id']}/contact_inboxes", json={"inbox_id": 12})
    assert refused.status_code == 422


async def test_pages_of_contacts_and_conversations(stand_in: StandIn) -> None:
    for number in range(30):
        await stand_in.incoming(phone=f"+5696123{number:04d}", name=f"Proveedor {number}")
    search = f"{ACCOUNT}/contacts/search"
    pages = [(await stand_in.user.get(search, params={"q": "proveedor", "page": page})).json() for page in (1, 2, 3)]
    assert [(len(page["payload"]), page["meta"]["has_more"]) for page in pages] == [(15, True), (15, False), (0, False)]
    listed = [(await stand_in.user.get(f"{ACCOUNT}/conversations", params={"page": page})).json()["data"] for page in (1, 2)]
    assert [len(page["payload"]) for page in listed] == [25, 5]
    assert listed[0]["meta"]["all_count"] == 30
    newest = listed[0]["payload"][0]
    await stand_in.user.post(f"{ACCOUNT}/conversations/{newest['id']}/toggle_status", json={"status": "resolved"})
    counts = {
        status: (await stand_in.user.get(f"{ACCOUNT}/conversations", params={"status": status})).json()["data"]["meta"][
            "all_count"
        ]
        for status in ("open", "resolved", "all")
    }
    assert counts == {"open": 29, "resolved": 1, "all": 30}


async def test_a_failure_before_the_commit_leaves_nothing_and_one_after_it_leaves_the_message(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    path = messages_path(told["conversation_id"])

    async def written() -> int:
        return len((await stand_in.user.get("/control/messages")).json()["messages"])

    await stand_in.user.post("/control/faults", json={"answer_next": 1, "answer_status": 503})
    assert (await stand_in.user.post(path, json={"content": "lost"})).status_code == 503
    assert await written() == 1
    await stand_in.user.post("/control/faults", json={"answer_next": 1, "fail_after_commit": True})
    assert (await stand_in.user.post(path, json={"content": "kept"})).status_code == 503
    assert await written() == 2
    await stand_in.user.post("/control/faults", json={"reset_next": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        await stand_in.user.post(path, json={"content": "kept too"})
    assert await written() == 3
    await stand_in.user.post("/control/faults", json={"fail_after_commit": False, "reset_next": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        await stand_in.user.post(path, json={"content": "lost too"})
    assert await written() == 3
    await stand_in.user.post("/control/faults", json={"latency_after_seconds": 0.3})
    with pytest.raises(httpx.ReadTimeout):
        await stand_in.user.post(path, json={"content": "late"}, timeout=0.1)
    await asyncio.sleep(0.4)
    assert await written() == 4
    await stand_in.user.request("DELETE", "/control/faults")
    await stand_in.user.post("/control/faults", json={"failure_rate": 1.0, "failure_status": 429})
    limited = await stand_in.user.post(path, json={"content": "x"})
    assert (limited.status_code, limited.text) == (429, ERRORS["429_text_plain"])
    assert "retry-after" not in limited.headers
    assert (await stand_in.user.post("/control/faults", json={"nonsense": 1})).status_code == 422


async def test_a_restart_finds_everything_and_ids_go_on(tmp_path: Path) -> None:
    config = sandbox_config(path=tmp_path / "chatwoot.sqlite")
    seen: list[Any] = []
    for _ in range(2):
        app = make_chatwoot(config)
        async with served(app) as url, httpx.AsyncClient(base_url=url, headers={"api_access_token": USER_TOKEN}) as user:
            body = {"inbox": "whatsapp", "phone": "+56961230101", "name": "Molino", "content": "Hola"}
            told = (await user.post("/control/incoming", json=body)).json()
            await user.post(messages_path(told["conversation_id"]), json={"content": "nota", "private": True})
            seen.append((told, (await user.get(messages_path(told["conversation_id"]))).json()["payload"]))
    (first, before), (second, after) = seen
    assert (second["contact_id"], second["conversation_id"]) == (first["contact_id"], first["conversation_id"])
    assert after[: len(before)] == before
    assert [message["id"] for message in after] == [1, 2, 3, 4]


async def test_a_reset_forgets_all_but_never_gives_an_id_twice(tmp_path: Path) -> None:
    config = sandbox_config(path=tmp_path / "chatwoot.sqlite")
    app = make_chatwoot(config)
    body = {"inbox": "web", "content": "hola"}
    async with served(app) as url, httpx.AsyncClient(base_url=url, headers={"api_access_token": USER_TOKEN}) as user:
        first = (await user.post("/control/incoming", json=body)).json()
        await user.post("/control/reset")
        assert (await user.get("/control/messages")).json() == {"messages": []}
        assert (await user.get(messages_path(first["conversation_id"]))).status_code == 404
    async with (
        served(make_chatwoot(config)) as url,
        httpx.AsyncClient(base_url=url, headers={"api_access_token": USER_TOKEN}) as user,
    ):
        assert (await user.get("/control/messages")).json() == {"messages": []}
        second = (await user.post("/control/incoming", json=body)).json()
    for key in ("message_id", "conversation_id", "contact_id"):
        assert second[key] > first[key]


async def test_what_a_stop_interrupted_is_delivered_after_the_start(tmp_path: Path) -> None:
    config = sandbox_config(path=tmp_path / "chatwoot.sqlite", receipt_seconds=0.4)
    body = {"inbox": "whatsapp", "phone": "+56961230101", "content": "Hola"}
    async with (
        served(make_chatwoot(config)) as url,
        httpx.AsyncClient(base_url=url, headers={"api_access_token": USER_TOKEN}) as user,
    ):
        told = (await user.post("/control/incoming", json=body)).json()
        await user.post(messages_path(told["conversation_id"]), json={"content": "en camino"})
    async with (
        served(make_chatwoot(config)) as url,
        httpx.AsyncClient(base_url=url, headers={"api_access_token": USER_TOKEN}) as user,
    ):
        for _ in range(60):
            last = (await user.get(messages_path(told["conversation_id"]))).json()["payload"][-1]
            if last["status"] == "read":
                break
            await asyncio.sleep(0.05)
        assert (last["content"], last["status"]) == ("en camino", "read")


async def test_a_hundred_first_messages_at_once_are_one_contact_and_one_conversation(stand_in: StandIn) -> None:
    told = await asyncio.gather(*(stand_in.incoming(content=str(number)) for number in range(100)))
    assert len({each["contact_id"] for each in told}) == 1
    assert len({each["conversation_id"] for each in told}) == 1
    assert len({each["message_id"] for each in told}) == 100

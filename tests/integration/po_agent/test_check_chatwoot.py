"""`po-agent check` against the stand-in over real HTTP: what is in order, what is not, and what it says to do.

The stand-in refuses tokens and lists webhooks as Chatwoot does. Played: a user who is no administrator, and servers whose
webhooks look otherwise, by a Chatwoot that answers what a test tells it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from po_agent import check
from po_agent.check import check_all
from po_agent.check_chatwoot import NEEDED_EVENTS, check_bot_token, check_user_token, check_webhook, is_private
from po_agent.findings import Doubtful, NotInOrder
from po_agent.settings import Settings
from sandbox.chatwoot import make_chatwoot
from tests.integration.sandbox.serving import served
from tests.integration.sandbox.stand_in import ACCOUNT, BOT_TOKEN, USER_TOKEN, sandbox_config

SECRET = "the-webhook-secret"
EVENTS = [*NEEDED_EVENTS, "conversation_created"]
BRIDGE = "https://bridge.cordillera.example/webhook/chatwoot"


def settings(url: str, **given: Any) -> Settings:
    chosen = {
        "chatwoot_base_url": url,
        "chatwoot_api_key": USER_TOKEN,
        "chatwoot_bot_token": BOT_TOKEN,
        "chatwoot_account_id": 1,
        "chatwoot_webhook_secrets": SECRET,
        "openai_api_key": None,
    }
    return Settings(_env_file=None, **(chosen | given))


@pytest.fixture
async def chatwoot() -> AsyncIterator[str]:
    async with served(make_chatwoot(sandbox_config())) as url:
        yield url


class TestUserToken:
    async def test_it_reads_every_inbox(self, chatwoot: str) -> None:
        told = await check_user_token(settings(chatwoot, chatwoot_inbox_ids="11,14"))
        assert "(11)" in told
        assert "(14)" in told
        assert "(12)" not in told

    async def test_one_that_nobody_has(self, chatwoot: str) -> None:
        with pytest.raises(NotInOrder, match="CHATWOOT_API_KEY is refused"):
            await check_user_token(settings(chatwoot, chatwoot_api_key="wrong"))

    async def test_an_inbox_it_does_not_see(self, chatwoot: str) -> None:
        with pytest.raises(NotInOrder, match=r"does not see inboxes \[99\]"):
            await check_user_token(settings(chatwoot, chatwoot_inbox_ids="11,99"))

    async def test_another_account(self, chatwoot: str) -> None:
        with pytest.raises(NotInOrder, match="not in account 7"):
            await check_user_token(settings(chatwoot, chatwoot_account_id=7))

    async def test_nobody_there(self) -> None:
        with pytest.raises(NotInOrder, match="CHATWOOT_BASE_URL"):
            await check_user_token(settings("http://127.0.0.1:9"))

    async def test_a_user_without_inboxes(self) -> None:
        async with answering(profile=ok({"id": 1, "accounts": [{"id": 1}]}), inboxes=ok({"payload": []})) as url:
            with pytest.raises(NotInOrder, match="sees no inbox"):
                await check_user_token(settings(url))


class TestBotToken:
    async def test_a_bots(self, chatwoot: str) -> None:
        assert "bot's" in await check_bot_token(settings(chatwoot))

    async def test_none(self, chatwoot: str) -> None:
        assert "not set" in await check_bot_token(settings(chatwoot, chatwoot_bot_token=None))

    async def test_one_that_nobody_has(self, chatwoot: str) -> None:
        with pytest.raises(NotInOrder, match="CHATWOOT_BOT_TOKEN is refused"):
            await check_bot_token(settings(chatwoot, chatwoot_bot_token="wrong"))

    async def test_a_users(self, chatwoot: str) -> None:
        with pytest.raises(Doubtful, match="a user's token"):
            await check_bot_token(settings(chatwoot, chatwoot_bot_token=USER_TOKEN))

    async def test_of_another_account(self, chatwoot: str) -> None:
        with pytest.raises(NotInOrder, match="does not belong to account 7"):
            await check_bot_token(settings(chatwoot, chatwoot_account_id=7))

    async def test_of_a_server_where_bots_may_not_show_conversations(self) -> None:
        closed = refused("Access to this endpoint is not authorized for bots")
        async with answering(inboxes=closed, conversation=closed) as url:
            assert "bot's" in await check_bot_token(settings(url))

    async def test_nothing_is_written(self, chatwoot: str) -> None:
        await check_bot_token(settings(chatwoot))
        async with httpx.AsyncClient(base_url=chatwoot, headers={"api-access-token": USER_TOKEN}) as user:
            assert (await user.get("/control/messages")).json()["messages"] == []


class TestWebhook:
    async def test_none_posts_to_us(self, chatwoot: str) -> None:
        await subscribe(chatwoot, url="https://elsewhere.example/hook", events=EVENTS)
        with pytest.raises(NotInOrder, match="nothing is heard") as found:
            await check_webhook(settings(chatwoot, chatwoot_bot_token=None))
        assert all(event in str(found.value) for event in EVENTS)
        with pytest.raises(Doubtful, match="agent bot's own webhook"):
            await check_webhook(settings(chatwoot))

    async def test_all_is_well(self, chatwoot: str) -> None:
        secret = await subscribe(chatwoot, url=BRIDGE, events=[*EVENTS, "contact_created"])
        assert "secret of ours" in await check_webhook(settings(chatwoot, chatwoot_webhook_secrets=f"older,{secret}"))

    @pytest.mark.parametrize("event", NEEDED_EVENTS)
    async def test_an_event_is_missing(self, chatwoot: str, event: str) -> None:
        secret = await subscribe(chatwoot, url=BRIDGE, events=[known for known in EVENTS if known != event])
        with pytest.raises(NotInOrder, match=f"lacks {event}:"):
            await check_webhook(settings(chatwoot, chatwoot_webhook_secrets=secret))

    async def test_a_useful_event_is_missing(self, chatwoot: str) -> None:
        secret = await subscribe(chatwoot, url=BRIDGE, events=list(NEEDED_EVENTS))
        with pytest.raises(Doubtful, match="lacks conversation_created"):
            await check_webhook(settings(chatwoot, chatwoot_webhook_secrets=secret))

    async def test_another_secret(self, chatwoot: str) -> None:
        secret = await subscribe(chatwoot, url=BRIDGE, events=EVENTS)
        with pytest.raises(NotInOrder, match="CHATWOOT_WEBHOOK_SECRETS") as found:
            await check_webhook(settings(chatwoot))
        assert secret not in str(found.value)

    async def test_another_bridges_webhook_does_no_harm(self, chatwoot: str) -> None:
        await subscribe(chatwoot, url="https://staging.cordillera.example/webhook/chatwoot", events=EVENTS)
        secret = await subscribe(chatwoot, url=BRIDGE, events=EVENTS)
        assert BRIDGE in await check_webhook(settings(chatwoot, chatwoot_webhook_secrets=secret))

    async def test_a_private_address(self, chatwoot: str) -> None:
        secret = await subscribe(chatwoot, url="http://10.1.2.3:8010/webhook/chatwoot", events=EVENTS)
        with pytest.raises(Doubtful, match="SAFE_FETCH_ALLOW_PRIVATE_NETWORK=true"):
            await check_webhook(settings(chatwoot, chatwoot_webhook_secrets=secret))

    async def test_only_administrators_may_look(self) -> None:
        async with answering(webhooks=refused("You are not authorized to do this action")) as url:
            with pytest.raises(Doubtful, match="administrators") as found:
                await check_webhook(settings(url))
        assert "message_created" in str(found.value)

    @pytest.mark.parametrize("wrap", [lambda rows: {"payload": {"webhooks": rows}}, lambda rows: rows])
    async def test_both_shapes_of_the_list(self, wrap: Callable[[Any], Any]) -> None:
        rows = [{"id": 1, "url": BRIDGE, "subscriptions": EVENTS, "secret": SECRET, "account_id": 1}]
        async with answering(webhooks=ok(wrap(rows))) as url:
            assert BRIDGE in await check_webhook(settings(url))

    async def test_a_server_that_does_not_sign(self) -> None:
        rows = [{"id": 1, "url": BRIDGE, "subscriptions": EVENTS}]
        async with answering(webhooks=ok({"payload": {"webhooks": rows}})) as url:
            with pytest.raises(Doubtful, match="shows no secret"):
                await check_webhook(settings(url))
            assert "signed" not in await check_webhook(settings(url, chatwoot_allow_unsigned=True))


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("http://127.0.0.1:8010/x", True),
        ("http://[::1]/x", True),
        ("http://192.168.0.9/x", True),
        ("http://localhost/x", True),
        ("http://1.1.1.1/x", False),
        ("http://[2606:4700::1111]/x", False),
        ("http://no-such-host.invalid/x", False),
    ],
)
def test_which_addresses_are_private(url: str, private: bool) -> None:
    assert is_private(url) is private


async def test_a_doubt_is_a_warning_and_a_failure_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """One question's failure keeps no other from being asked, whatever it raises."""

    def question(answer: str | Exception) -> Callable[[Settings], Awaitable[str]]:
        async def ask(_: Settings) -> str:
            if isinstance(answer, Exception):
                raise answer
            return answer

        return ask

    for name, answer in {
        "_database": "fine",
        "_pauses": "fine",
        "check_langgraph": NotInOrder("start it"),
        "check_user_token": Doubtful("look at it"),
        "check_bot_token": RuntimeError("who knows"),
        "check_webhook": "fine",
        "_odoo": "fine",
        "_model": "fine",
    }.items():
        monkeypatch.setattr(check, name, question(answer))
    found = {finding.name: finding for finding in await check_all(settings("http://127.0.0.1:9"))}
    assert (found["langgraph"].ok, found["chatwoot"].ok, found["chatwoot_bot"].ok) == (False, True, False)
    assert [name for name, finding in found.items() if finding.warning] == ["chatwoot"]
    assert found["chatwoot"].detail == "look at it"
    assert "start it" in found["langgraph"].detail
    assert "RuntimeError" in found["chatwoot_bot"].detail


async def subscribe(chatwoot: str, *, url: str, events: list[str]) -> str:
    """Make an account webhook; answers its secret."""
    async with httpx.AsyncClient(base_url=chatwoot, headers={"api-access-token": USER_TOKEN}) as user:
        made = await user.post(f"{ACCOUNT}/webhooks", json={"webhook": {"url": url, "subscriptions": events}})
    assert made.status_code == 200, made.text
    return str(made.json()["payload"]["webhook"]["secret"])


def ok(body: Any) -> Response:
    return JSONResponse(body)


def refused(reason: str) -> Response:
    return JSONResponse({"error": reason}, status_code=401)


@asynccontextmanager
async def answering(**answers: Response) -> AsyncIterator[str]:
    """A Chatwoot that answers these, by the path's last word (`conversation`: any one)."""

    async def answer(request: Request) -> Response:
        last = request.url.path.rsplit("/", 1)[-1]
        return answers["conversation" if last.isdigit() else last]

    async with served(Starlette(routes=[Route("/{path:path}", answer)])) as url:
        yield url

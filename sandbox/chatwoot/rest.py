"""What every REST handler shares: who calls, whether he may, and his input.

Tokens come in `api_access_token` or `api-access-token`. A bot's token opens only `BOT_ACCESSIBLE_ENDPOINTS`
(`access_token_auth_helper.rb`, v4.16.2); everything else answers 401 to it.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.chatwoot.errors import (
    Refusal,
    closed_to_bots,
    invalid_token,
    no_token,
    not_found,
    unprocessable,
    wrong_account,
)
from sandbox.chatwoot.records import INBOXES, Contact, ContactInbox, Conversation, Inbox, Member, Message, Subscription
from sandbox.chatwoot.sandbox import ChatwootSandbox

#: Where an account's routes begin, below `/api`.
ACCOUNT = "/v1/accounts/{account_id:int}"

_R = TypeVar("_R", Contact, ContactInbox, Conversation, Message, Subscription)


@dataclass(frozen=True)
class Call:
    """One request: the stand-in, who calls, and what was sent."""

    sandbox: ChatwootSandbox
    member: Member
    request: Request
    body: dict[str, Any]

    @property
    def query(self) -> dict[str, str]:
        """The query parameters; of repeated ones the last."""
        return dict(self.request.query_params)

    def number(self, name: str) -> int | None:
        """A query parameter as Ruby's `to_i` reads it, or None if absent."""
        text = self.query.get(name)
        if not text:
            return None
        return int(text) if text.lstrip("-").isdigit() else 0

    def record(self, kind: type[_R], parameter: str) -> _R:
        """The record that the path names. Raise `Refusal` (404)."""
        found = self.sandbox.store.get(kind, self.request.path_params[parameter])
        if found is None:
            raise not_found()
        return found

    def conversation(self) -> Conversation:
        """The Chatwoot conversation that the path names. Raise `Refusal` (404)."""
        return self.record(Conversation, "conversation_id")

    def inbox(self) -> Inbox | None:
        """The inbox that the body names, None if it names none. Raise `Refusal` (404)."""
        wanted = self.integer("inbox_id")
        if wanted is None:
            return None
        found = next((inbox for inbox in INBOXES if inbox.id == wanted), None)
        if found is None:
            raise not_found()
        return found

    def integer(self, name: str) -> int | None:
        """An id of the body, which may also come as text. Raise `Refusal` (404) for what can be no id."""
        value = self.body.get(name)
        if value in (None, ""):
            return None
        try:
            return int(cast(Any, value))
        except (TypeError, ValueError):
            raise not_found() from None

    def text(self, name: str) -> str | None:
        """A text of the body, or None. Raise `Refusal` (422) if it is no text."""
        value = self.body.get(name)
        if value is not None and not isinstance(value, str):
            raise unprocessable(f"{name} must be a string")
        return value

    def mapping(self, name: str) -> dict[str, Any] | None:
        """An object of the body, or None. Raise `Refusal` (422) if it is no object."""
        value = self.body.get(name)
        if value is not None and not isinstance(value, dict):
            raise unprocessable(f"{name} must be an object")
        return value


Handler = Callable[[Call], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def guarded(handler: Handler, *, bots: bool = False) -> Endpoint:
    """An endpoint that knows its caller. `bots`: it is one of the bot's endpoints."""

    async def endpoint(request: Request) -> Response:
        sandbox: ChatwootSandbox = request.app.state.sandbox
        try:
            member = _authenticate(sandbox, request)
            if member.kind == "AgentBot" and not bots:
                raise closed_to_bots()
            account_id = request.path_params.get("account_id")
            if account_id not in (None, sandbox.config.account_id):
                raise wrong_account(bot=member.kind == "AgentBot")
            response = await handler(Call(sandbox, member, request, await _body(request)))
        except Refusal as refusal:
            response = refusal.answer()
        response.headers["X-Sandbox"] = "stand-in for Chatwoot"
        return response

    return endpoint


def _authenticate(sandbox: ChatwootSandbox, request: Request) -> Member:
    token = request.headers.get("api_access_token") or request.headers.get("api-access-token")
    if not token:
        raise no_token()
    if token == sandbox.config.api_token:
        return sandbox.user
    if sandbox.config.bot_token and token == sandbox.config.bot_token:
        return sandbox.bot
    raise invalid_token()


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if not raw:
        return {}
    try:
        parsed = json.loads(raw)
    except ValueError:
        raise Refusal(400, {"status": 400, "error": "Bad Request"}) from None
    return parsed if isinstance(parsed, dict) else {}


def ok(payload: Any) -> Response:
    """200 with JSON."""
    return JSONResponse(payload)


def head_ok() -> Response:
    """200 without a body (Rails' `head :ok`)."""
    return Response(status_code=200)

"""The page's routes: the page itself, its state as JSON, and the few things one can do there.

In development the page is reachable without the bearer token, so whatever changes something must come from the page
itself: the browser's `Sec-Fetch-Site` (else `Origin`) has to say "same origin", and the body has to be JSON.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.chatwoot.errors import Refusal
from sandbox.chatwoot.play import incoming
from sandbox.chatwoot.records import Conversation, Message, MessageType
from sandbox.chatwoot.sandbox import ChatwootSandbox
from sandbox.chatwoot.team import person_writes
from sandbox.chatwoot.writing import delete_message
from sandbox.page.bridge import BridgeClient
from sandbox.page.chat import CHANNELS, contacts_of, conversation_of, identity
from sandbox.page.phrases import phrases, products_hint
from sandbox.page.state import OdooPlay, page_state

_HERE = Path(__file__).parent
_SECURITY = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class PageConfig:
    """Where the bridge is and with which token it is read; `prefix` is the page's own path."""

    bridge_url: str
    bridge_token: str
    prefix: str = "/sandbox"


def make_page(
    config: PageConfig,
    *,
    chatwoot: ChatwootSandbox,
    suppliers: Sequence[Mapping[str, Any]],
    odoo: OdooPlay | None = None,
) -> list[BaseRoute]:
    """The routes of the page.

    `suppliers` are dicts with key, name, phone, email, lang and, if known, products (text or list) and phrases. Without
    `odoo` the orders are those the bridge mirrors, and the other parts cannot be played.
    """
    page = _Page(config, chatwoot=chatwoot, suppliers=suppliers, odoo=odoo)
    prefix = config.prefix
    return [
        Route(prefix, page.show, methods=["GET"]),
        Route(f"{prefix}/state", page.state, methods=["GET"]),
        Route(f"{prefix}/write", _from_the_page(page.write), methods=["POST"]),
        Route(f"{prefix}/delete", _from_the_page(page.delete), methods=["POST"]),
        Route(f"{prefix}/person", _from_the_page(page.person), methods=["POST"]),
        Route(f"{prefix}/orders/{{order_id:int}}/{{part}}", _from_the_page(page.play_part), methods=["POST"]),
        Mount(f"{prefix}/static", StaticFiles(directory=_HERE / "static", check_dir=False)),
    ]


class _Page:
    def __init__(
        self,
        config: PageConfig,
        *,
        chatwoot: ChatwootSandbox,
        suppliers: Sequence[Mapping[str, Any]],
        odoo: OdooPlay | None,
    ) -> None:
        self._prefix = config.prefix
        self._chatwoot = chatwoot
        self._suppliers = {str(supplier["key"]): supplier for supplier in suppliers}
        self._odoo = odoo
        self._bridge = BridgeClient(url=config.bridge_url, token=config.bridge_token)

    async def show(self, _: Request) -> Response:
        """The page. Rendering reads the template from disk, hence the thread."""
        return HTMLResponse(await asyncio.to_thread(self._render), headers=_SECURITY)

    async def state(self, request: Request) -> Response:
        """Everything the page shows, for `?supplier=…&channel=…`."""
        try:
            supplier = self._supplier(request.query_params.get("supplier"))
            channel = _channel(request.query_params.get("channel"))
        except Refusal as refusal:
            return refusal.answer()
        state = await page_state(
            supplier=supplier, channel=channel, chatwoot=self._chatwoot, bridge=self._bridge, odoo=self._odoo
        )
        return JSONResponse(state, headers=_SECURITY)

    async def write(self, body: Mapping[str, Any], _: Request) -> None:
        """The supplier writes: `{supplier, channel, content, subject?, new_mail?}`."""
        supplier, channel = self._supplier(body.get("supplier")), _channel(body.get("channel"))
        content = _content(body)
        known = identity(supplier, channel)
        answered = conversation_of(self._chatwoot, supplier, channel) if channel == "email" else None
        if body.get("new_mail") is True:
            answered = None
        await incoming(
            self._chatwoot,
            inbox=channel,
            content=content,
            name=str(supplier["name"]),
            phone=known.get("phone_number"),
            email=known.get("email"),
            identifier=known.get("identifier"),
            conversation_id=answered.id if answered else None,
            subject=str(body.get("subject") or "") or None,
            verified=channel in ("web", "api"),
        )

    async def delete(self, body: Mapping[str, Any], _: Request) -> None:
        """The supplier takes back one of his own messages: `{supplier, message_id}`."""
        supplier = self._supplier(body.get("supplier"))
        message = self._chatwoot.store.get(Message, _integer(body.get("message_id")))
        own = {contact.id for contact in contacts_of(self._chatwoot, supplier)}
        if message is None or message.message_type is not MessageType.INCOMING or message.sender_id not in own:
            raise Refusal(404, {"error": "There is no such message of this supplier."})
        await delete_message(self._chatwoot, message)

    async def person(self, body: Mapping[str, Any], _: Request) -> None:
        """A person of the team answers the supplier: `{conversation_id, content}`."""
        conversation_id = _integer(body.get("conversation_id"))
        if self._chatwoot.store.get(Conversation, conversation_id) is None:
            raise Refusal(404, {"error": "The supplier has not written on this channel yet."})
        await person_writes(self._chatwoot, conversation_id=conversation_id, content=_content(body))

    async def play_part(self, _: Mapping[str, Any], request: Request) -> None:
        """The warehouse receives, the biller bills, the approver approves."""
        if self._odoo is None:
            raise Refusal(409, {"error": "There is no Odoo to play in."})
        parts: dict[str, Callable[[int], Awaitable[None]]] = {
            "receive": self._odoo.receive,
            "bill": self._odoo.bill,
            "approve": self._odoo.approve,
        }
        part = request.path_params["part"]
        if part not in parts:
            raise Refusal(404, {"error": f"There is no part {part!r} to play."})
        try:
            await parts[part](request.path_params["order_id"])
        except Exception as error:
            # Whatever Odoo refuses is shown to whoever pressed the button.
            _log.warning("sandbox_page_part_failed", part=part, error=repr(error))
            raise Refusal(409, {"error": str(error) or type(error).__name__}) from error

    def _render(self) -> str:
        templates = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True)
        shown = [
            {
                "key": key,
                "name": supplier["name"],
                "initials": _initials(str(supplier["name"])),
                "phone": supplier.get("phone") or "",
                "email": supplier.get("email") or "",
                "lang": str(supplier.get("lang") or "es")[:2].lower(),
                "hint": products_hint(supplier),
                "phrases": phrases(supplier),
            }
            for key, supplier in self._suppliers.items()
        ]
        company = self._chatwoot.config.account_name
        data = {"prefix": self._prefix, "suppliers": shown, "company": company, "mailbox": self._chatwoot.config.mailbox}
        return templates.get_template("sandbox.html").render(
            prefix=self._prefix, suppliers=shown, company=company, company_initials=_initials(company), data=data
        )

    def _supplier(self, key: object) -> Mapping[str, Any]:
        supplier = self._suppliers.get(str(key))
        if supplier is None:
            raise Refusal(404, {"error": "There is no such supplier."})
        return supplier


def _from_the_page(action: Callable[[Mapping[str, Any], Request], Awaitable[None]]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            _refuse_other_origins(request)
            try:
                body = json.loads(await request.body() or b"{}")
            except ValueError:
                body = None
            if not isinstance(body, dict):
                raise Refusal(400, {"error": "The body must be a JSON object."})
            await action(body, request)
        except Refusal as refusal:
            return refusal.answer()
        return JSONResponse({"ok": True})

    return endpoint


def _refuse_other_origins(request: Request) -> None:
    """Raise `Refusal` (403) unless the browser says that the page itself asks."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    same = site == "same-origin" if site else urlsplit(origin or "").netloc == request.headers.get("host")
    if not same or not request.headers.get("content-type", "").startswith("application/json"):
        raise Refusal(403, {"error": "This may be asked from the sandbox page only."})


def _channel(value: object) -> str:
    if value not in CHANNELS:
        raise Refusal(404, {"error": f"There is no such channel. Known: {', '.join(CHANNELS)}."})
    return str(value)


def _content(body: Mapping[str, Any]) -> str:
    content = str(body.get("content") or "").strip()
    if not content:
        raise Refusal(422, {"error": "There is nothing to send."})
    return content


def _integer(value: object) -> int:
    return value if isinstance(value, int) else 0


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split()[:2] if word).upper()

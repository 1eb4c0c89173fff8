"""The whole product in processes of its own, and what a test sees of it from outside.

Real: the LangGraph server with the bridge in it, PostgreSQL, HTTP, the clock. Stand-ins: Chatwoot and Odoo are the sandbox's,
and messages are read by the offline reader. Nothing here asserts on time; it waits for conditions, with limits that a slow
machine does not reach.
"""

import asyncio
import copy
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Any, TypeVar

import httpx
import psycopg
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient
from psycopg import sql
from psycopg.rows import dict_row
from sqlalchemy.engine import make_url

from domain.orders import Order
from po_agent.composition import make_odoo
from po_agent.demo import demo_settings
from po_agent.settings import Settings
from po_agent.up import serving
from storage.embedded_postgres import EmbeddedPostgres
from tests.contract.material import fixture, signed

T = TypeVar("T")

#: Seconds. Only a test that fails waits so long.
PATIENCE = 120

MILL = {"name": "Molino San Cristóbal SpA", "phone": "+56961230101"}
NUTS = {"name": "Frutos Secos del Valle Ltda.", "phone": "+56961230102"}
BOXES = {"name": "Empaques Andinos S.A.", "phone": "+56961230103"}
OILS = {"name": "Aceites del Maule SpA", "phone": "+56961230106"}

FLOUR = "Le ofrezco 40 sacos de harina panadera 25 kg a $17.900 c/u"


class Product:
    """One running product: its HTTP doors, its stand-in Chatwoot, and its database (`rows`, for what no door shows)."""

    def __init__(
        self, settings: Settings, database_url: str, *, server: Popen[bytes] | None = None, log: Path | None = None
    ) -> None:
        self.settings = settings
        self._log = log or settings.data_dir / "server.log"
        self.database_url = database_url
        self.process = server
        token = settings.bridge_api_token.get_secret_value()
        self.bridge = httpx.Client(base_url=settings.home, headers={"Authorization": f"Bearer {token}"}, timeout=60)
        # Chatwoot, too, opens a connection for each webhook.
        self.door = httpx.Client(base_url=settings.home, timeout=60, limits=httpx.Limits(max_keepalive_connections=0))
        standing = f"{settings.home}/sandbox/chatwoot" if settings.has_sandbox_chatwoot else settings.chatwoot_base_url
        self.chatwoot = httpx.Client(
            base_url=str(standing),
            headers={"api-access-token": settings.chatwoot_api_key.get_secret_value()},
            timeout=60,
        )

    def close(self) -> None:
        for client in (self.bridge, self.door, self.chatwoot):
            client.close()

    def langgraph(self) -> SyncLangGraphClient:
        """The SDK, with the server's key."""
        key = self.settings.langgraph_api_key.get_secret_value()
        return get_sync_client(url=self.settings.langgraph_url or self.settings.home, api_key=key)

    def sign(self, body: bytes, *, age: int = 0) -> dict[str, str]:
        """The headers of a webhook that was signed `age` seconds ago."""
        secret = self.settings.chatwoot_webhook_secrets[0].get_secret_value()
        return signed(body, secret=secret, timestamp=int(time.time()) - age)

    def webhook(self, body: bytes) -> httpx.Response:
        """Chatwoot posts this body, correctly signed."""
        return self.door.post("/webhook/chatwoot", content=body, headers=self.sign(body))

    def supplier_writes(self, words: str, *, inbox: str = "whatsapp", **who: Any) -> dict[str, Any]:
        """A supplier writes in the stand-in, which tells the product of it. Answers the ids it was given there."""
        return told(self.chatwoot.post("/control/incoming", json={"inbox": inbox, "content": words, **(who or MILL)}))

    def chatwoot_messages(self, chatwoot_conversation_id: int | None = None) -> list[dict[str, Any]]:
        """Everything in the stand-in, or in one conversation of it, oldest first."""
        params = {"conversation_id": chatwoot_conversation_id} if chatwoot_conversation_id else {}
        messages: list[dict[str, Any]] = told(self.chatwoot.get("/control/messages", params=params))["messages"]
        return messages

    def replies(self, chatwoot_conversation_id: int) -> list[str]:
        """What the supplier reads of us, oldest first."""
        messages = self.chatwoot_messages(chatwoot_conversation_id)
        return [message["content"] for message in messages if message["message_type"] == 1 and not message["private"]]

    def answer_to(self, sent: dict[str, Any]) -> list[str]:
        """Wait for the supplier to read an answer after the message `sent`; answers all that came since."""

        def since() -> list[str]:
            return [
                message["content"]
                for message in self.chatwoot_messages(sent["conversation_id"])
                if message["id"] > sent["message_id"] and message["message_type"] == 1 and not message["private"]
            ]

        return self.until(since, f"an answer to message {sent['message_id']}")

    def conversation_of(self, name: str) -> dict[str, Any]:
        """The active conversation of the supplier called so, as the bridge shows it."""
        listed = told(self.bridge.get("/conversations", params={"active": "true", "limit": 200}))["conversations"]
        found: list[dict[str, Any]] = [one for one in listed if one["supplier"]["name"] == name]
        assert len(found) == 1, f"{name} has {len(found)} active conversations"
        return found[0]

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """What the tables hold; schema `communication` is meant where none is named."""
        url = make_url(self.database_url)
        if url.get_backend_name() == "sqlite":
            with closing(sqlite3.connect(str(url.database), timeout=60)) as file:
                file.row_factory = sqlite3.Row
                return [dict(row) for row in file.execute(query.replace("%s", "?"), values)]
        with self.connected() as connection:
            return connection.execute(query, values).fetchall()

    @contextmanager
    def connected(self) -> Iterator[psycopg.Connection[dict[str, Any]]]:
        """A connection of the test's own. What it changes, or locks, is undone at the end."""
        url = make_url(self.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, row_factory=dict_row, options="-c search_path=communication,public") as connection:
            yield connection
            connection.rollback()

    @contextmanager
    def held_up(self, table: str) -> Iterator[None]:
        """Whoever would write to `table` waits until the block ends; reading goes on. No code of the product knows of it."""
        with self.connected() as connection:
            connection.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(sql.Identifier(table)))
            yield

    def until_held_up(self, table: str) -> None:
        """Wait until somebody waits for `table`."""
        waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = (%s)::regclass"
        self.until(lambda: self.rows(waiting, f"communication.{table}"), f"a writer to {table}")

    def odoo_orders(self, partner_id: int) -> list[Order]:
        """The supplier's orders as Odoo has them, newest first."""
        return asyncio.run(make_odoo(self.settings).list_orders(partner_id=partner_id))

    def until(self, look: Callable[[], T | None], what: str, *, patience: float = PATIENCE) -> T:
        """Look until something is found. Fails with the end of the server's log."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if found := look():
                return found
            time.sleep(0.1)
        raise AssertionError(f"Waited {patience} s in vain for {what}. The server's last lines:\n{self.log()[-5000:]}")

    def until_quiet(self) -> None:
        """Wait until nothing is left to do: no turn that the agent may take, no message to the stand-in's account to send."""
        busy = """
            SELECT 1 FROM turn JOIN conversation ON conversation.id = turn.conversation_id
             WHERE turn.status IN ('running', 'waiting') OR (turn.status = 'collecting' AND handled_by = 'bot')
            UNION ALL SELECT 1 FROM message WHERE status = 'queued' AND (account_id = 1 OR account_id IS NULL)
        """
        self.until(lambda: not self.rows(busy), "quiet")

    def log(self) -> str:
        """What the server wrote."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""


@contextmanager
def running_product(folder: Path, **settings: Any) -> Iterator[Product]:
    """A product that keeps everything in `folder`. Entering again finds it again, as a restart does."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    chosen = demo_settings(folder, **settings)
    with serving(chosen, quiet=True) as running:
        url = chosen.database_url or EmbeddedPostgres(folder / "postgres").attach()
        assert url is not None
        product = Product(chosen, url, server=running.server)
        try:
            yield product
        finally:
            product.close()


def told(answer: httpx.Response) -> Any:
    """The JSON of an answer that must be a success."""
    assert answer.is_success, f"{answer.request.method} {answer.request.url} answered {answer.status_code}: {answer.text[:500]}"
    return answer.json()


def whatsapp_webhook(words: str, *, message_id: int, conversation_id: int, contact: dict[str, Any]) -> bytes:
    """Chatwoot's webhook of a WhatsApp message: the fixture, with another `contact` (id, name, phone_number) saying `words`."""
    body = _said_by(contact, "whatsapp_message_created", words, message_id, conversation_id)
    body["conversation"]["contact_inbox"]["source_id"] = contact["phone_number"].lstrip("+")
    return json.dumps(body).encode()


def email_webhook(words: str, *, message_id: int, conversation_id: int, contact: dict[str, Any]) -> bytes:
    """The same of a mail; `contact` has an email."""
    body = _said_by(contact, "email_message_created", words, message_id, conversation_id)
    mail = body["content_attributes"]["email"]
    body["conversation"]["contact_inbox"]["source_id"] = contact["email"]
    mail["from"] = [contact["email"]]
    mail["text_content"] = mail["html_content"] = {"full": words, "reply": words, "quoted": words}
    return json.dumps(body).encode()


def _said_by(contact: dict[str, Any], name: str, words: str, message_id: int, conversation_id: int) -> dict[str, Any]:
    body: dict[str, Any] = copy.deepcopy(fixture(name))
    body |= {"id": message_id, "content": words}
    body["sender"] |= contact
    conversation = body["conversation"]
    conversation["id"] = conversation_id
    conversation["contact_inbox"]["contact_id"] = contact["id"]
    conversation["meta"]["sender"] |= contact
    conversation["messages"][0] |= {"id": message_id, "content": words, "conversation_id": conversation_id}
    return body

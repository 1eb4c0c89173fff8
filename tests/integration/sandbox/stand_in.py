"""The stand-in for Chatwoot as the tests meet it: over HTTP, as a user, as the bot, and with what its webhooks brought."""

from dataclasses import dataclass
from typing import Any

import httpx

from sandbox.chatwoot import ChatwootSandbox, ChatwootSandboxConfig
from tests.integration.sandbox.receiver import SECRET, Receiver

USER_TOKEN, BOT_TOKEN = "user-token", "bot-token"
ACCOUNT = "/api/v1/accounts/1"


@dataclass
class StandIn:
    """The stand-in as a caller meets it: two clients (user and bot), its receiver, and the object behind it."""

    url: str
    user: httpx.AsyncClient
    bot: httpx.AsyncClient
    receiver: Receiver
    sandbox: ChatwootSandbox

    async def incoming(self, **body: Any) -> dict[str, Any]:
        """A contact writes (over WhatsApp unless told otherwise)."""
        whatsapp = {"inbox": "whatsapp", "name": "Molino San Cristóbal", "phone": "+56961230101", "content": "Hola"}
        answer = await self.user.post("/control/incoming", json=body if "inbox" in body else whatsapp | body)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def write(self, conversation_id: int, content: str = "Gracias", **body: Any) -> dict[str, Any]:
        """The user writes over REST."""
        answer = await self.user.post(messages_path(conversation_id), json={"content": content, **body})
        assert answer.status_code == 200, answer.text
        message: dict[str, Any] = answer.json()
        return message


def messages_path(conversation_id: int) -> str:
    return f"{ACCOUNT}/conversations/{conversation_id}/messages"


def sandbox_config(**changes: Any) -> ChatwootSandboxConfig:
    settings: dict[str, Any] = {
        "webhook_url": None,
        "webhook_secret": SECRET,
        "api_token": USER_TOKEN,
        "bot_token": BOT_TOKEN,
        "receipt_seconds": 0.05,
    }
    return ChatwootSandboxConfig(**(settings | changes))

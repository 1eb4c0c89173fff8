"""What the stand-in for Chatwoot is set up with. The composition fills it in; nothing here reads the environment."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class ChatwootSandboxConfig:
    """Settings of one stand-in. Tokens and secret are the caller's choice: they guard a sandbox, nothing else.

    `path` is an SQLite file (None: memory only, gone at the end). With `webhook_url` None nothing is sent until a
    subscription is made over REST. With `bot_connected`, new Chatwoot conversations begin `pending` and assigned to the
    bot, as in an inbox with an agent bot; else they begin `open`. `receipt_seconds` is the time between a channel's
    receipts, `bot_retry_seconds` that between the attempts of an agent bot's webhook.
    """

    webhook_url: str | None
    webhook_secret: str
    api_token: str
    path: Path | None = None
    bot_token: str | None = None
    bot_connected: bool = False
    account_id: int = 1
    account_name: str = "Comercial Cordillera"
    user_id: int = 9
    user_name: str = "Purchase Order Bridge"
    user_email: str = "bridge@cordillera.example"
    person_id: int = 7
    person_name: str = "Camila Rojas"
    person_email: str = "camila.rojas@cordillera.example"
    bot_id: int = 3
    bot_name: str = "Asistente de Compras"
    mailbox: str = "compras@cordillera.example"
    whatsapp_templates: frozenset[str] = frozenset({"purchase_request", "purchase_order_update"})
    receipt_seconds: float = 0.6
    webhook_timeout_seconds: float = 5.0
    bot_retry_seconds: float = 3.0
    keep_pending_on_bot_failure: bool = False

"""WhatsApp's window: free text is taken for 24 hours after the supplier's last words; after that only an approved template.

Chatwoot accepts a free text outside the window all the same, with HTTP 200, and it fails unseen. So the
window is looked at when a message is sent, not when it was written.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from webhook_bridge.chatwoot.escape_liquid import escape_liquid

LABEL = "whatsapp-window-closed"
"""What a Chatwoot conversation is marked with when a message could not be sent there."""

CLOSED = (
    "WhatsApp takes no free text more than 24 hours after the supplier's last message, and no approved template is set "
    "(WHATSAPP_TEMPLATE). Write with a template in Chatwoot, or on another channel."
)

#: A minute less than Meta gives: Chatwoot hands the message on a while after it has accepted it.
_OPEN_FOR = timedelta(hours=24) - timedelta(minutes=1)


def is_closed(*, can_reply: bool, last_heard_at: datetime | None, now: datetime) -> bool:
    """Whether a free text would fail. `can_reply` is Chatwoot's present answer; `last_heard_at` None: we cannot tell."""
    return not can_reply or (last_heard_at is not None and now - last_heard_at >= _OPEN_FOR)


@dataclass(frozen=True)
class Template:
    """An approved template with one variable, `{{1}}`, which takes the whole text."""

    name: str
    language: str

    @classmethod
    def parse(cls, setting: str) -> Self:
        """From `name:language`. Raises `ValueError` for anything else."""
        name, colon, language = setting.partition(":")
        if not (name and colon and language):
            raise ValueError(f"A WhatsApp template is given as name:language, not as {setting!r}.")
        return cls(name, language)

    def __str__(self) -> str:
        return f"{self.name}:{self.language}"

    def filled_with(self, text: str) -> dict[str, Any]:
        """Chatwoot's `template_params`. WhatsApp takes neither line breaks nor runs of spaces in a variable."""
        variable = escape_liquid(" ".join(text.split()))
        # Chatwoot finds the template by name and language; its API asks for a category, and this is what ours are.
        return {
            "name": self.name,
            "language": self.language,
            "category": "UTILITY",
            "processed_params": {"body": {"1": variable}},
        }

"""What the live suite is told, and what it does on a real Chatwoot.

Real: everything. The suite writes as a contact on an API-channel inbox (Chatwoot lets nobody write as a contact elsewhere), so
no supplier is bothered. It needs a bridge that runs in `AGENT_MODE=auto` and hears that inbox. docs/setup.md says how.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

T = TypeVar("T")

ENABLED = "CHATWOOT_LIVE_TEST_ENABLED"
NEEDED = ("CHATWOOT_BASE_URL", "CHATWOOT_API_KEY", "CHATWOOT_ACCOUNT_ID", "CHATWOOT_LIVE_TEST_INBOX_ID", "BRIDGE_API_TOKEN")

#: Contacts of the suite are known by it, should one be left behind.
MARK = "po-agent-live-"

#: Seconds: a debounce, a model and two networks lie between words and answer.
PATIENCE = 120


@dataclass(frozen=True)
class Live:
    """Chatwoot's API as an administrator or member of the inbox, and the bridge's with its token."""

    chatwoot: httpx.Client
    bridge: httpx.Client
    inbox_id: int

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Chatwoot's answer, which must be a success."""
        answer = self.chatwoot.request(method, path, json=body)
        assert answer.is_success, f"Chatwoot answered {answer.status_code} to {method} {path}: {answer.text[:500]}"
        return answer.json() if answer.content.strip() else None

    def stored(self, chatwoot_message_id: int) -> dict[str, Any] | None:
        """What the bridge holds of a message of Chatwoot's."""
        listed = self.bridge.get("/messages/latest", params={"limit": 200})
        assert listed.is_success, f"The bridge answered {listed.status_code}: is BRIDGE_API_TOKEN right? {listed.text[:300]}"
        rows = listed.json()["messages"]
        return next((row for row in rows if row["chatwoot_message_id"] == chatwoot_message_id), None)


@dataclass
class Talk:
    """A contact of the suite's own, and its conversation."""

    live: Live
    contact_id: int
    conversation_id: int
    written: list[int] = field(default_factory=list)

    def write(self, words: str) -> int:
        """As the contact; answers the message's id."""
        body = {"content": words, "message_type": "incoming"}
        message: dict[str, Any] = self.live.call("POST", f"conversations/{self.conversation_id}/messages", body)
        self.written.append(message["id"])
        return int(message["id"])

    def messages(self) -> list[dict[str, Any]]:
        """All of the conversation, oldest first, notes included."""
        listed: list[dict[str, Any]] = self.live.call("GET", f"conversations/{self.conversation_id}/messages")["payload"]
        return listed

    def replies(self, after: int) -> list[dict[str, Any]]:
        """What we wrote to the contact after that message."""
        listed = [message for message in self.messages() if message["id"] > after and message["message_type"] == 1]
        notes = [message for message in listed if message["private"]]
        assert not notes or len(notes) < len(listed), (
            f"There is a private note and no reply: does the bridge run with AGENT_MODE=auto? It says: {notes[0]['content']!r}"
        )
        return [message for message in listed if not message["private"]]

    def becomes(self, message_id: int, status: str, **more: Any) -> None:
        """What the channel behind an API inbox tells Chatwoot of a message."""
        path = f"conversations/{self.conversation_id}/messages/{message_id}"
        self.live.call("PATCH", path, {"status": status, **more})


def until(look: Callable[[], T | None], what: str) -> T:
    """Look until something is found."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.5)
    raise AssertionError(f"Waited {PATIENCE} s in vain for {what}. `po-agent check` may tell why.")

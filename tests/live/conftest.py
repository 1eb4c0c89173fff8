"""The live suite's settings, and someone on a real Chatwoot to be the supplier; cleaned up after each test."""

import os
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.live.chatwoot import ENABLED, MARK, NEEDED, Live, Talk, until


@pytest.fixture(scope="session")
def live() -> Iterator[Live]:
    """The real Chatwoot and the bridge that hears it; a loud skip if nobody asked for them."""
    if os.environ.get(ENABLED) != "1":
        pytest.skip(f"NOT CHECKED against a real Chatwoot: set {ENABLED}=1, {', '.join(NEEDED)} (docs/setup.md)")
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        pytest.fail(f"{ENABLED}=1 asks for the live suite, but {', '.join(missing)} is not set (docs/setup.md)")
    given = {name: os.environ[name] for name in NEEDED}
    base = f"{given['CHATWOOT_BASE_URL'].rstrip('/')}/api/v1/accounts/{given['CHATWOOT_ACCOUNT_ID']}/"
    bridge = os.environ.get("CHATWOOT_LIVE_TEST_BRIDGE_URL", "http://127.0.0.1:8010")
    with (
        httpx.Client(base_url=base, headers={"api-access-token": given["CHATWOOT_API_KEY"]}, timeout=30) as chatwoot,
        httpx.Client(base_url=bridge, headers={"Authorization": f"Bearer {given['BRIDGE_API_TOKEN']}"}, timeout=30) as ours,
    ):
        found = Live(chatwoot, ours, int(given["CHATWOOT_LIVE_TEST_INBOX_ID"]))
        inbox = found.call("GET", f"inboxes/{found.inbox_id}")
        assert inbox["channel_type"] == "Channel::Api", (
            f"CHATWOOT_LIVE_TEST_INBOX_ID is a {inbox['channel_type']}: {inbox['name']}"
        )
        yield found


@pytest.fixture
def talk(live: Live) -> Iterator[Talk]:
    """A new contact in a new conversation, both taken away again."""
    identifier = f"{MARK}{uuid4().hex}"
    body = {"inbox_id": live.inbox_id, "name": "Live test of the purchase-order agent", "identifier": identifier}
    made = live.call("POST", "contacts", body)["payload"]
    contact_id, source_id = made["contact"]["id"], made["contact_inbox"]["source_id"]
    try:
        body = {"inbox_id": live.inbox_id, "contact_id": contact_id, "source_id": source_id}
        yield (talk := Talk(live, contact_id, live.call("POST", "conversations", body)["id"]))
        live.call("POST", f"conversations/{talk.conversation_id}/toggle_status", {"status": "resolved"})
        _wait_until_ended(talk)
    finally:
        _forget(live, contact_id, identifier)


def _wait_until_ended(talk: Talk) -> None:
    """The bridge has heard that it is over, too: else it would go on looking for the conversation."""
    row = talk.live.stored(talk.written[-1]) if talk.written else None
    if row is None:
        return
    path = f"/conversations/{row['conversation_id']}"
    until(lambda: not talk.live.bridge.get(path).json()["is_active"], "the bridge to end the conversation that was resolved")


def _forget(live: Live, contact_id: int, identifier: str) -> None:
    """Only administrators may delete a contact, and with it its conversations."""
    gone = live.chatwoot.delete(f"contacts/{contact_id}")
    assert gone.is_success or gone.status_code == 404, (
        f"The contact {identifier} could not be deleted ({gone.status_code}: {gone.text[:200]}); delete it in Chatwoot. "
        "CHATWOOT_API_KEY must be an administrator's for the suite to clean up after itself."
    )

"""Every webhook of the contract, signed, posted to the running product: what is stored is what the manifest argues, no more.

Posted in two orders, each to a product of its own: as the files are named (on PostgreSQL), and shuffled (on SQLite, which
the design also promises). Chatwoot sends up to ten webhooks at once, so no order may be relied on.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.server.product import Product, running_product, told
from tests.contract.material import MANIFEST, SHARED, captured_bytes, fixture_bytes

pytestmark = pytest.mark.server

PAYLOADS = {name: fixture_bytes(name) for name in sorted(MANIFEST["fixtures"])}
if (SHARED / "captured").exists():
    PAYLOADS |= {name: captured_bytes(name) for name in sorted(MANIFEST["captured"])}

EXPECTED: dict[str, dict[str, Any]] = {
    name: line for part in ("fixtures", "captured") for name, line in MANIFEST[part].items() if name in PAYLOADS
}


@pytest.fixture(scope="module")
def alphabetical(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running_product(tmp_path_factory.mktemp("alphabetical")) as product:
        yield product


@pytest.fixture(scope="module")
def shuffled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("shuffled")
    with running_product(folder, database_url=f"sqlite:///{folder / 'agent.db'}") as product:
        yield product


def test_the_captured_payloads_are_among_them() -> None:
    if not (SHARED / "captured").exists():
        pytest.skip(f"NOT CHECKED against real Chatwoot payloads: there is no {SHARED / 'captured'}")
    assert set(MANIFEST["captured"]) <= set(PAYLOADS)


def test_posted_as_they_are_named(alphabetical: Product) -> None:
    names = sorted(PAYLOADS)
    _post(alphabetical, names)
    assert _messages(alphabetical, author="supplier") == _expected("supplier")
    assert _messages(alphabetical, author="person") == _expected("person")
    before = _everything(alphabetical)

    _post(alphabetical, names)
    assert _everything(alphabetical) == before


def test_posted_in_any_order(shuffled: Product) -> None:
    """A person's words that come before the supplier's find no conversation and open none; told again, they belong to it."""
    names = sorted(PAYLOADS)
    random.Random(20260729).shuffle(names)
    _post(shuffled, names)
    assert _messages(shuffled, author="supplier") == _expected("supplier")
    assert _messages(shuffled, author="person") <= _expected("person")

    _post(shuffled, names)
    assert _messages(shuffled, author="supplier") == _expected("supplier")
    assert _messages(shuffled, author="person") == _expected("person")
    before = _everything(shuffled)

    _post(shuffled, reversed(names))
    assert _everything(shuffled) == before


def test_each_channel_shows_who_wrote(alphabetical: Product) -> None:
    """The identity of each supplier's message is a contact point of its conversation, and nobody else's is."""
    conversations = told(alphabetical.bridge.get("/conversations", params={"limit": 200}))["conversations"]
    points = {
        (point["channel"], point["chatwoot_account_id"], point["user_identifier"]): conversation["id"]
        for conversation in conversations
        for point in conversation["contact_points"]
    }
    messages = {_key(message): message for message in _latest(alphabetical)}
    supplier_lines = [line for line in EXPECTED.values() if line["author"] == "supplier"]
    identities = {(line["channel"], line["key"][0], line["user_identifier"]) for line in supplier_lines}
    assert points.keys() == identities
    for line in supplier_lines:
        stored = messages[tuple(line["key"])]
        assert points[line["channel"], line["key"][0], line["user_identifier"]] == stored["conversation_id"]
        assert stored["chatwoot_conversation_id"] is not None
        assert stored["chatwoot_inbox_id"] is not None
    assert not any(conversation["supplier"]["name"] == "" for conversation in conversations)


def test_what_is_stored_beside_the_words(alphabetical: Product) -> None:
    messages = {_key(message): message for message in _latest(alphabetical)}
    for line in EXPECTED.values():
        if line["author"] is not None:
            stored = messages[tuple(line["key"])]
            assert stored["subject"] == line.get("subject")
            assert stored["attachments"] == line.get("attachments", [])
            assert not stored["private"]
    # 6004 is an automatic answer: kept, and answered by nobody.
    assert messages[1, 6004, "created"]["turn_id"] is None


def _post(product: Product, names: Any) -> None:
    """Each gets 200; then wait until the agent has done what followed from them."""
    answers = {name: product.webhook(PAYLOADS[name]).status_code for name in names}
    assert answers == dict.fromkeys(answers, 200)
    product.until_quiet()


def _expected(author: str) -> Counter[tuple[Any, ...]]:
    """Events with the same key are the same message."""
    lines = {tuple(line["key"]): line for line in EXPECTED.values() if line["author"] == author}
    direction = "inbound" if author == "supplier" else "outbound"
    return Counter((*key, direction, line["channel"], _fingerprint(line)) for key, line in lines.items())


def _messages(product: Product, *, author: str) -> Counter[tuple[Any, ...]]:
    return Counter(
        (*_key(message), message["direction"], message["channel"], _sha256(message["content"]))
        for message in _latest(product)
        if message["author"] == author
    )


def _everything(product: Product) -> tuple[Any, ...]:
    """Counts by direction, status and conversation, and how much there is in the tables."""
    tables = ("supplier", "contact_point", "conversation", "message", "turn", "order_record", "webhook_set_aside")
    prefix = "" if product.database_url.startswith("sqlite") else "communication."
    sizes = {table: product.rows(f"SELECT count(*) AS n FROM {prefix}{table}")[0]["n"] for table in tables}
    return told(product.bridge.get("/messages/count")), sizes, len(_latest(product))


def _latest(product: Product) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = told(product.bridge.get("/messages/latest", params={"limit": 200}))["messages"]
    return messages


def _key(message: dict[str, Any]) -> tuple[Any, ...]:
    return message["chatwoot_account_id"], message["chatwoot_message_id"], message["kind"]


def _fingerprint(line: dict[str, Any]) -> str:
    return line["text_sha256"] if "text_sha256" in line else _sha256(line["text"])


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

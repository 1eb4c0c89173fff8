"""Where the tests find payloads: ours beside this file, other people's in the shared folder (which may be missing)."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

OURS = Path(__file__).parent / "chatwoot"
SHARED = Path(__file__).parents[3] / "shared" / "contract" / "chatwoot"

MANIFEST: dict[str, Any] = json.loads((OURS / "manifest.json").read_text(encoding="utf-8"))


def fixture_bytes(name: str) -> bytes:
    """One of our own payloads, as bytes."""
    return (OURS / "fixtures" / f"{name}.json").read_bytes()


def fixture(name: str) -> Any:
    """One of our own payloads, decoded."""
    return json.loads(fixture_bytes(name))


def captured_bytes(name: str) -> bytes:
    """One of the captured payloads, or a loud skip."""
    path = SHARED / "captured" / f"{name}.json"
    if not path.exists():
        pytest.skip(f"NOT CHECKED against real Chatwoot payloads: there is no {path}")
    return path.read_bytes()


def signed(body: bytes, *, secret: str, timestamp: int) -> dict[str, str]:
    """The headers that Chatwoot sends with this body."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-Chatwoot-Delivery": "4b7078a4-0000-4000-8000-f38d3c36cf2e",
        "X-Chatwoot-Timestamp": str(timestamp),
        "X-Chatwoot-Signature": f"sha256={digest}",
    }

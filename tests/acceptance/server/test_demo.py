"""`po-agent demo`, as a newcomer runs it."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.server


def test_the_demo_ends_billed_whatever_the_environment_says() -> None:
    """A `.env` or environment of a real installation must not lead the demo to a real Chatwoot, Odoo or model."""
    real = {
        "CHATWOOT_BASE_URL": "http://127.0.0.1:9",
        "CHATWOOT_API_KEY": "a-real-key",
        "ODOO_URL": "http://127.0.0.1:9",
        "ODOO_DB": "production",
        "ODOO_USERNAME": "agent",
        "ODOO_PASSWORD": "secret",
        "OPENAI_API_KEY": "a-real-key",
        "OPENAI_BASE_URL": "http://127.0.0.1:9",
        "LANGGRAPH_URL": "http://127.0.0.1:9",
        "AGENT_MODE": "shadow",
        "DEBOUNCE_SECONDS": "20",
    }
    played = subprocess.run(
        [sys.executable, "-m", "po_agent", "demo", "--json"], env=os.environ | real, capture_output=True, text=True, timeout=280
    )
    assert played.returncode == 0, played.stderr[-3000:]
    told = json.loads(played.stdout)
    assert told["state"] == "billed"
    assert [step["state"] for step in told["steps"] if step["state"]] == [
        "sent",
        "confirmed",
        "confirmed",
        "received",
        "received",
        "billed",
    ]
    assert all(step["reply"] for step in told["steps"] if step["who"] == "supplier")

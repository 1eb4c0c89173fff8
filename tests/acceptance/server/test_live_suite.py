"""The live suite itself, run against the stand-in as if that were a real Chatwoot: it is known to work before it is needed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.server.product import Product, told
from tests.live.chatwoot import ENABLED, MARK, NEEDED

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[3]
API_INBOX = 14


def run_live(**environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name not in (ENABLED, *NEEDED)}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "tests/live", "-p", "no:cacheprovider", "-ra", "--color=no"],
        cwd=ROOT,
        env=inherited | environment,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def given(product: Product, **changes: str) -> dict[str, str]:
    settings = product.settings
    return {
        ENABLED: "1",
        "CHATWOOT_BASE_URL": f"{settings.home}/sandbox/chatwoot",
        "CHATWOOT_API_KEY": settings.chatwoot_api_key.get_secret_value(),
        "CHATWOOT_ACCOUNT_ID": "1",
        "CHATWOOT_LIVE_TEST_INBOX_ID": str(API_INBOX),
        "CHATWOOT_LIVE_TEST_BRIDGE_URL": settings.home,
        "BRIDGE_API_TOKEN": settings.bridge_api_token.get_secret_value(),
    } | changes


def test_all_of_it_passes_and_leaves_nothing_behind(product: Product) -> None:
    ran = run_live(**given(product))
    assert ran.returncode == 0, ran.stdout[-5000:]
    assert "5 passed" in ran.stdout
    assert "skipped" not in ran.stdout
    found = told(product.chatwoot.get("/api/v1/accounts/1/contacts/search", params={"q": MARK}))
    assert found["payload"] == []
    active = told(product.bridge.get("/conversations", params={"active": "true", "limit": 200}))["conversations"]
    assert not [one for one in active if one["supplier"]["name"].startswith("Live test")]


def test_unasked_it_skips_and_says_how_to_turn_it_on() -> None:
    ran = run_live()
    assert ran.returncode == 0
    assert "passed" not in ran.stdout
    assert all(name in ran.stdout for name in (ENABLED, *NEEDED))


@pytest.mark.parametrize("name", NEEDED)
def test_asked_for_without_a_setting_it_fails_and_names_it(product: Product, name: str) -> None:
    ran = run_live(**given(product, **{name: ""}))
    assert ran.returncode != 0
    assert f"but {name} is not set" in ran.stdout


def test_on_an_inbox_of_another_channel_it_bothers_nobody(product: Product) -> None:
    before = len(product.chatwoot_messages())
    ran = run_live(**given(product, CHATWOOT_LIVE_TEST_INBOX_ID="11"))
    assert ran.returncode != 0
    assert "is a Channel::Whatsapp" in ran.stdout
    assert len(product.chatwoot_messages()) == before


def test_without_webhooks_it_fails(product: Product) -> None:
    """It can fail: a Chatwoot whose webhooks are lost is found out."""
    told(product.chatwoot.post("/control/faults", json={"webhooks": {"drop_rate": 1.0}}))
    try:
        ran = subprocess.run(
            [sys.executable, "-c", _IMPATIENT, "tests/live", "-k", "by_webhook", "-p", "no:cacheprovider", "--color=no"],
            cwd=ROOT,
            env=dict(os.environ) | given(product),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        told(product.chatwoot.delete("/control/faults"))
    assert ran.returncode == 1, ran.stdout[-3000:]
    assert "in vain for the webhook" in ran.stdout


_IMPATIENT = """
import sys, pytest
from tests.live import chatwoot
class Impatient:
    def pytest_collection_finish(self, session):
        chatwoot.PATIENCE = 4
sys.exit(pytest.main(sys.argv[1:], plugins=[Impatient()]))
"""

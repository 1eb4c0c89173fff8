"""The sandbox page as a newcomer sees it: a real browser, on the whole product. Stand-ins: the sandbox's Chatwoot and Odoo.

`SANDBOX_SCREENSHOTS=folder` keeps what was seen (the picture in the README is one of these).
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from po_agent.demo import demo_settings
from po_agent.settings import Settings
from po_agent.up import serving

pytestmark = [pytest.mark.server, pytest.mark.browser]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync"
#: Milliseconds: a turn takes two seconds on a quiet machine.
PATIENCE = 60_000


@pytest.fixture(scope="module")
def product() -> Iterator[Settings]:
    with tempfile.TemporaryDirectory(prefix="po-agent-browser-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        settings = demo_settings(Path(folder))
        with serving(settings, quiet=True):
            yield settings


@pytest.fixture
def page() -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip("NOT TESTED: the page in a browser, since Chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET.split(), "--disable-component-update"])
        opened = browser.new_page(viewport={"width": 1280, "height": 800})
        opened.set_default_timeout(PATIENCE)
        yield opened
        browser.close()


def test_one_plays_a_supplier_from_offer_to_billed_order(product: Settings, page: Page) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{product.home}/sandbox")
    page.get_by_text("Molino San Cristóbal").first.click()
    _write(page, "Le ofrezco 40 sacos de harina panadera 25 kg a $17.900 c/u")
    expect(page.get_by_text("Registramos su cotización como P00001")).to_be_visible(timeout=PATIENCE)
    _write(page, "Confirmo la P00001")
    expect(page.get_by_text("quedó confirmada")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Confirms the order")).to_be_visible(timeout=PATIENCE)
    _keep(page, "confirmed")
    page.get_by_role("button", name="Receive all").click()
    _write(page, "¿En qué está la orden P00001?")
    expect(page.get_by_text("está recibida.")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Make bill").click()
    expect(page.get_by_text("Billed", exact=True).first).to_be_visible(timeout=PATIENCE)
    _write(page, "¿Y ahora, en qué va la P00001?")
    expect(page.get_by_text("recibida y facturada")).to_be_visible(timeout=PATIENCE)
    _keep(page, "billed")
    assert errors == []


def _write(page: Page, words: str) -> None:
    field = page.get_by_placeholder("Mensaje")
    field.fill(words)
    field.press("Enter")
    expect(page.get_by_text(words).first).to_be_visible(timeout=PATIENCE)


def _keep(page: Page, name: str) -> None:
    folder = os.environ.get("SANDBOX_SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png")

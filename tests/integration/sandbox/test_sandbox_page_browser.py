"""The page in a real browser: one picks a supplier, writes, sees it arrive, and plays the order to its end.

Real: Chromium, uvicorn, the stand-in. Faked: the bridge and the Odoo parts (`fake_bridge`). Screenshots go to pytest's
temporary folder, or to `SANDBOX_SCREENSHOTS` if that names one.
"""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect
from starlette.applications import Starlette
from starlette.routing import Mount

from sandbox.chatwoot import ChatwootSandbox, make_chatwoot
from sandbox.page import PageConfig, make_page
from tests.integration.sandbox.fake_bridge import SUPPLIERS, TOKEN, TURN, FakeBridge, FakeOdoo, a_conversation
from tests.integration.sandbox.serving import served
from tests.integration.sandbox.stand_in import sandbox_config

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("NOT SEEN in a browser: install chromium; .ci/run does")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        await launched.close()


@pytest.fixture
async def parts() -> AsyncIterator[tuple[str, FakeBridge, FakeOdoo, ChatwootSandbox]]:
    bridge, odoo = FakeBridge(), FakeOdoo(SUPPLIERS[0]["name"])
    chatwoot = make_chatwoot(sandbox_config())
    sandbox: ChatwootSandbox = chatwoot.state.sandbox
    async with served(bridge.app) as bridge_url:
        config = PageConfig(bridge_url=bridge_url, bridge_token=TOKEN)
        routes = make_page(config, chatwoot=sandbox, suppliers=SUPPLIERS, odoo=odoo)
        await sandbox.start()
        async with served(Starlette(routes=[Mount("/sandbox/chatwoot", chatwoot), *routes])) as url:
            yield url, bridge, odoo, sandbox
        await sandbox.stop()


async def test_one_plays_the_supplier_and_the_other_parts(
    browser: Browser, parts: tuple[str, FakeBridge, FakeOdoo, ChatwootSandbox], tmp_path: Path
) -> None:
    url, bridge, odoo, sandbox = parts
    page = await browser.new_page(viewport={"width": 1280, "height": 800})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    await page.goto(f"{url}/sandbox")
    await page.click("[data-supplier=castanhas]")
    await expect(page.locator(".chip").first).to_have_text("Olá, bom dia")
    await page.click("[data-supplier=molino]")
    await expect(page.locator("[data-supplier=molino]")).to_have_attribute("aria-checked", "true")
    await page.fill("#text", "<b>Hola</b> & buenos días")
    await page.press("#text", "Enter")
    mine = page.locator(".bubble.mine")
    await expect(mine).to_have_count(1)
    await expect(mine.locator(".text")).to_have_text("<b>Hola</b> & buenos días")
    await expect(mine.locator(".tick")).to_have_class("tick sent")
    assert await page.locator("#text").input_value() == ""
    assert len(sandbox.store.messages(1)) == 1

    await a_conversation(sandbox, SUPPLIERS[0])
    bridge.deals_with(SUPPLIERS[0], turns=[TURN])
    odoo.order["state"] = "to_approve"
    await expect(page.locator(".bubble:not(.mine)")).to_contain_text("Preparé la cotización P00045")
    await expect(mine.first.locator(".tick")).to_have_class("tick read")
    await expect(page.locator("#chat")).not_to_contain_text("supera el monto")
    await expect(page.locator("#team .note")).to_contain_text("supera el monto")
    await expect(page.locator("#turn-card .intent")).to_have_text("Offers goods")
    await expect(page.locator("#turn-card .plan li")).to_have_count(2)
    await page.screenshot(path=_screenshots(tmp_path) / "sandbox.png")

    current = page.locator(".stepper [aria-current=step]")
    await expect(page.locator(".stepper li")).to_have_text(["Draft", "Sent", "To approve", "Confirmed", "Received", "Billed"])
    await expect(current).to_have_text("To approve")
    for button, step in (("approve", "Confirmed"), ("receive", "Received"), ("bill", "Billed")):
        await page.click(f"[data-part={button}]")
        await expect(current).to_have_text(step)
    await expect(page.locator("[data-part]:enabled")).to_have_count(0)
    assert faults == []


@pytest.mark.parametrize("channel", ["whatsapp", "email", "web", "api"])
async def test_it_fits_a_telephone(
    browser: Browser, parts: tuple[str, FakeBridge, FakeOdoo, ChatwootSandbox], tmp_path: Path, channel: str
) -> None:
    url, bridge, _, sandbox = parts
    bridge.deals_with(SUPPLIERS[0], turns=[TURN])
    await a_conversation(sandbox, SUPPLIERS[0])
    page = await browser.new_page(viewport={"width": 390, "height": 844})
    await page.goto(f"{url}/sandbox#molino/{channel}")
    await expect(page.locator(".order-name")).to_have_text("P00045")
    await page.fill("#text", "Hola")
    await page.click(".send")
    await expect(page.locator(".bubble.mine").last).to_contain_text("Hola")
    widths = await page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert widths == [390, 390], "Nothing sticks out at the side."
    await page.screenshot(path=_screenshots(tmp_path) / f"sandbox-{channel}-mobile.png", full_page=True)


async def test_a_sandbox_that_went_away_is_said(
    browser: Browser, parts: tuple[str, FakeBridge, FakeOdoo, ChatwootSandbox]
) -> None:
    url, bridge, _, _ = parts
    page = await browser.new_page()
    await page.goto(f"{url}/sandbox")
    await expect(page.locator("#health")).to_have_text("Connected")
    bridge.broken = True
    await expect(page.locator("#problems")).to_contain_text("The bridge does not answer")
    await page.route("**/sandbox/state*", lambda route: route.abort())
    await expect(page.locator("#health")).to_have_text("The sandbox does not answer")
    await page.route("**/sandbox/write", lambda route: route.abort())
    await page.fill("#text", "no se pierde")
    await page.click(".send")
    await expect(page.locator("#toast")).to_have_text("The sandbox does not answer.")
    await expect(page.locator("#text")).to_have_value("no se pierde")


def _screenshots(fallback: Path) -> Path:
    folder = Path(os.environ.get("SANDBOX_SCREENSHOTS") or fallback)
    folder.mkdir(parents=True, exist_ok=True)
    return folder

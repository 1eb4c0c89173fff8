"""A product to be measured, with its stand-in Chatwoot in a process of its own, and suppliers who write to it.

Real: the LangGraph server with the bridge in it, PostgreSQL, HTTP, the clock. Chatwoot stands apart as in life, so that neither
its work nor its memory is counted as the product's. Odoo is the sandbox's, within the server. Everything is gone afterwards.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from po_agent.demo import demo_settings
from po_agent.free_port import free_port
from tests.acceptance.server.product import Product, running_product, told
from tests.crash.people import a_book
from tests.crash.processes import Process

STATUS_QUESTION = "¿En qué está mi orden?"


@dataclass(frozen=True)
class Seller:
    """Supplier `number` of the book that `a_book` makes: Odoo knows the phone."""

    number: int

    def writes(self, product: Product, words: str) -> dict[str, Any]:
        """One WhatsApp message; the stand-in's ids of it."""
        return product.supplier_writes(words, name=f"Molino {self.number:03d} SpA", phone=f"+5696123{self.number:04d}")


@contextmanager
def market(suppliers: int, **settings: Any) -> Iterator[tuple[Product, list[Seller]]]:
    """A fresh product that knows this many suppliers, of whom none has written yet."""
    with tempfile.TemporaryDirectory(prefix="po-agent-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        # PostgreSQL may run under another account.
        folder.chmod(0o755)
        chosen: dict[str, Any] = {
            "agent_mode": "auto",
            "port": free_port(),
            "chatwoot_base_url": f"http://127.0.0.1:{free_port()}",
        } | settings
        _write_odoo(folder / "data", suppliers)
        with _chatwoot(folder, chosen), running_product(folder / "data", **chosen) as product:
            yield product, [Seller(number) for number in range(1, suppliers + 1)]


def until_answered(product: Product, inbound: int, *, patience: float) -> None:
    """Wait until the product has taken in `inbound` messages in all, and nothing is left to be answered, sent or told."""

    def settled() -> bool:
        taken = product.rows("SELECT count(*) AS n FROM message WHERE direction = 'inbound'")[0]["n"]
        return taken == inbound and not product.rows(_BUSY)

    product.until(settled, f"answers to {inbound} messages", patience=patience)
    pending = "webhooks under way"
    product.until(lambda: told(product.chatwoot.get("/control/deliveries"))["pending"] == 0, pending, patience=patience)


def server_cpu_seconds(product: Product) -> float:
    """What the server's process has worked so far: unlike time on the clock, hardly touched by what else the machine does."""
    assert product.process is not None
    times = psutil.Process(product.process.pid).cpu_times()
    return float(times.user + times.system)


_BUSY = """
    SELECT 1 FROM turn WHERE status IN ('running', 'waiting', 'collecting')
    UNION ALL SELECT 1 FROM message WHERE status = 'queued'
    LIMIT 1
"""


def _write_odoo(data: Path, suppliers: int) -> None:
    book = data / "sandbox" / "odoo.json"
    book.parent.mkdir(parents=True)
    book.write_text(a_book(suppliers).model_dump_json())


@contextmanager
def _chatwoot(folder: Path, chosen: dict[str, Any]) -> Iterator[None]:
    settings = demo_settings(folder / "data", **chosen)
    address = str(settings.chatwoot_base_url).rstrip("/")
    stand_in = Process(
        "tests.crash.chatwoot_server",
        address.rpartition(":")[2],
        settings.chatwoot_api_key.get_secret_value(),
        settings.chatwoot_webhook_secrets[0].get_secret_value(),
        f"{settings.home}/webhook/chatwoot",
        ready=f"{address}/health",
        log=folder / "chatwoot.log",
    )
    stand_in.start()
    try:
        stand_in.until_ready()
        yield
    finally:
        stand_in.kill()

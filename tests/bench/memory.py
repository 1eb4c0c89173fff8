"""(e) Memory of the server after a thousand conversations, against after a hundred.

The resident memory of the LangGraph server's process, with the bridge in it, and of its children. PostgreSQL and the stand-in
Chatwoot are other processes and not counted. Each conversation is another supplier, who greets and is answered.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import psutil

from tests.acceptance.server.product import Product
from tests.bench.figures import asked, note
from tests.bench.market import market, until_answered
from tests.crash.people import GREETING

_PATIENCE = 1200
_WRITERS = 8


def measure() -> Iterator[dict[str, object]]:
    """One line after 100 conversations, one after 1,000 (or BENCH_CONVERSATIONS), and one with their ratio: no bound is set."""
    few, many = asked("BENCH_CONVERSATIONS", "100,1000")
    with market(many, debounce_seconds=0.05) as (product, sellers):
        at_start = _megabytes(product)
        resident: dict[int, float] = {}
        done = 0
        for conversations in (few, many):
            began = time.monotonic()
            with ThreadPoolExecutor(_WRITERS) as writers:
                list(writers.map(lambda seller: seller.writes(product, GREETING), sellers[done:conversations]))
            until_answered(product, conversations, patience=_PATIENCE)
            seconds = time.monotonic() - began
            active = product.rows("SELECT count(*) AS n FROM conversation WHERE is_active")[0]["n"]
            sent = product.rows("SELECT count(*) AS n FROM message WHERE direction = 'outbound' AND sent_at IS NOT NULL")[0][
                "n"
            ]
            assert (active, sent) == (conversations, conversations), f"{active} conversations, {sent} replies"
            resident[conversations] = _megabytes(product)
            note(f"memory: {conversations} conversations")
            yield {
                "measure": "memory",
                "conversations": conversations,
                "rss_mb": resident[conversations],
                "rss_mb_at_start": at_start,
                "seconds": round(seconds, 1),
                "conversations_per_second": round((conversations - done) / seconds, 2),
            }
            done = conversations
    yield {
        "measure": "memory",
        "ratio": round(resident[many] / resident[few], 3),
        "kb_per_conversation": round((resident[many] - resident[few]) * 1024 / (many - few), 1),
    }


def _megabytes(product: Product) -> float:
    """Resident memory of the server and its children: the median of five looks, a second apart."""
    assert product.process is not None
    server = psutil.Process(product.process.pid)
    looks: list[int] = []
    for _ in range(5):
        looks.append(sum(process.memory_info().rss for process in [server, *server.children(recursive=True)]))
        time.sleep(1)
    return round(median(looks) / 2**20, 1)

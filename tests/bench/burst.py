"""(c) A burst: 200 suppliers write three messages each within ten seconds, and each is answered once.

That it was answered once is asserted, in our tables, at the stand-in and in Odoo's orders: a fast wrong answer is no figure.
Every burst meets a product of its own, to which all suppliers are new.
"""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from tests.acceptance.server.product import Product
from tests.bench.figures import asked, note, p50, p95
from tests.bench.market import Seller, market, server_cpu_seconds, until_answered
from tests.crash.people import GREETING, OFFER, is_reply

WORDS = (GREETING, OFFER, "Quedo atento, muchas gracias")
SECONDS = 10.0
DEBOUNCE = 2.0

_PATIENCE = 600
_WRITERS = 16
_PAUSE = 1.0


def measure() -> Iterator[dict[str, object]]:
    """One line a burst, and one with the medians of them: five bursts, or BENCH_BURSTS.

    BENCH_SUPPLIERS: how many suppliers.
    """
    [most_bursts], [suppliers] = asked("BENCH_BURSTS", "5"), asked("BENCH_SUPPLIERS", "200")
    bursts: list[tuple[float, float, float]] = []
    while len(bursts) < most_bursts:
        with market(suppliers, debounce_seconds=DEBOUNCE) as (product, sellers):
            note(f"burst {len(bursts) + 1}: {suppliers} suppliers begin to write")
            line, figures = _burst(product, sellers)
        bursts.append(figures)
        yield {"measure": "burst", "burst": len(bursts)} | line
    half, most, total = zip(*bursts, strict=True)
    yield {
        "measure": "burst",
        "bursts": len(bursts),
        "suppliers": suppliers,
        "messages": suppliers * len(WORDS),
        "debounce_s": DEBOUNCE,
        "p50_s": p50(half),
        "p95_s": p50(most),
        "total_s": p50(total),
        "ok": True,
    }


def _burst(product: Product, sellers: list[Seller]) -> tuple[dict[str, object], tuple[float, float, float]]:
    cpu_before = server_cpu_seconds(product)
    began = time.time()
    last_words = _write(product, sellers)
    writing = time.time() - began
    until_answered(product, len(sellers) * len(WORDS), patience=_PATIENCE)
    cpu = server_cpu_seconds(product) - cpu_before
    _assert_answered_once(product, list(last_words))
    accepted = _last_replies(product)
    waits = [accepted[conversation].timestamp() - written for conversation, written in last_words.items()]
    total = max(accepted.values()).timestamp() - began
    turns = product.rows("SELECT count(*) AS n FROM turn")[0]["n"]
    figures = (p50(waits), p95(waits), round(total, 3))
    line: dict[str, object] = dict(zip(("p50_s", "p95_s", "total_s"), figures, strict=True))
    return line | {"writing_s": round(writing, 3), "turns": turns, "server_cpu_s_per_turn": round(cpu / turns, 3)}, figures


def _write(product: Product, sellers: list[Seller]) -> dict[int, float]:
    """Everybody writes at the appointed times. When the last words of each Chatwoot conversation were written."""
    stagger = (SECONDS - _PAUSE * len(WORDS)) / len(sellers)
    appointed = sorted(
        (place * stagger + number * _PAUSE, number, seller)
        for place, seller in enumerate(sellers)
        for number in range(len(WORDS))
    )
    last_words: dict[int, float] = {}

    def one(number: int, seller: Seller) -> None:
        written = time.time()
        sent = seller.writes(product, WORDS[number])
        if number == len(WORDS) - 1:
            last_words[sent["conversation_id"]] = written

    start = time.monotonic()
    with ThreadPoolExecutor(_WRITERS) as writers:
        written = []
        for at, number, seller in appointed:
            time.sleep(max(0.0, start + at - time.monotonic()))
            written.append(writers.submit(one, number, seller))
        for each in written:
            each.result()
    return last_words


def _last_replies(product: Product) -> dict[int, datetime]:
    """When Chatwoot had accepted the last reply of each Chatwoot conversation."""
    query = """
        SELECT chatwoot_conversation_id AS id, max(sent_at) AS at FROM message
         WHERE direction = 'outbound' AND NOT private GROUP BY chatwoot_conversation_id
    """
    return {row["id"]: row["at"] for row in product.rows(query)}


def _assert_answered_once(product: Product, conversations: list[int]) -> None:
    """Every message read in a turn that is done; one reply a turn, posted once; one order a supplier."""
    inbound = product.rows(
        "SELECT message.status, turn.status AS turn_status, turn.id AS turn_id FROM message "
        "LEFT JOIN turn ON turn.id = message.turn_id WHERE direction = 'inbound'"
    )
    assert len(inbound) == len(conversations) * len(WORDS), f"{len(inbound)} messages are stored"
    assert {(row["status"], row["turn_status"]) for row in inbound} == {("read", "done")}, "a message is not answered"

    replies = product.rows("SELECT turn_id, duplicates, sent_at FROM message WHERE direction = 'outbound' AND NOT private")
    answers = Counter(row["turn_id"] for row in replies)
    assert answers == {row["turn_id"]: 1 for row in inbound}, "a turn has no reply, or several"
    assert all(row["sent_at"] and not row["duplicates"] for row in replies), "a reply is not there once"

    posted = Counter(message["conversation_id"] for message in product.chatwoot_messages() if is_reply(message))
    assert sum(posted.values()) == len(replies), f"{len(replies)} replies, of which Chatwoot has {sum(posted.values())}"
    assert set(posted) == set(conversations), "a supplier reads no reply"

    orders = product.rows("SELECT count(*) AS n, count(DISTINCT supplier_id) AS suppliers FROM order_record")[0]
    assert orders == {"n": len(conversations), "suppliers": len(conversations)}, f"each offered once: {orders}"

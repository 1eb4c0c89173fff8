"""(b) What we add to LangGraph's work: webhook to reply posted, less the debounce and less the run's own duration.

Stated as a share of that duration, so that both sides are measured in one run on one machine. The times are those which the
product keeps: the inbound row's `stored_at`, the reply's `sent_at` (Chatwoot has accepted it), and of the run's record
`created_at` and `updated_at` (when it succeeded). The development server looks for new runs every 0.5 s, and that wait is in
its record; so the share of what is left without it, from the run's first checkpoint on, is told as well.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from langgraph_sdk.client import SyncLangGraphClient

from tests.acceptance.server.product import Product
from tests.bench.figures import note, p50, p95
from tests.bench.market import STATUS_QUESTION, Seller, market, until_answered
from tests.crash.people import GREETING

BOUND = 0.3
ROUNDS = 5
SUPPLIERS = 4
DEBOUNCE = 0.5
KINDS = {"greeting": GREETING, "status": STATUS_QUESTION}

#: Seconds. Only what is broken waits so long.
_PATIENCE = 60

_TIMES = """
    SELECT turn.run_id, conversation.thread_id, inbound.stored_at, reply.sent_at
      FROM message inbound
      JOIN turn ON turn.id = inbound.turn_id
      JOIN conversation ON conversation.id = turn.conversation_id
      JOIN message reply ON reply.turn_id = turn.id AND reply.direction = 'outbound' AND NOT reply.private
     WHERE inbound.chatwoot_message_id = %s AND inbound.direction = 'inbound'
       AND reply.sent_at IS NOT NULL AND turn.status = 'done'
"""

_FIRST_CHECKPOINT = """
    SELECT min((checkpoint->>'ts')::timestamptz) AS at FROM checkpoints WHERE thread_id = %s AND metadata->>'run_id' = %s
"""


def measure() -> Iterator[dict[str, object]]:
    """One line a kind of message, and one for all. Single messages of known contacts, one at a time, kinds in turn."""
    rounds: list[dict[str, list[dict[str, float]]]] = []
    with market(SUPPLIERS, debounce_seconds=DEBOUNCE) as (product, sellers):
        langgraph = product.langgraph()
        for seller in sellers:
            seller.writes(product, GREETING)
        until_answered(product, SUPPLIERS, patience=_PATIENCE)
        for number in range(1, ROUNDS + 1):
            rounds.append(_round(product, langgraph, sellers))
            note(f"reply_overhead: round {number} of {ROUNDS}")
    for kind in KINDS:
        yield _line(kind, [one[kind] for one in rounds])
    together = _line("all", [[times for kind in KINDS for times in one[kind]] for one in rounds])
    yield together | {"bound": BOUND, "ok": _share(together) <= BOUND}


def _round(product: Product, langgraph: SyncLangGraphClient, sellers: list[Seller]) -> dict[str, list[dict[str, float]]]:
    measured: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    for seller in sellers:
        for kind, words in KINDS.items():
            written = time.time()
            sent = seller.writes(product, words)
            measured[kind].append(_times(product, langgraph, sent["message_id"], written))
    return measured


def _times(product: Product, langgraph: SyncLangGraphClient, message_id: int, written: float) -> dict[str, float]:
    """Seconds of one message. `since_written` counts from before the stand-in was told, its own work included."""
    row = product.until(lambda: product.rows(_TIMES, message_id), f"the reply to message {message_id}", patience=_PATIENCE)[0]
    record = product.until(lambda: _ended(langgraph, row), f"the end of run {row['run_id']}", patience=_PATIENCE)
    created, ended = _moment(record["created_at"]), _moment(record["updated_at"])
    picked_up = product.rows(_FIRST_CHECKPOINT, str(row["thread_id"]), str(row["run_id"]))[0]["at"]
    run, executing = (ended - created).total_seconds(), (ended - picked_up).total_seconds()
    before = (created - row["stored_at"]).total_seconds() - DEBOUNCE
    after = (row["sent_at"] - ended).total_seconds()
    since_written = row["sent_at"].timestamp() - written - DEBOUNCE - run
    overhead = {"before": before, "after": after, "overhead": before + after, "since_written": since_written}
    return overhead | {"run": run, "executing": executing}


def _ended(langgraph: SyncLangGraphClient, row: dict[str, Any]) -> Any:
    record = langgraph.runs.get(str(row["thread_id"]), str(row["run_id"]))
    assert record["status"] in ("pending", "running", "success"), f"the run ended as {record['status']}"
    return record if record["status"] == "success" else None


def _moment(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _line(kind: str, rounds: list[list[dict[str, float]]]) -> dict[str, object]:
    """Medians of the rounds' medians; p95 over all messages."""

    def of_rounds(value: str) -> float:
        return p50([p50([times[value] for times in one]) for one in rounds])

    shares = [[times["overhead"] / times["run"] for times in one] for one in rounds]
    each = [times for one in rounds for times in one]
    return {
        "measure": "reply_overhead",
        "kind": kind,
        "rounds": len(rounds),
        "messages": len(each),
        "debounce_s": DEBOUNCE,
        "run_s": of_rounds("run"),
        "executing_s": of_rounds("executing"),
        "overhead_s": of_rounds("overhead"),
        "before_run_s": of_rounds("before"),
        "after_run_s": of_rounds("after"),
        "overhead_p95_s": p95([times["overhead"] for times in each]),
        "overhead_since_written_s": of_rounds("since_written"),
        "share": p50([p50(one) for one in shares]),
        "share_of_rounds": [p50(one) for one in shares],
        "share_of_executing": p50([p50([times["overhead"] / times["executing"] for times in one]) for one in rounds]),
    }


def _share(line: dict[str, object]) -> float:
    share = line["share"]
    assert isinstance(share, float)
    return share

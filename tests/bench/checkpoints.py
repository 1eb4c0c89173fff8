"""(d) Bytes of checkpoint that a turn adds, late in a conversation as early: flat.

One supplier writes two hundred times through the bridge, each time the same words once the last were answered. What is counted
are the rows that LangGraph's checkpointer keeps of the thread in Postgres, by `pg_column_size`.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.acceptance.server.product import Product
from tests.bench.figures import asked, note
from tests.bench.market import STATUS_QUESTION, market
from tests.crash.people import OFFER

BOUND = 1.2

_PATIENCE = 60

_SIZE = """
    SELECT (SELECT count(*) FROM checkpoints WHERE thread_id = %s) AS checkpoints,
           (SELECT coalesce(sum(pg_column_size(row)), 0) FROM checkpoints row WHERE thread_id = %s)
         + (SELECT coalesce(sum(pg_column_size(row)), 0) FROM checkpoint_blobs row WHERE thread_id = %s)
         + (SELECT coalesce(sum(pg_column_size(row)), 0) FROM checkpoint_writes row WHERE thread_id = %s) AS bytes
"""

_LAST_TURN = """
    SELECT turn.run_id, conversation.thread_id FROM turn JOIN conversation ON conversation.id = turn.conversation_id
     WHERE turn.status = 'done' AND turn.id = (SELECT turn_id FROM message WHERE chatwoot_message_id = %s)
"""


def measure() -> Iterator[dict[str, object]]:
    """One line for each of the turns 10, 50 and 200 (or BENCH_TURNS), and one with the ratio of the last to the first."""
    turns = asked("BENCH_TURNS", "10,50,200")
    added: dict[int, int] = {}
    with market(1, debounce_seconds=0) as (product, [seller]):
        before = (0, 0)
        for number in range(1, max(turns) + 1):
            # The first turn leaves an open order, so that later ones have one in their state.
            sent = seller.writes(product, OFFER if number == 1 else STATUS_QUESTION)
            turn = product.until(partial(_done, product, sent), f"the end of turn {number}", patience=_PATIENCE)
            if number not in turns and number + 1 not in turns:
                continue
            size = _size(product, str(turn["thread_id"]))
            if number in turns:
                added[number] = size[1] - before[1]
                note(f"checkpoints: turn {number} of {max(turns)}")
                yield {
                    "measure": "checkpoints",
                    "turn": number,
                    "bytes": added[number],
                    "checkpoints": size[0] - before[0],
                    "bytes_in_all": size[1],
                }
            before = size
    ratio = round(added[turns[-1]] / added[turns[0]], 3)
    yield {"measure": "checkpoints", "turns": turns, "ratio": ratio, "bound": BOUND, "ok": ratio <= BOUND}


def _done(product: Product, sent: dict[str, Any]) -> dict[str, Any] | None:
    """The turn of the message once its run, too, has ended: the last checkpoint is written after the reply."""
    rows = product.rows(_LAST_TURN, sent["message_id"])
    if not rows:
        return None
    run = product.langgraph().runs.get(str(rows[0]["thread_id"]), str(rows[0]["run_id"]))
    assert run["status"] in ("pending", "running", "success"), f"the run ended as {run['status']}"
    return rows[0] if run["status"] == "success" else None


def _size(product: Product, thread_id: str) -> tuple[int, int]:
    """How many checkpoints the thread has, and their bytes with all that belongs to them."""
    row = product.rows(_SIZE, *[thread_id] * 4)[0]
    return int(row["checkpoints"]), int(row["bytes"])

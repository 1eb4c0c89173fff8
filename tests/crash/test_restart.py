"""`po-agent up` stopped as people stop it: what runs is drained, nothing is lost or left behind, and all is found again. And
its database ended under it, which is no stop.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from po_agent.child_environment import child_environment
from po_agent.demo import demo_settings
from po_agent.settings import Settings
from storage.embedded_postgres import EmbeddedPostgres
from tests.acceptance.server.product import FLOUR, MILL, PATIENCE, Product, told

pytestmark = pytest.mark.server

Up = Callable[[], AbstractContextManager[tuple[Product, subprocess.Popen[bytes]]]]


@pytest.fixture
def up(tmp_path: Path) -> Up:
    """`po-agent up` in a process group of its own, as a terminal starts it; always on the same data and address."""
    tmp_path.chmod(0o755)
    settings = demo_settings(tmp_path / "data", turn_lease_seconds=5)
    log = tmp_path / "up.log"

    @contextmanager
    def running() -> Iterator[tuple[Product, subprocess.Popen[bytes]]]:
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "po_agent", "up"],
                env=child_environment(settings),
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                process_group=0,
            )
        try:
            yield _product(settings, process, log), process
        finally:
            for left in [*_family(process.pid), process] if process.poll() is None else []:
                left.kill()
            process.wait()

    return running


def test_sigterm_drains_and_a_restart_finds_everything(up: Up) -> None:
    with up() as (product, process):
        first = product.supplier_writes(FLOUR, **MILL)
        assert "P00001" in product.answer_to(first)[0]
        product.until_quiet()
        kept = _everything(product)
        thread_id = product.conversation_of(MILL["name"])["thread_id"]
        checkpoints = len(product.langgraph().threads.get_history(thread_id, limit=100))
        assert checkpoints > 1

        # The next turn is in the middle of its work when the signal comes.
        with product.held_up("operation"):
            second = product.supplier_writes("Confirmo la P00001", **MILL)
            product.until_held_up("operation")
            family = _family(process.pid)
            process.send_signal(signal.SIGTERM)
            product.until(lambda: "finishing turns" in product.log(), "the product to begin to drain")
        assert process.wait(PATIENCE) == 0
        _assert_gone(family)

    with up() as (product, process):
        # Answered before the end or after the start: in any case once.
        product.answer_to(second)
        product.until_quiet()
        assert len(product.replies(second["conversation_id"])) == 2
        newest, oldest = product.conversation_of(MILL["name"])["turns"]
        assert (newest["status"], oldest["status"]) == ("done", "done")
        assert [order.state for order in product.odoo_orders(1)] == ["confirmed"]
        done = product.rows("SELECT action, status FROM operation ORDER BY id")
        assert [(one["action"], one["status"]) for one in done] == [
            ("create_purchase_quote", "done"),
            ("confirm_purchase_order", "done"),
        ]

        for what, rows in kept.items():
            assert rows.items() <= _everything(product)[what].items()
        state = product.langgraph().threads.get_state(thread_id)["values"]
        assert (state["turn"]["id"], state["plan"]) == (newest["id"], newest["plan"])
        assert len(product.langgraph().threads.get_history(thread_id, limit=100)) >= checkpoints

        # Ctrl-C in a terminal reaches every process of the group.
        family = _family(process.pid)
        assert {"postgres" in " ".join(member.cmdline()) for member in family} == {True, False}
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        _assert_gone(family)


def test_the_embedded_postgres_is_brought_back(up: Up) -> None:
    with up() as (product, process):
        postgres = EmbeddedPostgres(product.settings.data_dir / "postgres")
        thread_id = None
        for how, words in (signal.SIGINT, "Hola, buenos días"), (signal.SIGKILL, FLOUR):
            assert postgres.pid is not None
            os.kill(postgres.pid, how)
            # A command is none the wiser, however soon it comes.
            listed = _command(product.settings, "turns", "list", "--json")
            assert (listed.returncode, len(json.loads(listed.stdout))) == (0, 0 if thread_id is None else 1)
            sent = product.supplier_writes(words, **MILL)
            product.answer_to(sent)
            product.until_quiet()
            thread_id = thread_id or product.conversation_of(MILL["name"])["thread_id"]
        # Both turns are one conversation's: of what was there before, nothing is lost.
        assert [turn["status"] for turn in product.conversation_of(MILL["name"])["turns"]] == ["done", "done"]
        assert product.conversation_of(MILL["name"])["thread_id"] == thread_id
        assert product.log().count("PostgreSQL had ended; it runs again") == 2
        family = _family(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        _assert_gone(family)
        assert postgres.pid is None


def test_a_postgres_that_cannot_be_brought_back_ends_it_with_the_reason(up: Up) -> None:
    with up() as (product, process):
        data_dir = product.settings.data_dir / "postgres"
        with (data_dir / "cluster" / "postgresql.conf").open("a") as configuration:
            configuration.write("\nno_such_setting = 1\n")
        family = _family(process.pid)
        postgres = EmbeddedPostgres(data_dir)
        assert postgres.pid is not None
        os.kill(postgres.pid, signal.SIGKILL)
        assert process.wait(PATIENCE) == 1
        last = product.log().splitlines()[-1]
        assert last.startswith("po-agent: The embedded PostgreSQL ")
        assert "no_such_setting" in last
        _assert_gone(family)


def _command(settings: Settings, *command: str) -> subprocess.CompletedProcess[bytes]:
    """`po-agent` with this command, beside the product."""
    program = [sys.executable, "-m", "po_agent", *command]
    return subprocess.run(program, env=child_environment(settings), stdout=subprocess.PIPE, timeout=PATIENCE, check=False)


def _product(settings: Settings, process: subprocess.Popen[bytes], log: Path) -> Product:
    """The product once it is ready."""
    product = Product(settings, "", log=log)

    def ready() -> bool:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            return product.door.get("/ready").status_code == 200
        except httpx.TransportError:
            return False

    product.until(ready, "the product to be ready")
    url = EmbeddedPostgres(settings.data_dir / "postgres").attach()
    assert url is not None
    product.database_url = url
    return product


def _everything(product: Product) -> dict[str, dict[object, object]]:
    """What must be there again, by id."""
    conversations = told(product.bridge.get("/conversations"))["conversations"]
    messages = told(product.bridge.get("/messages/latest", params={"limit": 200}))["messages"]
    return {
        "conversations": {one["id"]: (one["thread_id"], one["supplier"]) for one in conversations},
        "messages": {one["id"]: (one["content"], one["direction"], one["turn_id"]) for one in messages},
        "orders": {one["odoo_id"]: (one["name"], one["lines"]) for one in told(product.bridge.get("/orders"))["orders"]},
    }


def _family(pid: int) -> list[psutil.Process]:
    """The processes that this one started, and those that they started."""
    return psutil.Process(pid).children(recursive=True)


def _assert_gone(family: list[psutil.Process]) -> None:
    assert len(family) > 1
    _, alive = psutil.wait_procs(family, timeout=PATIENCE)
    assert not alive

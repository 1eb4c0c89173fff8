"""A town where one product lives many lives: its stand-in Chatwoot, database and Odoo survive each of its deaths.

Real: every process of the product, the kills, PostgreSQL, HTTP, the clock. Stand-ins: Chatwoot (a process of its own, which
remembers) and Odoo (a file that the product's processes share). A life may be armed with a fault point: the process that
reaches it dies of SIGKILL there.
"""

import shutil
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from po_agent.demo import demo_settings
from po_agent.free_port import free_port
from tests.acceptance.server.product import Product, told
from tests.crash.people import House, Supplier, a_book
from tests.crash.processes import Process

#: Seconds. Longer than any lease or backoff that a kill may leave behind.
PATIENCE = 150

#: What the LangGraph server's process reaches; all other points are the bridge's.
_OF_THE_GRAPH = ("graph.", "operations.")


class Town:
    """`bridges` 0: mounted in the LangGraph server. Else that many processes beside it, each told of every webhook."""

    def __init__(self, folder: Path, database_url: str, *, bridges: int = 0, size: int = 20, **settings: Any) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._bridges = bridges
        self.suppliers: list[Supplier] = []
        self.houses: list[House] = []
        self.server: Process
        self.bridges: list[Process] = []
        chosen: dict[str, Any] = {
            "agent_mode": "auto",
            "debounce_seconds": 0.2,
            "turn_lease_seconds": 5,
            "delivery_readback_seconds": 1,
            "reconcile_seconds": 2,
            "database_url": database_url,
            "chatwoot_base_url": f"http://127.0.0.1:{free_port()}",
            "langgraph_url": f"http://127.0.0.1:{free_port()}" if bridges else None,
        }
        self.settings = demo_settings(folder / "data", **(chosen | settings))
        self._ports = [self.settings.port, *(free_port() for _ in range(bridges - 1))]
        self.product = Product(self.settings, str(self.settings.database_url), log=folder / "product.log")
        book = self.settings.data_dir / "sandbox" / "odoo.json"
        book.parent.mkdir(parents=True)
        book.write_text(a_book(size).model_dump_json())

    @contextmanager
    def chatwoot(self) -> Iterator[None]:
        """The stand-in, which lives for the block."""
        address = str(self.settings.chatwoot_base_url)
        stand_in = Process(
            "tests.crash.chatwoot_server",
            _port_of(address),
            self.settings.chatwoot_api_key.get_secret_value(),
            self.settings.chatwoot_webhook_secrets[0].get_secret_value(),
            *(f"http://127.0.0.1:{port}/webhook/chatwoot" for port in self._ports),
            ready=f"{address}/health",
            log=self._folder / "chatwoot.log",
        )
        stand_in.start()
        try:
            stand_in.until_ready()
            yield
        finally:
            self.product.close()
            stand_in.kill()

    @contextmanager
    def life(self, *, fault: str | None = None) -> Iterator[None]:
        """The product's processes, started and ready (or dead of `fault` already), and stopped at the end."""
        self.server = self._server(fault)
        self.bridges = [self._bridge(port, fault) for port in self._ports] if self._bridges else []
        with ExitStack() as stack:
            for process in self.processes:
                process.start()
                stack.callback(process.stop)
            for process in self.processes:
                # What an earlier life left may bring one of the armed to its end before all are up, and others wait for it.
                process.until_ready(unless=lambda: any(armed.was_killed for armed in self.armed))
            yield

    @property
    def processes(self) -> list[Process]:
        """Those of this life. The bridges come last, so that they end first."""
        return [self.server, *self.bridges]

    @property
    def armed(self) -> list[Process]:
        """Those that are to die at a fault point in this life."""
        return [process for process in self.processes if process.is_armed]

    def _server(self, fault: str | None) -> Process:
        is_its = self._bridges == 0 or (fault is not None and fault.startswith(_OF_THE_GRAPH))
        settings = self.settings.model_copy(update={"fault_point": fault if is_its else None})
        address = settings.langgraph_url or settings.home
        return Process(
            "tests.crash.graphs_server" if self._bridges else "po_agent.langgraph_dev",
            _port_of(address),
            str(self._memory),
            ready=f"{address}/ok" if self._bridges else f"{address}/ready",
            log=self._folder / "product.log",
            settings=settings,
        )

    def _bridge(self, port: int, fault: str | None) -> Process:
        is_its = fault is not None and not fault.startswith(_OF_THE_GRAPH)
        settings = self.settings.model_copy(update={"port": port, "fault_point": fault if is_its else None})
        return Process(
            *("uvicorn", "po_agent.bridge_app:app", "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"),
            ready=f"{settings.home}/ready",
            log=self._folder / "product.log",
            settings=settings,
        )

    @property
    def _memory(self) -> Path:
        return self.settings.data_dir / "langgraph"

    def make_the_server_forget(self, *, checkpoints: bool) -> None:
        """While it is dead: what it keeps of threads and runs is gone, and with `checkpoints` our tables of them, too."""
        shutil.rmtree(self._memory, ignore_errors=True)
        if checkpoints:
            with self.product.connected() as connection:
                connection.execute("DROP TABLE checkpoints, checkpoint_blobs, checkpoint_writes, checkpoint_migrations")
                connection.commit()

    def faults(self, **faults: Any) -> None:
        """Set faults of the stand-in. None named: all is well again."""
        door = self.product.chatwoot
        told(door.post("/control/faults", json=faults) if faults else door.delete("/control/faults"))

    def invite(self, suppliers: int) -> None:
        """More suppliers begin to write."""
        first = len(self.suppliers) + 1
        self.suppliers += [Supplier(number) for number in range(first, first + suppliers)]

    def look(self) -> bool:
        """Everybody looks once, and does what comes next. Whether all have what they wanted."""
        by_conversation = defaultdict(list)
        for message in self.product.chatwoot_messages():
            by_conversation[message["conversation_id"]].append(message)
        for supplier in self.suppliers:
            supplier.look(self.product, by_conversation[supplier.chatwoot_conversation_id])
        for house in self.houses:
            house.look(self.product.bridge)
        return all(person.has_finished for person in [*self.suppliers, *self.houses])

    def play(self, *, meanwhile: Callable[[], object] = bool, patience: float = PATIENCE) -> None:
        """Until all have what they wanted, and nothing is left to do. `meanwhile` is done at every look."""
        self._go_on(lambda: False, meanwhile=meanwhile, patience=patience)
        self._until_quiet()

    def play_until_killed(self) -> None:
        """Until each process that is armed has died of SIGKILL. Fails if one does not come to its fault point."""
        self._go_on(lambda: all(process.status is not None for process in self.armed))
        ends = [process.status for process in self.armed]
        assert ends, "Nobody was armed"
        assert set(ends) == {-signal.SIGKILL}, f"The armed ended with {ends}: the fault point was not reached"

    def play_for(self, seconds: float, *, meanwhile: Callable[[], object] = bool) -> None:
        """So long, unless all have what they wanted earlier."""
        end = time.monotonic() + seconds
        self._go_on(lambda: time.monotonic() > end, meanwhile=meanwhile)

    def _go_on(self, until: Callable[[], bool], *, meanwhile: Callable[[], object] = bool, patience: float = PATIENCE) -> None:
        end = time.monotonic() + patience
        while not until() and not self.look():
            meanwhile()
            assert time.monotonic() < end, (
                f"In {patience} s this was not done:\n{self.unfinished()}\n{self.product.log()[-5000:]}"
            )
            time.sleep(0.1)

    def unfinished(self) -> str:
        """Who waits for what, and what the tables hold of it."""
        waiting = [f"  {person}" for person in [*self.suppliers, *self.houses] if not person.has_finished]
        turns = self.product.rows("SELECT id, status, attempt, due_at, last_error FROM turn WHERE status <> 'done'")
        queued = self.product.rows("SELECT id, status, attempts, next_attempt_at, failure FROM message WHERE status = 'queued'")
        return "\n".join([*waiting, *(f"  turn {row}" for row in turns), *(f"  message {row}" for row in queued)])

    def _until_quiet(self) -> None:
        self.product.until(lambda: not self._webhooks_under_way(), "webhooks")
        self.product.until_quiet()

    def _webhooks_under_way(self) -> int:
        return int(told(self.product.chatwoot.get("/control/deliveries"))["pending"])


def _port_of(address: str) -> str:
    return address.rpartition(":")[2]

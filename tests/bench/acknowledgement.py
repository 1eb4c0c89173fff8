"""(a) Acknowledgements: webhooks of known contacts that the bridge stores and answers, against the least that could be done.

The floor is a bare Starlette application that verifies the same signature and commits the body as one row, on the same engine
and PostgreSQL. Both are asked by the same client, one after the other in each round, on connections that stay open; the workers
of the bridge are not running, so nothing but acknowledgements is measured. An application that does nothing shows what the
client could ask for.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from po_agent.settings import sqlalchemy_url
from storage import migrate
from storage.embedded_postgres import EmbeddedPostgres
from tests.bench.figures import asked, note, p50

BOUND, BOUND_AT = 0.7, 16
ROUNDS = 5
SECONDS = 2.0

#: Suppliers who write, in turn. More than there are clients at once, as in life.
CONTACTS = 500

#: The ways an application may be served (`tests/bench/serve.py`); the last is no competitor.
BRIDGE, FLOOR, ECHO = "bridge", "floor", "echo"


@dataclass(frozen=True)
class Shot:
    """What one application did for so many clients in a few seconds. Latencies in ms; `cpu_us` is its own, a request."""

    rate: float
    p50: float
    p95: float
    p99: float
    cpu_us: float


def measure() -> Iterator[dict[str, object]]:
    """One line a number of clients (BENCH_CLIENTS), and one with what the client can do. Medians of five rounds."""
    numbers_of_clients = asked("BENCH_CLIENTS", "1,16,64")
    with _arena() as arena:
        ceiling = arena.shot(ECHO, BOUND_AT)
        rounds: dict[int, list[tuple[Shot, Shot]]] = {clients: [] for clients in numbers_of_clients}
        for number in range(ROUNDS):
            for clients in numbers_of_clients:
                # Who comes second finds another machine than who comes first: they change places.
                order = [BRIDGE, FLOOR] if number % 2 else [FLOOR, BRIDGE]
                shots = {kind: arena.shot(kind, clients) for kind in order}
                rounds[clients].append((shots[BRIDGE], shots[FLOOR]))
            note(f"acknowledgement: round {number + 1} of {ROUNDS}")
    yield {"measure": "acknowledgement", "of": "client", "clients": BOUND_AT, "rate": ceiling.rate}
    for clients, pairs in rounds.items():
        yield _line(clients, pairs)


def _line(clients: int, pairs: list[tuple[Shot, Shot]]) -> dict[str, object]:
    ratios = [round(bridge.rate / floor.rate, 3) for bridge, floor in pairs]
    line: dict[str, object] = {"measure": "acknowledgement", "clients": clients, "rounds": len(pairs)}
    for name in ("rate", "p50", "p95", "p99", "cpu_us"):
        unit = "_ms" if name.startswith("p") else ""
        line[f"{name}{unit}"] = p50([getattr(bridge, name) for bridge, _ in pairs])
        line[f"floor_{name}{unit}"] = p50([getattr(floor, name) for _, floor in pairs])
    line |= {"ratio": p50(ratios), "ratio_of_rounds": ratios}
    return line | ({"bound": BOUND, "ok": p50(ratios) >= BOUND} if clients == BOUND_AT else {})


class Arena:
    """The applications, running on one PostgreSQL, and the client that asks them."""

    def __init__(self, ports: dict[str, int], servers: dict[str, psutil.Process], client: "subprocess.Popen[str]") -> None:
        self._ports = ports
        self._servers = servers
        self._client = client

    def shot(self, kind: str, clients: int, *, seconds: float = SECONDS, requests: int | None = None) -> Shot:
        """Let so many clients ask for so long, or until they have asked so often."""
        before = self._cpu(kind)
        asked_for = {"port": self._ports[kind], "clients": clients, "seconds": seconds, "contacts": CONTACTS}
        assert self._client.stdin is not None
        assert self._client.stdout is not None
        print(json.dumps(asked_for | {"requests": requests}), file=self._client.stdin, flush=True)
        answered = json.loads(self._client.stdout.readline() or '{"failure": "the client ended"}')
        assert "failure" not in answered, f"{kind}: {answered['failure']}"
        latencies = sorted(answered["latencies_ms"])
        count = len(latencies)
        return Shot(
            round(count / answered["seconds"], 1),
            *[round(latencies[int(count * share)], 3) for share in (0.5, 0.95, 0.99)],
            round((self._cpu(kind) - before) / count * 1e6, 1),
        )

    def _cpu(self, kind: str) -> float:
        times = self._servers[kind].cpu_times()
        return float(times.user + times.system)


@contextmanager
def _arena() -> Iterator[Arena]:
    """Everything started, every contact known to the bridge, and each application warm."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="po-agent-bench-", ignore_cleanup_errors=True)))
        # PostgreSQL may run under another account.
        folder.chmod(0o755)
        url = sqlalchemy_url(stack.enter_context(EmbeddedPostgres(folder / "postgres")).start())
        migrate.upgrade(url)
        # A million lines to nowhere cost what lines cost, and fill no disk.
        log = stack.enter_context((folder / "servers.log").open("w"))
        ports, servers = {}, {}
        for kind in (BRIDGE, FLOOR, ECHO):
            server = stack.enter_context(_process("tests.bench.serve", kind, url, log=log))
            assert server.stdout is not None
            port = server.stdout.readline()
            assert port, f"{kind} did not start: {(folder / 'servers.log').read_text()[-3000:]}"
            ports[kind], servers[kind] = int(port), psutil.Process(server.pid)
        arena = Arena(ports, servers, stack.enter_context(_process("tests.bench.load_client", log=None)))
        for kind in (BRIDGE, FLOOR, ECHO):
            # First words, then more: the second time a contact is known.
            arena.shot(kind, 8, seconds=60, requests=3 * CONTACTS)
        yield arena


@contextmanager
def _process(module: str, *words: str, log: IO[Any] | None) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", module, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()

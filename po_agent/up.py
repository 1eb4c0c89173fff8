"""`po-agent up`: the whole product on one machine, from nothing to addresses, and down again without losing anything.

This process owns the embedded PostgreSQL and starts the LangGraph development server (with the bridge mounted in it) as a
child in a session of its own, so that Ctrl-C reaches this process alone: it asks the child to end, the child finishes the
turns that run, and only then the database stops. If the database ends before, it is started again; the child, which is told
its address once, goes on by itself.
"""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import typer

from domain.errors import AgentError
from po_agent.child_environment import child_environment
from po_agent.composition import embedded_postgres
from po_agent.settings import Settings, sqlalchemy_url
from storage import migrate
from storage.embedded_postgres import EmbeddedPostgres

#: Seconds. The server starts in 3 to 12 s on two cores; draining a turn takes as long as a run.
START_PATIENCE = 120
STOP_PATIENCE = 60

PROJECT = Path(__file__).parent.parent


class CannotStart(AgentError):
    """The product did not start."""

    code = "cannot_start"


@dataclass(frozen=True, kw_only=True)
class Running:
    """The processes of a product; `postgres` only if it is the embedded one."""

    server: subprocess.Popen[bytes]
    postgres: EmbeddedPostgres | None

    def look_after(self) -> None:
        """Bring a lost database back. Raises `CannotStart` if the server ended, `EmbeddedPostgresFailed` if the database did
        for good.
        """
        if self.server.poll() is not None:
            raise CannotStart(
                f"The LangGraph server ended by itself with status {self.server.returncode}: its last lines say why."
            )
        if self.postgres is not None and self.postgres.revive():
            say("the embedded PostgreSQL had ended; it runs again")


def up(settings: Settings) -> None:
    """Run until Ctrl-C or SIGTERM. Raises `CannotStart` or `EmbeddedPostgresFailed` with what to do."""
    stop = _stop_requests()
    with serving(settings, stop=stop) as running:
        _print_addresses(settings)
        while not stop:
            running.look_after()
            time.sleep(0.2)


@contextmanager
def serving(settings: Settings, *, stop: Sequence[int] = (), quiet: bool = False) -> Iterator[Running]:
    """The whole product, ready, for the block. `stop` fills when somebody asks to stop. `quiet`: its log goes to a file."""
    _check_port(settings.port)
    with _database(settings) as (url, postgres):
        say("migrating the database")
        migrate.upgrade(url)
        say(f"starting the LangGraph server on port {settings.port}")
        with _server(settings, url, quiet=quiet) as server:
            running = Running(server=server, postgres=postgres)
            _wait_until_ready(running, settings, stop)
            yield running


def _stop_requests() -> list[int]:
    """A list that gets the number of each SIGINT or SIGTERM from now on, so that none of them tears a start half-way."""
    stop: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _: stop.append(received))
    return stop


@contextmanager
def _database(settings: Settings) -> Iterator[tuple[str, EmbeddedPostgres | None]]:
    """Its SQLAlchemy URL, and the embedded server if it is that."""
    if settings.database_url is not None:
        yield sqlalchemy_url(settings.database_url), None
        return
    say("starting the embedded PostgreSQL")
    server = embedded_postgres(settings)
    try:
        yield sqlalchemy_url(server.start()), server
    finally:
        say("stopping the embedded PostgreSQL")
        server.stop()


@contextmanager
def _server(settings: Settings, database_url: str, *, quiet: bool) -> Iterator[subprocess.Popen[bytes]]:
    """The child; ended when the block ends, however it ends."""
    folder = settings.data_dir.absolute() / "langgraph"
    command = [sys.executable, "-m", "po_agent.langgraph_dev", str(settings.port), str(folder)]
    with ExitStack() as stack:
        log = stack.enter_context(_log_file(settings).open("ab")) if quiet else None
        server = subprocess.Popen(  # noqa: S603  # our own interpreter and arguments
            command,
            cwd=PROJECT,
            env=_environment(settings, database_url),
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            yield server
        finally:
            _end(server)


def _log_file(settings: Settings) -> Path:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return settings.data_dir / "server.log"


def _environment(settings: Settings, database_url: str) -> dict[str, str]:
    """The child's: what was settled here, and no calls home unless they were asked for."""
    quiet = {"LANGGRAPH_NO_VERSION_CHECK": "true", "LANGGRAPH_CLI_NO_ANALYTICS": "1", "LANGSMITH_TRACING": "false"}
    settled = settings.model_copy(update={"database_url": database_url})
    return quiet | child_environment(settled) | {"LANGGRAPH_STRICT_MSGPACK": "true"}


def _end(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is not None:
        return
    say("stopping: finishing the turns that run")
    server.send_signal(signal.SIGTERM)
    try:
        server.wait(timeout=STOP_PATIENCE)
    except subprocess.TimeoutExpired:
        say("the server did not stop in time: ending it; what it left is taken up at the next start")
        server.kill()
        server.wait()


def _wait_until_ready(running: Running, settings: Settings, stop: Sequence[int]) -> None:
    address = f"{settings.home}/ready"
    began = told = time.monotonic()
    while time.monotonic() - began < START_PATIENCE and not stop:
        running.look_after()
        with suppress(httpx.HTTPError):
            if httpx.get(address, timeout=6).status_code == 200:
                return
        if time.monotonic() - told > 10:
            told = time.monotonic()
            say(f"still starting ({told - began:.0f} s)")
        time.sleep(0.3)
    if not stop:
        raise CannotStart(f"{address} did not answer 200 within {START_PATIENCE} s: `po-agent check` tells what is missing.")


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStart(f"Port {port} is taken by another program: choose one with `make run PORT=…`.") from error


def _print_addresses(settings: Settings) -> None:
    home = settings.home
    lines = ["", "The purchase-order agent is running."]
    if settings.is_development and settings.has_sandbox_chatwoot:
        lines.append(f"  Sandbox   {home}/sandbox   play a supplier and watch")
    lines += [
        f"  API docs  {home}/docs",
        f"  Studio    https://smith.langchain.com/studio/?baseUrl={home}",
        f"  Health    {home}/ready",
        f"  Mode      {settings.mode}; Odoo: {'sandbox' if settings.has_sandbox_odoo else settings.odoo_url}; "
        f"reader: {settings.model if settings.openai_api_key else 'offline'}",
        "Ctrl-C stops it; what it holds is there again at the next start.",
        "",
    ]
    typer.echo("\n".join(lines))


def say(text: str) -> None:
    """Progress, for whoever watches the terminal."""
    typer.echo(f"po-agent: {text}", err=True)

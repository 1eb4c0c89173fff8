"""What the product leans on goes down again and again under load: bridges, PostgreSQL, the LangGraph server."""

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.embedded_postgres import EmbeddedPostgres
from tests.crash.conftest import Build
from tests.crash.invariants import check
from tests.crash.people import House

pytestmark = [pytest.mark.server, pytest.mark.long, pytest.mark.timeout(1800)]


@pytest.mark.parametrize("bridges", [2, 4])
def test_bridges_killed_in_turn(build: Build, bridges: int) -> None:
    """One after the other, wherever it is: the others take over what it held."""
    town = build(bridges=bridges, size=60)
    with town.life():
        town.invite(24)
        town.houses += [House(number) for number in range(101, 105)]
        victims = itertools.cycle(town.bridges)

        def kill_one() -> None:
            victim = next(victims)
            victim.kill()
            victim.start()
            victim.until_ready()

        town.play_for(45, meanwhile=every(3, kill_one))
        town.play()
        check(town)


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    tmp_path.chmod(0o755)
    with EmbeddedPostgres(tmp_path / "postgres") as server:
        yield server


@pytest.mark.parametrize("bridges", [0, 2])
def test_postgres_restarted_under_a_hundred_conversations(build: Build, postgres: EmbeddedPostgres, bridges: int) -> None:
    town = build(bridges=bridges, size=120, database_url=postgres.start(), turn_lease_seconds=20)
    with town.life():
        town.invite(100)
        town.play_for(60, meanwhile=every(5, postgres.restart))
        town.play(patience=600)
        assert all(process.status is None for process in town.processes)
        check(town)


@pytest.mark.parametrize("checkpoints", ["kept", "dropped"])
def test_langgraph_server_killed_and_its_memory_gone(build: Build, checkpoints: str) -> None:
    town = build(bridges=1, size=40)
    with town.life():
        town.invite(30)

        def kill_it() -> None:
            town.server.kill()
            town.make_the_server_forget(checkpoints=checkpoints == "dropped")
            town.server.start()
            town.server.until_ready()

        town.play_for(60, meanwhile=every(6, kill_it))
        town.play()
        check(town)


def every(seconds: float, do: Callable[[], object]) -> Callable[[], None]:
    """`do`, whenever so much time has passed since it was last done."""
    last = time.monotonic()

    def now_and_then() -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            do()
            last = time.monotonic()

    return now_and_then

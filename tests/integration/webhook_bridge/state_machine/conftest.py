"""The stage, once for a test; each run of the machine begins it anew."""

from collections.abc import Iterator

import pytest

from tests.integration.webhook_bridge.state_machine.machine import Bridging
from tests.integration.webhook_bridge.state_machine.processes import tasks_know_their_process
from tests.integration.webhook_bridge.state_machine.stage import Stage, quiet_log
from tests.integration.webhook_bridge.state_machine.stepped_time import Clock, SteppedLoop, rows_stamped_by


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    loop = SteppedLoop(Clock())
    loop.set_task_factory(tasks_know_their_process)
    with quiet_log(), rows_stamped_by(loop.clock):
        made = Stage(database_url, loop=loop)
        with made.wired():
            yield made
        loop.run_until_complete(made.shared.close())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


@pytest.fixture
def machine(stage: Stage) -> type[Bridging]:
    """The machine on that stage."""
    return type("BridgingOnStage", (Bridging,), {"stage": stage})


@pytest.fixture
def bridging(machine: type[Bridging]) -> Iterator[Bridging]:
    """One run of it, to be driven by hand: at its end everything settles, and the promises are looked at."""
    run = machine()
    yield run
    run.teardown()

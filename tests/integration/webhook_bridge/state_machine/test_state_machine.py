"""Whatever happens to a bridge, in whatever order, its promises hold (hypothesis looks for an order in which they do not).

`STATE_MACHINE_EXAMPLES=3000` makes the search long; without it, it is short enough for every run. A failure prints the steps,
and is tried first the next time. Orders that once broke a promise are tests of their own in `test_found_orders.py`.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.stateful import run_state_machine_as_test

from tests.integration.webhook_bridge.state_machine.machine import Bridging

#: How many runs of the machine, and of how many steps at most.
_EXAMPLES = int(os.environ.get("STATE_MACHINE_EXAMPLES", "25"))
_STEPS = int(os.environ.get("STATE_MACHINE_STEPS", "40"))

#: `STATE_MACHINE_SHRINK=0` shows the first failure as it was found: shrinking repeats it some hundred times.
_PHASES = [phase for phase in Phase if phase is not Phase.shrink or os.environ.get("STATE_MACHINE_SHRINK") != "0"]


@pytest.mark.timeout(0 if "STATE_MACHINE_EXAMPLES" in os.environ else 300)
def test_promises_hold_in_any_order(machine: type[Bridging]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=_EXAMPLES,
            stateful_step_count=_STEPS,
            deadline=None,
            print_blob=True,
            database=DirectoryBasedExampleDatabase(".hypothesis/examples"),
            phases=_PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )

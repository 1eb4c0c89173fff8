"""The product dies of SIGKILL at each named point around a commit or a foreign call, and is started again.

A supplier greets, offers and confirms, and the house sends notices, while the product is armed; it dies. A second supplier
writes to the dead product, which Chatwoot will not tell again. Then the product lives on without fault, until both have their
order.
"""

import pytest

from tests.crash.conftest import Build
from tests.crash.invariants import check
from tests.crash.people import House

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]

#: After the colon: how often the point is passed before. Turns are the greeting's, the offer's (it makes an order), the
#: confirmation's.
POINTS = (
    "intake.before_commit",
    "intake.after_commit",
    "turns.claimed",
    "turns.run_created:1",
    "turns.run_noted:2",
    "graph.plan_stored:1",
    "operations.begun",
    "operations.done_on_odoo",
    "operations.done_on_odoo:1",
    "operations.finished:1",
    "graph.reply_drafted:1",
    "graph.dispatch_before_commit:2",
    "graph.dispatched:1",
    "delivery.claimed",
    "delivery.before_post:2",
    "delivery.posted:1",
    "delivery.recorded",
)


@pytest.mark.parametrize("point", POINTS)
def test_killed_there_and_started_again(build: Build, point: str) -> None:
    town = build()
    with town.life(fault=point):
        town.invite(1)
        town.houses.append(House(11))
        town.play_until_killed()
        # Written to nobody: its webhook is lost.
        town.invite(1)
        town.look()
    with town.life():
        town.play()
        check(town)

"""Bridges as processes of their own: one, two and four on one database. Whoever dies at a point is started again alone.

What does not die lives on meanwhile, as under a supervisor. Every bridge gets every webhook, and all of them are armed where
the point is the bridge's. At the end, all points in one go: a chain of deaths without a life between them that is not armed.
"""

import random

import pytest

from tests.crash.conftest import Build
from tests.crash.invariants import check
from tests.crash.people import House
from tests.crash.test_fault_points import POINTS

pytestmark = [pytest.mark.server, pytest.mark.long, pytest.mark.timeout(1800)]


@pytest.mark.parametrize("bridges", [1, 2, 4])
@pytest.mark.parametrize("point", POINTS)
def test_the_dead_alone_is_started_again(build: Build, point: str, bridges: int) -> None:
    town = build(bridges=bridges)
    with town.life(fault=point):
        # As many as there are bridges to bring to the point.
        town.invite(bridges)
        town.houses.append(House(11))
        town.play_until_killed()
        town.invite(1)
        town.look()
        for process in town.armed:
            process.disarm()
            process.start()
            process.until_ready()
        town.play()
        check(town)


@pytest.mark.parametrize("bridges", [0, 2])
def test_one_death_after_the_other(build: Build, bridges: int) -> None:
    """What one death leaves behind is where the next one strikes."""
    town = build(bridges=bridges, size=50)
    points = list(POINTS)
    random.Random(7).shuffle(points)
    for number, point in enumerate(points):
        with town.life(fault=point):
            town.invite(2)
            town.houses.append(House(number + 101))
            town.play_until_killed()
    with town.life():
        town.play(patience=600)
        check(town)

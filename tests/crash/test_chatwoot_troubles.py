"""Chatwoot fails in every way it can while suppliers write: nothing is lost, and nothing is said twice."""

from typing import Any

import pytest

from tests.crash.conftest import Build
from tests.crash.invariants import check
from tests.crash.people import House
from tests.crash.test_troubles import every

pytestmark = [pytest.mark.server, pytest.mark.long, pytest.mark.timeout(1800)]

POSTS = {"method": "POST", "path": "/messages$"}

#: Webhooks are lost and doubled all the while, so that an echo does not tell what an answer should have told.
WEBHOOKS = {"webhooks": {"drop_rate": 0.4, "duplicate_rate": 0.2, "reorder_rate": 0.1}}

#: Set again every second. All requests are struck, or where it says so only the posts of messages.
TROUBLES: dict[str, dict[str, Any]] = {
    "a third of all answers are 500": {"failure_rate": 0.33, "failure_status": 500},
    "a third are 500, though it was done": {"failure_rate": 0.33, "failure_status": 500, "fail_after_commit": True},
    "a third are 429": {"failure_rate": 0.33, "failure_status": 429},
    "connections are reset before the commit": {"reset_next": 2},
    "connections are reset after the commit": {"reset_next": 2, "fail_after_commit": True},
    "posts time out before the commit": {"hang_next": 1} | POSTS,
    "posts time out after the commit": {"hang_next": 1, "fail_after_commit": True} | POSTS,
    "posts fail, and are committed later": {"late_commit_next": 1, "late_commit_seconds": 2.0} | POSTS,
    "it is down": {"down": True},
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_nothing_lost_nothing_twice(build: Build, trouble: str) -> None:
    """Late commits come before the message is read back, so that they are found."""
    town = build(delivery_readback_seconds=4)
    with town.life():
        town.invite(6)
        town.houses.append(House(11))
        town.play_for(30, meanwhile=every(1, lambda: town.faults(**TROUBLES[trouble], **WEBHOOKS)))
        town.faults()
        town.play(patience=400)
        check(town)


def test_committed_after_it_was_read_back(build: Build) -> None:
    """Nobody can know: it is there twice then. That is noticed, and the row says so."""
    town = build(delivery_readback_seconds=1)
    with town.life():
        town.invite(1)
        town.faults(late_commit_next=1, late_commit_seconds=12.0, **POSTS)
        town.play()
        recorded = town.product.until(
            lambda: town.product.rows("SELECT duplicates FROM message WHERE duplicates IS NOT NULL"),
            "a duplicate to be noticed",
        )
        assert len(recorded) == 1
        check(town, late_commits=True)

"""The rate limit by itself, on a clock that sleeping turns. Faked: time."""

import pytest

from tools.odoo.rate_limit import RateLimit


class Time:
    now = 50.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


def test_a_seconds_worth_goes_at_once_and_then_they_follow_evenly(time: Time) -> None:
    limit = RateLimit(per_second=4, clock=time, sleep=time.sleep)
    begun = []
    for _ in range(8):
        assert limit.wait(at_most=10)
        begun.append(time.now - 50)
    assert begun == [0, 0, 0, 0, 0, 0.25, 0.5, 0.75]


def test_silence_saves_up_no_more_than_a_second(time: Time) -> None:
    limit = RateLimit(per_second=4, clock=time, sleep=time.sleep)
    time.now += 3600
    begun = [limit.wait(at_most=10) and time.now - 3650 for _ in range(6)]
    assert begun == [0, 0, 0, 0, 0, 0.25]


def test_who_has_no_time_takes_nobodys_turn(time: Time) -> None:
    limit = RateLimit(per_second=1, clock=time, sleep=time.sleep)
    assert limit.wait(at_most=0)
    assert limit.wait(at_most=0)
    assert not limit.wait(at_most=0.5)
    assert not limit.wait(at_most=0.5)
    assert limit.wait(at_most=1)
    assert time.now == 51

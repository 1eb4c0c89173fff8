"""When the company is awake: working days, holidays, quiet hours. The clock and the time zone are given, never looked up.

What we start ourselves waits for the next working moment; what a supplier starts is answered at any hour.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.policy.limits import PolicyLimits
from domain.public_holidays import holiday_name

_ONE_DAY = timedelta(days=1)


def is_working_day(day: date, *, limits: PolicyLimits) -> bool:
    """Whether goods can be received and people are at work."""
    if day.isoweekday() not in limits.workdays:
        return False
    return limits.holidays is None or holiday_name(day, country=limits.holidays) is None


def not_before(now: datetime, *, timezone: str, limits: PolicyLimits) -> datetime:
    """The first moment from `now` (aware) on at which we may write first: `now` itself, or later. In the same time zone."""
    local = now.astimezone(ZoneInfo(timezone))
    while not is_working_day(local.date(), limits=limits):
        local = _at(local.date() + _ONE_DAY, time(0), timezone)
    awake = _after_quiet_hours(local, timezone=timezone, limits=limits)
    if awake == local:
        return local.astimezone(now.tzinfo)
    return not_before(awake, timezone=timezone, limits=limits).astimezone(now.tzinfo)


def _after_quiet_hours(local: datetime, *, timezone: str, limits: PolicyLimits) -> datetime:
    if limits.quiet_hours is None:
        return local
    begin, end = limits.quiet_hours
    clock = local.time()
    if begin <= end:
        return _at(local.date(), end, timezone) if begin <= clock < end else local
    if clock >= begin:
        return _at(local.date() + _ONE_DAY, end, timezone)
    return _at(local.date(), end, timezone) if clock < end else local


def _at(day: date, clock: time, timezone: str) -> datetime:
    return datetime.combine(day, clock, tzinfo=ZoneInfo(timezone))

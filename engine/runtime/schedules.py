"""The moments of a schedule."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim

from engine.model.journeys import Journey, ScheduleStart
from engine.model.times import at_local

_SECOND = timedelta(seconds=1)


class Moment(NamedTuple):
    at: datetime
    journey: str


def first_after(journey: Journey, after: datetime, zone: ZoneInfo) -> Moment | None:
    """The schedule's first moment after `after` (to the second), in UTC; None if there is never one."""
    if not isinstance(journey.start, ScheduleStart):
        return None
    start = journey.start
    at = _next(start.cron, start.days, start.at, after, zone)
    return None if at is None else Moment(at, journey.id)


@lru_cache(maxsize=4096)
def _next(
    cron: str, days: tuple[date, ...], time_of_day: time, after: datetime, zone: ZoneInfo
) -> datetime | None:
    """In UTC. One customer after the other is asked for the same moments, and finding them takes as long as all the
    rest of a forecast."""
    if not cron:
        moments = (at_local(day, time_of_day, zone) for day in days)
        return next((at.astimezone(UTC) for at in moments if at > after), None)
    try:
        return next(CronSim(cron, after.astimezone(zone))).astimezone(UTC)
    except StopIteration:
        return None


def just_before(moment: datetime) -> datetime:
    """A moment of which `moment` itself is a possible successor."""
    return moment - _SECOND


def earliest(moments: Iterable[Moment | None]) -> Moment | None:
    return min((one for one in moments if one is not None), default=None)

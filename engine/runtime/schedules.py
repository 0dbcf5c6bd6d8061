"""The moments of a schedule."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
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
    at = _next(journey.start, after, zone)
    return None if at is None else Moment(at.astimezone(UTC), journey.id)


def _next(schedule: ScheduleStart, after: datetime, zone: ZoneInfo) -> datetime | None:
    if not schedule.cron:
        moments = (at_local(day, schedule.at, zone) for day in schedule.days)
        return next((at for at in moments if at > after), None)
    try:
        return next(CronSim(schedule.cron, after.astimezone(zone)))
    except StopIteration:
        return None


def just_before(moment: datetime) -> datetime:
    """A moment of which `moment` itself is a possible successor."""
    return moment - _SECOND


def earliest(moments: Iterable[Moment | None]) -> Moment | None:
    return min((one for one in moments if one is not None), default=None)

"""The moments of a schedule."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim

from engine.model.journeys import Journey, ScheduleStart

_SECOND = timedelta(seconds=1)


class Moment(NamedTuple):
    at: datetime
    journey: str


def first_after(journey: Journey, after: datetime, zone: ZoneInfo) -> Moment | None:
    """The schedule's first moment after `after` (to the second), in UTC; None if there is never one."""
    if not isinstance(journey.start, ScheduleStart):
        return None
    try:
        at = next(CronSim(journey.start.cron, after.astimezone(zone)))
    except StopIteration:
        return None
    return Moment(at.astimezone(UTC), journey.id)


def just_before(moment: datetime) -> datetime:
    """A moment of which `moment` itself is a possible successor."""
    return moment - _SECOND


def earliest(moments: Iterable[Moment | None]) -> Moment | None:
    return min((one for one in moments if one is not None), default=None)

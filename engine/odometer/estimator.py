"""The estimator that the engine is given."""

from datetime import datetime

import msgspec

from engine.model.customer import Reading
from engine.model.odometer import Track
from engine.model.policy import Fleet
from engine.model.times import to_days
from engine.odometer.belief import Progress, believed, weigh
from engine.odometer.habits import Habits
from engine.odometer.track import ReadingsTrack

_READINGS_KEPT = 65_536
"""Of all cars that are remembered: some 20 MB."""
_MOST_KM = 1e9


class _Known(msgspec.Struct, frozen=True):
    """The track through `readings`, which are in order of time; and what it takes to go on from there: all of
    them by fleet day and km, and how far they have been weighed."""

    readings: tuple[Reading, ...]
    days: list[float]
    kms: list[float]
    progress: Progress
    track: ReadingsTrack


class FleetOdometer:
    """Estimates odometers of cars that are driven as `fleet` says. Implements `model.odometer.Odometer`.

    The model, each part with its source in its module: the logarithm of a car's km a day is Gaussian over
    the fleet and changes seldom (`learning`, a Kalman filter with changes); the year's course is taken out
    (`habits`); readings are believed as the most probable story about all of them has it (`belief`); beyond
    the last reading the estimate is the median of the distance, given that nothing was heard since
    (`silence`). As the median is the same in km and in days, a crossing errs as often by being early as by
    being late."""

    def __init__(self, fleet: Fleet = Fleet()) -> None:  # noqa: B008 - frozen
        self.fleet = fleet
        self.habits = Habits(fleet)
        # By the last reading. The same track is asked for again and again; and most new readings come after those
        # that were there, so that only one needs to be weighed. What is remembered changes no result.
        self._known: dict[Reading, _Known] = {}
        self._kept = 0  # readings; threads that count at once may miss one, which does no harm

    def track(self, readings: tuple[Reading, ...]) -> Track:
        """The track through `readings`: at least one, in any order; the same one twice is one."""
        known = self._known.get(readings[-1])
        if known is None or known.readings != readings:
            known = self._one_more(readings)
            more = 1 if known else len(readings)
            known = known or self._from_nothing(readings)
            if self._kept + more > _READINGS_KEPT:
                self._known.clear()
                self._kept, more = 0, len(readings)
            self._kept += more
            self._known[known.readings[-1]] = known
        return known.track

    def make_track(self, readings: tuple[Reading, ...]) -> Track:
        """The same, by nothing that is remembered."""
        return self._from_nothing(readings).track

    def _one_more(self, readings: tuple[Reading, ...]) -> _Known | None:
        """By what is known of all `readings` but the last. None where that is nothing, or the last comes earlier."""
        before = self._known.get(readings[-2]) if len(readings) > 1 else None
        if before is None or before.readings != readings[:-1]:
            return None
        last = readings[-1]
        day = self._fleet_day(last)
        if day <= before.days[-1]:
            return None
        self._known.pop(before.readings[-1], None)  # another thread may have been here since
        return self._weighed(readings, [*before.days, day], [*before.kms, _sane(last.km)], before.progress)

    def _from_nothing(self, readings: tuple[Reading, ...]) -> _Known:
        readings = tuple(sorted(set(readings), key=_by_time)) if len(readings) > 1 else readings
        days = [self._fleet_day(reading) for reading in readings]
        return self._weighed(readings, days, [_sane(reading.km) for reading in readings], None)

    def _weighed(
        self, readings: tuple[Reading, ...], days: list[float], kms: list[float], progress: Progress | None
    ) -> _Known:
        progress = weigh(self.habits, days, kms, progress)
        track = ReadingsTrack(self.habits, readings, days, believed(progress, kms))
        return _Known(readings, days, kms, progress, track)

    def _fleet_day(self, reading: Reading) -> float:
        return self.habits.fleet_days(to_days(reading.at))


def _by_time(reading: Reading) -> tuple[datetime, float]:
    return reading.at, reading.km


def _sane(km: float) -> float:
    """`km`, held within what can be reckoned with. Intake refuses what is no number."""
    return min(km, _MOST_KM) if km > 0.0 else 0.0

"""The estimator that the engine is given."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from operator import ge
from typing import NamedTuple

from engine.model.customer import Reading
from engine.model.odometer import Track
from engine.model.policy import Fleet
from engine.model.times import EPOCH
from engine.odometer.belief import Progress, believed, weigh
from engine.odometer.habits import Habits
from engine.odometer.track import ReadingsTrack

_DAY_S = 86_400.0
_TRACKS_KEPT = 512
_HISTORIES_KEPT = 16384
_MOST_KM = 1e9


class _History(NamedTuple):
    """Readings in order of time, by fleet day and km, and how far they have been weighed."""

    days: list[float]
    kms: list[float]
    progress: Progress | None


_NO_HISTORY = _History([], [], None)


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
        # A decision asks for the same track several times. What is remembered changes no result.
        self._tracks = lru_cache(maxsize=_TRACKS_KEPT)(self.make_track)
        # Most readings come after those that were there, so that only the new one needs to be weighed.
        self._histories: dict[tuple[Reading, ...], _History] = {}

    def track(self, readings: tuple[Reading, ...]) -> Track:
        """The track through `readings`: at least one, in any order; the same one twice is one."""
        return self._tracks(readings)

    def make_track(self, readings: tuple[Reading, ...]) -> Track:
        days, kms, progress = self._histories.pop(readings[:-1], _NO_HISTORY)
        new = readings[len(days) :]
        days = days + self._fleet_days(new)
        if any(map(ge, days, days[1:])):
            readings = tuple(sorted(set(readings), key=_by_time))
            days, new, kms, progress = self._fleet_days(readings), readings, [], None
        kms = kms + [_sane(reading.km) for reading in new]
        progress = weigh(self.habits, days, kms, progress)
        if len(self._histories) >= _HISTORIES_KEPT:
            self._histories.clear()
        self._histories[readings] = _History(days, kms, progress)
        return ReadingsTrack(self.habits, readings, days, believed(progress, kms))

    def _fleet_days(self, readings: Iterable[Reading]) -> list[float]:
        fleet_days = self.habits.fleet_days
        return [fleet_days((reading.at - EPOCH).total_seconds() / _DAY_S) for reading in readings]


def _by_time(reading: Reading) -> tuple[datetime, float]:
    return reading.at, reading.km


def _sane(km: float) -> float:
    """`km`, held within what can be reckoned with. Intake refuses what is no number."""
    return min(km, _MOST_KM) if km > 0.0 else 0.0

"""The estimator that the engine is given."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import pairwise

from engine.model.customer import Reading
from engine.model.odometer import Track
from engine.model.policy import Fleet
from engine.model.times import EPOCH
from engine.odometer.belief import believe
from engine.odometer.habits import Habits
from engine.odometer.track import ReadingsTrack

_DAY_S = 86_400.0
_TRACKS_KEPT = 512
_MOST_KM = 1e9


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

    def track(self, readings: tuple[Reading, ...]) -> Track:
        """The track through `readings`: at least one, in any order; the same one twice is one."""
        return self._tracks(readings)

    def make_track(self, readings: tuple[Reading, ...]) -> Track:
        in_order: Sequence[Reading] = readings
        days = self._fleet_days(in_order)
        if any(a >= b for a, b in pairwise(days)):
            in_order = sorted(set(readings), key=_by_time)
            days = self._fleet_days(in_order)
        kms = [_sane(reading.km) for reading in in_order]
        return ReadingsTrack(self.habits, in_order, days, believe(self.habits, days, kms))

    def _fleet_days(self, readings: Sequence[Reading]) -> list[float]:
        fleet_days = self.habits.fleet_days
        return [fleet_days((reading.at - EPOCH).total_seconds() / _DAY_S) for reading in readings]


def _by_time(reading: Reading) -> tuple[datetime, float]:
    return reading.at, reading.km


def _sane(km: float) -> float:
    """`km`, held within what can be reckoned with. Intake refuses what is no number."""
    return min(km, _MOST_KM) if km > 0.0 else 0.0

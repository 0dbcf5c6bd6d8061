"""What the estimator is compared with: two simple ones, and two that are told the truth about each car."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from engine.model.customer import Reading
from engine.model.odometer import Estimate, Odometer
from engine.model.policy import Fleet
from engine.model.times import EPOCH
from engine.odometer.habits import Habits

from .data import Car

EstimatorOf = Callable[[Car], Odometer]  # an oracle is told the car
_DAY = timedelta(days=1)
_MOST_KM_PER_DAY = 500.0
_SHRINK_DAYS = 60.0


class Straight:
    """Straight lines between the readings, and one of a given rate before and after them; over fleet days,
    which without a season are days. No interval."""

    def __init__(self, readings: Sequence[Reading], km_per_day: float, habits: Habits) -> None:
        self._habits = habits
        self._readings = readings
        self._days = [habits.fleet_days((reading.at - EPOCH) / _DAY) for reading in readings]
        self._kms = [reading.km for reading in readings]
        self._rate = km_per_day

    def at(self, moment: datetime) -> Estimate:
        day = self._habits.fleet_days((moment - EPOCH) / _DAY)
        days, kms = self._days, self._kms
        i = bisect_right(days, day)
        if 0 < i < len(days):
            km = kms[i - 1] + (kms[i] - kms[i - 1]) * (day - days[i - 1]) / (days[i] - days[i - 1])
        else:
            nearest = max(i - 1, 0)
            km = kms[nearest] + self._rate * (day - days[nearest])
        return Estimate(km=km, low_km=km, high_km=km, km_per_day=self._rate)

    def km_at(self, moment: datetime) -> float:
        return self.at(moment).km

    def crossing(self, mark_km: float) -> datetime:
        return EPOCH + self.crossing_day(mark_km) * _DAY

    def crossing_day(self, mark_km: float) -> float:
        days, kms = self._days, self._kms
        i = bisect_left(kms, mark_km)
        if 0 < i < len(kms):
            day = days[i - 1] + (days[i] - days[i - 1]) * (mark_km - kms[i - 1]) / (kms[i] - kms[i - 1])
        else:
            nearest = max(i - 1, 0)
            day = days[nearest] + (mark_km - kms[nearest]) / self._rate
        return self._habits.day(day)

    def shown(self, mark_km: float) -> datetime | None:
        i = bisect_left(self._kms, mark_km)
        return self._readings[i].at if i < len(self._kms) else None

    def doubted(self) -> Sequence[Reading]:
        return ()


class Simple:
    """Believes what is possible after the reading before it. The rate is told, or shrunken: the mean over all
    readings, as if the car had been driven at the fleet's rate for some days besides."""

    def __init__(self, fleet: Fleet, told_km_per_day: float | None) -> None:
        self._fleet_rate = fleet.km_per_day
        self._told = told_km_per_day
        self._habits = Habits(fleet)

    def track(self, readings: tuple[Reading, ...]) -> Straight:
        possible = [readings[0]]
        for reading in readings[1:]:
            driven = reading.km - possible[-1].km
            days = (reading.at - possible[-1].at) / _DAY
            if 0.0 <= driven <= _MOST_KM_PER_DAY * (days + 0.5):
                possible.append(reading)
        rate = self._told
        if rate is None:
            days = (possible[-1].at - possible[0].at) / _DAY + _SHRINK_DAYS
            rate = (possible[-1].km - possible[0].km + self._fleet_rate * _SHRINK_DAYS) / days
        return Straight(possible, rate, self._habits)


_EVEN = Fleet(km_per_day=38.0, season=0.0)


def fixed(_: Car) -> Odometer:
    return Simple(_EVEN, _EVEN.km_per_day)


def shrunken(_: Car) -> Odometer:
    return Simple(_EVEN, None)


def oracle(car: Car) -> Odometer:
    """Knows the car's true mean rate over all of the truth."""
    return Simple(_EVEN, _true_rate(car, Habits(_EVEN)))


def oracle_of_the_year(fleet: Fleet) -> Callable[[Car], Odometer]:
    """Knows the car's true mean rate and the fleet's year."""
    habits = Habits(fleet)
    return lambda car: Simple(fleet, _true_rate(car, habits))


def _true_rate(car: Car, habits: Habits) -> float:
    (start, start_km), (end, end_km) = car.truth[0], car.truth[-1]
    return (end_km - start_km) / (
        habits.fleet_days((end - EPOCH) / _DAY) - habits.fleet_days((start - EPOCH) / _DAY)
    )

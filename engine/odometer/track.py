"""One car's odometer over all time.

Between two believed readings: in a straight line over fleet days, so that the year's course is followed.
Before the first: backwards by the habit. After the last: as `silence` has it.

The 80 % interval. With steady habits the distance over d fleet days varies around habit · d with the variance
habit² · unevenness · d (so distances over days that do not overlap are independent); between two readings
that is a Brownian bridge. Beyond the readings what is not known of the habit itself comes to it, and
the interval is that of a lognormal distance.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from math import exp, log, log1p, sqrt

from engine.model.customer import Reading
from engine.model.odometer import Estimate
from engine.model.times import from_days, to_days
from engine.odometer.belief import Belief
from engine.odometer.habits import CLOCK_DAYS, Habits
from engine.odometer.silence import Silence

_EDGE = 1.2815515655446004  # 80 % of a Gaussian lie within so many standard deviations
_LEAST_DAYS = 1e-6
_MOST_DAYS = 50 * 365.2425  # beyond, a mark is out of sight
_LOG_MOST_DAYS = log(_MOST_DAYS)
_FIRST_DAY = to_days(datetime.min.replace(tzinfo=UTC)) + 1.0
_LAST_DAY = to_days(datetime.max.replace(tzinfo=UTC)) - 1.0
_MOST_REMEMBERED = 32
_CLOCK_SQUARED = CLOCK_DAYS * CLOCK_DAYS


class ReadingsTrack:
    """The track through `readings`, of which `belief` says what to make. Implements `Track`."""

    __slots__ = (
        "_belief",
        "_days",
        "_estimates",
        "_habits",
        "_kms",
        "_mean",
        "_readings",
        "_silence",
        "_variance",
    )

    def __init__(
        self, habits: Habits, readings: Sequence[Reading], days: Sequence[float], belief: Belief
    ) -> None:
        places = belief.places
        self._habits = habits
        self._readings = readings
        self._belief = belief
        self._days = days if len(places) == len(days) else [days[i] for i in places]
        self._kms = belief.kms
        self._estimates: dict[datetime, Estimate] = {}  # a decision asks for one moment for several runs
        self._mean = belief.mean
        self._variance = belief.variance
        # A reading that is not believed still tells that the car was there: the silence is then broken.
        heard = places[-1] < len(readings) - 1
        self._silence = None if heard else Silence(habits, belief.variance)

    def at(self, moment: datetime) -> Estimate:
        known = self._estimates.get(moment)
        if known is None:
            if len(self._estimates) >= _MOST_REMEMBERED:
                self._estimates.clear()
            known = self._estimates[moment] = self._at(moment)
        return known

    def km_at(self, moment: datetime) -> float:
        fleet_day = self._habits.fleet_days(to_days(moment))
        days, kms = self._days, self._kms
        if fleet_day >= days[-1]:
            passed = max(fleet_day - days[-1], _LEAST_DAYS)
            return kms[-1] + exp(self._driven(passed)[0])
        if fleet_day < days[0]:
            return kms[0] - exp(self._mean) * (days[0] - fleet_day)
        i = bisect_right(days, fleet_day)
        left, right = fleet_day - days[i - 1], days[i] - fleet_day
        return kms[i - 1] + (kms[i] - kms[i - 1]) / (left + right) * left

    def _at(self, moment: datetime) -> Estimate:
        day = to_days(moment)
        fleet_day = self._habits.fleet_days(day)
        days = self._days
        if fleet_day >= days[-1]:
            return self._after(day, fleet_day - days[-1])
        if fleet_day < days[0]:
            return self._before(day, days[0] - fleet_day)
        return self._between(day, fleet_day)

    def crossing(self, mark_km: float) -> datetime | None:
        day = self.crossing_day(mark_km)
        return None if day is None else from_days(day)

    def crossing_day(self, mark_km: float) -> float | None:
        days, kms = self._days, self._kms
        if mark_km > kms[-1]:
            driven = log(mark_km - kms[-1])
            expected = driven if self._silence is None else self._silence.expected(driven)
            log_days = expected - self._mean
            if log_days > _LOG_MOST_DAYS:
                return None
            fleet_day = days[-1] + exp(log_days)
        elif mark_km <= kms[0]:
            fleet_day = days[0] - min((kms[0] - mark_km) * exp(-self._mean), _MOST_DAYS)
        else:
            i = bisect_left(kms, mark_km)
            share = (mark_km - kms[i - 1]) / (kms[i] - kms[i - 1])
            fleet_day = days[i - 1] + share * (days[i] - days[i - 1])
        day = self._habits.day(fleet_day)
        return day if _FIRST_DAY < day < _LAST_DAY else None

    def shown(self, mark_km: float) -> datetime | None:
        if self._kms[-1] < mark_km:
            return None
        return self._readings[self._belief.since[bisect_left(self._kms, mark_km)]].at

    def doubted(self) -> Sequence[Reading]:
        return tuple(self._readings[i] for i in self._belief.doubted)

    def _after(self, day: float, passed: float) -> Estimate:
        """`passed` fleet days after the last reading."""
        passed = max(passed, _LEAST_DAYS)
        driven, slope = self._driven(passed)
        noise = (self._habits.unevenness_days + _CLOCK_SQUARED / passed) / passed
        edge = exp(_EDGE * sqrt(self._variance * slope + log1p(noise)))
        km = exp(driven)
        last_km = self._kms[-1]
        return Estimate(
            km=last_km + km,
            low_km=last_km + km / edge,
            high_km=last_km + km * edge,
            km_per_day=km / passed * self._habits.pace(day),
        )

    def _driven(self, passed: float) -> tuple[float, float]:
        """The logarithm of the km `passed` fleet days after the last reading, and its slope."""
        expected = self._mean + log(passed)
        return (expected, 1.0) if self._silence is None else self._silence.driven(expected)

    def _before(self, day: float, ahead: float) -> Estimate:
        """`ahead` fleet days before the first reading."""
        noise = (self._habits.unevenness_days + _CLOCK_SQUARED / ahead) / ahead
        edge = exp(_EDGE * sqrt(self._variance + log1p(noise)))
        rate = exp(self._mean)
        km = rate * ahead
        first_km = self._kms[0]
        return Estimate(
            km=first_km - km,
            low_km=first_km - km * edge,
            high_km=first_km - km / edge,
            km_per_day=rate * self._habits.pace(day),
        )

    def _between(self, day: float, fleet_day: float) -> Estimate:
        days, kms = self._days, self._kms
        i = bisect_right(days, fleet_day)
        left, right = fleet_day - days[i - 1], days[i] - fleet_day
        length = left + right
        rate = (kms[i] - kms[i - 1]) / length
        km = kms[i - 1] + rate * left
        edge = _EDGE * rate * sqrt(self._habits.unevenness_days * left * right / length + _CLOCK_SQUARED)
        return Estimate(km=km, low_km=km - edge, high_km=km + edge, km_per_day=rate * self._habits.pace(day))

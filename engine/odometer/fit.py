"""How a fleet is driven, from its own readings: empirical Bayes.

The fleet's habits are those under which its histories are the most probable (type II maximum likelihood;
Robbins 1956, Casella 1985). A history's probability is the product of

  learning    the density of each distance between two believed readings, as the filter foretold it;
  visits      the density of each such distance under the lognormal of visits, times that the car came back;
  silence     the probability that nothing was heard from the last reading to the end of the records. Without
              it, cars that are driven little, and so have few readings, would not count.

Times a weak prior around the present fleet, so that a few histories move it a little and many move it as far
as they must. The maximum is sought coordinate by coordinate with a step that grows on success and shrinks on
failure (Hooke and Jeeves 1961): no derivative, no lot, the same result every time.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from math import atan2, cos, exp, hypot, log, pi, sin

from msgspec.structs import replace

from engine.model.customer import Reading
from engine.model.policy import Fleet
from engine.model.times import to_days
from engine.odometer.belief import believe
from engine.odometer.habits import YEAR_DAYS, Habits
from engine.odometer.learning import learn
from engine.odometer.silence import silence_probability

MOST_HISTORIES = 2000  # more make the figures hardly better, only later
_FLEET = Fleet()
_ROUNDS = 40
_FIRST_STEP, _LAST_STEP = 0.2, 0.005
_LEAST_GAP_KM = 300.0  # two readings of one visit are not two visits
_WRONG_WEIGHT = 200.0  # readings' worth of trust in the share of wrong ones before any was seen
_LEAST = 1e-3  # no member of a fleet that is to be fitted around is taken for less
_PRIOR_SPREADS = (1.0, 0.5, 0.15, 0.15, 1.0, 1.0, 0.5, 1.0, 0.5, 1.0)  # of `_to_point`'s coordinates
_TURN = 2 * pi / YEAR_DAYS


def fit_fleet(
    histories: Iterable[Sequence[Reading]], until: datetime | None = None, around: Fleet = _FLEET
) -> Fleet:
    """How the fleet of these histories (each one car's readings) is driven. `until` is when the records end:
    the latest reading when left out. Without histories the fleet is `around`."""
    some = [history for history in histories if history]
    some = some[:: max(1, -(-len(some) // MOST_HISTORIES))]
    if not some:
        return around
    end = to_days(until or max(reading.at for history in some for reading in history))
    habits = Habits(around)
    cars = [_Car(habits, history) for history in some]
    centre = _to_point(around)

    def surprise(point: list[float]) -> float:
        habits = Habits(_to_fleet(around, point))
        prior = sum(0.5 * ((x - c) / s) ** 2 for x, c, s in zip(point, centre, _PRIOR_SPREADS, strict=True))
        return prior - sum(car.log_probability(habits, end) for car in cars)

    fitted = _to_fleet(around, _least(surprise, centre))
    readings = sum(car.readings for car in cars)
    wrong = (sum(car.wrong for car in cars) + _WRONG_WEIGHT * around.wrong) / (readings + _WRONG_WEIGHT)
    return replace(fitted, wrong=wrong)


class _Car:
    """What of one history the fit needs: days since 1970 and km of the believed readings; how many readings
    there were and how many were wrong; whether a wrong one came last, so that no silence is reckoned with."""

    __slots__ = ("days", "heard", "kms", "readings", "wrong")

    def __init__(self, habits: Habits, history: Sequence[Reading]) -> None:
        in_order = sorted({(to_days(reading.at), reading.km) for reading in history})
        belief = believe(habits, [habits.fleet_days(day) for day, _ in in_order], [km for _, km in in_order])
        self.days = [in_order[i][0] for i in belief.places]
        self.kms = belief.kms
        self.readings = len(in_order)
        self.wrong = len(belief.doubted)
        self.heard = belief.places[-1] < len(in_order) - 1

    def log_probability(self, habits: Habits, end: float) -> float:
        mean, variance = habits.log_rate, habits.variance
        days, kms = [habits.fleet_days(day) for day in self.days], self.kms
        total = 0.0
        for i in range(1, len(days)):
            km = kms[i] - kms[i - 1]
            mean, variance, density = learn(habits, mean, variance, km, days[i] - days[i - 1])
            total += log(max(density, 1e-12))
            if km >= _LEAST_GAP_KM:
                off = log(km) - habits.log_visit_km
                total += log(habits.come_back) - 0.5 * (
                    log(habits.visit_variance) + off * off / habits.visit_variance
                )
        silent_days = habits.fleet_days(end) - days[-1]
        if silent_days > 1.0 and not self.heard:
            total += log(silence_probability(habits, mean + log(silent_days), variance))
        return total


def _to_point(fleet: Fleet) -> list[float]:
    """The fleet as a point in a space without borders."""
    angle = _TURN * fleet.season_peak
    stay_away = min(max(fleet.stay_away, _LEAST), 1.0 - _LEAST)
    return [
        _log(fleet.km_per_day),
        _log(fleet.spread),
        fleet.season * cos(angle),
        fleet.season * sin(angle),
        _log(fleet.unevenness_days),
        _log(fleet.changes_per_year),
        _log(fleet.change_spread),
        _log(fleet.visit_km),
        _log(fleet.visit_spread),
        log(stay_away / (1.0 - stay_away)),
    ]


def _log(value: float) -> float:
    return log(max(value, _LEAST))


def _to_fleet(around: Fleet, point: list[float]) -> Fleet:
    return replace(
        around,
        km_per_day=exp(point[0]),
        spread=exp(point[1]),
        season=min(hypot(point[2], point[3]), 0.9),
        season_peak=atan2(point[3], point[2]) / _TURN % YEAR_DAYS,
        unevenness_days=exp(point[4]),
        changes_per_year=exp(point[5]),
        change_spread=exp(point[6]),
        visit_km=exp(point[7]),
        visit_spread=exp(point[8]),
        stay_away=1.0 / (1.0 + exp(-point[9])),
    )


def _least(function: Callable[[list[float]], float], start: list[float]) -> list[float]:
    """Where `function` is least, near `start`."""
    point, value = start[:], function(start)
    steps = [_FIRST_STEP] * len(start)
    for _ in range(_ROUNDS):
        for i in range(len(point)):
            for step in (steps[i], -steps[i]):
                tried = point[:]
                tried[i] += step
                tried_value = function(tried)
                if tried_value < value:
                    point, value = tried, tried_value
                    steps[i] = 1.5 * step
                    break
            else:
                steps[i] *= 0.5
        if max(abs(step) for step in steps) < _LAST_STEP:
            break
    return point

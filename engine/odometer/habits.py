"""The fleet's habits, made ready for arithmetic; and its year.

Cars are driven more in one half of the year than in the other. All arithmetic of this package is therefore
done in *fleet days*: the integral of `1 + season · cos(2π (t - peak) / year)`. In these a car with steady
habits drives the same distance each day. Both ways are monotone, as long as `season` is below 1.
"""

from math import cos, log, pi, sin

from engine.model.policy import Fleet

YEAR_DAYS = 365.2425  # the Gregorian mean
CLOCK_DAYS = 0.5  # how well the hour of a reading is known: often only the day is right
_TURN = 2 * pi / YEAR_DAYS
_MOST_STEPS = 50
_CLOSE = 5e-5  # of an angle: an hour


class Habits:
    """A `Fleet` as the formulas want it. Days count from 1970-01-01 UTC. Values that make no sense (a
    negative spread) are held within what the formulas can bear, so that nothing here can fail."""

    __slots__ = (
        "change_per_day",
        "change_variance",
        "come_back",
        "log_rate",
        "log_visit_km",
        "phase",
        "season",
        "stay_away",
        "swing",
        "unevenness_days",
        "variance",
        "visit_variance",
        "wrong",
    )

    def __init__(self, fleet: Fleet) -> None:
        self.log_rate = log(_within(fleet.km_per_day, 0.01, 10_000.0))
        self.variance = _within(fleet.spread, 0.01, 3.0) ** 2
        self.season = _within(fleet.season, 0.0, 0.9)
        self.swing = self.season / _TURN
        self.phase = _TURN * (fleet.season_peak - 1.0)  # 1 January is the first day of the year
        self.unevenness_days = _within(fleet.unevenness_days, 1e-4, 100.0)
        self.change_per_day = _within(fleet.changes_per_year, 1e-6, 100.0) / YEAR_DAYS
        self.change_variance = _within(fleet.change_spread, 0.01, 3.0) ** 2
        self.log_visit_km = log(_within(fleet.visit_km, 1.0, 1e6))
        self.visit_variance = _within(fleet.visit_spread, 0.05, 3.0) ** 2
        self.stay_away = _within(fleet.stay_away, 1e-4, 0.9999)
        self.come_back = 1.0 - self.stay_away
        self.wrong = _within(fleet.wrong, 1e-6, 0.5)

    def fleet_days(self, day: float) -> float:
        """The fleet days up to `day`."""
        return day + self.swing * sin(_TURN * day - self.phase)

    def day(self, fleet_days: float) -> float:
        """The day on which `fleet_days` have passed. Newton's method: each step squares what the start is off
        by, so that less than a second is left."""
        season = self.season
        aim = _TURN * fleet_days - self.phase
        angle = aim - season * sin(aim)
        for _ in range(_MOST_STEPS):
            step = (angle + season * sin(angle) - aim) / (1.0 + season * cos(angle))
            angle -= step
            if -_CLOSE < step < _CLOSE:
                break
        return (angle + self.phase) / _TURN

    def pace(self, day: float) -> float:
        """How much is driven on `day`, where the year's mean is 1."""
        return 1.0 + self.season * cos(_TURN * day - self.phase)


def _within(value: float, least: float, most: float) -> float:
    return min(max(value, least), most)

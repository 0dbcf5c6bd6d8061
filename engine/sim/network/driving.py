"""How a car is truly driven: a rate of its own (lognormal over the fleet), the course of the year, good and
bad weeks, and now and then a change of habits (another job, another driver)."""

import math
from bisect import bisect_right
from datetime import date, datetime, timedelta
from functools import lru_cache

from engine.sim.network.lots import Lots

BLOCK_DAYS = 5
"""The truth is drawn, and told, for every fifth day; between them the car drives evenly."""

_YEAR_DAYS = 365.25
_SEASON = 0.15  # more in summer than in winter, by this share of the mean
_BUSIEST_DAY = 210  # of the year: late July
_WEEKLY_SPREAD = 0.3
_CHANGE_SHARE_A_YEAR = 0.3
_CHANGE_SPREAD = 0.45
_PROFESSIONAL_SHARE = 0.06
_PROFESSIONAL_KM_PER_DAY = (100.0, 150.0)
_SECONDS_A_DAY = 86_400.0


class Driving:
    """One car's odometer from `start` on, for `days`. `km_per_day` is the fleet's median, `spread` the
    standard deviation of the rate's natural logarithm; some cars are driven for a living."""

    def __init__(self, lots: Lots, start: date, days: int, km_per_day: float, spread: float) -> None:
        self._start = datetime.combine(start, datetime.min.time())
        if lots.chance(_PROFESSIONAL_SHARE):
            rate = lots.between(*_PROFESSIONAL_KM_PER_DAY)
            years = lots.between(0.2, 2.5)
        else:
            rate = lots.lognormal(km_per_day, spread)
            years = lots.between(0.3, 8.0)
        self._km = [float(int(rate * _YEAR_DAYS * years))]
        for block in range(days // BLOCK_DAYS + 1):
            day = start + timedelta(days=block * BLOCK_DAYS)
            if lots.chance(_CHANGE_SHARE_A_YEAR * BLOCK_DAYS / _YEAR_DAYS):
                rate = lots.lognormal(rate, _CHANGE_SPREAD)
            a_day = rate * _season(day) * lots.lognormal(1.0, _WEEKLY_SPREAD)
            self._km.append(self._km[-1] + a_day * BLOCK_DAYS)

    def km_at(self, moment: datetime) -> int:
        """What the odometer truly shows, in whole km."""
        blocks = (moment - self._start).total_seconds() / (_SECONDS_A_DAY * BLOCK_DAYS)
        block = min(max(int(blocks), 0), len(self._km) - 2)
        before, after = self._km[block], self._km[block + 1]
        return int(before + (after - before) * (blocks - block))

    def moment_of(self, km: float) -> datetime | None:
        """When the odometer shows `km`; None if that is not in its time."""
        after = bisect_right(self._km, km)
        if after in (0, len(self._km)):
            return None
        before_km, after_km = self._km[after - 1], self._km[after]
        blocks = after - 1 + (km - before_km) / (after_km - before_km)
        return self._start + timedelta(days=blocks * BLOCK_DAYS)

    def told(self) -> list[tuple[str, int]]:
        """The odometer at midnight of every fifth day."""
        days = (self._start + timedelta(days=block * BLOCK_DAYS) for block in range(len(self._km) - 1))
        return [(day.date().isoformat(), int(km)) for day, km in zip(days, self._km, strict=False)]


@lru_cache(maxsize=4096)
def _season(day: date) -> float:
    phase = 2.0 * math.pi * (day.timetuple().tm_yday - _BUSIEST_DAY) / _YEAR_DAYS
    return 1.0 + _SEASON * math.cos(phase)

"""Simulated cars, seeded; readings in one line."""

from datetime import UTC, datetime, timedelta
from math import cos, pi
from random import Random

from engine.model.customer import Reading
from engine.model.policy import Fleet

START = datetime(2025, 3, 8, tzinfo=UTC)
EVEN = Fleet(season=0.0)  # no course of the year, so that arithmetic in tests is plain


def day(days: float) -> datetime:
    return START + timedelta(days=days)


def readings(*told: tuple[float, float]) -> tuple[Reading, ...]:
    """Readings from pairs of days since `START` and km."""
    return tuple(Reading(day(days), float(km)) for days, km in told)


class SimulatedCar:
    """A car of a fleet, driven for `days`, brought in after lognormal distances. Wrong readings have lost
    their last digit. `truth[d]` is the odometer at `day(d)`."""

    def __init__(self, seed: int, fleet: Fleet, days: int = 700) -> None:
        lots = Random(f"car {seed}")
        rate = fleet.km_per_day * 2.718281828 ** lots.gauss(0.0, fleet.spread)
        self.truth = [lots.uniform(5_000, 90_000)]
        bought = lots.randrange(0, days // 2)
        coming = self.truth[0] if bought == 0 else None
        self.told: list[Reading] = []
        for d in range(days):
            if d == bought or (coming is not None and self.truth[-1] >= coming):
                wrong = lots.random() < fleet.wrong and d > bought
                self.told.append(Reading(day(d), float(int(self.truth[-1] / (10 if wrong else 1)))))
                away = lots.random() < fleet.stay_away
                gap = fleet.visit_km * 2.718281828 ** lots.gauss(0.0, fleet.visit_spread)
                coming = 1e12 if away else self.truth[-1] + gap
            if lots.random() < fleet.changes_per_year / 365:
                rate *= 2.718281828 ** lots.gauss(0.0, fleet.change_spread)
            of_year = (day(d).timetuple().tm_yday - fleet.season_peak) / 365.2425
            pace = 1.0 + fleet.season * cos(2 * pi * of_year)
            driven = rate * pace * max(0.0, lots.gauss(1.0, fleet.unevenness_days**0.5))
            self.truth.append(self.truth[-1] + driven)

    def known(self, d: int) -> tuple[Reading, ...]:
        """The readings taken up to `day(d)`."""
        return tuple(reading for reading in self.told if reading.at <= day(d))

"""What the decision asks of an odometer estimator. The estimator itself is `engine/odometer`, a sibling of
the decision, handed to it in the `Program`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from engine.model.customer import Reading


def distance_readings(readings: tuple[Reading, ...], since: datetime) -> tuple[Reading, ...]:
    """`readings`, to reckon distances from `since` on. Where there are none, a made-up one, 0 km at `since`: then
    what is driven from there on is known from the fleet alone, though not where the odometer stands."""
    return readings or (Reading(since, 0.0),)


class Estimate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An odometer at one moment: the estimate and its central 80 % interval, km; and how much the car is
    driven at that time, km a day."""

    km: float
    low_km: float
    high_km: float
    km_per_day: float


class Track(Protocol):
    """One car's odometer over all time, from its readings and the fleet's habits."""

    def at(self, moment: datetime) -> Estimate: ...

    def km_at(self, moment: datetime) -> float:
        """`at(moment).km`, which costs less alone."""
        ...

    def crossing(self, mark_km: float) -> datetime | None:
        """The first moment at which the estimate reaches `mark_km`; None if that lies beyond fifty years."""
        ...

    def crossing_day(self, mark_km: float) -> float | None:
        """The same in days since 1970-01-01 UTC, which costs less."""
        ...

    def shown(self, mark_km: float) -> datetime | None:
        """The moment of the first trusted reading of at least `mark_km`; None while there is none."""
        ...

    def doubted(self) -> Sequence[Reading]:
        """The readings that were not believed."""
        ...


class Odometer(Protocol):
    def track(self, readings: tuple[Reading, ...]) -> Track:
        """The track through `readings`: at least one, in order of time."""
        ...

"""The figures of one estimator, and the table of all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import fmean, median
from zoneinfo import ZoneInfo

from engine.model.odometer import Odometer

from .data import Car
from .replay import Coverage, Reminder, cover, replay

MOST_READINGS = 6  # more are counted as so many


@dataclass(frozen=True)
class Errors:
    """How far reminders were from the true days."""

    crossings: int
    late_days: list[float]

    @classmethod
    def of(cls, reminders: Iterable[Reminder]) -> "Errors":
        reminders = list(reminders)
        late = [reminder.late_days for reminder in reminders if reminder.late_days is not None]
        return cls(len(reminders), late)

    @property
    def median(self) -> float:
        return median(map(abs, self.late_days)) if self.late_days else float("nan")

    @property
    def mean(self) -> float:
        return fmean(map(abs, self.late_days)) if self.late_days else float("nan")

    @property
    def lateness(self) -> float:
        """The median with its sign."""
        return median(self.late_days) if self.late_days else float("nan")

    @property
    def missing(self) -> float:
        """The share of true crossings without a reminder."""
        return 1.0 - len(self.late_days) / self.crossings if self.crossings else 0.0

    def within(self, days: float) -> float:
        """The share of reminders that were off by at most so many days."""
        return sum(abs(late) <= days for late in self.late_days) / max(1, len(self.late_days))


@dataclass(frozen=True)
class Result:
    """What one estimator reached."""

    name: str
    reminders: list[Reminder]

    @property
    def errors(self) -> Errors:
        return Errors.of(self.reminders)

    def by_mark(self) -> dict[int, Errors]:
        return self._by(lambda reminder: reminder.crossing.mark)

    def by_readings(self) -> dict[int, Errors]:
        return self._by(lambda reminder: min(reminder.readings, MOST_READINGS))

    def _by(self, key: Callable[[Reminder], int]) -> dict[int, Errors]:
        keys = sorted({key(reminder) for reminder in self.reminders})
        return {k: Errors.of(one for one in self.reminders if key(one) == k) for k in keys}


def measure(name: str, cars: Iterable[Car], of_car: Callable[[Car], Odometer], zone: ZoneInfo) -> Result:
    return Result(name, [reminder for car in cars for reminder in replay(car, of_car(car), zone)])


def coverage(cars: Iterable[Car], odometer: Odometer) -> dict[int, Coverage]:
    """By the number of readings known."""
    counted: dict[int, Coverage] = {}
    for car in cars:
        cover(car, odometer, counted)
    merged: dict[int, Coverage] = {}
    for readings, one in sorted(counted.items()):
        into = merged.setdefault(min(readings, MOST_READINGS), Coverage())
        into.inside += one.inside
        into.below += one.below
        into.above += one.above
    return merged


def print_errors(results: Iterable[Result]) -> None:
    print(
        f"{'':48}{'crossings':>10}{'median':>8}{'mean':>8}{'signed':>8}{'≤ 7 d':>8}{'≤ 30 d':>8}{'none':>8}"
    )
    for result in results:
        print(f"{result.name:48}{_row(result.errors)}")


def print_parts(title: str, parts: dict[int, Errors], label: Callable[[int], str]) -> None:
    print(f"\n{title}")
    for key, errors in parts.items():
        print(f"  {label(key):46}{_row(errors)}")


def _row(errors: Errors) -> str:
    return (
        f"{errors.crossings:>10}{errors.median:>8.1f}{errors.mean:>8.1f}{errors.lateness:>+8.1f}"
        f"{errors.within(7):>8.0%}{errors.within(30):>8.0%}{errors.missing:>8.1%}"
    )


def print_coverage(title: str, counted: dict[int, Coverage]) -> None:
    total = Coverage(
        sum(one.inside for one in counted.values()),
        sum(one.below for one in counted.values()),
        sum(one.above for one in counted.values()),
    )
    print(f"\n{title}")
    for name, one in [("all", total), *((f"{_readings(k)} known", one) for k, one in counted.items())]:
        days = one.inside + one.below + one.above
        print(
            f"  {name:46}{one.share:>8.1%}   truth below {one.below / days:.1%}, above {one.above / days:.1%}"
            f", {days} days"
        )


def _readings(n: int) -> str:
    return f"{n}{' or more' if n == MOST_READINGS else ''} reading{'s' if n > 1 else ''}"

"""How close to the true days do distance reminders come?

    python benchmarks/odometer.py EVENTS TRUTH [--charts DIR] [--zone NAME]

EVENTS is a network's history (`.jsonl`), TRUTH what is really so about its cars. Every car's readings are
replayed in the order in which they were recorded; the n-th reminder after each fitting of tyres is held
against the day on which the car truly passed the n-th mark of 10, 20, 30 and 40 thousand km, until the next
fitting or the end of the truth. Days are counted from midnight, so a reading of the true day errs by half a
day."""

import argparse
import sys
import timeit
from collections.abc import Callable
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.model.customer import Reading
from engine.model.policy import Fleet
from engine.model.times import EPOCH
from engine.odometer import FleetOdometer, fit_fleet

sys.path.insert(0, str(Path(__file__).parent))  # for `python -m` too
from odometer_parts import charts, estimators, figures
from odometer_parts.data import MARKS_KM, Car, load

_REPEATS = 5


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("events", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--charts", type=Path, help="a folder to draw into")
    parser.add_argument("--zone", type=ZoneInfo, default=ZoneInfo("Asia/Shanghai"))
    args = parser.parse_args()
    cars = load(args.events, args.truth, args.zone)
    _compare(cars, args.zone, args.charts)
    _print_speed()


def _compare(cars: list[Car], zone: ZoneInfo, folder: Path | None) -> None:
    half, other = cars[::2], cars[1::2]
    fitted = fit_fleet(car.history() for car in half)
    default = FleetOdometer(Fleet())
    simple = figures.measure("38 km a day from the last reading", cars, estimators.fixed, zone)
    shrunken = figures.measure("shrunken average", cars, estimators.shrunken, zone)
    milepost = figures.measure("Milepost", cars, lambda _: default, zone)
    told = estimators.oracle_of_the_year(fitted)
    own = FleetOdometer(fitted)
    figures.print_errors(
        [
            simple,
            shrunken,
            milepost,
            figures.measure("Milepost, fitted on one half, measured there", half, lambda _: own, zone),
            figures.measure("Milepost, fitted on it, measured on the other", other, lambda _: own, zone),
            figures.measure("oracle: each car's true mean rate", cars, estimators.oracle, zone),
            figures.measure("oracle: that, and the course of the year", cars, told, zone),
        ]
    )
    figures.print_parts("Milepost by mark", milepost.by_mark(), lambda mark: f"{MARKS_KM[mark - 1]:,.0f} km")
    figures.print_parts(
        "Milepost by readings known on the true day", milepost.by_readings(), lambda n: f"{n} known"
    )
    held = "The 80 % interval holds the truth (at noon of its every day, from the readings recorded by then)"
    figures.print_coverage(held, figures.coverage(cars, default))
    figures.print_coverage("The same, fitted on one half, on the other", figures.coverage(other, own))
    print(f"\nThe fleet, fitted from the readings of one half of the cars:\n  {fitted}")
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "odometer-errors.svg").write_text(
            charts.errors_by_readings([simple, shrunken, milepost]), "utf-8"
        )
        telling = max(cars, key=lambda car: _telling(car, default))
        (folder / "odometer-car.svg").write_text(charts.one_car(telling, default, zone), "utf-8")


def _telling(car: Car, odometer: FleetOdometer) -> tuple[bool, float, str]:
    """Orders cars by how much there is to see: a doubted reading, and few others over a long time."""
    history = tuple(sorted(car.history(), key=lambda reading: (reading.at, reading.km)))
    if not 4 <= len(history) <= 6:
        return False, 0.0, car.plate
    doubted = odometer.track(history).doubted()
    return bool(doubted), (history[-1].at - history[0].at) / timedelta(days=1), car.plate


def _print_speed() -> None:
    """The least of some repeats: what the machine can do while nobody else uses it."""
    odometer = FleetOdometer(Fleet())
    print("\nµs a call, nothing remembered from the call before")
    for count, wrong in ((1, False), (2, False), (5, False), (5, True), (40, False), (40, True)):
        kms = [31.0 * 97 * i for i in range(count)]
        if wrong:
            kms[count // 2] /= 10
        readings = tuple(Reading(EPOCH + timedelta(days=20_000 + 97 * i), km) for i, km in enumerate(kms))
        track = odometer.track(readings)
        moments = cycle([readings[-1].at + timedelta(days=day) for day in range(300)])
        costs = {
            "track": _us(lambda readings=readings: odometer.make_track(readings)),
            "at": _us(lambda track=track, moments=moments: track.at(next(moments))),
            "crossing": _us(lambda track=track, mark_km=kms[-1] + 3_000.0: track.crossing(mark_km)),
        }
        name = f"{count} reading{'s' if count > 1 else ''}{', one of them wrong' if wrong else ''}"
        print(f"  {name:46}" + "".join(f"{what:>10} {us:.1f}" for what, us in costs.items()))


def _us(call: Callable[[], object], calls: int = 200) -> float:
    return min(timeit.repeat(call, number=calls, repeat=_REPEATS)) / calls * 1e6


if __name__ == "__main__":
    main()

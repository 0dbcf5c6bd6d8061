"""Replays a car's readings in the order in which they were recorded, through an estimator, the way the
engine does: a distance wait ends at 10:00 on the day that the estimate crosses the mark, or at once when a
reading shows that it is passed; every reading moves the day; what has been sent stays sent."""

from bisect import insort
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.model.customer import Reading
from engine.model.odometer import Odometer, Track
from engine.model.times import at_local

from .data import MARKS_KM, Car, Crossing

SEND_AT = time(10)
GRACE = timedelta(days=7)


@dataclass
class _Run:
    """The reminders after one fitting: when each is due, as it is seen now, and when it was sent."""

    since: datetime
    due: dict[int, datetime | None] = field(default_factory=dict)
    sent: dict[int, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Reminder:
    """What became of a true crossing: by how many days the reminder was late (early: negative), None where
    there was none; and how many readings were known on the true day."""

    crossing: Crossing
    late_days: float | None
    readings: int


@dataclass
class Coverage:
    """On how many days of the truth the 80 % interval held it, and on how many it lay below and above it."""

    inside: int = 0
    below: int = 0
    above: int = 0

    @property
    def share(self) -> float:
        return self.inside / max(1, self.inside + self.below + self.above)


def replay(car: Car, odometer: Odometer, zone: ZoneInfo) -> list[Reminder]:
    """The reminders of all fittings of the car, held against the truth. The clock goes on to its end."""
    known: list[Reading] = []
    runs: dict[str, _Run] = {}
    run: _Run | None = None
    for arrival in car.arrivals:
        now = arrival.recorded
        if run is not None:
            _send_until(run, now)
        if arrival.reading not in known:
            insort(known, arrival.reading, key=lambda reading: (reading.at, reading.km))
        track = odometer.track(tuple(known))
        if arrival.fitting is not None and (run is None or arrival.reading.at >= run.since):
            run = runs[arrival.fitting] = _Run(arrival.reading.at)
        if run is not None:
            _reckon(run, track, zone)
            _send_due(run, now)
    if run is not None:
        _send_until(run, car.end + timedelta(days=1))
    return [_held_against(crossing, runs.get(crossing.fitting), car) for crossing in car.crossings]


def _reckon(run: _Run, track: Track, zone: ZoneInfo) -> None:
    base_km = track.at(run.since).km
    for mark, km in enumerate(MARKS_KM, 1):
        if mark in run.sent:
            continue
        shown = track.shown(base_km + km)
        if shown is not None and shown >= run.since:
            run.due[mark] = shown
            continue
        crossing = track.crossing(base_km + km)
        run.due[mark] = crossing and at_local(crossing.astimezone(zone).date(), SEND_AT, zone)


def _send_until(run: _Run, now: datetime) -> None:
    """What falls due before `now` is sent when it is due."""
    for mark, due in run.due.items():
        if mark not in run.sent and due is not None and due <= now:
            run.sent[mark] = due


def _send_due(run: _Run, now: datetime) -> None:
    """What a reading shows to be due already is sent now, unless that is too late."""
    for mark, due in run.due.items():
        if mark not in run.sent and due is not None and due <= now:
            if now - due <= GRACE:
                run.sent[mark] = now
            else:
                run.due[mark] = None


def _held_against(crossing: Crossing, run: _Run | None, car: Car) -> Reminder:
    sent = None if run is None else run.sent.get(crossing.mark)
    late = None if sent is None else (sent - crossing.moment) / timedelta(days=1)
    readings = sum(arrival.recorded <= crossing.moment for arrival in car.arrivals)
    return Reminder(crossing, late, readings)


def cover(car: Car, odometer: Odometer, coverage: dict[int, Coverage]) -> None:
    """Asks for the estimate at noon of every day of the truth, with the readings recorded by then, and counts
    by how many they were."""
    known: list[Reading] = []
    coming = list(car.arrivals)
    track: Track | None = None
    for midnight, km in car.truth:
        noon = midnight + timedelta(hours=12)
        while coming and coming[0].recorded <= noon:
            insort(known, coming.pop(0).reading, key=lambda reading: (reading.at, reading.km))
            track = odometer.track(tuple(known))
        if track is None:
            continue
        estimate = track.at(noon)
        counted = coverage.setdefault(len(known), Coverage())
        if km < estimate.low_km:
            counted.below += 1
        elif km > estimate.high_km:
            counted.above += 1
        else:
            counted.inside += 1

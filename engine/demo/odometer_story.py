"""One car's odometer as a story: readings, the estimate over time, the marks it crosses on its tyres."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from engine.model.customer import Vehicle
from engine.model.journeys import EventStart, Journey, Repeat, Wait
from engine.model.messages import Message
from engine.model.odometer import Track
from engine.model.program import Program
from engine.pages.calendar import local_day

_STEP = timedelta(days=5)
_LOOK_AHEAD = timedelta(days=300)
_AFTER_NEXT = timedelta(days=25)
_AT_LEAST = timedelta(days=60)
_ENDLESS_KM = 100_000.0


class ReadingPoint(msgspec.Struct, frozen=True, kw_only=True):
    day: date
    km: float
    doubted: bool


class LinePoint(msgspec.Struct, frozen=True, kw_only=True):
    """The estimate on a day, with its 80 % interval, km."""

    day: date
    km: float
    low_km: float
    high_km: float


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A distance on a set of tyres: `km` driven on them, `at_km` on the odometer, the day of the crossing."""

    km: float
    at_km: float
    day: date
    counted_from: date
    title: str


class SendPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A reminder on the day it went out, and the odometer on that day as it is estimated now."""

    day: date
    km: float
    title: str
    channel: str


class OdometerStory(msgspec.Struct, frozen=True, kw_only=True):
    car: str
    today: date
    km_per_day: float
    km_today: float
    readings: tuple[ReadingPoint, ...]
    line: tuple[LinePoint, ...]
    marks: tuple[Mark, ...]
    fittings: tuple[date, ...]
    sends: tuple[SendPoint, ...]


def odometer_story(
    program: Program,
    car: Vehicle,
    name: str,
    fitted: Sequence[datetime],
    reminders: Sequence[Message],
    now: datetime,
) -> OdometerStory | None:
    """The story of `car`, whose tyres were `fitted` at these moments; None without a reading. `reminders` are
    messages that went out; those about the car's distances are shown."""
    if not car.readings:
        return None
    zone = program.policy.zone
    track = program.odometer.track(car.readings)
    marks = tuple(_marks(program, track, sorted(fitted), now))
    first = min([car.readings[0].at, *fitted])
    last = _end(track, marks, now, zone)
    doubted = {(one.at, one.km) for one in track.doubted()}
    today = track.at(now)
    return OdometerStory(
        car=name,
        today=local_day(now, zone),
        km_per_day=today.km_per_day,
        km_today=today.km,
        readings=tuple(
            ReadingPoint(day=local_day(one.at, zone), km=one.km, doubted=(one.at, one.km) in doubted)
            for one in car.readings
        ),
        line=tuple(_line(track, first, last, now, zone)),
        marks=marks,
        fittings=tuple(local_day(one, zone) for one in fitted),
        sends=tuple(_sends(program, track, car, reminders)),
    )


def marks_of(journey: Journey) -> Iterator[tuple[float, str]]:
    """The distances, km on a set of tyres, at which a journey does something, with its title."""
    if not isinstance(journey.start, EventStart) or journey.start.per != "vehicle":
        return
    for step in journey.steps:
        if isinstance(step, Repeat) and step.every_km:
            times = step.times or int(_ENDLESS_KM // step.every_km)
            yield from ((step.every_km * n, journey.title) for n in range(1, times + 1))
        elif isinstance(step, Wait) and step.distance_km:
            yield step.distance_km, journey.title


def _marks(program: Program, track: Track, fitted: Sequence[datetime], now: datetime) -> Iterator[Mark]:
    """What is crossed on each set of tyres before the next one, up to the first that is still to come."""
    zone = program.policy.zone
    titles: dict[float, list[str]] = {}
    for journey in program.journeys.values():
        for km, title in marks_of(journey):
            titles.setdefault(km, []).append(title)
    for place, start in enumerate(fitted):
        until = fitted[place + 1] if place + 1 < len(fitted) else now + _LOOK_AHEAD
        from_km = track.at(start).km
        for km in sorted(titles):
            at = track.crossing(from_km + km)
            if at is None or at >= until:
                break
            yield Mark(
                km=km,
                at_km=from_km + km,
                day=local_day(at, zone),
                counted_from=local_day(start, zone),
                title=", ".join(dict.fromkeys(titles[km])),
            )
            if at > now:
                break


def _sends(program: Program, track: Track, car: Vehicle, reminders: Sequence[Message]) -> Iterator[SendPoint]:
    by_distance = {one.id: one.title for one in program.journeys.values() if any(marks_of(one))}
    for message in reminders:
        if message.journey in by_distance and message.vehicle in {car.plate, car.vin, car.id}:
            yield SendPoint(
                day=local_day(message.at, program.policy.zone),
                km=track.at(message.at).km,
                title=by_distance[message.journey],
                channel=message.channel or "",
            )


def _end(track: Track, marks: Sequence[Mark], now: datetime, zone: ZoneInfo) -> datetime:
    """A little after the next mark; two months ahead at least."""
    coming = [one for one in marks if one.day > local_day(now, zone)]
    at = track.crossing(coming[0].at_km) if coming else None
    return max(at + _AFTER_NEXT if at else now, now + _AT_LEAST)


def _line(
    track: Track, first: datetime, last: datetime, now: datetime, zone: ZoneInfo
) -> Iterator[LinePoint]:
    moments = {first, now, last}
    moment = first
    while moment < last:
        moments.add(moment)
        moment += _STEP
    for one in sorted(moments):
        estimate = track.at(one)
        yield LinePoint(
            day=local_day(one, zone), km=estimate.km, low_km=estimate.low_km, high_km=estimate.high_km
        )

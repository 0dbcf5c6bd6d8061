"""When a car is likely to pass a mark, and how sure that is."""

from collections.abc import Callable
from datetime import datetime, timedelta

from engine.decide.watched import Driven
from engine.model.customer import Run, Vehicle
from engine.model.odometer import Track, distance_readings
from engine.why import words
from engine.why.scenery import Scenery
from engine.why.told import OdometerTold

_FARTHEST = timedelta(days=20_000)
_EXACT = timedelta(hours=6)


def reckoned(scenery: Scenery, run: Run, driven: Driven, on: datetime | None) -> OdometerTold:
    """As things stand now."""
    told = OdometerTold(begin_km=round(driven.begin_km), mark_km=round(driven.mark_km))
    car = scenery.history.customer.vehicles.get(run.vehicle or "")
    if car is None:
        return told
    track = scenery.program.odometer.track(distance_readings(car.readings, driven.since))
    estimate = track.at(scenery.now)
    earliest, latest = interval(track, driven.mark_km, scenery.now)
    return OdometerTold(
        begin_km=round(driven.begin_km),
        mark_km=round(driven.mark_km),
        km=round(estimate.km),
        low_km=round(estimate.low_km),
        high_km=round(estimate.high_km),
        km_per_day=round(estimate.km_per_day, 1),
        on=scenery.day(on) if on is not None else None,
        earliest=scenery.day(earliest) if earliest is not None else None,
        latest=scenery.day(latest) if latest is not None else None,
        readings=len(car.readings),
    )


def interval(track: Track, mark_km: float, now: datetime) -> tuple[datetime | None, datetime | None]:
    """From when on, and until when, it is likely to be passed: in the outer tenths of all cases it is earlier, or
    later. Neither lies before `now`; None beyond what can be told."""
    return (
        _first(lambda at: track.at(at).high_km >= mark_km, now),
        _first(lambda at: track.at(at).low_km >= mark_km, now),
    )


def _first(holds: Callable[[datetime], bool], now: datetime) -> datetime | None:
    """The first moment from now on at which it holds, as it goes on holding."""
    if holds(now):
        return now
    step, low = timedelta(days=1), now
    while not holds(high := now + step):
        low, step = high, step * 2
        if step > _FARTHEST:
            return None
    while high - low > _EXACT:
        middle = low + (high - low) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def sentences(scenery: Scenery, run: Run, told: OdometerTold) -> list[str]:
    """The reckoning, as it stands now, with the readings it is made from."""
    car = scenery.history.customer.vehicles.get(run.vehicle or "")
    if told.km is None or told.low_km is None or told.high_km is None or car is None:
        return []
    if not car.readings:
        return [f"no reading of this car is known; cars drive about {told.km_per_day} km a day"]
    stands = (
        f"the odometer stands at about {words.km(told.km)} today (80 %: {told.low_km:,} to {words.km(told.high_km)}), "
        f"{told.km_per_day} km a day, by {_readings(scenery, car)}"
    )
    if told.earliest is None:
        return [stands]
    if told.on is not None and told.on <= scenery.day(scenery.now):
        return [stands]
    when = f"between {told.earliest} and {told.latest}" if told.latest else f"after {told.earliest}"
    return [stands, f"{words.km(told.mark_km)} are likely to be passed {when} (80 %)"]


def _readings(scenery: Scenery, car: Vehicle) -> str:
    last = car.readings[-1]
    count = len(car.readings)
    return f"{count} reading{'s' if count > 1 else ''}, the last one {words.km(last.km)} on {scenery.day(last.at)}"


def shown_by(scenery: Scenery, run: Run, driven: Driven) -> str:
    """How it is known that the mark was passed."""
    if driven.shown_at is None:
        return f"the estimate passed {words.km(driven.mark_km)}"
    car = scenery.history.customer.vehicles.get(run.vehicle or "")
    found = next((one for one in car.readings if one.at == driven.shown_at), None) if car else None
    read = f"the reading of {words.km(found.km)}" if found else "a reading"
    return f"{read} of {scenery.day(driven.shown_at)} showed that {words.km(driven.mark_km)} were passed"

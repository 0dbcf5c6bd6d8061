"""Reads a network's events, as they were recorded, and the truth about its cars."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.model.customer import Reading
from engine.model.times import at_local

MARKS_KM = (10_000.0, 20_000.0, 30_000.0, 40_000.0)


@dataclass(frozen=True)
class Arrival:
    """A reading, when it was recorded, and the id of the event where that is a fitting of tyres."""

    recorded: datetime
    reading: Reading
    fitting: str | None


@dataclass(frozen=True)
class Crossing:
    """A mark that a car truly passed: so many km after the fitting, at this moment."""

    fitting: str
    mark: int  # from 1
    moment: datetime


@dataclass
class Car:
    plate: str
    truth: list[tuple[datetime, float]]  # the odometer, from midnight to midnight
    arrivals: list[Arrival] = field(default_factory=list)
    crossings: list[Crossing] = field(default_factory=list)

    @property
    def end(self) -> datetime:
        return self.truth[-1][0]

    def true_moment(self, km: float) -> datetime | None:
        """When the odometer truly showed `km`, in a straight line between two days of the truth."""
        for (start, start_km), (end, end_km) in pairwise(self.truth):
            if start_km < km <= end_km:
                return start + (end - start) * ((km - start_km) / (end_km - start_km))
        return None

    def history(self) -> tuple[Reading, ...]:
        return tuple(arrival.reading for arrival in self.arrivals)


def load(events: Path, truth: Path, zone: ZoneInfo) -> list[Car]:
    """The cars in order of plate, each with its readings in order of recording and its true crossings."""
    told = json.loads(truth.read_text("utf-8"))
    cars = {
        known["plate"]: Car(
            known["plate"],
            [(_midnight(day, zone), float(km)) for day, km in known["odometer"]],
        )
        for known in told["customers"].values()
    }
    for plate, arrival in _arrivals(events):
        if plate in cars:
            cars[plate].arrivals.append(arrival)
    for car in cars.values():
        car.arrivals.sort(key=lambda arrival: arrival.recorded)
    _add_crossings(cars, told["fittings"], zone)
    return [cars[plate] for plate in sorted(cars)]


def _midnight(day: str, zone: ZoneInfo) -> datetime:
    return at_local(date.fromisoformat(day), datetime.min.time(), zone)


def _arrivals(events: Path) -> list[tuple[str, Arrival]]:
    """Plates and readings of all sound events, each event once."""
    seen = set()
    arrivals = []
    for line in events.read_text("utf-8").splitlines():
        try:
            event = json.loads(line)
            key = event["source"], event["id"]
            arrival = _arrival(event)
            plate = event["data"]["vehicle"]["plate"]
        except (ValueError, KeyError, TypeError):
            continue
        if arrival is not None and key not in seen:
            seen.add(key)
            arrivals.append((plate, arrival))
    return arrivals


def _arrival(event: dict[str, Any]) -> Arrival | None:
    if event["type"] not in ("purchase.recorded", "service.visited", "odometer.reported"):
        return None
    moment = datetime.fromisoformat(event["time"])
    recorded = datetime.fromisoformat(event.get("recordedtime", event["time"]))
    km = float(event["data"]["vehicle"]["odometer_km"])
    fitting = event["id"] if event["type"] == "purchase.recorded" else None
    return Arrival(recorded, Reading(moment, km), fitting)


def _add_crossings(cars: dict[str, Car], fittings: list[dict[str, Any]], zone: ZoneInfo) -> None:
    """A mark counts until the next fitting on the same car, or the end of the truth."""
    by_plate = defaultdict(list)
    for fitting in fittings:
        by_plate[fitting["plate"]].append(fitting)
    for plate, of_car in by_plate.items():
        car = cars[plate]
        of_car.sort(key=lambda fitting: fitting["date"])
        ends = [_midnight(fitting["date"], zone) for fitting in of_car[1:]]
        for fitting, end in zip(of_car, [*ends, car.end + timedelta(days=1)], strict=True):
            for mark, km in enumerate(MARKS_KM, 1):
                moment = car.true_moment(fitting["odometer"] + km)
                if moment is not None and moment <= end:
                    car.crossings.append(Crossing(fitting["event"], mark, moment))

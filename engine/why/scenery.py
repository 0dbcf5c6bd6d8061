"""What all parts of an account look at."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from engine.decide.watched import Decided
from engine.model.customer import Run
from engine.model.events import Event
from engine.model.journeys import Journey
from engine.model.program import Program
from engine.ports import MessageRow
from engine.why import words
from engine.why.history import History
from engine.why.roles import Role, Roles


class Scenery(msgspec.Struct, frozen=True, kw_only=True):
    """`decided` gathers all messages as they are come to, those of other journeys too, which fill caps."""

    program: Program
    journey: Journey
    history: History
    roles: Roles
    ledger: Mapping[str, MessageRow]
    now: datetime
    decided: list[Decided] = msgspec.field(default_factory=list)

    @property
    def zone(self) -> ZoneInfo:
        return self.program.policy.zone

    def role(self, expression: object) -> Role | None:
        return self.roles.of(expression)

    def minute(self, moment: datetime) -> str:
        return words.minute(moment, self.zone)

    def day(self, moment: datetime) -> str:
        return words.day(moment, self.zone)

    def local(self, moment: datetime) -> str:
        return moment.astimezone(self.zone).isoformat()

    def event(self, event: Event) -> str:
        """`purchase.recorded of 2025-03-08 14:20 (4 tyres, 京A12345 at 31,240 km, dealer d001)`."""
        told: dict[str, Any] = event.data.get("vehicle") or {}
        about = []
        if event.tyre_count:
            about.append(f"{event.tyre_count} tyre{'s' if event.tyre_count > 1 else ''}")
        named = told.get("plate") or told.get("vin")
        read = told.get("odometer_km")
        if named:
            about.append(str(named) + (f" at {words.km(read)}" if read is not None else ""))
        if event.dealer:
            about.append(f"dealer {event.dealer}")
        if event.source.startswith("/journeys/"):
            about.append(f"made by the journey {event.source.removeprefix('/journeys/')}")
        return f"{event.type} of {self.minute(event.time)}" + (f" ({', '.join(about)})" if about else "")

    def vehicle(self, run: Run) -> str | None:
        car = self.history.customer.vehicles.get(run.vehicle or "")
        return (car.plate or car.vin) if car is not None else run.vehicle

    def spoken_by(self, at: datetime) -> str | None:
        """The type of the event in which something was said of consent at that moment."""
        for one in self.history.events:
            event = one.event
            if event.time == at and (event.data.get("consent") or event.type.startswith("consent.")):
                return event.type
        return None

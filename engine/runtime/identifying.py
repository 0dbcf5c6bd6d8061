"""Whom, which car and which task an event names."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from engine.model.customer import Customer, Vehicle
from engine.model.event_types import TASK_DONE
from engine.model.events import Event
from engine.model.identity import Identified, Identifier

CAR_KINDS = ("plate", "vin")


class Identify(Protocol):
    """How intake tells who an event is about."""

    def identifiers(self, event: Event) -> Sequence[Identifier]:
        """Those that the event carries, cleaned."""
        ...

    def identify(
        self, event: Event, owners: Mapping[Identifier, str], customers: Mapping[str, Customer]
    ) -> Identified: ...


def task_of(event: Event) -> str | None:
    """The task that an event says is done."""
    task_id = event.data.get("task_id") if event.type == TASK_DONE else None
    return None if task_id is None else str(task_id)


def find_vehicle(customer: Customer, told: Mapping[str, str]) -> Vehicle | None:
    """The customer's car that an event's `vehicle` names, by plate, else by VIN."""
    for kind in CAR_KINDS:
        value = told.get(kind)
        if value:
            for vehicle in customer.vehicles.values():
                if getattr(vehicle, kind) == value:
                    return vehicle
    return None

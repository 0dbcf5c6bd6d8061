"""What a single member cannot tell: that one of several is there, and that somebody is named."""

from collections.abc import Callable, Sequence
from typing import Any

from engine.intake.clean import CAR_KINDS, PERSON_KINDS, SET_ASIDE
from engine.intake.parse.faults import Fault
from engine.model.event_types import EventType, Member, Subject

Need = Callable[[dict[str, Any]], Sequence[Fault]]
"""Asks cleaned `data`, in which what is not stated or cannot be used is not there."""

_SOMEBODY = frozenset({Subject.CUSTOMER, Subject.VEHICLE})
_NOBODY = f"names nobody: needs one of {', '.join(PERSON_KINDS)}, or a vehicle with {' or '.join(CAR_KINDS)}"
_NO_CAR = f"names no car: needs {' or '.join(CAR_KINDS)}"


def needs_of(event_type: EventType) -> tuple[Need, ...]:
    """What `data` of this type needs, to be asked in order after cleaning."""
    needs = [_one_of("", event_type.data)] if event_type.data.at_least_one_of else []
    for name, member in event_type.data.members.items():
        if member.at_least_one_of:
            needs.append(_one_of(name, member))
    for name, member in event_type.data.members.items():
        required = [inner for inner, one in member.members.items() if one.required]
        if required:
            needs.append(_kept(name, tuple(required)))
    if event_type.subject in _SOMEBODY:
        vehicle = event_type.data.members.get("vehicle")
        about_a_car = event_type.subject is Subject.VEHICLE and vehicle is not None and vehicle.required
        needs.append(_a_car if about_a_car else _somebody)
    return tuple(needs)


def _one_of(name: str, member: Member) -> Need:
    names = member.at_least_one_of

    def need(data: dict[str, Any]) -> Sequence[Fault]:
        value = data.get(name) if name else data
        if not isinstance(value, dict):
            return ()
        for one in names:
            if one in value:
                return ()
        field = f"data.{name}" if name else "data"
        unusable = _set_aside(data, tuple(f"{name}.{one}" for one in names))
        return unusable or [Fault(field, f"needs at least one of {', '.join(names)}")]

    return need


def _kept(name: str, required: tuple[str, ...]) -> Need:
    """Of what is required nothing was set aside."""

    def need(data: dict[str, Any]) -> Sequence[Fault]:
        part = data.get(name)
        if not isinstance(part, dict):
            return ()
        return [Fault(f"data.{name}.{one}", "cannot be used") for one in required if one not in part]

    return need


def _somebody(data: dict[str, Any]) -> Sequence[Fault]:
    person, car = data.get("customer"), data.get("vehicle")
    if person and ("mobile" in person or "email" in person or "member" in person):
        return ()
    if car and ("plate" in car or "vin" in car):
        return ()
    names = [f"customer.{one}" for one in PERSON_KINDS] + [f"vehicle.{one}" for one in CAR_KINDS]
    where = (
        "data" if person is None and car is None else "data.vehicle" if person is None else "data.customer"
    )
    return _set_aside(data, tuple(names)) or [Fault(where, _NOBODY)]


def _a_car(data: dict[str, Any]) -> Sequence[Fault]:
    car = data["vehicle"]
    if "plate" in car or "vin" in car:
        return ()
    names = tuple(f"vehicle.{one}" for one in CAR_KINDS)
    return _set_aside(data, names) or [Fault("data.vehicle", _NO_CAR)]


def _set_aside(data: dict[str, Any], paths: tuple[str, ...]) -> list[Fault]:
    """The faults of those members that were there, but could not be used."""
    aside = data.get(SET_ASIDE)
    if not isinstance(aside, dict):
        return []
    return [
        Fault(f"data.{one}", "cannot be used, and nothing else names who it is about")
        for one in paths
        if one in aside
    ]

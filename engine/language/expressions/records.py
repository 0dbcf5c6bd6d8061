"""The records of the vocabulary, made from the tables of the model: events, customer, vehicle, dealer, run.

A record's base is what its attributes read from: the `Event`, the `Customer`, a dictionary of an event's
data; for `vehicle`, `run` and `loop` the scope itself, because they need more than one of its members.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.language.expressions.types import (
    ANY,
    BOOLEAN,
    DATE,
    NUMBER,
    TEXT,
    TIME,
    Attribute,
    ListOf,
    Record,
    Scalar,
    Type,
)
from engine.language.expressions.values import to_date
from engine.language.nearest import an
from engine.model.customer import ConsentStatement, Customer
from engine.model.event_types import CUSTOMER_MEMBERS, VEHICLE_MEMBERS, EventType, Kind, Member
from engine.model.events import Event
from engine.model.policy import Dealer
from engine.model.scope import Scope
from engine.model.times import to_moment

Getter = Callable[[Any], Any]

_SCALARS: Mapping[Kind, Type] = {
    Kind.NUMBER: NUMBER,
    Kind.INTEGER: NUMBER,
    Kind.BOOLEAN: BOOLEAN,
    Kind.DATE: DATE,
    Kind.TIME: TIME,
    Kind.ANY: ANY,
}


def made_of(name: str, members: Mapping[str, Attribute]) -> Record:
    """A record whose value, used whole, is a dictionary of its members' values; none where all are none."""

    def whole(base: Any) -> Any:
        if base is None:
            return None
        values = {}
        for member, attribute in members.items():
            value = attribute.get(base)
            if value is not None and isinstance(attribute.type, Record):
                value = attribute.type.whole(value)
            if value is not None:
                values[member] = value
        return values or None

    return Record(name, members, whole)


def _itself(base: Any) -> Any:
    return base


# Data of events


def type_of(member: Member, name: str) -> Type:
    """The type of a member of an event's data. `name` is how records in it are called in messages."""
    if member.kind is Kind.TEXT:
        if member.choices or member.usual:
            return Scalar(Kind.TEXT, member.choices or member.usual, bool(member.choices))
        return TEXT
    if member.kind is Kind.LIST:
        return ListOf(type_of(member.item, f"an item of {name}") if member.item else ANY)
    if member.kind is Kind.OBJECT:
        if not member.members:
            return ANY
        inner = {key: _data_attribute(key, one, f"{name}.{key}") for key, one in member.members.items()}
        return Record(name, inner, _itself)
    return _SCALARS[member.kind]


def _data_attribute(key: str, member: Member, name: str) -> Attribute:
    return Attribute(
        type_of(member, name), _converted(member.kind, _item_getter(key)), member.about, member.required
    )


def _item_getter(key: str) -> Getter:
    return lambda data: data.get(key) if data.__class__ is dict else None


def _converted(kind: Kind, get: Getter) -> Getter:
    """Dates and times are texts in JSON; expressions see them as what they are."""
    if kind is Kind.DATE:
        return lambda base: to_date(get(base))
    if kind is Kind.TIME:
        return lambda base: to_moment(get(base))
    return get


def _tyre_count(event: Event) -> int:
    count = 0
    for line in event.data.get("tyres") or ():
        count += line.get("quantity") or 0
    return count


def event_record(event_type: EventType) -> Record:
    """The members of `data` of an event of this type, and those that are derived."""
    members = {}
    for key, member in event_type.data.members.items():
        get = _converted(member.kind, _event_getter(key))
        members[key] = Attribute(type_of(member, f"event.{key}"), get, member.about, member.required)
    members |= {
        "type": Attribute(TEXT, lambda event: event.type, "the type of the event", sure=True),
        "time": Attribute(TIME, lambda event: event.time, "when it happened", sure=True),
        "id": Attribute(TEXT, lambda event: event.id, "its id, as its source gave it", sure=True),
        "source": Attribute(TEXT, lambda event: event.source, "who sent it", sure=True),
    }
    if "tyres" in members:
        members["tyre_count"] = Attribute(NUMBER, _tyre_count, "how many tyres were bought", sure=True)
    if "tyres" in members or "items" in members:
        members["brand"] = Attribute(TEXT, lambda event: event.brand, "the brand of the first tyre or item")
    return Record(f"{an(event_type.name)} event", members, _itself, sign="time")


def _event_getter(key: str) -> Getter:
    return lambda event: event.data.get(key)


# The customer


def _fact_getter(path: str) -> Getter:
    def fact(customer: Customer) -> Any:
        stated = customer.profile.get(path)
        return None if stated is None else stated.value

    return fact


def _profile(members: Mapping[str, Member], prefix: str) -> dict[str, Attribute]:
    attributes = {}
    for key, member in members.items():
        path = f"{prefix}{key}"
        if member.members:
            inner = made_of(f"customer.{path}", _profile(member.members, f"{path}."))
            attributes[key] = Attribute(inner, _itself, member.about)
        else:
            get = _converted(member.kind, _fact_getter(path))
            attributes[key] = Attribute(type_of(member, f"customer.{path}"), get, member.about)
    return attributes


def _consent_getter(channel: str, purpose: str) -> Getter:
    """The newest statement about this channel and purpose, or all of either; the later arrival on a tie."""
    keys = (f"{channel}/{purpose}", f"{channel}/all", f"all/{purpose}", "all/all")

    def granted(customer: Customer) -> bool | None:
        newest: ConsentStatement | None = None
        for key in keys:
            one = customer.consents.get(key)
            if one is not None and (newest is None or (one.at, one.order) > (newest.at, newest.order)):
                newest = one
        return None if newest is None else newest.granted

    return granted


def customer_record(
    channels: tuple[str, ...], purposes: tuple[str, ...], own_fields: Iterable[str] = ()
) -> Record:
    """The customer; `consent` has the channels, and in each the purposes, of the policy. `own_fields` are those
    that journeys set."""
    consents = {}
    for channel in channels:
        inner = {
            purpose: Attribute(
                BOOLEAN, _consent_getter(channel, purpose), f"consent to {purpose} by {channel}"
            )
            for purpose in purposes
        }
        record = made_of(f"customer.consent.{channel}", inner)
        consents[channel] = Attribute(record, _itself, f"what was agreed to by {channel}")
    members = {name: Attribute(ANY, _fact_getter(name), "set by a journey") for name in sorted(own_fields)}
    members |= _profile(CUSTOMER_MEMBERS, "")
    members["consent"] = Attribute(
        made_of("customer.consent", consents),
        _itself,
        "by channel and purpose: true, false, or none where nothing was said",
    )
    members["tags"] = Attribute(
        ListOf(TEXT), lambda customer: list(customer.tags), "the customer's tags", sure=True
    )
    return made_of("customer", members)


# What comes from the scope


def _of_vehicle(kind: Kind, key: str) -> Getter:
    def fact(scope: Scope) -> Any:
        stated = scope.vehicle.facts.get(key) if scope.vehicle is not None else None
        return None if stated is None else stated.value

    return _converted(kind, fact)


def _odometer_km(scope: Scope) -> float | None:
    estimate = scope.estimate()
    return None if estimate is None else estimate.km


def _km_per_day(scope: Scope) -> float | None:
    estimate = scope.estimate()
    return None if estimate is None else estimate.km_per_day


def vehicle_record() -> Record:
    members = {
        key: Attribute(type_of(member, f"vehicle.{key}"), _of_vehicle(member.kind, key), member.about)
        for key, member in VEHICLE_MEMBERS.items()
    }
    members |= {
        "plate": Attribute(
            TEXT, lambda scope: scope.vehicle.plate if scope.vehicle else None, "number plate", sure=True
        ),
        "vin": Attribute(
            TEXT, lambda scope: scope.vehicle.vin if scope.vehicle else None, "vehicle identification number"
        ),
        "odometer_km": Attribute(NUMBER, _odometer_km, "the odometer as estimated now, km"),
        "km_per_day": Attribute(NUMBER, _km_per_day, "how much the car is driven, km a day"),
    }
    return made_of("vehicle", members)


_DEALER_ABOUTS = {
    "id": "its id",
    "name": "its name",
    "city": "city",
    "district": "district",
    "address": "street and house",
    "postcode": "postcode",
    "phone": "telephone number",
    "email": "email address",
    "hours": "when it is open",
}


def _dealer_getter(name: str) -> Getter:
    return lambda dealer: getattr(dealer, name)


def dealer_record() -> Record:
    members = {
        name: Attribute(TEXT, _dealer_getter(name), _DEALER_ABOUTS.get(name, name))
        for name in Dealer.__struct_fields__
    }
    return made_of("dealer", members)


def run_record(event: Record | None) -> Record:
    """The run; `event` is the record of the event that started it, None for a scheduled one."""
    members = {
        "key": Attribute(
            TEXT, lambda scope: scope.run.key, "the value of `per` that the run is for", sure=True
        ),
        "started_at": Attribute(TIME, lambda scope: scope.run.started_at, "when the run began", sure=True),
        "brand": Attribute(TEXT, lambda scope: scope.brand, "the brand of the run", sure=True),
        "distance_km": Attribute(
            NUMBER,
            lambda scope: scope.distance_km(),
            "km driven since the run began, as estimated now",
            sure=True,
        ),
    }
    if event is not None:
        members["event"] = Attribute(
            event, lambda scope: scope.start_event, "the event that started the run", sure=True
        )
    return made_of("run", members)


def loop_record() -> Record:
    index = Attribute(NUMBER, lambda scope: scope.loop_index, "the round of the repeat, from 1", sure=True)
    return made_of("loop", {"index": index})

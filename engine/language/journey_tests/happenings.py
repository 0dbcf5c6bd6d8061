"""The events of a test: what is given first, then what happens, as the parser of events that come in reads them."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from engine.language.journey_tests import keys
from engine.language.journey_tests.moments import Timed, moment_at
from engine.language.journey_tests.values import value_of
from engine.language.journeys.context import Context
from engine.language.keys import Fields, Key, Placed
from engine.language.nearest import an, did_you_mean
from engine.language.report import Report, Span
from engine.language.source import MappingNode, Node, SequenceNode
from engine.model.diagnostics import Rejection
from engine.model.event_types import CUSTOMER_MEMBERS, VEHICLE_MEMBERS, Kind, Member
from engine.model.events import Event
from engine.model.journey_tests import GIVEN

Parse = Callable[[bytes], Event | list[Rejection]]
"""How intake reads an event: the event, or all that is wrong with it."""

NAMES_PERSON = ("mobile", "email", "member")
NAMES_CAR = ("plate", "vin")
MEMBER = "TEST-1"
"""The member number of a customer who is given without any identifier."""
PLATE = "TEST01"
"""The plate of a car that is not described."""
_CARRIER = "customer.updated"
"""The type whose table of members what is given is checked by."""
_BEFORE = timedelta(seconds=1)
_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_ENVELOPE = frozenset(key.name for key in keys.ENVELOPE.keys)
_CUSTOMER = Member(kind=Kind.OBJECT, members=CUSTOMER_MEMBERS)
_VEHICLE = Member(kind=Kind.OBJECT, members=VEHICLE_MEMBERS)


class Parties(msgspec.Struct, frozen=True):
    """The person and the car of a test, as events name them."""

    customer: dict[str, Any]
    vehicle: dict[str, Any]

    @property
    def person(self) -> dict[str, Any]:
        return {name: self.customer[name] for name in NAMES_PERSON if self.customer.get(name)}

    @property
    def car(self) -> dict[str, Any]:
        return {name: self.vehicle[name] for name in NAMES_CAR if self.vehicle.get(name)}


def parties_of(given: Fields | None, report: Report) -> Parties:
    """Who it is about; whoever is not described is made up."""
    customer = _part(given, keys.CUSTOMER, _CUSTOMER, report)
    vehicle = _part(given, keys.VEHICLE, _VEHICLE, report)
    if not any(customer.get(name) for name in NAMES_PERSON):
        customer = {**customer, "member": MEMBER}
    if not any(vehicle.get(name) for name in NAMES_CAR):
        vehicle = {**vehicle, "plate": PLATE}
    return Parties(customer, vehicle)


def _part(given: Fields | None, key: Key[Node], member: Member, report: Report) -> dict[str, Any]:
    node = None if given is None else given.get(key)
    if node is None:
        return {}
    value = value_of(node, member, f"`{key.name}`", report)
    return {name: one for name, one in value.items() if one is not None} if isinstance(value, dict) else {}


class Happenings:
    """Makes the events of one test."""

    def __init__(self, parties: Parties, source: str, parse: Parse, context: Context) -> None:
        self._parties = parties
        self._source = source
        self._parse = parse
        self._context = context
        self._report = context.report
        self._zone = context.policy.policy.zone

    def given(self, given: Fields | None, at: datetime, recorded: datetime, where: Node) -> Event | None:
        """What is given, as an event that no journey knows."""
        data: dict[str, Any] = {"customer": self._parties.customer}
        statements: list[dict[str, Any]] = []
        if given is not None:
            statements = [
                *self._statements(given.get(keys.CONSENT), granted=True),
                *self._statements(given.get(keys.REFUSED), granted=False),
            ]
            if given.has(keys.VEHICLE):
                data["vehicle"] = self._parties.vehicle
        if statements:
            data["consent"] = statements
        envelope = {"id": GIVEN, "type": _CARRIER, "time": at, "recordedtime": recorded, "data": data}
        event = self._parsed(envelope, where if given is None else given.node, where.span)
        return None if event is None else replace(event, type=GIVEN)

    def _statements(
        self, given: Mapping[str, Placed[tuple[Placed[str], ...]]] | None, *, granted: bool
    ) -> list[dict[str, Any]]:
        found = []
        reading = self._context.policy
        for channel, purposes in (given or {}).items():
            for one in purposes.value:
                if "purposes" in reading.knows and one.value not in (*reading.policy.purposes, "all"):
                    hint = did_you_mean(one.value, reading.policy.purposes)
                    message = f"the policy has no purpose '{one.value}'"
                    self._report.error("unknown-purpose", one.span, message, hint)
                found.append({"channel": channel, "purpose": one.value, "granted": granted})
        return found

    def event(self, timed: Timed, number: int) -> Event | None:
        """What happens, number `number` of the test; None where it is faulty."""
        at = moment_at(timed.moment, self._zone, self._report)
        node = timed.value
        if not isinstance(node, MappingNode):
            keys.ENVELOPE.read(node, self._report)
            return None
        around = MappingNode(node.span, tuple(one for one in node.entries if one.key.text in _ENVELOPE))
        fields = keys.ENVELOPE.read(around, self._report)
        name = None if fields is None else fields.get(keys.TYPE)
        if fields is None or name is None or not self._context.knows_event(name, fields.span(keys.TYPE)):
            return None
        recorded = None
        if (written := fields.get(keys.RECORDED)) is not None:
            recorded = moment_at(written, self._zone, self._report)
        if at is None:
            return None
        envelope = {
            "id": fields.get(keys.ID) or f"{number}",
            "type": name,
            "time": at,
            "recordedtime": recorded,
            "data": self._data(node, name),
        }
        return self._parsed(envelope, node, timed.moment.span)

    def _data(self, node: MappingNode, name: str) -> dict[str, Any]:
        """The event's own members, with the person and the car that it does not name itself."""
        about = self._context.lexicon.event_types[name].data
        own = MappingNode(node.span, tuple(one for one in node.entries if one.key.text not in _ENVELOPE))
        data: dict[str, Any] = {}
        for entry in own.entries:
            if entry.key.text == "consent" and isinstance(entry.value, MappingNode):
                given = keys.BY_CHANNEL.read(entry.value, self._report)
                data["consent"] = self._statements(given, granted=True)
        rest = MappingNode(own.span, tuple(one for one in own.entries if one.key.text not in data))
        data |= value_of(rest, about, name, self._report)
        stranger = self._add(data, about, "customer", NAMES_PERSON, self._parties.person)
        if not stranger:
            self._add(data, about, "vehicle", NAMES_CAR, self._parties.car)
        return {one: value for one, value in data.items() if value is not None}

    @staticmethod
    def _add(
        data: dict[str, Any], about: Member, part: str, names: Sequence[str], known: dict[str, Any]
    ) -> bool:
        """Says who the event is about, unless it says so itself, or `none`. Whether it names another."""
        if part not in about.members:
            return False
        own = data.get(part)
        if part in data and not isinstance(own, dict):
            data[part] = None if own in (None, "none") else own
            return False
        told = own or {}
        if any(told.get(name) for name in names):
            return any(told.get(name) not in (None, known.get(name)) for name in names)
        data[part] = {**known, **told}
        return False

    def _parsed(self, envelope: dict[str, Any], node: Node, where: Span) -> Event | None:
        given = {name: value for name, value in envelope.items() if value is not None}
        whole = {"specversion": "1.0", "source": self._source, **given}
        read = self._parse(msgspec.json.encode(whole))
        if isinstance(read, Event):
            self._set_aside(read, node, where)
            return read
        for one in read:
            path = one.field.removeprefix("data.")
            reason = one.reason.replace("data.", "", 1) if path != one.field else one.reason
            kind = str(envelope.get("type", ""))
            hint = f"`milepost schema events` tells what {an(kind)} event holds, as docs/reference/events.md does"
            self._report.error("bad-event", _place(node, path) or where, reason, hint)
        return None

    def _set_aside(self, event: Event, node: Node, where: Span) -> None:
        aside = event.data.get("unusable")
        for path, value in aside.items() if isinstance(aside, dict) else ():
            message = f"'{value}' cannot be used as {path.rpartition('.')[2]}: it counts as not stated"
            self._report.warning("unusable-value", _place(node, path) or where, message)


def _place(node: Node, path: str) -> Span | None:
    """Where the member at `path` stands, as far as it is written; None where nothing of it is."""
    found: Span | None = None
    for name, index in _PART.findall(path):
        if isinstance(node, MappingNode) and (entry := node.get(name)) is not None:
            node = entry.value
        elif isinstance(node, SequenceNode) and index and int(index) < len(node.items):
            node = node.items[int(index)]
        else:
            break
        found = node.span
    return found


def earliest(events: Sequence[Event]) -> tuple[datetime, datetime] | None:
    """A moment before all that happens, and one before all of it arrives; None where nothing happens."""
    if not events:
        return None
    return min(one.time for one in events) - _BEFORE, events[0].arrived - _BEFORE

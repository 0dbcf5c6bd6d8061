"""A project's own event types: `journeys/events.yaml`."""

import re
from collections.abc import Mapping

from msgspec.structs import replace

from engine.language import words
from engine.language.keys import Fields, Key, Kind, Named, Placed, Table, choice
from engine.language.keys.kinds import Schema, wrong_shape
from engine.language.report import Fault, Report
from engine.language.source import MappingNode, Node, ScalarNode
from engine.model import event_types as types
from engine.model.event_types import COMMON_MEMBERS, EVENT_TYPES, EventType, Member, Subject

_TYPE_NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*(\.[a-z0-9]+([-_][a-z0-9]+)*)+")
_MEMBER_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DERIVED = frozenset({"type", "time", "id", "source", "tyres", "items"})
_KINDS = {
    "text": types.Kind.TEXT,
    "number": types.Kind.NUMBER,
    "integer": types.Kind.INTEGER,
    "boolean": types.Kind.BOOLEAN,
    "date": types.Kind.DATE,
    "time": types.Kind.TIME,
    "list": types.Kind.LIST,
    "any": types.Kind.ANY,
}
_SUBJECTS = {one.value: one for one in (Subject.CUSTOMER, Subject.VEHICLE, Subject.PLACE)}

_KIND = choice("a kind of value", _KINDS)

TYPE: Key[types.Kind] = Key(
    name="type",
    kind=_KIND,
    about="text, number, integer, boolean, date, time, list, or any",
    required=True,
    example="text",
)
REQUIRED: Key[bool] = Key(
    name="required",
    kind=words.TRUTH,
    about="whether an event without it is refused; not, when left out",
    example="true",
)
CHOICES: Key[tuple[Placed[str], ...]] = Key(
    name="choices", kind=words.NAMES, about="the only values that a text may have", example="[yes, no]"
)
MEMBER_ABOUT: Key[str] = Key(name="about", kind=words.TEXT, about="what it is, for people")
MEMBER = Table(
    title="a member of an event",
    about="One member of the event's `data`.",
    keys=(TYPE, REQUIRED, CHOICES, MEMBER_ABOUT),
)


class _MemberKind(Kind[Member]):
    """A member in one word, or with keys."""

    words = "a kind of value, such as `text`, or `{type: text, required: true}`"

    def read(self, node: Node, report: Report) -> Member | None:
        if isinstance(node, ScalarNode) and not node.is_empty:
            kind = _KIND.read(node, report)
            return None if kind is None else Member(kind=kind)
        if not isinstance(node, MappingNode):
            wrong_shape(node, self.words, report)
            return None
        fields = MEMBER.read(node, report)
        return None if fields is None else _member(fields, report)

    def schema(self) -> Schema:
        return {"anyOf": [_KIND.schema(), MEMBER.schema()]}


def _member(fields: Fields, report: Report) -> Member | None:
    kind = fields.get(TYPE)
    if kind is None:
        return None
    choices = tuple(one.value for one in fields.get(CHOICES) or ())
    if choices and kind is not types.Kind.TEXT:
        report.error("misplaced-key", fields.key_span(CHOICES), "only a text has choices", "take them out")
        return None
    return Member(
        kind=kind,
        about=fields.get(MEMBER_ABOUT) or "",
        required=fields.get(REQUIRED) is True,
        choices=choices,
    )


def _member_name(name: str) -> str | Fault:
    if name in COMMON_MEMBERS:
        message = f"every event may have '{name}' without more ado"
        return Fault("reserved-name", message, "take it out")
    if name in _DERIVED:
        return Fault(
            "reserved-name", f"'{name}' is a name of the language", f"call it 'my_{name}', or the like"
        )
    if _MEMBER_NAME.fullmatch(name):
        return name
    return Fault(
        "bad-id", f"'{name}' cannot be named in an expression", "use lower-case letters, digits and _"
    )


def _type_name(name: str) -> str | Fault:
    if name in EVENT_TYPES:
        return Fault("reserved-name", f"there is an event type '{name}' already", "choose another name")
    if _TYPE_NAME.fullmatch(name):
        return name
    return Fault("bad-id", f"'{name}' is no name of an event type", "such as `test-drive.booked`")


ABOUT: Key[str] = Key(name="about", kind=words.TEXT, about="what it tells", example="a test drive was booked")
SUBJECT: Key[Subject] = Key(
    name="subject",
    kind=choice("whom an event is about", _SUBJECTS),
    about="whom it is about: customer (when left out), vehicle, or place",
    example="place",
)
DATA: Key[dict[str, Placed[Member]]] = Key(
    name="data",
    kind=Named("members by name, such as `{model: text}`", _MemberKind(), _member_name),
    about="the members of its `data`",
    example="{model: text}",
)
OWN_EVENT = Table(title="an event type", about="One type of event.", keys=(ABOUT, SUBJECT, DATA))


def read_own_events(node: MappingNode, report: Report) -> Mapping[str, EventType]:
    """The types in the file, those without a fault."""
    found: dict[str, EventType] = {}
    for entry in node.entries:
        name = _type_name(entry.key.text)
        if isinstance(name, Fault):
            report.fault(name, entry.key.span)
            continue
        if isinstance(entry.value, ScalarNode) and entry.value.is_empty:
            found[name] = types.own_type(name, "", Subject.CUSTOMER, {})
            continue
        fields = OWN_EVENT.read(entry.value, report)
        if fields is not None:
            found[name] = _type(name, fields)
    return found


def _type(name: str, fields: Fields) -> EventType:
    subject = fields.get(SUBJECT) or Subject.CUSTOMER
    members = {key: one.value for key, one in (fields.get(DATA) or {}).items()}
    made = types.own_type(name, fields.get(ABOUT) or "", subject, members)
    if subject is not Subject.VEHICLE:
        return made
    car = {**made.data.members, "vehicle": types.vehicle(required=True)}
    return replace(made, data=replace(made.data, members=car))

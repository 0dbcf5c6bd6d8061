"""The reference page and the JSON Schema of events, made from the table, so that they cannot disagree with
what is checked. `docs/` holds them as made; a test holds them to be current.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from engine.intake.parse.envelope import ENVELOPE
from engine.model.event_types import (
    CONSENT,
    CUSTOMER_MEMBERS,
    EVENT_TYPES,
    EventType,
    Kind,
    Member,
    Subject,
    customer,
    list_of,
    vehicle,
)

_JSON_TYPES: Mapping[Kind, dict[str, Any]] = {
    Kind.TEXT: {"type": "string", "minLength": 1},
    Kind.NUMBER: {"type": "number"},
    Kind.INTEGER: {"type": "integer"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DATE: {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    Kind.TIME: {
        "type": "string",
        "format": "date-time",
        "pattern": r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:?\d{2})$",
    },
}

_SUBJECTS = {
    Subject.CUSTOMER: "Must name a person (mobile, email or member number) or a known car (plate or VIN).",
    Subject.VEHICLE: "Must name a car (plate or VIN); where `vehicle` is not required, a person will do.",
    Subject.MESSAGE: "A receipt: about the customer to whom the message went.",
    Subject.TASK: "About the customer whom the task concerns.",
    Subject.PLACE: "Nobody needs to be named.",
}

_SHARED = {"customer": "Customer", "vehicle": "Vehicle", "consent": "Consent"}
"""Members that are the same in every type, told once."""

_OPENING = """\
# Events

Everything enters as an event: a [CloudEvents 1.0](https://cloudevents.io) object in JSON and UTF-8, one a
line in a `.jsonl` file. `source` and `id` name it for ever: the same pair again is a duplicate and changes
nothing.

This page is made from the table that incoming events are checked by; so is
[the JSON Schema](schemas/events.schema.json). A member in **bold** is required. Members that are not listed
are kept as they came. A listed one of a wrong type, a number below its least, a missing required one, an
unknown `type`, a date that is none: the event is refused whole, with a reason that names the member, and kept
to be mended.

- A member that is null or a blank text counts as not stated.
- A whole number may be written `2` or `2.0`, never as a text.
- A time is RFC 3339 with a zone (`2025-03-08T14:20:00+08:00`; `+0800`, and `Z`, do as well). A date is
  `YYYY-MM-DD`.
- A member given twice in one object, JSON nested more than 400 levels deep, a line of more than 1 MiB, `NaN`
  and numbers beyond a double are refused.
- Identifiers are cleaned before they are compared: mobiles to E.164, emails to lower case, plates and VINs to
  upper case without blanks, dots and hyphens; full-width characters count as their usual forms.
- An identifier that cannot be one (`12345` for a mobile), or an odometer below zero, does not cost the event:
  it is moved to `data.unusable` under its path, and leads to nobody. Only an event that then names nobody, or
  lacks what its type requires, is refused.
"""


def events_markdown(event_types: Mapping[str, EventType] = EVENT_TYPES) -> str:
    """The reference page."""
    parts = [_OPENING, "\n## Around the data\n\n", *_table(ENVELOPE, "")]
    shared: dict[str, Member] = {}
    for one in event_types.values():
        parts += [f"\n## {one.name}\n\n", f"{_sentence(one.about)} {_SUBJECTS[one.subject]}\n\n"]
        if one.data.at_least_one_of:
            parts.append(f"At least one of {_codes(one.data.at_least_one_of)} is needed.\n\n")
        parts += _table(one.data, "data.")
        shared |= {name: member for name, member in one.data.members.items() if name in _SHARED}
    for name, title in _SHARED.items():
        if name in shared:
            parts += [f"\n## {title}\n\n", f"Members of `{name}`, wherever it stands.\n\n"]
            member = shared[name]
            parts += _table(member.item or member, f"{name}." if member.item is None else f"{name}[].")
    return "".join(parts)


def _table(member: Member, prefix: str) -> Iterator[str]:
    yield "| member | type | what it tells |\n|---|---|---|\n"
    for name, inner in _rows(member, prefix):
        label = f"**`{name}`**" if inner.required else f"`{name}`"
        yield f"| {label} | {_kind(inner)} | {_about(inner)} |\n"


def _rows(member: Member, prefix: str) -> Iterator[tuple[str, Member]]:
    """The members of `member`, and those inside them but for the shared ones."""
    for name, inner in member.members.items():
        yield prefix + name, inner
        if prefix == "data." and (name in _SHARED or inner.members is CUSTOMER_MEMBERS):
            yield from (
                (f"{prefix}{name}.{one}", part) for one, part in inner.members.items() if part.required
            )
            continue
        if inner.kind is Kind.OBJECT:
            yield from _rows(inner, f"{prefix}{name}.")
        elif inner.item is not None and inner.item.kind is Kind.OBJECT:
            yield from _rows(inner.item, f"{prefix}{name}[].")


def _kind(member: Member) -> str:
    if member.item is not None:
        return f"list of {member.item.kind}s"
    return {Kind.INTEGER: "whole number", Kind.BOOLEAN: "true or false"}.get(member.kind, str(member.kind))


def _about(member: Member) -> str:
    parts = [member.about] if member.about else []
    if member.choices:
        parts.append(f"one of {_codes(member.choices)}")
    if member.usual:
        parts.append(f"usually {_codes(member.usual)}")
    if member.least is not None:
        parts.append(f"at least {member.least}")
    if member.at_least_one_of:
        parts.append(f"at least one of {_codes(member.at_least_one_of)}")
    if member.members is CUSTOMER_MEMBERS:
        parts.append("see [Customer](#customer)")
    return "; ".join(parts)


def _codes(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def events_schema(event_types: Mapping[str, EventType] = EVENT_TYPES) -> dict[str, Any]:
    """JSON Schema (2020-12) of one event. It tells how to write events; what is understood besides (blanks,
    nulls) it does not tell, and whether somebody is named it cannot."""
    envelope = envelope_schema(event_types)
    kinds = [
        {
            "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
            "then": {"properties": {"data": data_schema(one)}},
        }
        for name, one in event_types.items()
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An event",
        **envelope,
        "allOf": kinds,
        "$defs": shared_schemas(),
    }


def envelope_schema(event_types: Mapping[str, EventType] = EVENT_TYPES) -> dict[str, Any]:
    """Of what is around `data`."""
    envelope = _schema(ENVELOPE)
    envelope["properties"]["type"] = {"enum": list(event_types), "description": "the type of event"}
    return envelope


def data_schema(event_type: EventType) -> dict[str, Any]:
    """Of the `data` of one type; refers to `shared_schemas` under `#/$defs/`."""
    return _schema(event_type.data) | {"description": event_type.about}


def data_schemas(event_types: Mapping[str, EventType] = EVENT_TYPES) -> dict[str, dict[str, Any]]:
    """Of the `data` of every type."""
    return {name: data_schema(one) for name, one in event_types.items()}


def shared_schemas() -> dict[str, dict[str, Any]]:
    """Of what is the same in every type."""
    return {
        "customer": _schema(customer()),
        "vehicle": _schema(vehicle()),
        "consent": _schema(list_of(CONSENT, "statements of consent")),
    }


def _schema(member: Member) -> dict[str, Any]:
    schema: dict[str, Any] = {**_JSON_TYPES.get(member.kind, {})}
    if about := _about(msgspec.structs.replace(member, choices=(), at_least_one_of=(), least=None)):
        schema["description"] = about
    if member.choices:
        schema["enum"] = list(member.choices)
    if member.least is not None:
        schema["minimum"] = member.least
    if member.kind is Kind.LIST:
        schema["type"] = "array"
        if member.item is not None:
            schema["items"] = _schema(member.item)
    if member.kind is Kind.OBJECT:
        schema["type"] = "object"
        if member.members:
            schema["properties"] = {name: _member_schema(name, one) for name, one in member.members.items()}
        schema |= _demands(member)
    return schema


def _member_schema(name: str, member: Member) -> dict[str, Any]:
    """The schema of one member; what is the same in every type is referred to."""
    if name not in _SHARED:
        return _schema(member)
    return {"$ref": f"#/$defs/{name}", **_demands(member)}


def _demands(member: Member) -> dict[str, Any]:
    demands: dict[str, Any] = {}
    if required := [name for name, inner in member.members.items() if inner.required]:
        demands["required"] = required
    if member.at_least_one_of:
        demands["anyOf"] = [{"required": [name]} for name in member.at_least_one_of]
    return demands

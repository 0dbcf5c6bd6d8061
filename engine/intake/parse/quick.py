"""The quick yes: msgspec types made from the table, one for each type of event.

They look at what the decoder gave and say whether all of it is certainly right, in about 2 µs. They are never
asked what is wrong. Whatever they accept `strict` accepts too, unchanged (a property in the tests); the other
way round it costs only time.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import msgspec

from engine.intake.parse.envelope import SPECVERSION, is_json
from engine.intake.parse.moments import Moment
from engine.model.event_types import EventType, Kind, Member

Times = tuple[datetime, datetime | None]
"""`time` and `recordedtime`, in UTC."""

_TEXT = Annotated[str, msgspec.Meta(min_length=1)]
_LEAVES: dict[Kind, Any] = {
    Kind.TEXT: _TEXT,
    Kind.NUMBER: int | float,
    Kind.INTEGER: int,
    Kind.BOOLEAN: bool,
    Kind.DATE: date,
    Kind.TIME: Moment,
    Kind.ANY: Any,
}


def quick_check(event_types: Mapping[str, EventType]) -> Callable[[dict[str, Any]], Times | None]:
    """A function that gives the times of an event that is certainly right, and None where it is not sure."""
    checked = {name: _event(one) for name, one in event_types.items()}
    for one in checked.values():
        # Has msgspec look into the type now. It would when it is first used, and when two threads do that in the same
        # moment, the second one finds it half done and the process dies.
        msgspec.json.Decoder(one)
    convert, refused = msgspec.convert, msgspec.ValidationError

    def check(event: dict[str, Any]) -> Times | None:
        try:
            seen: Any = convert(event, checked[event["type"]])
            if not (seen.id.isprintable() and seen.source.isprintable()):
                return None
            if seen.datacontenttype is not None and not is_json(seen.datacontenttype):
                return None
            time, recorded = seen.time, seen.recordedtime
            return time.astimezone(UTC), None if recorded is None else recorded.astimezone(UTC)
        except (refused, KeyError, TypeError, OverflowError):
            return None

    return check


def _event(event_type: EventType) -> Any:
    return msgspec.defstruct(
        "Event",
        [
            ("specversion", Literal[SPECVERSION]),
            ("id", _TEXT),
            ("source", _TEXT),
            ("time", Moment),
            ("data", _type(event_type.data)),
            ("recordedtime", Moment | None, None),
            ("datacontenttype", _TEXT | None, None),
            ("data_base64", None, None),
        ],
        gc=False,
    )


def _type(member: Member) -> Any:
    """The msgspec type of `member`; an object's members go by number, since a name may be any text."""
    if member.kind is Kind.TEXT and member.choices:
        return Literal[member.choices]
    if member.kind is Kind.LIST:
        return list[Any] if member.item is None else list[_type(member.item)]  # type: ignore[misc]
    if member.least is not None:
        return _from(member.least, member.kind)
    if member.kind is not Kind.OBJECT:
        return _LEAVES[member.kind]
    fields: list[Any] = []
    for number, (name, inner) in enumerate(member.members.items()):
        kind = _type(inner)
        if inner.required:
            fields.append((f"m{number}", kind, msgspec.field(name=name)))
        else:
            optional = kind | msgspec.UnsetType
            fields.append((f"m{number}", optional, msgspec.field(default=msgspec.UNSET, name=name)))
    return msgspec.defstruct("Object", fields, kw_only=True, gc=False)


def _from(least: int, kind: Kind) -> Any:
    whole = Annotated[int, msgspec.Meta(ge=least)]
    return whole if kind is Kind.INTEGER else whole | Annotated[float, msgspec.Meta(ge=least)]

"""From the texts of a message's values back to dates and moments.

A message carries JSON, so a date is a text there. It is one again where the events' schema says that the
member of that name is a date or a time, or the language gives a moment by that name.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from engine.model.event_types import EVENT_TYPES, Kind, Member

_OF_THE_LANGUAGE = frozenset({"time", "recorded", "started_at", "now", "today"})
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})")


def _names(members: Mapping[str, Member]) -> Iterator[str]:
    for name, member in members.items():
        if member.kind in (Kind.DATE, Kind.TIME):
            yield name
        yield from _names(member.members)
        if member.item is not None:
            yield from _names(member.item.members)


MOMENTS = _OF_THE_LANGUAGE | {name for one in EVENT_TYPES.values() for name in _names(one.data.members)}
"""The names of members that hold a date or a moment."""


def moment(name: str, text: str, zone: ZoneInfo) -> date | datetime | str:
    """The date, or the moment in `zone`, that the member `name` gives as `text`; `text` itself if it is
    none."""
    if name not in MOMENTS:
        return text
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        if _TIME.fullmatch(text):
            return datetime.fromisoformat(text.upper()).astimezone(zone)
    except ValueError:
        return text
    return text

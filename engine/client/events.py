"""From what a dealer's software has at hand to the bytes of an event, checked by the engine's own rules."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from os import urandom
from typing import Any, NamedTuple

import msgspec

from engine.intake.clean import Unusable, unusable
from engine.intake.keys import RawKeys, inbox_key
from engine.intake.parse import MOST_BYTES, Parser
from engine.intake.parse.envelope import SPECVERSION
from engine.model.diagnostics import Rejection
from engine.model.errors import MilepostError
from engine.model.event_types import EventType
from engine.model.events import Event

MOST_EVENT_BYTES = MOST_BYTES - 1024
"""What an event may take so that the broker, whose limit is for the record around it, takes it too."""

_encode = msgspec.json.Encoder().encode


class EventRefused(MilepostError):  # noqa: N818 - named for what it tells the dealer
    """The event is not right, and was not sent. `rejections` has every fault, each with its member."""

    def __init__(self, rejections: Sequence[Rejection]) -> None:
        reasons = "; ".join(one.reason for one in rejections)
        super().__init__(f"The event is not right: {reasons}.", "See docs/reference/events.md.")
        self.rejections = tuple(rejections)


class _Name(msgspec.Struct):
    source: str = ""
    id: str = ""


_name = msgspec.json.Decoder(_Name).decode


def name_of(raw: bytes) -> tuple[str, str]:
    """`source` and `id`; empty texts where they cannot be read."""
    try:
        name = _name(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "", ""
    return name.source, name.id


class Draft(NamedTuple):
    """An event ready to be kept and sent."""

    source: str
    id: str
    key: bytes | None
    raw: bytes
    notes: tuple[Unusable, ...] = ()
    arrived: datetime | None = None  # what history is replayed by; None of what was not checked


class Composer:
    """Makes drafts of events from `source`."""

    def __init__(self, source: str, event_types: Mapping[str, EventType], country: str | None) -> None:
        self._source = source
        self._parser = Parser(event_types, country)
        self._keys = RawKeys(country)

    def compose(
        self,
        type: str,  # noqa: A002 - as CloudEvents has it
        data: Mapping[str, Any],
        id: str | None,  # noqa: A002
        time: datetime | str | None,
        recordedtime: datetime | str | None,
    ) -> bytes:
        """A whole event. What is not given is made here, once: the spool keeps it."""
        now = datetime.now(UTC).astimezone().isoformat()
        event = {
            "specversion": SPECVERSION,
            "id": urandom(16).hex() if id is None else id,
            "source": self._source,
            "type": type,
            "time": now if time is None else time,
            "recordedtime": now if recordedtime is None else recordedtime,
            "datacontenttype": "application/json",
            "data": data,
        }
        try:
            raw = _encode(event)
        except (TypeError, ValueError, RecursionError) as error:
            raise _refused("data", f"data cannot be written as JSON: {error}", b"") from None
        if b"null" in raw and (place := _no_number(data, "data")):
            raise _refused(place, f"{place} is no number that JSON has", raw)
        return raw

    def checked(self, raw: bytes) -> Draft:
        """Raises `EventRefused`."""
        event = self._parser.parse(raw)
        if not isinstance(event, Event):
            raise EventRefused(event)
        return _fitting(Draft(event.source, event.id, inbox_key(event), raw, unusable(event), event.arrived))

    def unchecked(self, raw: bytes) -> Draft:
        """Raises `EventRefused` only for what no broker takes."""
        source, id = name_of(raw)  # noqa: A001
        return _fitting(Draft(source, id, self._keys.of(raw), raw))


def _fitting(draft: Draft) -> Draft:
    if len(draft.raw) + len(draft.key or b"") > MOST_EVENT_BYTES:
        reason = f"the event is longer than a broker takes ({MOST_EVENT_BYTES} bytes with its key)"
        raise _refused("", reason, draft.raw)
    return draft


def _refused(field: str, reason: str, raw: bytes) -> EventRefused:
    return EventRefused([Rejection(file="", line=0, field=field, reason=reason, raw=raw)])


def _no_number(value: Any, place: str) -> str | None:
    """Where a NaN or an infinity stands: JSON has neither, and the encoder would write null."""
    if isinstance(value, float):
        return None if isfinite(value) else place
    inner: Any = ()
    if isinstance(value, Mapping):
        inner = ((f"{place}.{name}", one) for name, one in value.items())
    elif isinstance(value, list | tuple):
        inner = ((f"{place}[{index}]", one) for index, one in enumerate(value))
    return next((found for at, one in inner if (found := _no_number(one, at))), None)

"""An event as the engine knows it: checked, its identifiers cleaned, its moment in UTC; and how a document keeps
one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from engine.model.ids import event_key


class _Once:
    """A member that is reckoned when it is first asked for; from then on the event's own dictionary has it.
    (`functools.cached_property` takes a lock on Python 3.11, which costs more than what is reckoned here.)"""

    def __init__(self, reckon: Callable[[Any], bytes]) -> None:
        self._reckon = reckon
        self._name = reckon.__name__
        self.__doc__ = reckon.__doc__

    def __get__(self, event: Any, _owner: type | None = None) -> bytes:
        value = event.__dict__[self._name] = self._reckon(event)
        return value


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, dict=True):
    """One accepted event.

    `data` is the CloudEvent's `data` as it came, unknown members and all, but for identifiers, which are
    cleaned: `customer.mobile` in E.164, `customer.email` in lower case, `vehicle.plate` and `vin` without
    blanks and dots in upper case. Dates and times in it stay texts, as in JSON.
    `recorded` is the moment it was sent (`recordedtime`).
    """

    source: str
    id: str
    type: str
    time: datetime
    data: dict[str, Any]
    recorded: datetime | None = msgspec.field(default=None, name="recordedtime")

    @_Once
    def key(self) -> bytes:
        """16 bytes for `(source, id)`."""
        return event_key(self.source, self.id)

    @property
    def arrived(self) -> datetime:
        """When it was recorded, else when it happened: what history is replayed by."""
        return self.recorded or self.time

    @property
    def brand(self) -> str | None:
        """The brand of the first tyre or item that has one."""
        for line in self.data.get("tyres") or self.data.get("items") or ():
            brand = line.get("brand")
            if brand:
                return str(brand)
        return None

    @property
    def tyre_count(self) -> int:
        """The sum of `tyres[].quantity`."""
        return sum(line.get("quantity") or 0 for line in self.data.get("tyres") or ())

    @property
    def dealer(self) -> str | None:
        return self.data.get("dealer")


KeptEvent = msgspec.Raw
"""An event as documents keep it: its JSON, which is read when somebody asks for it. Most of what is kept is only
carried along, again and again, until a run that began with it comes to its text."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Event).decode


def keep(event: Event) -> KeptEvent:
    return msgspec.Raw(_encode(event))


def kept_event(kept: KeptEvent) -> Event:
    return _decode(kept)


def to_cloud_event(event: Event) -> bytes:
    """The event as a CloudEvent in JSON, as other systems read it and as it can be sent in again."""
    return b'{"specversion":"1.0",' + _encode(event)[1:]


def from_cloud_event(value: bytes) -> Event:
    """What `to_cloud_event` wrote. Raises `msgspec.DecodeError` for anything else."""
    return _decode(value)

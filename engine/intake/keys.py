"""The key of a record in `care.inbox`: the customer's mobile, else email, member number, plate, as cleaned.

Order is promised for records with the same key, so whoever writes there (dealers' software, the gateway) takes the
key from here. Where the contract is silent: an event that names only a VIN has the VIN for its key; one that names
nobody (a weather warning, a receipt) has none, and is promised no order.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from engine.intake.clean import CAR_KINDS, PERSON_KINDS, Clean, cleans_of
from engine.model.events import Event

_NAMED_IN = (*(("customer", kind) for kind in PERSON_KINDS), *(("vehicle", kind) for kind in CAR_KINDS))


def inbox_key(event: Event) -> bytes | None:
    """The key of an event that has been checked, whose identifiers are clean."""
    for part, kind in _NAMED_IN:
        named = event.data.get(part)
        if isinstance(named, dict) and (value := named.get(kind)):
            return str(value).encode()
    return None


class RawKeys:
    """Keys of events that nobody has checked: what can be read of them counts. `country` as for `Parser`."""

    def __init__(self, country: str | None) -> None:
        self._cleans: Mapping[str, Clean] = cleans_of(country)

    def of(self, raw: bytes) -> bytes | None:
        try:
            event = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        data = event.get("data") if isinstance(event, dict) else None
        if not isinstance(data, dict):
            return None
        for part, kind in _NAMED_IN:
            if (value := self._cleaned(data.get(part), kind)) is not None:
                return value.encode()
        return None

    def _cleaned(self, named: Any, kind: str) -> str | None:
        raw = named.get(kind) if isinstance(named, dict) else None
        value: str | None = self._cleans[kind](raw) if isinstance(raw, str) else None
        return value

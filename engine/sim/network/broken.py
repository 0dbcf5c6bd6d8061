"""Lines that must be refused, one of every kind, made from a sound event."""

from collections.abc import Callable
from typing import Any

import msgspec

Event = dict[str, Any]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def _without(name: str) -> Callable[[Event], bytes]:
    return lambda event: _line({key: value for key, value in event.items() if key != name})


def _with(**members: Any) -> Callable[[Event], bytes]:
    return lambda event: _line({**event, **members})


def _data(**members: Any) -> Callable[[Event], bytes]:
    return lambda event: _line({**event, "data": {**event["data"], **members}})


def _line(event: Event) -> bytes:
    return msgspec.json.encode(event)


def _misspelt(event: Event) -> bytes:
    return _line({**event, "type": "purchase.recroded"})


def _no_zone(event: Event) -> bytes:
    return _line({**event, "time": event["time"][:19]})


def _nobody(event: Event) -> bytes:
    data = {name: value for name, value in event["data"].items() if name != "vehicle"}
    return _line({**event, "data": {**data, "customer": {"name": "不详"}}})


KINDS: tuple[tuple[str, Callable[[Event], bytes]], ...] = (
    ("", lambda _event: _BYTE_ORDER_MARK + b"<xml>not json</xml>"),
    ("type", _misspelt),
    ("time", _no_zone),
    ("id", _without("id")),
    ("data.customer", _nobody),
    ("", lambda event: _line(event)[:180]),
    ("time", _with(time="2025-13-32 25:61")),
    ("type", _without("type")),
    ("data.amount", _data(amount="八百元")),
    ("specversion", _with(specversion="0.3")),
    ("data.work", _data(work="alignment")),
    ("data.consent[0].channel", _data(consent=[{"channel": "phone", "purpose": "care", "granted": True}])),
    ("source", _with(source="")),
)
"""The member at fault, and what makes such a line of a `service.visited`."""

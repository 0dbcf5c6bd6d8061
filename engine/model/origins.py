"""Which dealer an input is from, as far as it says so."""

import re
from typing import Any

import msgspec

_SOURCE = re.compile(r"/dealers/([^/?#\s]{1,64})")
_MOST = 64
_ROW = "milepost-row"
"""What a row that a dealer typed is kept as: `engine.intake.sheets.kept`."""


class _Told(msgspec.Struct):
    source: Any = None
    form: Any = None
    dealer: Any = None
    data: Any = None


_decode = msgspec.json.Decoder(_Told).decode


def dealer_of(source: Any, data: Any) -> str:
    """By an event's source `/dealers/<id>`, else by `data.dealer`; empty where neither says so."""
    found = _SOURCE.fullmatch(source) if isinstance(source, str) else None
    if found:
        return found[1]
    told = data.get("dealer") if isinstance(data, dict) else None
    return told if isinstance(told, str) and len(told) <= _MOST else ""


def dealer_in(raw: bytes) -> str:
    """The same of a refused input, an event or a row: what can be read of it."""
    try:
        told = _decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    if told.form == _ROW and isinstance(told.dealer, str):
        return told.dealer[:_MOST]
    return dealer_of(told.source, told.data)

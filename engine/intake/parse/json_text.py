"""Bytes → objects.

msgspec's decoder refuses what JSON does not have (NaN, Infinity, lone surrogates, numbers beyond a double).
It keeps the last of members given twice, so that is found out here: encoding the result again gives the same
bytes, or at least as many colons as the text had, unless a member was lost. Only then, or where colons are
hidden in escapes, is the text read a second time, slowly and exactly. The same encoding shows whether a text
may be blank.
"""

import json
import re
from collections.abc import Iterator
from math import isinf
from typing import Any

import msgspec

from engine.intake.parse.faults import Fault, path

MOST_BYTES = 1024 * 1024
"""What one event may take: Kafka's own limit for a record (`message.max.bytes`, 1 MiB)."""

MOST_LEVELS = 400
"""How deeply objects and lists may nest: a good way from the thousand levels at which Python gives up, so
that an event that was read can be written wherever that is done."""

_SHORTEST_LEVEL = len("[]")
_SHORTEST_OBJECT = len('{"":}')  # around another level
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LARGE = re.compile(rb"[eE]\+?[0-9]{2}|[0-9]{300}")  # what no number beyond a double is without
_TOO_DEEP = Fault("", f"nests more than {MOST_LEVELS} levels deep")
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


Read = tuple[dict[str, Any], bool]
"""An object, and whether one of its texts begins with a blank, so that it may be a blank text."""


def read_object(raw: bytes) -> Read | Fault:
    """The object that `raw` holds."""
    if len(raw) > MOST_BYTES:
        return Fault("", f"is longer than an event may be ({MOST_BYTES} bytes)")
    raw = raw.removeprefix(_BYTE_ORDER_MARK)
    try:
        value = _decode(raw)
        if len(raw) > MOST_LEVELS * _SHORTEST_LEVEL and _nests_too_deeply(raw, value):
            return _TOO_DEEP
        text = _encode(value)
        if text != raw and _may_have_lost(raw, text):
            twice = _given_twice(raw)
            if twice is not None:
                return Fault(twice, "is given twice in one object")
    except UnicodeDecodeError:
        return Fault("", "is not UTF-8")
    except RecursionError:
        return _TOO_DEEP
    except msgspec.ValidationError:
        return Fault(beyond_double(raw) or "", "holds a number that is out of range")
    except msgspec.DecodeError as error:
        return Fault("", f"is not JSON ({_position(str(error), raw)})")
    if type(value) is not dict:
        return Fault("", "is not a JSON object")
    return value, _may_hold_blanks(text)


def _may_have_lost(raw: bytes, text: bytes) -> bool:
    """Whether `text`, the members of `raw` that were kept, may be fewer than `raw` had."""
    return raw.count(b":") != text.count(b":") or (raw.find(b"\\") >= 0 and raw.find(b"\\u003") >= 0)


def _may_hold_blanks(text: bytes) -> bool:
    """Whether a text in it begins with a blank. A single byte is looked for first: that is much quicker."""
    if text.find(b" ") >= 0 and text.find(b'" ') >= 0:
        return True
    return text.find(b"\xe3") >= 0 and text.find(b'"\xe3\x80\x80') >= 0


def _position(message: str, raw: bytes) -> str:
    """What is wrong, in msgspec's words without its opening; they name places, never content."""
    if not raw.strip():
        return "it is empty"
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "it looks like UTF-16; save it as UTF-8"
    if "truncated" in message:
        return "it breaks off, or holds half of a surrogate pair"
    return message.removeprefix("JSON is malformed: ")


def _nests_too_deeply(raw: bytes, value: Any) -> bool:
    """Level by level, without recursion: `value` may be deeper than Python follows."""
    lists = raw.count(b"[")
    if lists + len(raw) // _SHORTEST_OBJECT < MOST_LEVELS or lists + raw.count(b"{") <= MOST_LEVELS:
        return False
    levels = 0
    layer = [value]
    while layer := [one for one in layer if isinstance(one, dict | list)]:
        layer = [inner for one in layer for inner in (one.values() if isinstance(one, dict) else one)]
        levels += 1
    return levels > MOST_LEVELS


def beyond_double(raw: bytes) -> str | None:
    """The path of the first number that is larger than a double holds, whole numbers too; empty for the text itself,
    None where there is none. For JSON."""
    if not _LARGE.search(raw):
        return None
    try:
        value = json.loads(raw, parse_float=float, parse_int=float)
        return next((path(place) for place in _infinite(value, ())), None)
    except RecursionError:
        return None


def _infinite(value: Any, place: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, float) and isinf(value):
        yield place
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _infinite(inner, (*place, key))


class _Pairs(list[tuple[str, Any]]):
    """An object as its members in order, those given twice and all."""


def _given_twice(raw: bytes) -> str | None:
    """The path of the first member that is given twice in one object."""
    first = next(_repeated(json.loads(raw, object_pairs_hook=_Pairs), ()), None)
    return None if first is None else path(first)


def _repeated(value: Any, place: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, _Pairs):
        seen = set()
        for name, inner in value:
            if name in seen:
                yield (*place, name)
            seen.add(name)
            yield from _repeated(inner, (*place, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _repeated(inner, (*place, index))

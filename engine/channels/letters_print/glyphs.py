"""Fonts of letters, taken apart into glyphs and put together again: CFF, as far as PDF files carry it (Adobe's
technical note 5176), of the kind in which a glyph has no name but a number (CID-keyed).

A glyph's outline is a string of bytes that means the same in every font, as long as it calls no subroutine of its own:
such fonts are taken, others left as they are.
"""

import struct
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

Operands = dict[int | tuple[int, int], list[int | str]]

_CHARSET, _CHARSTRINGS, _PRIVATE, _SUBRS = 15, 17, 18, 19
_FONT_BBOX = 5
_ROS, _CID_COUNT, _FD_ARRAY, _FD_SELECT, _FONT_NAME, _FONT_MATRIX = (
    (12, 30), (12, 34), (12, 36), (12, 37), (12, 38), (12, 7),
)  # fmt: skip
_FIRST_OWN_STRING = 391


class Outline(NamedTuple):
    """A glyph's outline. `private` are the values by which it is drawn (widths, blue zones), as bytes."""

    charstring: bytes
    private: bytes


def outlines_of(font: bytes) -> list[Outline] | None:
    """The outlines of a CID-keyed CFF font, by number; None where they cannot be told apart from it."""
    try:
        return _outlines(font)
    except (struct.error, IndexError, KeyError, ValueError):
        return None


def _outlines(font: bytes) -> list[Outline] | None:
    _names, at = _index(font, font[2])
    tops, at = _index(font, at)
    _strings, at = _index(font, at)
    subroutines, at = _index(font, at)
    top = _dict(tops[0])
    if _ROS not in top or _FONT_MATRIX in top or subroutines:
        return None
    charstrings, _ = _index(font, _number(top, _CHARSTRINGS))
    count = len(charstrings)
    if _numbers_of(font, _number(top, _CHARSET), count) != list(range(count)):
        return None
    privates = []
    for raw in _index(font, _number(top, _FD_ARRAY))[0]:
        private = _private(font, _dict(raw))
        if private is None:
            return None
        privates.append(private)
    choices = _choices(font, _number(top, _FD_SELECT), count)
    return [Outline(one, privates[n]) for one, n in zip(charstrings, choices, strict=True)]


def _private(font: bytes, part: Operands) -> bytes | None:
    if _FONT_MATRIX in part:
        return None
    size, start = (int(one) for one in part[_PRIVATE])
    raw = font[start : start + size]
    return None if _SUBRS in _dict(raw) else raw


def _number(operands: Operands, operator: int | tuple[int, int]) -> int:
    return int(operands[operator][0])


def _index(font: bytes, at: int) -> tuple[list[bytes], int]:
    """The items of an INDEX, and where it ends."""
    (count,) = struct.unpack_from(">H", font, at)
    if count == 0:
        return [], at + 2
    size = font[at + 2]
    starts = at + 3
    ends = [int.from_bytes(font[starts + n * size : starts + (n + 1) * size]) for n in range(count + 1)]
    base = starts + (count + 1) * size - 1
    return [font[base + a : base + b] for a, b in pairwise(ends)], base + ends[-1]


def _dict(raw: bytes) -> Operands:
    found: Operands = {}
    operands: list[int | str] = []
    at = 0
    while at < len(raw):
        first = raw[at]
        at += 1
        if first <= 21:
            operator: int | tuple[int, int] = first
            if first == 12:
                operator = 12, raw[at]
                at += 1
            found[operator] = operands
            operands = []
        elif first == 28:
            operands.append(struct.unpack_from(">h", raw, at)[0])
            at += 2
        elif first == 29:
            operands.append(struct.unpack_from(">i", raw, at)[0])
            at += 4
        elif first == 30:  # a real number, of which nothing here depends
            end = next(n for n in range(at, len(raw)) if raw[n] & 15 == 15) + 1
            operands.append(raw[at:end].hex())
            at = end
        elif first <= 246:
            operands.append(first - 139)
        elif first <= 250:
            operands.append((first - 247) * 256 + raw[at] + 108)
            at += 1
        else:
            operands.append(-(first - 251) * 256 - raw[at] - 108)
            at += 1
    return found


def _numbers_of(font: bytes, at: int, count: int) -> list[int]:
    """The glyphs' CIDs, by their places."""
    form, numbers = font[at], [0]
    at += 1
    while len(numbers) < count:
        (first,) = struct.unpack_from(">H", font, at)
        more = 0 if form == 0 else font[at + 2] if form == 1 else struct.unpack_from(">H", font, at + 2)[0]
        numbers.extend(range(first, first + more + 1))
        at += 2 + form
    return numbers


def _choices(font: bytes, at: int, count: int) -> list[int]:
    """Which part of the font each glyph belongs to."""
    if font[at] == 0:
        return list(font[at + 1 : at + 1 + count])
    if font[at] != 3:
        raise ValueError
    (ranges,) = struct.unpack_from(">H", font, at + 1)
    chosen: list[int] = []
    for n in range(ranges):
        first, part, end = struct.unpack_from(">HBH", font, at + 3 + 3 * n)
        chosen.extend([part] * (end - first))
    return chosen[:count]


def font_of(name: str, outlines: Sequence[Outline], box: Sequence[int]) -> bytes:
    """A CID-keyed CFF font of these outlines, each under its place's number; the first is what stands for none. `box`
    is the smallest that holds them all."""
    privates = sorted({one.private for one in outlines})
    places = {one: n for n, one in enumerate(privates)}
    label = name.encode("ascii", "replace")
    strings = _written([b"Adobe", b"Identity", label])
    charset = b"\x02" + struct.pack(">HH", 1, max(len(outlines) - 2, 0)) if len(outlines) > 1 else b"\x00"
    select = b"\x00" + bytes(places[one.private] for one in outlines)
    charstrings = _written([one.charstring for one in outlines])

    head = b"\x01\x00\x04\x04" + _written([label])
    top_size = len(_top(box, 0, 0, 0, 0, 0))
    at = len(head) + len(_written([bytes(top_size)])) + len(strings) + 2
    places_of = []
    for part in (charset, select, charstrings):
        places_of.append(at)
        at += len(part)
    parts_size = len(_written([_part(0, 0)] * len(privates)))
    start = at + parts_size
    parts = []
    for one in privates:
        parts.append(_part(len(one), start))
        start += len(one)
    charset_at, select_at, charstrings_at = places_of
    top = _top(box, len(outlines), charset_at, select_at, charstrings_at, at)
    whole = [
        head,
        _written([top]),
        strings,
        b"\x00\x00",
        charset,
        select,
        charstrings,
        _written(parts),
        *privates,
    ]
    return b"".join(whole)


def _top(box: Sequence[int], count: int, charset: int, select: int, charstrings: int, parts: int) -> bytes:
    return b"".join([
        _operation([_FIRST_OWN_STRING, _FIRST_OWN_STRING + 1, 0], _ROS),
        _operation(box, _FONT_BBOX),
        _operation([count], _CID_COUNT),
        _operation([charset], _CHARSET),
        _operation([select], _FD_SELECT),
        _operation([charstrings], _CHARSTRINGS),
        _operation([parts], _FD_ARRAY),
    ])  # fmt: skip


def _part(size: int, start: int) -> bytes:
    return _operation([_FIRST_OWN_STRING + 2], _FONT_NAME) + _operation([size, start], _PRIVATE)


def _operation(operands: Sequence[int], operator: int | tuple[int, int]) -> bytes:
    """Numbers in the long form, whose size does not depend on their values."""
    code = bytes(operator) if isinstance(operator, tuple) else bytes([operator])
    return b"".join(b"\x1d" + struct.pack(">i", one) for one in operands) + code


def _written(items: Sequence[bytes]) -> bytes:
    """An INDEX."""
    if not items:
        return b"\x00\x00"
    ends, end = [1], 1
    for one in items:
        end += len(one)
        ends.append(end)
    head = struct.pack(">HB", len(items), 4) + b"".join(struct.pack(">I", one) for one in ends)
    return head + b"".join(items)

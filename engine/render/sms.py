"""How many parts a text takes (3GPP TS 23.038 and 23.040).

A text of the GSM 7-bit alphabet has 160 septets in one part, 153 in each of several; any other is UCS-2, 70
code units in one part, 67 in each of several (the rest is the header that joins them). Characters of the
extension table take two septets; neither they nor surrogate pairs are cut in two.
"""

from typing import NamedTuple

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")


class Segments(NamedTuple):
    """`units` is the length in septets or UTF-16 code units."""

    parts: int
    units: int
    encoding: str


def segments(text: str) -> Segments:
    """How many parts `text` takes as an SMS, and in which encoding."""
    if all(char in _BASIC or char in _EXTENSION for char in text):
        widths = [2 if char in _EXTENSION else 1 for char in text]
        return _parts(widths, 160, 153, "GSM-7")
    return _parts([2 if ord(char) > 0xFFFF else 1 for char in text], 70, 67, "UCS-2")


def _parts(widths: list[int], alone: int, joined: int, encoding: str) -> Segments:
    units = sum(widths)
    if units <= alone:
        return Segments(1, units, encoding)
    parts, used = 1, 0
    for width in widths:
        if used + width > joined:
            parts, used = parts + 1, 0
        used += width
    return Segments(parts, units, encoding)

"""How much of an address is seen through an envelope's window.

The window is that of `templates/shared/letter.html`: 80 mm wide, and below the sender's line five lines of text in
11 pt. Widths are of the fonts of letters, where a Chinese character is as wide as it is high; those of Latin letters
are of the widest of them, rounded up: a line that is said to fit does fit.
"""

from unicodedata import combining, east_asian_width

WIDTH_MM = 80.0
LINES = 5
SIZE_MM = 11 * 25.4 / 72

_NARROW = frozenset("iljtfrI1.,:;'|!()[]-/ ")
_WIDE = frozenset("mwMWÆŒ@%&—")


def width_mm(text: str) -> float:
    """How wide a line is."""
    return SIZE_MM * sum(_em(char) for char in text)


def _em(char: str) -> float:
    if combining(char):
        return 0.0
    if east_asian_width(char) in "WF":
        return 1.0
    if char in _NARROW:
        return 0.36
    if char in _WIDE:
        return 0.95
    return 0.7 if char.isupper() else 0.58


def lines_taken(line: str, width: float = WIDTH_MM) -> int | None:
    """How many lines of the window a line takes: it is broken between words and beside Chinese characters. None where
    a word alone is too wide."""
    taken, used = 1, 0.0
    for word in _unbroken(line):
        wide = width_mm(word)
        if wide > width:
            return None
        if used + wide > width:
            taken, used = taken + 1, 0.0
        used += wide + (width_mm(" ") if word.isascii() else 0.0)
    return taken


def _unbroken(line: str) -> list[str]:
    """What cannot be broken."""
    pieces: list[str] = []
    word = ""
    for char in line:
        if char == " " or east_asian_width(char) in "WF":
            pieces.extend(one for one in (word, char.strip()) if one)
            word = ""
        else:
            word += char
    return [*pieces, word] if word else pieces

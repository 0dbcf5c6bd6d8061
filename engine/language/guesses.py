"""What was meant by a time, a duration or a distance that is written otherwise than the language has it: hints only,
nothing is ever taken for what it was not written as.
"""

import re

from engine.language.dates import is_like_a_date
from engine.language.source.slips import WIDE

_UNITS = {
    "minutes": ("min", "mins", "m", "minuten", "minute(s)", "分钟", "分"),
    "hours": ("h", "hr", "hrs", "std", "stunden", "stunde", "小时", "个小时", "时"),
    "days": ("d", "day(s)", "tage", "tag", "天", "日"),
    "weeks": ("w", "wk", "wks", "woche", "wochen", "周", "星期", "个星期", "礼拜"),
    "months": ("mo", "mon", "mth", "mths", "monat", "monate", "月", "个月"),
    "quarters": ("q", "quartal", "quartale", "季度", "个季度"),
    "years": ("y", "yr", "yrs", "jahr", "jahre", "年"),
    "km": ("kms", "k km", "公里", "千米", "里", "k"),
}
_MEANT = {word: unit for unit, words in _UNITS.items() for word in words}
_NUMBERS = {
    **dict.fromkeys(("a", "an", "one", "ein", "eine", "一", "一个"), 1),
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "ten": 10,
    "twelve": 12,
}
_WORDED = re.compile(r"(?P<number>[a-z一个]+)\s+(?P<unit>[a-z]+)", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:\s*[:.h：点]\s*(?P<minute>\d{2})?)?(?::\d{2})?\s*(?P<half>[ap]\.?m\.?|uhr|o'clock|h|点|分)?",
    re.IGNORECASE,
)


def ordinary(text: str) -> str:
    """`text` with ordinary punctuation and figures in place of Chinese (full-width) or curly ones."""
    text = "".join(WIDE.get(one, one) for one in text)
    return "".join(chr(ord(one) - 0xFEE0) if "\uff10" <= one <= "\uff19" else one for one in text)


def guessed_length(text: str) -> str:
    """A hint for what is no duration, nor a distance; empty where nothing can be guessed."""
    text = text.strip()
    if re.fullmatch(r"\d{1,4}", text):
        return f"say of what: `{text} days`"
    if is_like_a_date(text) and re.search(r"\d{4}", text) and len(text) >= 8:
        return f"a date stands behind `until`: `until {text}`"
    worded = _WORDED.fullmatch(text)
    if worded and worded["number"].lower() in _NUMBERS:
        return f"write the number in figures: `{_NUMBERS[worded['number'].lower()]} {worded['unit']}`"
    if re.fullmatch(r"\d+,\d{1,2} .*", text):
        return "write a whole number of a smaller unit, such as `36 hours`"
    return ""


def guessed_unit(number: float, unit: str) -> str:
    """A hint for an unknown unit behind a number."""
    word = unit.strip().lower()
    if word in _MEANT:
        meant = _MEANT[word] if number != 1 or _MEANT[word] == "km" else _MEANT[word].removesuffix("s")
        thousands = 1000 if word in ("k", "k km") else 1
        return f"did you mean `{_figures(number * thousands)} {meant}`?"
    if re.match(r"-\d\d", word):
        return f"a date stands behind `until`: `until {number:g}{unit}`"
    if "working" in word or "business" in word:
        return "write `days: weekdays` beside the wait"
    if re.search(r"\d", word):
        return "write one number and one unit; a longer wait is two, one after the other"
    return ""


def _figures(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def guessed_clock(text: str) -> str:
    """A hint for what is no time of day."""
    plain = ordinary(text.strip()).strip("\"'")
    found = _CLOCK.fullmatch(plain)
    if found is None:
        return ""
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if (hour, minute) == (24, 0):
        return 'midnight is "00:00"'
    half = (found["half"] or "").lower().replace(".", "")
    if half in ("am", "pm") and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return f'write "{hour:02}:{minute:02}"' if hour < 24 and minute < 60 else ""

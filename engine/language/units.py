"""The small texts a journey is made of: durations, distances, times of day, days of the week, paces, shares.

Each function gives the value, or a `Fault` that says what is wrong with the text.
"""

import re
from datetime import time
from typing import NamedTuple

from engine.language.guesses import guessed_clock, guessed_length, guessed_unit
from engine.language.nearest import did_you_mean, listed
from engine.language.report import Fault
from engine.model.journeys import Pace
from engine.model.times import Duration

MOST_YEARS = 100
MOST_KM = 2_000_000

_DURATIONS = {
    "minute": Duration(seconds=60),
    "hour": Duration(seconds=3600),
    "day": Duration(days=1),
    "week": Duration(days=7),
    "month": Duration(months=1),
    "quarter": Duration(months=3),
    "year": Duration(months=12),
}
DURATION_UNITS = tuple(_DURATIONS)
_MOST = {"minute": 525_600, "hour": 8_760, "day": 366, "week": 53, "month": 12, "quarter": 4, "year": 1}

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LISTED_DAYS = "[mon, tue, wed]"
DAY_GROUPS = {
    "weekdays": frozenset(range(5)),
    "weekends": frozenset({5, 6}),
    "every day": frozenset(range(7)),
}

_KM_WORDS = frozenset({"km", "kilometre", "kilometres", "kilometer", "kilometers"})
_MILES = frozenset({"mi", "mile", "miles"})
_BLANKS = " \u00a0\u2009\u202f"
_AMOUNT = re.compile(rf"(?P<number>[+-]?\d[\d.,_'{_BLANKS}]*)(?P<unit>.*)", re.DOTALL)
_GROUPED = re.compile(rf"\d{{1,3}}([,_'{_BLANKS}]\d{{3}})+")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")


class Amount(NamedTuple):
    """A number and the word behind it, with the word's offset in the text."""

    number: float
    unit: str
    unit_offset: int


def parse_amount(text: str) -> Amount | None:
    """`10 000 km` → 10000, `km`. None where the text does not begin with a number."""
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        return None
    number = match["number"].rstrip(_BLANKS)
    value = parse_number(number)
    if value is None:
        return None
    unit = match["unit"].strip()
    return Amount(value, unit, text.find(unit) if unit else 0)


def parse_number(text: str) -> float | None:
    """A number, perhaps with its thousands set apart: `10000`, `10 000`, `10,000`, `7.5`."""
    if _GROUPED.fullmatch(text):
        text = re.sub(rf"[,_'{_BLANKS}]", "", text)
    if not re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,6})?", text):
        return None
    return float(text)


def parse_duration(text: str) -> Duration | Fault:
    """`3 days`, `1 month`: a whole number above zero and a unit, at most a hundred years."""
    amount = parse_amount(text)
    if amount is None or not amount.unit:
        hint = guessed_length(text) or "write a number and a unit, such as `3 days`"
        return Fault("bad-duration", f"'{text}' is no duration", hint)
    unit = _duration_unit(amount.unit)
    if unit is None:
        return _unknown_unit(amount, DURATION_UNITS, "bad-duration", "a unit of time")
    if amount.number != int(amount.number):
        return Fault("bad-duration", f"'{text}' is no whole number of {unit}s", "use a smaller unit")
    count = int(amount.number)
    if count < 1:
        return Fault("bad-duration", f"'{text}' is no time at all", "write a number above zero")
    if count > _MOST[unit] * MOST_YEARS:
        return Fault("bad-duration", f"'{text}' is more than {MOST_YEARS} years")
    return _DURATIONS[unit].times(count)


def parse_distance_km(text: str) -> float | Fault:
    """`10000 km`, `10 000 km`, `10,000 km`: kilometres above zero."""
    amount = parse_amount(text)
    if amount is None or not amount.unit:
        return Fault("bad-distance", f"'{text}' is no distance", "write a number and km, such as `10000 km`")
    unit = amount.unit.lower()
    if unit in _MILES:
        km = round(amount.number * 1.609344)
        return Fault(
            "bad-distance",
            "distances are counted in kilometres",
            f"write {km} km",
            amount.unit_offset,
            len(amount.unit),
        )
    if unit not in _KM_WORDS:
        return _unknown_unit(amount, ("km",), "bad-distance", "a unit of distance")
    if re.match(r"\d{1,3}\.\d{3}(?!\d)", text.strip()):
        whole = text.strip().partition(" ")[0].replace(".", "").rstrip("kKmM")
        message = f"'{text}' can be read in two ways"
        return Fault("bad-distance", message, f"write `{whole} km`, or `{amount.number:g} km`")
    if not 0 < amount.number <= MOST_KM:
        return Fault("bad-distance", f"'{text}' is no distance that a car is driven")
    return amount.number


def parse_length(text: str) -> Duration | float | Fault:
    """A duration or a distance (km), by its unit."""
    amount = parse_amount(text)
    if amount is None or not amount.unit:
        hint = guessed_length(text) or "write a number and a unit, such as `3 days` or `10000 km`"
        return Fault("bad-duration", f"'{text}' is neither a duration nor a distance", hint)
    unit = amount.unit.lower()
    if unit in _KM_WORDS or unit in _MILES:
        return parse_distance_km(text)
    if _duration_unit(amount.unit) is None:
        return _unknown_unit(amount, (*DURATION_UNITS, "km"), "bad-duration", "a unit of time or distance")
    return parse_duration(text)


def parse_clock(text: str) -> time | Fault:
    """`10:00`, by the 24-hour clock."""
    match = _CLOCK.fullmatch(text.strip())
    if match and int(match[1]) < 24 and int(match[2]) < 60:
        return time(int(match[1]), int(match[2]))
    hint = guessed_clock(text) or 'write hours and minutes of 24, such as "09:30"'
    return Fault("bad-time", f"'{text}' is no time of day", hint)


def parse_clock_span(text: str) -> tuple[time, time] | Fault:
    """`21:00-09:00`: from one time of day to another, perhaps over midnight."""
    parts = re.split(r"\s*[-–—]\s*", text.strip())
    clocks = [parse_clock(part) for part in parts]
    if len(clocks) == 2:
        start, end = clocks
        if isinstance(start, time) and isinstance(end, time) and start != end:
            return start, end
    hint = "midnight is 00:00" if "24:00" in parts else 'write "21:00-09:00", or none'
    return Fault("bad-time", f"'{text}' is no stretch of the day", hint)


def parse_day(text: str) -> frozenset[int] | Fault:
    """A day of the week, or a group of them: `mon`, `weekdays`. Monday is 0."""
    word = text.strip().lower()
    if word in DAY_GROUPS:
        return DAY_GROUPS[word]
    for names in (DAY_NAMES, _FULL_DAYS):
        if word in names:
            return frozenset({names.index(word)})
    known = (*DAY_NAMES, *_FULL_DAYS, "weekdays", "weekends")
    fallback = "write weekdays, weekends, or days such as [mon, tue]"
    if re.search(r"[-–—,/]|\bto\b", word):
        hint = (
            "write weekdays"
            if word[:3] == "mon" and word[-6:] == "friday"
            else f"list the days: {_LISTED_DAYS}"
        )
        return Fault("bad-day", f"'{text}' is no day of the week", hint)
    return Fault("bad-day", f"'{text}' is no day of the week", did_you_mean(word, known, fallback))


def parse_pace(text: str) -> Pace | Fault:
    """`20000 per hour`."""
    hint = "write a number of messages, such as `20000 per hour`"
    number, per, unit = text.partition(" per ")
    count = parse_number(number.strip())
    if not per and count is not None:
        hint = f"say per what: `{count:g} per hour`"
    if not per or count is None:
        return Fault("bad-pace", f"'{text}' is no pace", hint)
    units = ("minute", "hour", "day")
    if unit.strip() not in units:
        offset = len(text) - len(unit)
        hint = did_you_mean(unit.strip(), units, f"a pace is per {listed(units, 'or')}")
        return Fault("bad-pace", f"'{unit.strip()}' is no unit of a pace", hint, offset, len(unit))
    if count < 1 or count != int(count):
        return Fault("bad-pace", f"'{number.strip()}' is no number of messages", hint)
    return Pace(int(count), _DURATIONS[unit.strip()])


def parse_share(text: str) -> float | Fault:
    """`5%` → 0.05."""
    match = _SHARE.fullmatch(text.strip())
    if match and 0 <= float(match[1]) <= 100:
        return float(match[1]) / 100
    value = parse_number(text.strip())
    hint = "write a percentage from 0% to 100%"
    if value is not None and 0 < value <= 100:
        hint = f"write `{value:g}%`" if value > 1 else f"write `{value * 100:g}%`"
    return Fault("bad-number", f"'{text}' is no share", hint)


def _duration_unit(word: str) -> str | None:
    unit = word.lower().removesuffix("s")
    return unit if unit in _DURATIONS else None


def _unknown_unit(amount: Amount, units: tuple[str, ...], code: str, what: str) -> Fault:
    plural = tuple(unit if unit == "km" else f"{unit}s" for unit in units)
    hint = guessed_unit(amount.number, amount.unit) or did_you_mean(
        amount.unit.lower(), (*units, *plural), f"use {listed(plural, 'or')}"
    )
    message = f"'{amount.unit}' is not {what}"
    return Fault(code, message, hint, amount.unit_offset, len(amount.unit))

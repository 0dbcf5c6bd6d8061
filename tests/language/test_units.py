"""The small texts a journey is made of."""

from datetime import time
from typing import Any

import pytest

from engine.language.nearest import did_you_mean, listed, nearest
from engine.language.report import Fault
from engine.language.schedules import cron_of
from engine.language.units import (
    parse_clock,
    parse_clock_span,
    parse_day,
    parse_distance_km,
    parse_duration,
    parse_length,
    parse_pace,
    parse_share,
)
from engine.model.journeys import Pace
from engine.model.times import Duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("30 minutes", Duration(seconds=1800)),
        ("1 minute", Duration(seconds=60)),
        ("4 hours", Duration(seconds=14_400)),
        ("3 days", Duration(days=3)),
        ("3days", Duration(days=3)),
        ("1 Day", Duration(days=1)),
        ("2 weeks", Duration(days=14)),
        ("1 month", Duration(months=1)),
        ("1 quarter", Duration(months=3)),
        ("2 years", Duration(months=24)),
        ("1,000 days", Duration(days=1000)),
        ("100 years", Duration(months=1200)),
    ],
)
def test_durations(text: str, duration: Duration) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    [
        "",
        "days",
        "3",
        "-3 days",
        "0 days",
        "1.5 days",
        "3 dyas",
        "101 years",
        "1 000 000 000 000 years",
        "3 km",
    ],
)
def test_what_is_no_duration(text: str) -> None:
    fault = parse_duration(text)
    assert isinstance(fault, Fault)
    assert fault.code == "bad-duration"


@pytest.mark.parametrize(
    ("text", "km"),
    [
        ("10000 km", 10_000),
        ("10 000 km", 10_000),
        ("10,000 km", 10_000),
        ("10\u00a0000 km", 10_000),
        ("10\u202f000\u202fkm", 10_000),
        ("10000km", 10_000),
        ("1 234 567 kilometres", 1_234_567),
        ("7.5 km", 7.5),
    ],
)
def test_distances(text: str, km: float) -> None:
    assert parse_distance_km(text) == km
    assert parse_length(text) == km


@pytest.mark.parametrize(
    "text", ["10 00 km", "0 km", "-5 km", "9999999 km", "10000", "10000 miles", "km", "1e4 km"]
)
def test_what_is_no_distance(text: str) -> None:
    assert isinstance(parse_distance_km(text), Fault)


def test_miles_are_told_in_kilometres() -> None:
    fault = parse_distance_km("10 000 miles")
    assert isinstance(fault, Fault)
    assert fault.hint == "write 16093 km"
    assert (fault.offset, fault.length) == (7, 5)


@pytest.mark.parametrize(
    ("text", "clock"),
    [("10:00", time(10)), ("9:05", time(9, 5)), ("00:00", time(0)), ("23:59", time(23, 59))],
)
def test_times_of_day(text: str, clock: time) -> None:
    assert parse_clock(text) == clock


@pytest.mark.parametrize("text", ["24:00", "10", "10:60", "10.00", "10:00:00", "noon", ""])
def test_what_is_no_time_of_day(text: str) -> None:
    assert isinstance(parse_clock(text), Fault)


def test_quiet_hours() -> None:
    assert parse_clock_span("21:00-09:00") == (time(21), time(9))
    assert parse_clock_span("21:00 – 09:00") == (time(21), time(9))
    for text in ("21:00", "21:00-21:00", "21:00-25:00", "a-b", "1:00-2:00-3:00"):
        assert isinstance(parse_clock_span(text), Fault)


@pytest.mark.parametrize(
    ("text", "days"),
    [("mon", {0}), ("Sunday", {6}), ("weekdays", {0, 1, 2, 3, 4}), ("weekends", {5, 6})],
)
def test_days(text: str, days: set[int]) -> None:
    assert parse_day(text) == frozenset(days)


def test_paces_and_shares() -> None:
    assert parse_pace("20000 per hour") == Pace(20_000, Duration(seconds=3600))
    assert parse_pace("20 000 per day") == Pace(20_000, Duration(days=1))
    assert parse_share("5%") == 0.05
    assert parse_share("12.5 %") == 0.125
    for text in ("20000", "many per hour", "5 per week", "0 per hour", "1.5 per hour"):
        assert isinstance(parse_pace(text), Fault)
    for text in ("5", "-5%", "101%", "five%"):
        assert isinstance(parse_share(text), Fault)


@pytest.mark.parametrize(
    ("text", "at", "cron"),
    [
        ("hourly", None, "0 * * * *"),
        ("daily", None, "0 0 * * *"),
        ("daily", time(10, 30), "30 10 * * *"),
        ("weekly", time(10), "0 10 * * 1"),
        ("monthly", time(10), "0 10 1 * *"),
        ("quarterly", time(10), "0 10 1 1,4,7,10 *"),
        ("yearly", time(10), "0 10 1 1 *"),
        ("0  10 1 * *", None, "0 10 1 * *"),
        ("0 0 29 2 *", None, "0 0 29 2 *"),
    ],
)
def test_schedules(text: str, at: time | None, cron: str) -> None:
    assert cron_of(text, at) == cron


@pytest.mark.parametrize(
    "text", ["fortnightly", "* * * *", "* * * * * *", "61 * * * *", "0 0 30 2 *", "a b c d e"]
)
def test_what_is_no_schedule(text: str) -> None:
    fault = cron_of(text, None)
    assert isinstance(fault, Fault)
    assert fault.code == "bad-schedule"


@pytest.mark.parametrize(
    ("word", "known", "name"),
    [
        ("tires", ["tyres", "time"], "tyres"),
        ("purchase", ["purchase.recorded", "promotion.entered"], "purchase.recorded"),
        ("WAIT", ["wait", "send"], "wait"),
        ("welcome_pack", ["welcome-pack"], "welcome-pack"),
        ("xyz", ["wait", "send"], None),
        ("", ["wait"], None),
        ("x" * 1000, ["wait"], None),
    ],
)
def test_did_you_mean(word: str, known: list[str], name: Any) -> None:
    assert nearest(word, known) == name


def test_hints_name_the_few_there_are() -> None:
    assert did_you_mean("sned", ["send", "wait"]) == "did you mean 'send'?"
    assert did_you_mean("xyz", ["send", "wait"]) == "there are send and wait"
    assert did_you_mean("xyz", ["send"]) == "there is send"
    assert did_you_mean("xyz", [str(n) for n in range(20)]) == ""
    assert did_you_mean("xyz", [], "otherwise") == "otherwise"
    assert listed([]) == ""

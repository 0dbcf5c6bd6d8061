"""The pieces of a report: holds, costs, and who is on the page."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.pages.calendar import spans_between
from engine.pages.charts import Happening, days_chart, paired_bars, time_line
from engine.report.costs import money
from engine.report.holds import Holds, lasting
from engine.report.people import MOST_LINES, busiest
from engine.sim.outcomes import Kind, Outcome, Person

AT = datetime(2025, 3, 9, 14, tzinfo=UTC)


def line(hours: float, outcome: str, reason: str | None = None, name: str = "1") -> Outcome:
    kind = Kind("care", "hello", "hello", "sms", "michelin", "zh-CN", outcome, reason)
    return Outcome(name, AT + timedelta(hours=hours), kind, Person("w", None), None, "r")


def test_a_hold_lasts_until_the_next_line_of_its_message() -> None:
    holds = Holds()
    for one in (
        line(0, "held", "quiet hours"),
        line(1, "held", "capped", "2"),
        line(11, "held", "complaint open"),
        line(14, "sent", name="2"),
        line(59, "skipped", "complaint open"),
        line(60, "held", "capped", "3"),
    ):
        holds.add(one)
    report = holds.report(AT + timedelta(hours=64))
    rows = {row.reason: row for row in report.rows}
    assert report.messages == 3
    assert (rows["quiet hours"].on, rows["quiet hours"].longest) == (1, "11 h")
    assert (rows["complaint open"].skipped, rows["complaint open"].longest) == (1, "2 days")
    capped = rows["capped"]
    assert (capped.holds, capped.sent, capped.waiting, capped.middle, capped.longest) == (
        2,
        1,
        1,
        "4 h",
        "13 h",
    )
    assert sum(n for _, n in report.lengths) == 4


def test_lengths_and_sums_are_told_as_people_say_them() -> None:
    minutes = (0, 59, 90, 1440, 1500, 11520)
    told = [lasting(timedelta(minutes=one)) for one in minutes]
    assert told == ["0 min", "59 min", "1 h 30 min", "1 day", "1 day 1 h", "8 days"]
    assert [money(Decimal(one)) for one in ("0", "1234.5", "12345.678")] == [
        "0.00",
        "1234.50",
        "12\u202f345.68",
    ]


def test_the_busiest_come_first_and_the_page_has_an_end() -> None:
    sent = {"a": 1, "b": 5, "c": 5}
    assert list(busiest(sent, {"a": 2, "b": 5, "c": 6})) == ["c", "b", "a"]
    assert list(busiest(sent, {"a": 2, "b": MOST_LINES, "c": 1})) == ["b"]


@pytest.mark.parametrize(
    ("last", "count", "first", "end"),
    [
        (date(2025, 12, 5), 12, "January 2025", "Dec 25"),
        (date(2029, 2, 1), 17, "Q1 2025", "Q1 29"),
        (date(2044, 6, 1), 20, "2025", "2044"),
    ],
)
def test_long_times_are_told_by_quarter_or_year(last: date, count: int, first: str, end: str) -> None:
    spans = spans_between(date(2025, 1, 8), last)
    assert (len(spans), spans[0].name, spans[-1].short) == (count, first, end)
    assert spans[-1].first <= last <= spans[-1].last


def test_every_day_has_its_field_and_its_number() -> None:
    counts = {date(2025, 1, 1): 1, date(2025, 12, 31): 4}
    chart = days_chart(counts, date(2025, 1, 1), date(2026, 1, 4), 960, lambda day, n: f"{day} {n}")
    first, second = chart.years
    assert (len(first.days), len(second.days)) == (365, 4)
    assert (first.days[0].title, first.days[0].full) == ("2025-01-01 1", 50)
    assert (first.days[-1].title, first.days[-1].full) == ("2025-12-31 4", 100)
    assert len({(one.x, one.y) for one in first.days}) == 365
    assert max(one.x for one in first.days) + chart.side <= chart.width


def test_dots_lie_in_the_order_of_time_and_ties_join_them() -> None:
    before = Happening(datetime(2025, 3, 1, 10), 0, "moved", "before")  # noqa: DTZ001 - local
    now = Happening(datetime(2025, 3, 20, 10), 1, "moved", "now")  # noqa: DTZ001
    line = time_line([before, now], 2, (date(2025, 1, 1), date(2025, 12, 31)), 340, [(before, now)])
    one, other = line.dots
    assert 0 < one.x < other.x < line.width
    assert line.ties == ((one.x, one.y, other.x, other.y),)


def test_columns_in_pairs_share_a_scale() -> None:
    chart = paired_bars(["a", "b"], [10, 0], [5, 20], 900, 280)
    a, b = chart.pairs
    assert a.before.height == pytest.approx(2 * a.now.height, abs=0.2)
    assert b.now.height == pytest.approx(2 * a.before.height, abs=0.2)
    assert b.before.height == 0

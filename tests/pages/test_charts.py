"""Charts are as large as their numbers, and words are not parted."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.pages.charts import flow_chart, stacked_bars
from engine.pages.charts.scale import nice_top
from engine.pages.words import tied
from engine.pages.writing import grouped


@given(st.floats(0, 1e7), st.integers(2, 8))
def test_an_axis_ends_at_a_round_number_above_all_values(highest: float, most: int) -> None:
    top, step = nice_top(highest, most)
    assert top >= highest
    assert top / step <= most + 1
    assert top % step == 0


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=1, max_size=14))
def test_columns_are_as_high_as_their_numbers(values: list[tuple[int, int]]) -> None:
    chart = stacked_bars(["x"] * len(values), list(zip(*values, strict=True)), 900, 280)
    tallest = max((one for one in chart.columns), key=lambda one: one.total)
    for column, pair in zip(chart.columns, values, strict=True):
        assert column.total == sum(pair)
        height = sum(part.height for part in column.segments)
        assert height == pytest.approx(chart.base - column.top, abs=0.3)
        if tallest.total:
            share = column.total / tallest.total
            assert height == pytest.approx(share * (chart.base - tallest.top), abs=0.3)


def test_the_year_keeps_every_event_and_message_at_one_scale() -> None:
    day = date(2025, 3, 3)
    chart = flow_chart({day: 10, day + timedelta(days=8): 4}, {("sms", day): 5}, ("letter", "sms"), 900, 300)
    assert [one.events for one in chart.weeks] == [10, 4]
    assert [one.sent for one in chart.weeks] == [(0, 5), (0, 0)]
    assert chart.weeks[0].inward == pytest.approx(2 * chart.weeks[0].outward[1], abs=0.05)


def test_numbers_are_grouped_and_not_parted() -> None:
    assert [grouped(one) for one in (932, 1205, 12_345, 1_234_567)] == [
        "932",
        "1205",
        "12\u202f345",
        "1\u202f234\u202f567",
    ]
    assert tied("every 10 000 km") == "every 10\u202f000\u00a0km"

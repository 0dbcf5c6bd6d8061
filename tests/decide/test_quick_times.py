"""The quick ways to reckon with days say what the local calendar says, also where the clocks are changed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.times import Duration, at_day_of, at_local, from_days

ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe")]
)
DAYS = st.floats(18_000, 24_000)
TIMES = st.sampled_from([time(0, 0), time(2, 30), time(10, 0), time(23, 59)])


@given(DAYS, TIMES, ZONES)
@settings(max_examples=500, deadline=None)
def test_the_time_on_the_local_day_of_a_moment(day, at, zone):
    assert at_day_of(day, at, zone) == at_local(from_days(day).astimezone(zone).date(), at, zone)


@given(DAYS, st.integers(-400, 400), ZONES)
@settings(max_examples=500, deadline=None)
def test_days_later_the_clocks_show_the_same_time(day, days, zone):
    moment = from_days(day).replace(second=0, microsecond=0)
    local = (moment.astimezone(zone) + timedelta(days=days)).replace(fold=0)
    assert Duration(days=days).after(moment, zone) == local.astimezone(UTC)


def test_on_the_day_of_a_change_of_the_clocks():
    berlin = ZoneInfo("Europe/Berlin")
    moment = datetime(2026, 3, 28, 1, 30, tzinfo=UTC)  # 02:30, which the next day has not
    assert Duration(days=1).after(moment, berlin) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert Duration(days=2).after(moment, berlin) == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)

"""Schedules: the words of the language and cron expressions, as five fields on the policy's local clock; or days that
are listed, for what no rule of the calendar tells, such as the lunar new year."""

from datetime import UTC, date, datetime, time

from cronsim import CronSim, CronSimError

from engine.language.dates import is_like_a_date, parse_moment
from engine.language.nearest import did_you_mean
from engine.language.report import Fault

_WORDS = {
    "hourly": "0 * * * *",
    "daily": "{minute} {hour} * * *",
    "weekly": "{minute} {hour} * * 1",
    "monthly": "{minute} {hour} 1 * *",
    "quarterly": "{minute} {hour} 1 1,4,7,10 *",
    "yearly": "{minute} {hour} 1 1 *",
}
ON_DEMAND = "on-demand"
"""No schedule of its own: it goes out when a person says so, by `milepost broadcast`."""

SCHEDULE_WORDS = (*_WORDS, ON_DEMAND)

_LEAP_DAY_SOON = datetime(2023, 12, 31, tzinfo=UTC)


_CRON_HINT = "the fields are minute, hour, day of month, month, day of week: `0 10 1 * *`"


def is_word(text: str) -> bool:
    return text.strip() in SCHEDULE_WORDS


def takes_clock(text: str) -> bool:
    """Whether `at` may stand beside: the word leaves the time of day open."""
    return text.strip() in _WORDS and text.strip() != "hourly"


def cron_of(text: str, at: time | None) -> str | Fault:
    """Five cron fields for a schedule's word, at `at` (00:00 when None), or for a cron expression; empty for
    `on-demand`."""
    text = text.strip()
    if text == ON_DEMAND:
        return ""
    pattern = _WORDS.get(text)
    if pattern is not None:
        at = at or time(0, 0)
        return pattern.format(minute=at.minute, hour=at.hour)
    fields = text.split()
    if len(fields) == 1:
        return Fault("bad-schedule", f"unknown schedule '{text}'", did_you_mean(text, SCHEDULE_WORDS))
    cron = " ".join(fields)
    if len(fields) != 5:
        return Fault("bad-schedule", f"a cron expression has five fields, this has {len(fields)}", _CRON_HINT)
    try:
        next(CronSim(cron, _LEAP_DAY_SOON))
    except (CronSimError, ValueError) as error:
        return Fault("bad-schedule", f"'{text}' is no cron expression: {_worded(error)}", _CRON_HINT)
    except StopIteration:
        return Fault("bad-schedule", f"'{text}' never comes", "the day and the month do not go together")
    return cron


def is_a_day(text: str) -> bool:
    """Whether a date is meant: one word of figures. A cron expression has five."""
    return len(text.split()) == 1 and is_like_a_date(text)


def parse_day_of_schedule(text: str) -> date | Fault:
    """One day of a schedule that lists them."""
    day = parse_moment(text)
    if isinstance(day, datetime):
        return Fault(
            "bad-date", f"'{text}' has a time of day, which is the same for all dates", "write it under `at`"
        )
    return day


def _worded(error: Exception) -> str:
    text = str(error).strip()
    return text[:1].lower() + text[1:] if text else "a field is wrong"

"""Journey tests as read: what is given, what happens, what is expected of one journey.

The moments of expectations are stretches: `2025-04-08 10:00` is that minute, `2025-04-08` that day.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from engine.model.events import Event

GIVEN = "given"
"""The type of the event that tells what is given: none that a journey can begin with, or ask for."""


class Outcome(StrEnum):
    """What can be expected. Everything that is sent must be expected; the others are looked for where they are."""

    SENT = "sent"
    SKIPPED = "skipped"
    HELD = "held"
    TASK = "task"
    EMIT = "emit"
    TAG = "tag"
    UNTAG = "untag"
    SET = "set"


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is to happen from `at` until before `before`. `what` is the template, the task, the event's type,
    the tag, or the field that is set (`customer.last_score`); `fields` holds only what is asked for, by the words of
    outcomes (`by`, `brand`, …; `to` is what a field is set to); that of `with` is nested, those of `until` and `due`
    are moments."""

    at: datetime
    before: datetime
    written: str
    outcome: Outcome
    what: str
    fields: Mapping[str, Any]
    line: int = 0


class JourneyTest(msgspec.Struct, frozen=True, kw_only=True):
    """One test. `events` are in order of arrival, what is given first. `until` is how far the clock goes; None: as
    long as there is something to come. `line` is where it stands in `file`."""

    file: str
    line: int
    journey: str
    name: str
    events: tuple[Event, ...]
    expect: tuple[Expectation, ...]
    until: datetime | None = None

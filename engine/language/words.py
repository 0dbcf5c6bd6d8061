"""The kinds of values that keys of journeys and policy have."""

import re
from datetime import date

from engine.language.keys import Kind, ListKind, NodeKind, Placed, TextKind, choice
from engine.language.keys.kinds import Schema, wrong_shape
from engine.language.report import Fault, Report
from engine.language.schedules import SCHEDULE_WORDS, is_a_day, parse_day_of_schedule
from engine.language.source import MappingNode, Node, ScalarNode, SequenceNode
from engine.language.units import (
    DAY_NAMES,
    DURATION_UNITS,
    parse_clock,
    parse_day,
    parse_duration,
    parse_length,
    parse_number,
    parse_pace,
    parse_share,
)
from engine.model.event_types import CHANNELS, EVENT_TYPES
from engine.model.journeys import Status
from engine.model.times import Duration

STRING: Schema = {"type": "string"}

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_STEP_ID = re.compile(r"[A-Za-z0-9]+([-_./][A-Za-z0-9]+)*")
_UNITS = "|".join(DURATION_UNITS)
_DURATION_SCHEMA: Schema = {"type": "string", "pattern": rf"^\d[\d ,_]*({_UNITS})s?$"}
_LENGTH_SCHEMA: Schema = {"type": "string", "pattern": rf"^\d[\d ,_.]*(({_UNITS})s?|km)$"}


def _text(text: str) -> str:
    return text


def _identifier(text: str) -> str | Fault:
    if _ID.fullmatch(text):
        return text
    near = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    hint = f"write '{near}'" if near else "such as 'welcome-pack'"
    return Fault("bad-id", f"'{text}' is no id: ids are lower-case words joined by hyphens", hint)


def _step_id(text: str) -> str | Fault:
    if _STEP_ID.fullmatch(text):
        return text
    return Fault("bad-id", f"'{text}' is no id of a step", "use letters, digits and hyphens")


def whole_number(least: int, most: int, words: str) -> TextKind[int]:
    """A whole number from `least` to `most`."""

    def parse(text: str) -> int | Fault:
        value = parse_number(text.strip())
        if value is not None and value == int(value) and least <= value <= most:
            return int(value)
        return Fault("bad-number", f"'{text}' is not {words}", f"write a whole number from {least} to {most}")

    return TextKind(words, parse, {"type": "integer", "minimum": least, "maximum": most})


TEXT = TextKind("a text", _text, STRING)
IDENTIFIER = TextKind("an id", _identifier, {"type": "string", "pattern": f"^{_ID.pattern}$"})
STEP_ID = TextKind("an id", _step_id, {"type": "string", "pattern": f"^{_STEP_ID.pattern}$"})
DURATION = TextKind("a duration, such as `3 days`", parse_duration, _DURATION_SCHEMA)
LENGTH: TextKind[Duration | float] = TextKind(
    "a duration or a distance, such as `3 days` or `10000 km`", parse_length, _LENGTH_SCHEMA
)
CLOCK = TextKind(
    'a time of day, such as "10:00"', parse_clock, {"type": "string", "pattern": r"^\d{1,2}:\d{2}$"}
)
DAY = TextKind(
    "a day, such as mon or weekdays", parse_day, {"enum": ["weekdays", "weekends", "every day", *DAY_NAMES]}
)
DAYS = ListKind("weekdays, weekends, or days such as [mon, tue]", DAY, or_one=True)
PACE = TextKind(
    "a pace, such as `20000 per hour`",
    parse_pace,
    {"type": "string", "pattern": r"^\d[\d ,_]* per (minute|hour|day)$"},
)
SHARE = TextKind("a share, such as `50%`", parse_share, {"type": "string", "pattern": r"^\d+(\.\d+)?\s*%$"})
TRUTH = choice("true or false", {"true": True, "false": False}, schema={"type": "boolean"})
STATUS = choice("a status", {one.value: one for one in Status})
CHANNEL = choice("a channel", {one: one for one in CHANNELS}, "unknown-channel")
BY = ListKind("a channel, or channels in order of preference", CHANNEL, or_one=True)
KNOWN = "x-known"
"""In a schema: what the project has of these, `Known` in `schema` tells."""
NAMES = ListKind("a name, or a list of names", TEXT, or_one=True)
BRAND = TextKind("a text", _text, {**STRING, KNOWN: "brands"})
BRANDS = ListKind("a name, or a list of names", BRAND, or_one=True)
TEMPLATE = TextKind("a text", _text, {**STRING, KNOWN: "templates"})
EVENT = TextKind(
    "an event type, such as `purchase.recorded`",
    _text,
    {
        KNOWN: "events",
        "anyOf": [
            {"enum": list(EVENT_TYPES)},
            {"type": "string", "pattern": r"^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+$"},
        ],
    },
)
_SCHEDULE_TEXT = TextKind(
    "a schedule, such as `quarterly`",
    _text,
    {"anyOf": [{"enum": list(SCHEDULE_WORDS)}, {"type": "string", "pattern": r"^\S+( \S+){4}$"}]},
)
_SCHEDULE_DAYS = ListKind(
    "dates, such as [2026-02-17, 2027-02-06]",
    TextKind("a date, such as 2026-02-17", parse_day_of_schedule, {"type": "string", "format": "date"}),
    or_one=True,
)


class _ScheduleKind(Kind[str | tuple[Placed[date], ...]]):
    """A text, or the days themselves."""

    words = "a schedule, such as `quarterly`, or dates, such as [2026-02-17, 2027-02-06]"

    def read(self, node: Node, report: Report) -> str | tuple[Placed[date], ...] | None:
        if isinstance(node, SequenceNode) or (isinstance(node, ScalarNode) and is_a_day(node.text)):
            return _SCHEDULE_DAYS.read(node, report)
        if isinstance(node, ScalarNode):
            return _SCHEDULE_TEXT.read(node, report)
        wrong_shape(node, self.words, report)
        return None

    def schema(self) -> Schema:
        return {"anyOf": [_SCHEDULE_TEXT.schema(), _SCHEDULE_DAYS.schema()]}


SCHEDULE = _ScheduleKind()
PURPOSE = TextKind("a purpose of the policy", _text, {**STRING, KNOWN: "purposes"})

EXPRESSION = NodeKind(
    "an expression, such as `event.tyre_count >= 1`", (ScalarNode,), {"type": ["string", "boolean", "number"]}
)
VALUE = NodeKind("a text, or an expression in braces", (ScalarNode,), STRING)
VALUES = NodeKind("values by name, such as `{gift: tyre gauge}`", (MappingNode,), {"type": "object"})
STEPS = NodeKind("a list of steps", (SequenceNode,), {"$ref": "#/$defs/steps"})
WAITING = NodeKind(
    "a duration, a distance, or `until` and a date",
    (ScalarNode,),
    {"anyOf": [_LENGTH_SCHEMA, {"type": "string", "pattern": "^until "}]},
)

"""Moments as keys: `- 2025-03-08 14:20: {…}`, on the policy's clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from engine.language.dates import parse_moment
from engine.language.keys import Kind
from engine.language.keys.kinds import Schema, report_fault, wrong_shape
from engine.language.report import Fault, Report
from engine.language.source import MappingNode, Node, ScalarNode, SequenceNode
from engine.model.times import at_local

_PATTERN = r"^\d{4}-\d\d-\d\d([Tt ]+\d\d:\d\d(:\d\d)?( ?([Zz]|[+-]\d\d:?\d\d))?)?$"
WORDS = "a moment, such as 2025-03-08 14:20"
_NO_CLOCK = "add the time of day: `{} 10:00`"


class Timed(msgspec.Struct, frozen=True):
    """What stands under a moment."""

    moment: ScalarNode
    value: Node


class TimedList(Kind[tuple[Timed, ...]]):
    """A list whose items are a moment with something under it."""

    def __init__(self, words: str, item: Schema) -> None:
        self.words = words
        self._item = item

    def read(self, node: Node, report: Report) -> tuple[Timed, ...] | None:
        if not isinstance(node, SequenceNode):
            if isinstance(node, MappingNode):
                hint = "begin each moment with a dash: `- 2025-03-08 14:20: {…}`"
                report.error("wrong-shape", node.span, "keys cannot stand here without dashes", hint)
            else:
                wrong_shape(node, self.words, report)
            return None
        found = (self._item_of(item, report) for item in node.items)
        return tuple(one for one in found if one is not None)

    def _item_of(self, node: Node, report: Report) -> Timed | None:
        if not isinstance(node, MappingNode):
            wrong_shape(node, "a moment and what happens at it: `- 2025-03-08 14:20: {…}`", report)
            return None
        first, *more = node.entries
        if isinstance(parse_moment(first.key.text), Fault) and more:
            hint = "begin with the moment, and put the keys under it: `- 2025-03-08 14:20: {…}`"
            report.error("bad-date", first.key.span, f"'{first.key.text}' is no moment", hint)
            return None
        if more:
            hint = "put it under the moment: two blanks further in, or in braces behind the colon"
            report.error(
                "wrong-shape", more[0].key.span, f"'{more[0].key.text}' stands beside a moment", hint
            )
            return None
        return Timed(first.key, first.value)

    def schema(self) -> Schema:
        return {
            "type": "array",
            "items": {
                "type": "object",
                "patternProperties": {_PATTERN: self._item},
                "additionalProperties": False,
                "minProperties": 1,
                "maxProperties": 1,
            },
        }


class MomentKind(Kind[ScalarNode]):
    """A moment or a date as a value; it is read when the policy's clock is known."""

    words = WORDS

    def read(self, node: Node, report: Report) -> ScalarNode | None:
        if isinstance(node, ScalarNode) and not node.is_empty:
            return node
        wrong_shape(node, self.words, report)
        return None

    def schema(self) -> Schema:
        return {"type": "string", "pattern": _PATTERN}


def moment_at(node: ScalarNode, zone: ZoneInfo, report: Report) -> datetime | None:
    """The moment that `node` names, in UTC; a date alone is none."""
    value = _parsed(node, report)
    if value is None:
        return None
    if not isinstance(value, datetime):
        hint = _NO_CLOCK.format(node.text.strip())
        report.error("bad-date", node.span, f"'{node.text}' is a day, not a moment", hint)
        return None
    return _utc(value, zone)


def stretch_at(node: ScalarNode, zone: ZoneInfo, report: Report) -> tuple[datetime, datetime] | None:
    """From when until before when `node` means, in UTC: a day, a minute, or a second, as it is written."""
    value = _parsed(node, report)
    if value is None:
        return None
    if not isinstance(value, datetime):
        tomorrow = value + timedelta(days=1)
        return at_local(value, time(), zone), at_local(tomorrow, time(), zone)
    at = _utc(value, zone)
    seconds = node.text.partition("+")[0].count(":") > 1
    return at, at + timedelta(seconds=1 if seconds else 60)


def end_of(node: ScalarNode, zone: ZoneInfo, report: Report) -> datetime | None:
    """The moment that `node` names; of a date, its end."""
    stretch = stretch_at(node, zone, report)
    if stretch is None:
        return None
    start, before = stretch
    return before - timedelta(microseconds=1) if before - start > timedelta(minutes=1) else start


def _parsed(node: ScalarNode, report: Report) -> date | datetime | None:
    value = parse_moment(node.text)
    if isinstance(value, Fault):
        report_fault(value, node, report)
        return None
    return value


def _utc(value: datetime, zone: ZoneInfo) -> datetime:
    if value.tzinfo is not None:
        return value.astimezone(UTC)
    return at_local(value.date(), value.time(), zone)

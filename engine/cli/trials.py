"""A journey test as people read it: expected and actual side by side on a time line, within 80 columns, and as well
without colour.

  2025-04-08 10:00  ! welcome-pack               | welcome-pack
                    ! by letter                  | by email

`=` as expected, `!` otherwise than expected, `-` expected but did not happen, `+` happened unexpectedly; what has no
mark is only told.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from engine.cli.context import to_json
from engine.language.frames import width
from engine.model.journey_tests import Outcome
from engine.sim.trials import Arrival, Row, Trial

COLUMN = 27
"""How wide each side is; with the moment before them a line has 80 columns."""
_MOMENT = 16
_INDENT = "  "
_TOLD = ("by", "for", "due", "brand", "locale", "vehicle", "with", "to")
"""What is told of something unexpected."""


_NAMED = frozenset({Outcome.TASK, Outcome.EMIT, Outcome.TAG, Outcome.UNTAG, Outcome.SET})
"""What is called by its kind; anything else is a message, called by its template."""


class Line(NamedTuple):
    """A line of the time line and its mark: one of `=!-+`, or a blank."""

    mark: str
    text: str


def timeline(trial: Trial, zone: ZoneInfo) -> list[Line]:
    """The whole time line, events and all."""
    entries: list[tuple[datetime, int, list[Line]]] = [
        (one.at, 0, [Line(" ", _event_line(one, zone))]) for one in trial.arrivals
    ]
    entries += [(row.at, 1, list(_lines(row, zone))) for row in trial.rows]
    entries.sort(key=lambda entry: entry[:2])
    head = Line(" ", f"  {'':{_MOMENT}}    {'expected':{COLUMN}} | what happened")
    return [head, *(line for _, _, lines in entries for line in lines)]


def _event_line(arrival: Arrival, zone: ZoneInfo) -> str:
    more = ""
    if arrival.duplicate:
        more = " (a duplicate)"
    elif arrival.happened_at != arrival.at:
        more = f" (of {clock(arrival.happened_at, zone)})"
    return f"  {clock(arrival.at, zone)}    > {arrival.type}{more}"


def clock(at: datetime, zone: ZoneInfo) -> str:
    """A moment on the policy's clock; seconds where there are any."""
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"


def _lines(row: Row, zone: ZoneInfo) -> Iterable[Line]:
    mark = _mark(row)
    moment = row.expected.written if row.actual is None and row.expected else clock(row.at, zone)
    for i, (name, left, right) in enumerate(_cells(row, zone)):
        differs = name in row.differs
        own = mark if i == 0 or mark in "-+" else "!" if differs else " "
        at = moment if i == 0 else ""
        for j, (one, other) in enumerate(_wrapped(left, right)):
            lead = f"  {at if j == 0 else '':{_MOMENT}}  {own if j == 0 else ' '} "
            yield Line(own, f"{lead}{one}{' ' * (COLUMN - width(one))} | {other}".rstrip())


def _mark(row: Row) -> str:
    if row.expected is None:
        return " " if row.is_right else "+"
    if row.actual is None:
        return "-"
    return "=" if not row.differs else "!"


def _cells(row: Row, zone: ZoneInfo) -> Iterable[tuple[str, str, str]]:
    """The fields of a row: name, expected, actual."""
    asked = {} if row.expected is None else dict(row.expected.fields)
    found = {} if row.actual is None else dict(row.actual.fields)
    left = "" if row.expected is None else _head(row.expected.outcome, row.expected.what, asked)
    right = "" if row.actual is None else _head(row.actual.outcome, row.actual.what, found)
    if row.expected is None and row.is_right:
        yield "what", left, f"({right})"
        return
    yield "what", left, right
    names = [name for name in asked if name != "reason"] if row.expected else [n for n in _TOLD if n in found]
    for name in names:
        wanted, value = asked.get(name), found.get(name)
        if name == "with" and isinstance(wanted, dict):
            value = {one: (value or {}).get(one) for one in wanted}
        yield name, _said(name, wanted, row.expected, zone), _said(name, value, row.actual, zone)


def _head(outcome: Outcome, what: str, fields: Mapping[str, Any]) -> str:
    if outcome is Outcome.SENT:
        return what
    if outcome in _NAMED:
        return f"{outcome.value} {what}"
    reason = fields.get("reason")
    return f"{what} {outcome.value}: {reason}" if reason else f"{what} {outcome.value}"


def _said(name: str, value: Any, side: object, zone: ZoneInfo) -> str:
    """A field on one side, which may be empty altogether."""
    if side is None:
        return ""
    if value is None:
        return f"no {name}"
    if isinstance(value, datetime):
        value = clock(value, zone)
    elif isinstance(value, dict):
        value = ", ".join(f"{one}: {_plain(inner)}" for one, inner in value.items())
    return f"{name} {value}"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else to_json(value)


def _wrapped(left: str, right: str) -> Iterable[tuple[str, str]]:
    ours, theirs = _folded(left), _folded(right)
    for i in range(max(len(ours), len(theirs))):
        yield (ours[i] if i < len(ours) else "", theirs[i] if i < len(theirs) else "")


def _folded(text: str) -> list[str]:
    """`text` in lines of `COLUMN` columns; broken at blanks where there are any."""
    lines = []
    while width(text) > COLUMN:
        end = 0
        while width(text[: end + 1]) <= COLUMN:
            end += 1
        blank = text.rfind(" ", len(_INDENT) + 1, end + 1)
        cut = blank if blank > 0 else end
        lines.append(text[:cut].rstrip())
        text = _INDENT + text[cut:].lstrip()
    return [*lines, text]


def told(trial: Trial, zone: ZoneInfo, ms: float) -> dict[str, Any]:
    """The test for programs."""
    test = trial.test
    return {
        "file": test.file,
        "line": test.line,
        "journey": test.journey,
        "name": test.name,
        "passed": trial.passed,
        "ms": round(ms, 3),
        "until": _iso(trial.until, zone),
        "events": [
            {
                "at": _iso(one.at, zone),
                "type": one.type,
                "time": _iso(one.happened_at, zone),
                "duplicate": one.duplicate,
            }
            for one in trial.arrivals
        ],
        "timeline": [
            {
                "at": _iso(row.at, zone),
                "right": row.is_right,
                "differs": row.differs,
                "line": row.expected.line if row.expected else None,
                "expected": None if row.expected is None else _side(row.expected, zone),
                "actual": None if row.actual is None else _side(row.actual, zone),
            }
            for row in trial.rows
        ],
        "notes": dict(trial.notes),
    }


def _side(side: Any, zone: ZoneInfo) -> dict[str, Any]:
    fields = {
        name: _iso(value, zone) if isinstance(value, datetime) else value
        for name, value in side.fields.items()
    }
    name = side.outcome.value if side.outcome in _NAMED else "send"
    return {"outcome": side.outcome.value, name: side.what, **fields}


def _iso(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat()

"""What was held back, why, and for how long."""

from array import array
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from statistics import median_low

import msgspec

from engine.sim.outcomes import Outcome

_LENGTHS = (
    ("under an hour", timedelta(hours=1)),
    ("1 to 6 hours", timedelta(hours=6)),
    ("6 to 12 hours", timedelta(hours=12)),
    ("12 hours to a day", timedelta(days=1)),
    ("1 to 3 days", timedelta(days=3)),
    ("3 to 7 days", timedelta(days=7)),
    ("longer", timedelta.max),
)
_SECOND = timedelta(seconds=1)


class HoldRow(msgspec.Struct, frozen=True, kw_only=True):
    """The holds of a journey for one reason: how many there were, and how they ended: `sent`, `skipped`, held on for
    another reason, or still `waiting` when the clock stopped. How long: the middle one and the longest."""

    reason: str
    journey: str
    holds: int
    sent: int
    skipped: int
    on: int
    waiting: int
    middle: str
    longest: str


class HoldReport(msgspec.Struct, frozen=True, kw_only=True):
    """`messages` is how many were held at all, `lengths` how many holds there were of each length."""

    messages: int
    rows: tuple[HoldRow, ...]
    lengths: tuple[tuple[str, int], ...]


class Holds:
    """Is told every line in order."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[tuple[str, str], datetime]] = {}
        self._held: set[str] = set()
        self._seconds: dict[tuple[str, str], array[int]] = {}
        self._ends: Counter[tuple[tuple[str, str], str]] = Counter()
        self._lengths: Counter[str] = Counter()

    def add(self, one: Outcome) -> None:
        held = one.kind.outcome == "held"
        if one.message_id in self._open:
            self._close(one.message_id, one.at, "on" if held else one.kind.outcome)
        if held:
            self._open[one.message_id] = ((one.kind.reason or "", one.kind.journey), one.at)
            self._held.add(one.message_id)

    def report(self, until: datetime | None) -> HoldReport:
        """The holds so far; those that are open yet count up to `until`."""
        for message_id, (_, since) in list(self._open.items()):
            self._close(message_id, until or since, "waiting")
        lengths = tuple((name, self._lengths[name]) for name, _ in _LENGTHS)
        rows = sorted(self._seconds, key=lambda one: (-len(self._seconds[one]), one))
        return HoldReport(messages=len(self._held), rows=tuple(map(self._row, rows)), lengths=lengths)

    def _close(self, message_id: str, at: datetime, how: str) -> None:
        cause, since = self._open.pop(message_id)
        length = max(at - since, timedelta())
        self._seconds.setdefault(cause, array("q")).append(length // _SECOND)
        self._ends[cause, how] += 1
        self._lengths[next(name for name, most in _LENGTHS if length < most)] += 1

    def _row(self, cause: tuple[str, str]) -> HoldRow:
        seconds = self._seconds[cause]
        ends: Mapping[str, int] = {
            how: self._ends[cause, how] for how in ("sent", "skipped", "on", "waiting")
        }
        return HoldRow(
            reason=cause[0],
            journey=cause[1],
            holds=len(seconds),
            middle=lasting(timedelta(seconds=median_low(seconds))),
            longest=lasting(timedelta(seconds=max(seconds))),
            **ends,
        )


def lasting(length: timedelta) -> str:
    """`11 h 30 min`, `3 days 4 h`: its two largest units."""
    minutes = round(length / timedelta(minutes=1))
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{days} day{'s' * (days != 1)}" if days else "", f"{hours} h" if hours else ""]
    if not days and (minutes or not hours):
        parts.append(f"{minutes} min")
    return " ".join(part for part in parts if part)

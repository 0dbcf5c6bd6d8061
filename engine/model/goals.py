"""How the goal of a journey is reached: by runs whose messages were sent, and by those that were held out."""

from collections.abc import Iterable
from datetime import datetime
from math import sqrt
from typing import Any

import msgspec

_WITHIN = 1.96
"""Standard deviations to either side that hold 95 of 100 (normal distribution)."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """A run of a journey that has a goal has begun; the goal counts if it is reached by `until`."""

    run: str
    journey: str
    customer_id: str
    held_out: bool
    started_at: datetime
    until: datetime


class Reached(msgspec.Struct, frozen=True):
    """A run's goal was reached at that moment; the earliest counts."""

    run: str
    at: datetime


class GoalCount(msgspec.Struct, frozen=True, kw_only=True):
    """The runs of a journey on one side: how many have begun, in how many the goal was reached, and in how many it may
    be yet."""

    journey: str
    held_out: bool
    runs: int
    reached: int
    open: int


def count_goals(runs: Iterable[tuple[Measured, datetime | None]], now: datetime) -> list[GoalCount]:
    """Counts runs with the moments at which their goals were reached, None where they were not."""
    sides: dict[tuple[str, bool], list[int]] = {}
    for one, reached_at in runs:
        counts = sides.setdefault((one.journey, one.held_out), [0, 0, 0])
        counts[0] += 1
        counts[1] += reached_at is not None
        counts[2] += reached_at is None and one.until >= now
    return [
        GoalCount(journey=journey, held_out=held_out, runs=runs, reached=reached, open=may_be)
        for (journey, held_out), (runs, reached, may_be) in sorted(sides.items())
    ]


def effects_of(counts: Iterable[GoalCount]) -> list[dict[str, Any]]:
    """For each journey its two sides and their difference, as outputs tell it; what there is none of is None."""
    known = list(counts)
    return [_effect_of(name, known) for name in dict.fromkeys(one.journey for one in known)]


def _effect_of(journey: str, counts: Iterable[GoalCount]) -> dict[str, Any]:
    sides = {one.held_out: one for one in counts if one.journey == journey}
    sent, held_out = _side(sides.get(False)), _side(sides.get(True))
    return {
        "journey": journey,
        "sent": sent,
        "held_out": held_out,
        **_effect(sides.get(False), sides.get(True)),
    }


def _side(one: GoalCount | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "runs": one.runs,
        "reached": one.reached,
        "open": one.open,
        "share": round(one.reached / one.runs, 4),
    }


def _effect(sent: GoalCount | None, held_out: GoalCount | None) -> dict[str, Any]:
    """The difference of the shares, with the range in which it lies in 95 of 100 cases."""
    if sent is None or held_out is None:
        return {"effect": None, "effect_from": None, "effect_to": None}
    shares = [(one.reached / one.runs, one.runs) for one in (sent, held_out)]
    difference = shares[0][0] - shares[1][0]
    spread = _WITHIN * sqrt(sum(share * (1 - share) / runs for share, runs in shares))
    return {
        "effect": round(difference, 4),
        "effect_from": round(difference - spread, 4),
        "effect_to": round(difference + spread, 4),
    }

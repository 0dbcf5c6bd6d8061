"""What a page is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from engine.language.template_files import Brand
from engine.model.program import Program
from engine.pages.calendar import local_day
from engine.sim.outcomes import Outcomes


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Lines refused for the same reason: how many, and where the first few are (`events.jsonl:12`)."""

    reason: str
    lines: int
    places: tuple[str, ...]


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """What was read: its counts, the accepted events by day, and why lines were refused, most frequent first."""

    read: int
    accepted: int
    duplicates: int
    rejected: int
    days: Mapping[date, int]
    causes: tuple[Cause, ...]


@dataclass(frozen=True, kw_only=True)
class History:
    """One simulation, at its end. `journeys` are those that the page is about; `goals` as `effects_of` tells them, and
    `tasks` by journey and name. `names` has what customers are called, by the id of the document, as far as anybody
    knows. `until` is how far the clock has gone; None where nothing was replayed."""

    project: str
    program: Program
    brands: Mapping[str, Brand]
    journeys: frozenset[str]
    outcomes: Outcomes
    came: Came
    customers: int
    runs: Mapping[str, int]
    held_out: Mapping[str, int]
    goals: Sequence[Mapping[str, Any]]
    tasks: Mapping[str, int]
    names: Mapping[str, str]
    until: datetime | None

    def day(self, moment: datetime) -> date:
        """The day on the policy's calendar."""
        return local_day(moment, self.program.policy.zone)

    @property
    def bounds(self) -> tuple[date, date] | None:
        """The first and the last day on which anything came in or was decided; None where nothing was."""
        days = list(self.came.days)
        if len(self.outcomes):
            days += [self.day(self.outcomes[place].at) for place in (0, len(self.outcomes) - 1)]
        return (min(days), max(days)) if days else None

"""A replay of event files on a virtual clock: what `simulate` does, once or twice."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from engine.cli.context import local, tell
from engine.cli.effect import goal_line
from engine.cli.inputs import MOST_TOLD, Refused, opened
from engine.intake.files import Progress, Source, open_source
from engine.intake.identify import Identification
from engine.intake.parse import Parser
from engine.intake.reader import Reader
from engine.language.frames import frame
from engine.language.template_files import Brand
from engine.model.diagnostics import Diagnostic, Rejection
from engine.model.goals import effects_of
from engine.model.messages import Message
from engine.model.program import Program
from engine.model.tasks import TaskStatus
from engine.pages.calendar import local_day
from engine.report import Came, Cause, History
from engine.sim import Simulation
from engine.sim.outcomes import Outcomes
from engine.wiring.projects import load, runnable, untold

_PLACES = 5
"""So many places are told of each reason to refuse a line."""


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What is replayed, and how: `end` is how far the clock goes on; None for where the events end. With
    `every_refusal` all of them are kept, not only those that people are told; with `counting`, the days on which events
    came."""

    events: list[str]
    end: datetime | None
    every_refusal: bool
    counting: bool
    open: Callable[[str, Progress | None], Source] = open_source


class _Refusals:
    """The lines that were refused, as many as are told; with `counting`, how many for each reason and where."""

    def __init__(self, how: Replay) -> None:
        self._how = how
        self.kept: list[Refused] = []
        self.counts: Counter[str] = Counter()
        self.places: dict[str, list[str]] = {}

    def add(self, one: Rejection) -> None:
        if self._how.every_refusal or len(self.kept) < MOST_TOLD:
            self.kept.append(Refused.of(one))
        if self._how.counting:
            self.counts[one.reason] += 1
            places = self.places.setdefault(one.reason, [])
            if len(places) < _PLACES:
                places.append(f"{one.file}:{one.line}")


@dataclass(kw_only=True)
class Replayed:
    """What came of it. `beyond` is the moment of the first event after the end, None where there is none."""

    simulation: Simulation
    reader: Reader
    refusals: _Refusals
    beyond: datetime | None = None
    days: Counter[date] = field(default_factory=Counter)

    @property
    def read(self) -> int:
        """The lines up to the end, so that the counts add up."""
        return self.simulation.accepted + self.simulation.duplicates + self.reader.rejected

    @property
    def all_refused(self) -> bool:
        """Whether every line was refused, and there was any."""
        return bool(self.reader.rejected) and not (self.simulation.clock or self.beyond)

    @property
    def came(self) -> Came:
        return Came(
            read=self.read,
            accepted=self.simulation.accepted,
            duplicates=self.simulation.duplicates,
            rejected=self.reader.rejected,
            days=self.days,
            causes=tuple(
                Cause(reason=reason, lines=n, places=tuple(self.refusals.places[reason]))
                for reason, n in self.refusals.counts.most_common()
            ),
        )


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the lines, and what besides messages came of them. `read` are those up to `--until`, so that they
    add up; `left_out_from` is the moment of the first event after it, None where there is none."""

    read: int
    accepted: int
    duplicates: int
    rejected: int
    customers: int
    runs: dict[str, int]
    held_out: dict[str, int]
    goals: list[dict[str, Any]]
    tasks: dict[str, int]
    notes: dict[str, int]
    rejections: list[Refused]
    left_out_from: str | None

    @classmethod
    def of(cls, done: Replayed, zone: ZoneInfo) -> Self:
        simulation = done.simulation
        return cls(
            read=done.read,
            accepted=simulation.accepted,
            duplicates=simulation.duplicates,
            rejected=done.reader.rejected,
            customers=len(simulation.customers),
            runs=dict(sorted(simulation.runs.items())),
            held_out=dict(sorted(simulation.held_out.items())),
            goals=effects_of(simulation.goals),
            tasks=_tasks(simulation.tasks),
            notes=simulation.notes,
            rejections=done.refusals.kept,
            left_out_from=local(done.beyond, zone),
        )


def _tasks(tasks: Mapping[tuple[str, str, TaskStatus], int]) -> dict[str, int]:
    """How many tasks there would be by journey and name; those skipped apart."""
    told: dict[str, int] = {}
    for (journey, name, status), n in tasks.items():
        key = f"{journey}, {name}" + (", skipped" if status is TaskStatus.SKIPPED else "")
        told[key] = told.get(key, 0) + n
    return told


@dataclass(frozen=True, kw_only=True)
class Version:
    """A project as it is replayed: its program, whose drafts run too, and its brands. `name` is what it is called."""

    name: str
    program: Program
    brands: Mapping[str, Brand]

    @property
    def zone(self) -> ZoneInfo:
        return self.program.policy.zone

    @classmethod
    def load(cls, folder: Path, *, tell_faults: bool = False) -> Self:
        """Raises `MilepostError` where the project has errors; with `tell_faults`, they go to stderr before, with the
        path of the folder."""
        loaded = load(folder)
        if tell_faults:
            _tell_faults(folder, [one for one in loaded.diagnostics if one.is_error])
        return cls(
            name=folder.resolve().name if folder == Path() else str(folder),
            program=untold(runnable(loaded, folder, drafts=True)),
            brands=loaded.templates.brands,
        )

    def history(
        self, done: Replayed, summary: Summary, outcomes: Outcomes, journeys: frozenset[str]
    ) -> History:
        """What a page is made from. It keeps nothing of the simulation but the names of those who have messages."""
        return History(
            project=self.name,
            program=self.program,
            brands=self.brands,
            journeys=journeys,
            outcomes=outcomes,
            came=done.came,
            customers=summary.customers,
            runs=summary.runs,
            held_out=summary.held_out,
            goals=summary.goals,
            tasks=summary.tasks,
            names=_names(done.simulation, outcomes),
            until=done.simulation.clock,
        )


def _tell_faults(folder: Path, errors: Sequence[Diagnostic]) -> None:
    for one in errors[:MOST_TOLD]:
        file = folder / one.file
        source = file.read_text("utf-8", "replace") if file.is_file() else ""
        tell(frame(replace(one, file=str(file)), source) + "\n")


def _names(simulation: Simulation, outcomes: Outcomes) -> dict[str, str]:
    names: dict[str, str] = {}
    for person in outcomes.people:
        customer = simulation.customer(person.id)
        name = None if customer is None else customer.fact("name")
        if name:
            names[person.id] = str(name)
    return names


def replayed(
    program: Program, how: Replay, on_message: Callable[[Message], None], *, what: str, printing: bool
) -> Replayed:
    """Replays; a bar on a terminal says `what`, unless the verb is `printing` there."""

    refusals = _Refusals(how)
    done = Replayed(
        simulation=Simulation(program, Identification(), on_message),
        reader=Reader(Parser(program.event_types, program.policy.country), refusals.add),
        refusals=refusals,
    )
    with opened(how.events, what, printing=printing, open_one=how.open) as sources:
        for event in done.reader.merged(sources):
            if how.end is not None and event.arrived > how.end:
                done.beyond = event.arrived
                break
            if done.simulation.event(event) and how.counting:
                done.days[local_day(event.arrived, program.policy.zone)] += 1
    if how.end is not None:
        done.simulation.run_until(how.end)
    return done


def tell_summary(summary: Summary, counts: Sequence[str] = ()) -> None:
    """The summary for people, with lines of `counts` in it."""
    tell(
        f"{summary.read} read, {summary.accepted} accepted, {summary.duplicates} duplicate, "
        f"{summary.rejected} rejected"
    )
    for one in summary.rejections[:MOST_TOLD]:
        tell(f"  rejected {one.file}:{one.line}: {one.reason}")
    if summary.rejected > MOST_TOLD:
        tell(f"  … and {summary.rejected - MOST_TOLD} more")
    for line in counts:
        tell(f"  {line}")
    for task, n in sorted(summary.tasks.items()):
        tell(f"  {n:>7} tasks: {task}")
    for journey, n in summary.held_out.items():
        tell(f"  {n:>7} of {summary.runs[journey]} runs held out: {journey}")
    for goal in summary.goals:
        tell(f"  {'goal':>7} {goal_line(goal)}")
    for note, n in sorted(summary.notes.items()):
        tell(f"  {n:>7} noted: {note}")

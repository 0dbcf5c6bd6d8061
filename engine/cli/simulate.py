"""`milepost simulate`: replays events on a virtual clock, in memory; sends nothing."""

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    local,
    moment_of,
    printable,
    project_of,
    spare_collector,
    tell,
    verb_app,
)
from engine.cli.inputs import MOST_TOLD, Refused, opened
from engine.intake.identify import Identification
from engine.intake.parse import Parser
from engine.intake.reader import Reader
from engine.language.nearest import nearest
from engine.model.diagnostics import Rejection
from engine.model.errors import UsageError
from engine.model.messages import Message, Status
from engine.model.program import Program
from engine.model.tasks import TaskStatus
from engine.sim import Simulation
from engine.wiring.projects import load_runnable, untold

app = verb_app()


@app.command(cls=VerbCommand)
def simulate(
    context: typer.Context,
    events: Annotated[list[str], typer.Argument(metavar="EVENTS", help="event files (.jsonl), - for stdin")],
    until: Annotated[str | None, typer.Option(metavar="TIME", help="how far the clock goes on")] = None,
    journey: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="show only this journey; may be repeated")
    ] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Replays event files on a virtual clock: what would have been sent to whom, when, and what not."""
    program = untold(load_runnable(project_of(context, project), drafts=True))
    zone = program.policy.zone
    wanted = _wanted(program, journey or [])
    end = moment_of(until, zone, "--until") if until is not None else None
    printer = _Printer(output, zone, wanted)
    refused: list[Refused] = []

    def reject(one: Rejection) -> None:
        if output is not Format.TEXT or len(refused) < MOST_TOLD:
            refused.append(Refused.of(one))

    reader = Reader(Parser(program.event_types, program.policy.country), reject)
    simulation = Simulation(program, Identification(), printer.message)
    beyond: datetime | None = None
    spare_collector()
    with opened(events, "replaying", printing=output is not Format.JSON) as sources:
        for event in reader.merged(sources):
            if end is not None and event.arrived > end:
                beyond = event.arrived
                break
            simulation.event(event)
    if end is not None:
        simulation.run_until(end)
    printer.done(_Summary.of(reader, simulation, refused, local(beyond, zone)))
    if beyond is not None and simulation.clock is None:
        tell(f"  nothing was replayed: --until {until} is before the first event ({local(beyond, zone)})")
    elif beyond is not None:
        tell(f"  events from {local(beyond, zone)} on come after --until {until}, and were left out")
    if reader.rejected and not (simulation.clock or beyond):
        raise typer.Exit(1)


def _wanted(program: Program, ids: list[str]) -> frozenset[str]:
    for one in ids:
        if one not in program.journeys:
            like = nearest(one, program.journeys)
            meant = f"Did you mean {like!r}? " if like else ""
            raise UsageError(
                f"There is no journey {one!r}.", f"{meant}There are: {', '.join(program.journeys)}."
            )
    return frozenset(ids or program.journeys)


class _Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the lines. `read` are those up to `--until`, so that they add up; `left_out_from` is the
    moment of the first event after it, None where there is none."""

    read: int
    accepted: int
    duplicates: int
    rejected: int
    customers: int
    tasks: dict[str, int]
    notes: dict[str, int]
    rejections: list[Refused]
    left_out_from: str | None

    @classmethod
    def of(
        cls, reader: Reader, simulation: Simulation, refused: list[Refused], left_out_from: str | None
    ) -> "_Summary":
        return cls(
            read=simulation.accepted + simulation.duplicates + reader.rejected,
            accepted=simulation.accepted,
            duplicates=simulation.duplicates,
            rejected=reader.rejected,
            customers=len(simulation.customers),
            tasks=tasks_told(simulation.tasks),
            notes=simulation.notes,
            rejections=refused,
            left_out_from=left_out_from,
        )


class _Printer:
    """Writes messages as they are decided, in the asked format, and the summary to stderr."""

    def __init__(self, output: Format, zone: ZoneInfo, wanted: frozenset[str]) -> None:
        self._output = output
        self._zone = zone
        self._wanted = wanted
        self._kept: list[dict[str, Any]] = []
        self._counts: Counter[tuple[str, str, str]] = Counter()
        writers: dict[Format, Callable[[dict[str, Any]], None]] = {
            Format.JSONL: emit,
            Format.JSON: self._kept.append,
            Format.TEXT: _print_line,
        }
        self._write = writers[output]

    def message(self, message: Message) -> None:
        if message.journey in self._wanted:
            line = line_of(message, self._zone)
            self._counts[message.journey, line["outcome"], message.reason or message.channel or ""] += 1
            self._write(line)

    def done(self, summary: _Summary) -> None:
        if self._output is Format.JSON:
            emit({"messages": self._kept, "summary": summary})
        sys.stdout.flush()
        tell(
            f"{summary.read} read, {summary.accepted} accepted, {summary.duplicates} duplicate, "
            f"{summary.rejected} rejected"
        )
        for one in summary.rejections[:MOST_TOLD]:
            tell(f"  rejected {one.file}:{one.line}: {one.reason}")
        if summary.rejected > MOST_TOLD:
            tell(f"  … and {summary.rejected - MOST_TOLD} more")
        for (journey, outcome, how), n in sorted(self._counts.items()):
            tell(f"  {n:>7} {journey}: {outcome}, {how}")
        for task, n in sorted(summary.tasks.items()):
            tell(f"  {n:>7} tasks: {task}")
        for note, n in sorted(summary.notes.items()):
            tell(f"  {n:>7} noted: {note}")


def tasks_told(tasks: Mapping[tuple[str, str, TaskStatus], int]) -> dict[str, int]:
    """How many tasks there would be by journey and name; those skipped apart."""
    told: dict[str, int] = {}
    for (journey, name, status), n in tasks.items():
        key = f"{journey}, {name}" + (", skipped" if status is TaskStatus.SKIPPED else "")
        told[key] = told.get(key, 0) + n
    return told


def line_of(message: Message, zone: ZoneInfo) -> dict[str, Any]:
    """The line of the contract for one message."""
    sent = message.status is Status.QUEUED
    line = {
        "at": local(message.at, zone),
        "journey": message.journey,
        "step": message.step,
        "run": message.run,
        "customer": message.customer,
        "vehicle": message.vehicle,
        "template": message.template,
        "channel": message.channel,
        "brand": message.brand,
        "locale": message.locale,
        "outcome": "sent" if sent else message.status.value,
        "reason": message.reason,
        "message_id": message.id,
    }
    if message.status is Status.HELD:
        line["held_until"] = local(message.held_until, zone)
    return line


def _print_line(line: dict[str, Any]) -> None:
    how = line["reason"] or line["channel"]
    until = line.get("held_until")
    text = (
        f"{line['at'][:16].replace('T', ' ')}  {line['journey']:<22} {line['outcome']:<8} {how or '':<14} "
        f"{line['brand']:<11} {line['customer'] or '-':<16} {line['vehicle'] or '':<9}"
        f"{f' until {until[:16]}'.replace('T', ' ') if until else ''}"
    )
    sys.stdout.write(printable(text.rstrip()) + "\n")

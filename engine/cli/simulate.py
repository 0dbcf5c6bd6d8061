"""`milepost simulate`: replays events on a virtual clock, in memory; sends nothing."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    moment_of,
    project_of,
    spare_collector,
    stderr,
    verb_app,
)
from engine.cli.inputs import Reader, Refused, opened
from engine.intake.identify import Identification
from engine.intake.parse import Parser
from engine.model.diagnostics import Rejection
from engine.model.errors import UsageError
from engine.model.messages import Message, Status
from engine.model.program import Program
from engine.sim import Simulation
from engine.wiring.projects import load_runnable, untold

app = verb_app()


@app.command()
def simulate(
    context: typer.Context,
    events: Annotated[list[str], typer.Argument(metavar="EVENTS…", help="event files (.jsonl), - for stdin")],
    until: Annotated[str | None, typer.Option(metavar="TIME", help="how far the clock goes on")] = None,
    journey: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="show only this journey; may be repeated")
    ] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Replays event files on a virtual clock: what would have been sent to whom, when, and what not."""
    program = untold(load_runnable(project_of(context, project), drafts=True))
    wanted = _wanted(program, journey or [])
    end = moment_of(until, program.policy.zone, "--until") if until else None
    printer = _Printer(output, program.policy.zone, wanted)
    refused: list[Refused] = []

    def reject(one: Rejection) -> None:
        if len(refused) < MOST_SHOWN:
            refused.append(Refused(one.file, one.line, one.field, one.reason))

    reader = Reader(Parser(program.event_types, program.policy.country), reject)
    simulation = Simulation(program, Identification(), printer.message)
    spare_collector()
    with opened(events, "replaying") as sources:
        for event in reader.merged(sources):
            if end is not None and event.arrived > end:
                break
            simulation.event(event)
    if end is not None:
        simulation.run_until(end)
    printer.done(_summary(reader, simulation, refused))
    if reader.read and reader.rejected == reader.read:
        raise typer.Exit(1)


MOST_SHOWN = 20


def _wanted(program: Program, ids: list[str]) -> frozenset[str]:
    for one in ids:
        if one not in program.journeys:
            raise UsageError(
                f"There is no journey {one!r}.", "There are: " + ", ".join(program.journeys) + "."
            )
    return frozenset(ids or program.journeys)


def _summary(reader: Reader, simulation: Simulation, refused: list[Refused]) -> dict[str, Any]:
    return {
        "read": reader.read,
        "accepted": simulation.accepted,
        "duplicates": simulation.duplicates,
        "rejected": reader.rejected,
        "customers": len(simulation.customers),
        "notes": simulation.notes,
        "rejections": refused,
    }


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
            self._counts[message.journey, line["outcome"], message.channel or message.reason or ""] += 1
            self._write(line)

    def done(self, summary: dict[str, Any]) -> None:
        if self._output is Format.JSON:
            emit({"messages": self._kept, "summary": summary})
        stderr.print(
            f"{summary['read']} read, {summary['accepted']} accepted, "
            f"{summary['duplicates']} duplicate, {summary['rejected']} rejected"
        )
        for one in summary["rejections"]:
            stderr.print(f"  rejected {one.file}:{one.line}: {one.reason}", markup=False)
        if summary["rejected"] > len(summary["rejections"]):
            stderr.print(f"  … and {summary['rejected'] - len(summary['rejections'])} more")
        for (journey, outcome, how), n in sorted(self._counts.items()):
            stderr.print(f"  {n:>7} {journey}: {outcome}, {how}", markup=False)
        for note, n in sorted(summary["notes"].items()):
            stderr.print(f"  {n:>7} noted: {note}", markup=False)


def line_of(message: Message, zone: ZoneInfo) -> dict[str, Any]:
    """The line of the contract for one message."""
    sent = message.status is Status.QUEUED
    line = {
        "at": _local(message.at, zone),
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
    if message.held_until is not None:
        line["held_until"] = _local(message.held_until, zone)
    return line


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat()


def _print_line(line: dict[str, Any]) -> None:
    how = line["channel"] or line["reason"]
    text = (
        f"{line['at'][:16].replace('T', ' ')}  {line['journey']:<22} {line['outcome']:<8} {how or '':<11} "
        f"{line['brand']:<11} {line['customer'] or '-':<16} {line['vehicle'] or ''}\n"
    )
    typer.echo(text, nl=False)

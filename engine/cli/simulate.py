"""`milepost simulate`: replays events on a virtual clock, in memory; sends nothing."""

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from engine.cli.commands import VerbCommand
from engine.cli.comparing import compare_with
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
from engine.cli.replaying import Replay, Summary, Version, replayed, tell_summary
from engine.language.nearest import nearest
from engine.model.errors import UsageError
from engine.model.messages import Message, Status
from engine.report import ROOM, write_report
from engine.sim.outcomes import Outcomes

app = verb_app()


@app.command(cls=VerbCommand)
def simulate(  # noqa: PLR0917 - a command's options
    context: typer.Context,
    events: Annotated[list[str], typer.Argument(metavar="EVENTS", help="event files (.jsonl), - for stdin")],
    until: Annotated[str | None, typer.Option(metavar="TIME", help="how far the clock goes on")] = None,
    journey: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="show only this journey; may be repeated")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="make a page of it: a new folder, or an earlier report's"),
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="the project as it was before: show who would get what instead"),
    ] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Replays event files on a virtual clock: what would have been sent to whom, when, and what not.

    --report DIR makes DIR/index.html to look at. --compare DIR replays the same events with the project in DIR too,
    which is 'before', and shows what is another 'now'; with --report, customer by customer.
    """
    now = Version.load(project_of(context, project))
    before = None if compare is None else _other(compare)
    end = moment_of(until, now.zone, "--until") if until is not None else None
    wanted = _wanted({**(before.program.journeys if before else {}), **now.program.journeys}, journey or [])
    if report is not None:
        ROOM.check(report)
    how = Replay(
        events=events,
        end=end,
        every_refusal=output is not Format.TEXT,
        counting=report is not None,
    )
    spare_collector()
    if before is None:
        refused_all = _simulate(now, how, wanted, report, output, until)
    else:
        refused_all = compare_with(before, now, how, wanted, report, output)
    if refused_all:
        raise typer.Exit(1)


def _other(folder: Path) -> Version:
    if not folder.is_dir():
        raise UsageError(
            f"There is no folder {folder}.",
            "--compare names the project to compare with, such as a git worktree.",
        )
    return Version.load(folder, tell_faults=True)


def _simulate(
    now: Version, how: Replay, wanted: frozenset[str], report: Path | None, output: Format, until: str | None
) -> bool:
    """Whether every line was refused."""
    printer = _Printer(output, now.zone, wanted)
    outcomes = Outcomes()

    def take(message: Message) -> None:
        printer.message(message)
        if report is not None:
            outcomes.add(message)

    printing = output is not Format.JSON
    done = replayed(now.program, how, take, what="replaying", printing=printing)
    summary = Summary.of(done, now.zone)
    printer.done(summary)
    if done.beyond is not None and done.simulation.clock is None:
        tell(
            f"  nothing was replayed: --until {until} is before the first event ({local(done.beyond, now.zone)})"
        )
    elif done.beyond is not None:
        tell(f"  events from {local(done.beyond, now.zone)} on come after --until {until}, and were left out")
    if report is not None:
        index = write_report(report, now.history(done, summary, outcomes, wanted))
        tell(f"  report: {index}")
    return done.all_refused


def _wanted(known: dict[str, Any], ids: list[str]) -> frozenset[str]:
    for one in ids:
        if one not in known:
            like = nearest(one, known)
            meant = f"Did you mean {like!r}? " if like else ""
            raise UsageError(f"There is no journey {one!r}.", f"{meant}There are: {', '.join(known)}.")
    return frozenset(ids or known)


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

    def done(self, summary: Summary) -> None:
        if self._output is Format.JSON:
            emit({"messages": self._kept, "summary": summary})
        sys.stdout.flush()
        counts = [
            f"{n:>7} {journey}: {outcome}, {how}"
            for (journey, outcome, how), n in sorted(self._counts.items())
        ]
        tell_summary(summary, counts)


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

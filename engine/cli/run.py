"""`milepost run`: works."""

import signal
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from engine.cli.commands import VerbCommand
from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    moment_of,
    progress,
    project_of,
    spare_collector,
    tell,
    to_json,
    verb_app,
)
from engine.model.errors import UsageError
from engine.runtime.deliver_outcomes import Counts
from engine.runtime.outages import ChannelsUnavailable, Outage
from engine.runtime.worker import Worker
from engine.wiring.assembly import advance_for, working_alone
from engine.wiring.delivery import deliverer_for
from engine.wiring.deployed import Projects
from engine.wiring.desks import desk_for
from engine.wiring.printing import beside
from engine.wiring.projects import drafts_of
from engine.wiring.settings import ClockKind, load_settings

app = verb_app()


@app.command(cls=VerbCommand)
def run(
    context: typer.Context,
    until_idle: Annotated[bool, typer.Option("--until-idle", help="does what is due and stops")] = False,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="with MILEPOST_CLOCK=events: lets time pass so far")
    ] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Works: decides what is due by time, kilometres and schedule, and sends what is decided."""
    folder = project_of(context, project)
    settings = load_settings()
    if until is not None and (settings.clock is not ClockKind.EVENTS or not until_idle):
        raise UsageError(
            "--until goes with --until-idle and MILEPOST_CLOCK=events; real time passes by itself."
        )
    if settings.kafka_bootstrap:
        from engine.cli.run_shared import run_shared  # noqa: PLC0415 - Faust takes a second to import

        raise typer.Exit(run_shared(folder, settings, until_idle=until_idle, until=until))
    outages: tuple[Outage, ...] = ()
    with working_alone(settings) as store:
        projects = Projects(store, settings, folder)
        end = tell_and_end(projects, until)
        spare_collector()
        bar = progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        task = bar.add_task("working", total=None)

        def show(decided: int, sent: int) -> None:
            bar.update(task, description=f"{decided} decided, {sent} sent")

        worker = Worker(
            advance_for(projects.present.program, store, settings, projects.renew),
            deliverer_for(projects, store, settings),
            show,
            on_outage=lambda outage: None if until_idle else _tell_outage(outage, output),
            on_back=lambda channel: None if until_idle else _tell_back(channel, output),
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        desk = desk_for(
            projects,
            store,
            folder,
            settings,
            now=worker.now,
            tell=lambda text, name, it: _tell(text, output, name, it),
        )
        with beside(desk, live=not until_idle), bar:
            if until_idle:
                try:
                    worker.run_until_idle(end)
                except ChannelsUnavailable as error:
                    outages = error.outages
            else:
                tell("at work; Ctrl-C stops")
                worker.run()
    if output is Format.TEXT:
        waiting = sum(one.waiting for one in outages)
        typer.echo(
            f"{worker.decided} decided, {told(worker.counts)}{f', {waiting} waiting' if waiting else ''}"
        )
        if worker.counts.put_off:
            tell("what was put off is tried again by itself; milepost messages --status queued shows why.")
        if worker.counts.failed:
            tell(
                "milepost messages --status failed shows why; once mended, milepost messages retry sends them, to the "
                "addresses that they were decided with."
            )
    else:
        emit({"decided": worker.decided, **msgspec.structs.asdict(worker.counts), "outages": outages})
    for outage in outages:
        tell(
            f"error: {outage} Then run this again: nothing is lost, nothing goes out twice.", style="bold red"
        )
    if outages:
        raise typer.Exit(ChannelsUnavailable.exit_code)


def tell_and_end(projects: Projects, until: str | None) -> datetime | None:
    """Tells what of the project whoever starts it should know; gives the moment that `--until` names."""
    program = projects.present.program
    for draft in drafts_of(program):
        tell(f"journey {draft} is a draft and does not run")
    if hint := projects.hint():
        tell(hint)
    return moment_of(until, program.policy.zone, "--until") if until is not None else None


def _tell_outage(outage: Outage, output: Format) -> None:
    """A channel cannot be used any more."""
    _tell(f"{outage} Milepost goes on trying.", output, "outage", msgspec.structs.asdict(outage))


def _tell_back(channel: str, output: Format) -> None:
    """A channel can be used again."""
    _tell(f"{channel}: messages get through again.", output, "back", {"channel": channel})


def _tell(text: str, output: Format, event: str, fields: dict[str, Any]) -> None:
    if output is Format.TEXT:
        tell(text)
    else:
        tell(to_json({"at": datetime.now(UTC), "event": event, **fields}))


def told(counts: Counts) -> str:
    """`12 sent, 1 failed`: what there was of each."""
    parts = [f"{counts.sent} sent"]
    for name in ("skipped", "held", "failed", "put_off", "unknown"):
        if n := getattr(counts, name):
            parts.append(f"{n} {name.replace('_', ' ')}")
    return ", ".join(parts)

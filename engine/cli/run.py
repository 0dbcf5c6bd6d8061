"""`milepost run`: works."""

import signal
from typing import Annotated

import msgspec
import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    moment_of,
    on_terminal,
    project_of,
    spare_collector,
    stderr,
    verb_app,
)
from engine.model.errors import UsageError
from engine.runtime.deliver_outcomes import Counts
from engine.runtime.worker import Worker
from engine.wiring.assembly import advance_for, stored
from engine.wiring.delivery import deliverer_for, working_alone
from engine.wiring.projects import drafts_of, load, runnable
from engine.wiring.settings import ClockKind, load_settings

app = verb_app()


@app.command()
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
    if until and (settings.clock is not ClockKind.EVENTS or not until_idle):
        raise UsageError(
            "--until goes with --until-idle and MILEPOST_CLOCK=events; real time passes by itself."
        )
    loaded = load(folder)
    program = runnable(loaded, folder, drafts=False)
    for draft in drafts_of(program):
        stderr.print(f"journey {draft} is a draft and does not run", markup=False)
    end = moment_of(until, program.policy.zone, "--until") if until else None
    spare_collector()
    with working_alone(settings), stored(settings) as store:
        bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=stderr,
            transient=True,
            disable=not on_terminal(),
        )
        task = bar.add_task("working", total=None)

        def tell(decided: int, sent: int) -> None:
            bar.update(task, description=f"{decided} decided, {sent} sent")

        worker = Worker(
            advance_for(program, store, settings),
            deliverer_for(loaded, program, folder, store, settings),
            tell,
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        with bar:
            if until_idle:
                worker.run_until_idle(end)
            else:
                stderr.print("at work; Ctrl-C stops")
                worker.run()
    if output is Format.TEXT:
        typer.echo(f"{worker.decided} decided, {told(worker.counts)}")
    else:
        emit({"decided": worker.decided, **msgspec.structs.asdict(worker.counts)})


def told(counts: Counts) -> str:
    """`12 sent, 1 failed`: what there was of each."""
    parts = [f"{counts.sent} sent"]
    for name in ("skipped", "failed", "put_off", "unknown"):
        if n := getattr(counts, name):
            parts.append(f"{n} {name.replace('_', ' ')}")
    return ", ".join(parts)

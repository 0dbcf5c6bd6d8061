"""`milepost letters`: print runs, and what waits for one."""

import sys
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
import typer

from engine.channels.letters_print.handover import hand_over
from engine.channels.letters_print.runs import PrintRuns, Run
from engine.cli.commands import VerbCommand
from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    local,
    named_project,
    project_of,
    tell,
    verb_app,
)
from engine.model.errors import UsageError
from engine.model.policy import Policy
from engine.wiring.assembly import looked_into
from engine.wiring.clocks import RealClock
from engine.wiring.deployed import Projects
from engine.wiring.desks import recalling_for
from engine.wiring.printing import is_printing, place_of, runs_of
from engine.wiring.projects import load
from engine.wiring.settings import Settings, load_settings

app = verb_app(no_args_is_help=True)
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="a run's id, or how it begins")]


@app.callback()
def letters(context: typer.Context, project: ProjectOption = None) -> None:
    """Shows letters that wait for the printer, and print runs; closes them and hands them over.

    `milepost run` does so by itself, once a day at MILEPOST_PRINT_AT. For MILEPOST_LETTERS=print.
    """
    context.obj = {"project": named_project(context, project)}


@app.command("waiting", cls=VerbCommand)
def waiting(
    context: typer.Context, project: ProjectOption = None, output: FormatOption = Format.TEXT
) -> None:
    """Shows the letters that are in no run yet, in the order in which they will be."""
    named_project(context, project)
    _settings, runs = _asked()
    letters = runs.waiting()
    if output is not Format.TEXT:
        _emit("letters", map(msgspec.to_builtins, letters), output)
        return
    for (brand, paper), n in sorted(Counter((one.brand, one.paper) for one in letters).items()):
        sys.stdout.write(f"{brand:<16} {paper:<8} {n:>8}\n")
    sys.stdout.flush()
    tell(f"{len(letters)} waiting")


@app.command("close", cls=VerbCommand)
def close(context: typer.Context, project: ProjectOption = None, output: FormatOption = Format.TEXT) -> None:
    """Closes the letters that wait into print runs now, without waiting for MILEPOST_PRINT_AT.

    Each is asked for once more: one that must not go any more, as the consent was withdrawn say, is left out.
    """
    settings, runs = _asked()
    folder = project_of(context, project)
    now = RealClock().now()
    with looked_into(settings) as store:
        projects = Projects(store, settings, folder)
        policy = projects.present.program.policy
        ask = recalling_for(projects, store, settings).ask
        closed = runs.close(now.astimezone(policy.zone).date(), now, ask)
    _show(runs, closed.runs, policy, output)
    for one in closed.left_out:
        tell(f"{one}: must not go any more, and is left out")
    for one in closed.held:
        tell(f"{one}: may not go now, and waits for the next run")
    for one in closed.damaged:
        tell(f"{one}: its file is not what was written, and is not printed", style="bold red")
    if closed.damaged:
        raise typer.Exit(1)


@app.command("list", cls=VerbCommand)
def listed(context: typer.Context, project: ProjectOption = None, output: FormatOption = Format.TEXT) -> None:
    """Shows the print runs, oldest first, and which are handed over."""
    _settings, runs = _asked()
    _show(runs, runs.runs(), load(project_of(context, project)).policy, output)


@app.command("show", cls=VerbCommand)
def show(
    context: typer.Context,
    run: RunArgument,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Shows a run's letters: its manifest. As text, the CSV that the printer gets."""
    named_project(context, project)
    _settings, runs = _asked()
    found = runs.run(run)
    if output is Format.TEXT:
        path = runs.place(found) / f"{found.id}.csv"
        sys.stdout.write(path.read_text("utf-8"))
        sys.stdout.flush()
        tell(f"{found.letters} letters in {path.parent}")
        return
    _emit("letters", (line._asdict() for line in runs.lines(found)), output)


@app.command("hand-over", cls=VerbCommand)
def handing_over(
    context: typer.Context,
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="only this one; all that are not yet, if left out")
    ] = "",
    again: Annotated[
        bool, typer.Option("--again", help="also where it has been: the printer has lost it")
    ] = False,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Hands runs over to the printer: into MILEPOST_PRINT_DIR or to MILEPOST_PRINT_SFTP, each once."""
    settings, runs = _asked()
    if again and not run:
        raise UsageError("--again goes with a run.", "milepost letters list shows them.")
    place = place_of(settings)
    if place is None:
        raise UsageError(
            "Nobody has said where runs are handed over.", "Set MILEPOST_PRINT_DIR or MILEPOST_PRINT_SFTP."
        )
    only = runs.run(run) if run else None
    policy = load(project_of(context, project)).policy
    done = list(hand_over(runs, place, RealClock().now, only=only, again=again))
    _show(runs, done, policy, output)


def _asked() -> tuple[Settings, PrintRuns]:
    settings = load_settings()
    runs = runs_of(settings)
    if not is_printing(settings) and not runs.runs():
        raise UsageError("Letters are not printed in runs here.", "Set MILEPOST_LETTERS=print for that.")
    return settings, runs


def _show(runs: PrintRuns, shown: "list[Run] | tuple[Run, ...]", policy: Policy, output: Format) -> None:
    if output is not Format.TEXT:
        _emit("runs", (_told(runs, run, policy) for run in shown), output)
        return
    for run in shown:
        handed = runs.handed_over(run)
        state = f"handed over {local(handed.at, policy.zone)}" if handed else "closed"
        sys.stdout.write(f"{run.id:<44} {run.letters:>6} letters {run.pages:>6} pages  {state}\n")
    sys.stdout.flush()
    tell(f"{len(shown)} run{'s' * (len(shown) != 1)}")


def _told(runs: PrintRuns, run: Run, policy: Policy) -> dict[str, Any]:
    handed = runs.handed_over(run)
    return {
        **msgspec.to_builtins(run),
        "closed_at": local(run.closed_at, policy.zone),
        "folder": str(runs.place(run)),
        "handed_over_at": local(handed.at, policy.zone) if handed else None,
        "handed_over_to": handed.to if handed else None,
    }


def _emit(name: str, lines: Iterator[Any], output: Format) -> None:
    if output is Format.JSON:
        emit({name: list(lines)})
        return
    for line in lines:
        emit(line)

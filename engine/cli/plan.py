"""`milepost plan`: what deploying would change."""

from typing import Annotated

import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    project_of,
    tell,
    verb_app,
    whoever_reads,
)
from engine.cli.plan_screen import show, told
from engine.cli.planning import DAYS, DaysOption, SampleOption, with_bar
from engine.wiring.assembly import looked_into
from engine.wiring.deployed import candidate, chosen
from engine.wiring.projects import check_there
from engine.wiring.settings import load_settings

app = verb_app()

DIFFERS = 4
"""The exit code with `--detailed-exitcode` where deploying would change something."""


@app.command(cls=VerbCommand)
def plan(  # noqa: PLR0917 - one name each of the command
    context: typer.Context,
    days: DaysOption = DAYS,
    sample: SampleOption = None,
    to: Annotated[
        int | None,
        typer.Option("--to", metavar="NUMBER", help="what going back to that deployment would change"),
    ] = None,
    detailed: Annotated[
        bool,
        typer.Option(
            "--detailed-exitcode", help=f"ends with {DIFFERS} where deploying would change something"
        ),
    ] = False,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Shows what deploying the project's folder would change: journeys, steps, policy and templates; where the runs
    under way go; which messages of the coming days appear, vanish, move or change. Writes nothing.
    """
    settings = load_settings()
    folder = project_of(context, project)
    if to is None:
        check_there(folder)
    with looked_into(settings) as store:
        one = candidate(store, settings, folder) if to is None else chosen(store, settings, to)
        found = with_bar(store, settings, one, days=days, sample=sample)
    zone = one.project.program.policy.zone
    with whoever_reads():
        if output is Format.TEXT:
            show(one, found, days, zone)
        else:
            emit(told(one, found, days, zone))
    if output is Format.TEXT and one.is_in_force:
        tell(f"this is what is in force: deployment {one.present.number}" if one.present else "")
    if detailed and not one.is_in_force:
        raise typer.Exit(DIFFERS)

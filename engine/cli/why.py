"""`milepost why`: why a customer did, did not, or will get a journey's messages."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import Format, FormatOption, ProjectOption, emit, moment_of, project_of, verb_app
from engine.cli.looking import known_by
from engine.cli.why_screen import show
from engine.intake.identify import Identification
from engine.language.nearest import nearest
from engine.model.errors import UsageError
from engine.model.journeys import Journey
from engine.model.program import Program
from engine.why import Asked, Recorder, explain
from engine.wiring.assembly import advance_for, looked_into
from engine.wiring.deployed import folder_in_force
from engine.wiring.projects import load_to_look, runnable
from engine.wiring.settings import load_settings

app = verb_app()


@app.command(cls=VerbCommand)
def why(  # noqa: PLR0917 - one name each of the command
    context: typer.Context,
    journey: Annotated[str, typer.Argument(metavar="JOURNEY", help="the journey's id")],
    who: Annotated[
        str,
        typer.Argument(
            metavar="CUSTOMER", help="a mobile, email, member number, plate, VIN, or the customer's id"
        ),
    ],
    run: Annotated[
        str,
        typer.Option("--run", metavar="KEY", help="only this run: its car, its key, or how its id begins"),
    ] = "",
    since: Annotated[
        str, typer.Option("--since", metavar="TIME", help="only what has happened since that day or moment")
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="everything, however long; else the newest, and what is under way")
    ] = False,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Tells, in order of time, what could have begun a run of the journey for the customer, each condition with the
    value it saw, each step and each wait, each message with the channels that were tried and what held it back; and
    what comes next, as things stand.
    """
    settings = load_settings()
    recorder = Recorder()
    with looked_into(settings) as store:
        folder, _deployment = folder_in_force(store, settings, project_of(context, project))
        program = runnable(load_to_look(folder, recorder.watch), folder, drafts=False)
        asked_journey = _journey(program, journey)
        asked = Asked(
            run=run,
            since=moment_of(since, program.policy.zone, "--since", end=False) if since else None,
            everything=everything,
        )
        found = known_by(store, program, who)
        now = advance_for(program, store, settings).now() or datetime.now(UTC)
        accounts = [
            explain(
                program,
                store,
                one,
                asked_journey,
                now,
                identify=Identification(),
                recorder=recorder,
                asked=asked,
            )
            for one in found
        ]
    if output is Format.JSON:
        emit(accounts[0] if len(accounts) == 1 else {"customers": accounts})
    elif output is Format.JSONL:
        for one in accounts:
            emit(one)
    else:
        for one in accounts:
            show(one)


def _journey(program: Program, name: str) -> Journey:
    found = program.journeys.get(name)
    if found is None:
        like = nearest(name, program.journeys)
        meant = f"Did you mean {like!r}? " if like else ""
        raise UsageError(
            f"There is no journey {name!r}.", f"{meant}There are: {', '.join(program.journeys)}."
        )
    return found

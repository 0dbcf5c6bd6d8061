"""`milepost lookup`: one customer, on one screen."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import Format, FormatOption, ProjectOption, emit, verb_app
from engine.cli.looking import known_by, program_for_looking
from engine.cli.lookup_screen import show
from engine.runtime.profile import profile_of
from engine.wiring.assembly import advance_for, looked_into
from engine.wiring.settings import load_settings

AHEAD = timedelta(days=400)


app = verb_app()


@app.command(cls=VerbCommand)
def lookup(
    context: typer.Context,
    who: Annotated[str, typer.Argument(metavar="PLATE/MOBILE/EMAIL", help="how the customer is known")],
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Shows one customer: cars, purchases, visits, consents, journeys under way, messages, and what comes next
    in the coming 400 days.

    Journeys with errors do not stop it: all is shown but what comes next.
    """
    settings = load_settings()
    with looked_into(settings) as store:
        program, whole = program_for_looking(context, project, "what comes next is left out", store, settings)
        found = known_by(store, program, who)
        now = advance_for(program, store, settings).now() or datetime.now(UTC)
        until = now + AHEAD if whole else None
        profiles = [profile_of(program, store, one, now, until) for one in found]
    if output is Format.JSON:
        emit(profiles[0] if len(profiles) == 1 else {"customers": profiles})
    elif output is Format.JSONL:
        for one in profiles:
            emit(one)
    else:
        for one in profiles:
            show(one)

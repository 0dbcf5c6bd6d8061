"""`milepost lookup`: one customer, on one screen."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    project_of,
    verb_app,
)
from engine.cli.lookup_screen import show
from engine.intake.clean import clean_contact
from engine.model.errors import MilepostError
from engine.runtime.profile import profile_of
from engine.wiring.assembly import advance_for, stored
from engine.wiring.projects import load_runnable
from engine.wiring.settings import load_settings

AHEAD = timedelta(days=400)


app = verb_app()


@app.command()
def lookup(
    context: typer.Context,
    who: Annotated[str, typer.Argument(metavar="PLATE/MOBILE/EMAIL", help="how the customer is known")],
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Shows one customer: cars, purchases, visits, consents, messages, what comes next and when."""
    program = load_runnable(project_of(context, project), drafts=False)
    settings = load_settings()
    with stored(settings) as store:
        found = store.find(clean_contact(who, program.policy.country))
        if not found:
            raise MilepostError(
                f"Nobody is known by {who!r}.", "Give a plate, a mobile, an email, or a member number."
            )
        now = advance_for(program, store, settings).now() or datetime.now(UTC)
        profiles = [profile_of(program, store, one, now, now + AHEAD) for one in found]
    if output is Format.JSON:
        emit(profiles[0] if len(profiles) == 1 else {"customers": profiles})
    elif output is Format.JSONL:
        for one in profiles:
            emit(one)
    else:
        for one in profiles:
            show(one)

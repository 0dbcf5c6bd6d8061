"""`milepost export`: all that is held of one person."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import Format, FormatOption, ProjectOption, tell, to_json, verb_app, whoever_reads
from engine.cli.looking import known_by, program_for_looking
from engine.intake.files import STDIN
from engine.model.errors import MilepostError
from engine.wiring.assembly import looked_into
from engine.wiring.exporting import export_of
from engine.wiring.settings import load_settings

app = verb_app()


@app.command(cls=VerbCommand)
def export(
    context: typer.Context,
    who: Annotated[
        str, typer.Argument(metavar="CUSTOMER", help="a mobile, an email, a member number, a plate or an id")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="a new file; - for stdout")
    ] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Hands over all that is held of one person, as JSON: profile, consents, cars with their readings, events as they
    came, journeys under way, messages, tasks, refused inputs that name them, and who looked them up.

    It is for that person: a file is made readable for its owner only. As text it is the same, in lines.
    """
    settings = load_settings()
    with looked_into(settings) as store:
        lost = "a mobile needs its country, as in +86 138 0000 0001"
        program, _ = program_for_looking(context, project, lost, store, settings)
        found = known_by(store, program, who)
        if len(found) > 1:
            ids = ", ".join(one.id for one in found)
            raise MilepostError(f"{who!r} leads to {len(found)} customers: {ids}.", "Give the id of one.")
        told = export_of(store, found[0], program.policy.zone, datetime.now(UTC))
    written = to_json(told)
    if output is Format.TEXT:
        written = msgspec.json.format(written, indent=2)
    if out is None or str(out) == STDIN:
        with whoever_reads():
            typer.echo(written)
        return
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise MilepostError(f"{out} is there already.", "Name a new file.") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(written + "\n")
    tell(f"{out}: all that is held of one person; nobody else is to read it")

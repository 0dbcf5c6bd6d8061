"""`milepost migrate`: the database's tables, as this version of Milepost needs them."""

from typing import Annotated

import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import Format, FormatOption, ProjectOption, emit, named_project, verb_app
from engine.wiring.schema import Standing, standing
from engine.wiring.schema import migrate as bring_up_to_date
from engine.wiring.settings import load_settings

app = verb_app()


@app.command(cls=VerbCommand)
def migrate(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="changes nothing; exits with 1 where it is not up to date")
    ] = False,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Brings the tables of the database up to date that MILEPOST_DATABASE_URL names.

    On PostgreSQL nothing works before that, as workers of another version may be at work; a SQLite file is brought
    up to date by whatever uses it. Several at once do no harm.
    """
    named_project(context, project)
    settings = load_settings()
    before = standing(settings)
    if check:
        _tell_standing(before, output)
        if before.schema != before.newest:
            raise typer.Exit(1)
        return
    done = bring_up_to_date(settings)
    if output is not Format.TEXT:
        emit({"database": before.database, "from": done.before, "to": done.after})
    elif done.before == done.after:
        typer.echo(f"{before.database}: schema {done.after}, as it was")
    else:
        typer.echo(f"{before.database}: from schema {done.before} to {done.after}")


def _tell_standing(one: Standing, output: Format) -> None:
    if output is not Format.TEXT:
        emit(one._asdict())
        return
    if one.schema == one.newest:
        said = "up to date"
    elif one.schema < one.newest:
        said = f"behind this version of Milepost, which needs {one.newest}; run: milepost migrate"
    elif one.usable:
        said = f"ahead of this version of Milepost, which knows {one.newest} and can work on it"
    else:
        said = f"ahead of this version of Milepost, which knows {one.newest} and cannot work on it"
    typer.echo(f"{one.database}: schema {one.schema}, {said}")

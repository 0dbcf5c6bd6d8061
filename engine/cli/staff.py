"""`milepost staff`: who may log in to the gateway's pages for dealers."""

import sys
from typing import Annotated

import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import Format, FormatOption, ProjectOption, emit, local, named_project, tell, verb_app
from engine.cli.looking import program_for_looking
from engine.model.errors import UsageError
from engine.model.staff import LEAST_PASSWORD, Role
from engine.wiring.assembly import deployed_to, looked_into
from engine.wiring.settings import load_settings
from engine.wiring.staffing import Staffing, refuse_weak

app = verb_app(no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="what the person logs in as")]


@app.callback()
def staff(context: typer.Context, project: ProjectOption = None) -> None:
    """Names who may log in to the gateway's pages for dealers, such as the look-up for the reception."""
    context.obj = {"project": named_project(context, project)}


@app.command(cls=VerbCommand)
def add(
    context: typer.Context,
    name: NameArgument,
    dealer: Annotated[
        str | None, typer.Option(metavar="ID", help="whose customers the person sees; not for headquarters")
    ] = None,
    role: Annotated[Role, typer.Option(metavar="ROLE", help=", ".join(Role))] = Role.RECEPTION,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Adds somebody. The password is asked for, or is the first line of stdin where that is no terminal."""
    settings = load_settings()
    with deployed_to(settings) as store:
        lost = "whether there is that dealer is not looked at"
        program, _ = program_for_looking(context, project, lost, store, settings)
        password = _password()
        added = Staffing(store).add(name, role, dealer, password, program.dealers)
    if output is not Format.TEXT:
        emit({"name": added.name, "role": added.role, "dealer": added.dealer})
        return
    typer.echo(f"{added.name} may log in, {_for(added.role, added.dealer)}")


@app.command("list", cls=VerbCommand)
def list_staff(
    context: typer.Context,
    dealer: Annotated[str, typer.Option(metavar="ID", help="only this dealer's")] = "",
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Lists who may log in, by name."""
    settings = load_settings()
    with looked_into(settings) as store:
        lost = "dealers are told by their ids"
        zone = program_for_looking(context, project, lost, store, settings)[0].policy.zone
        lines = [
            {
                "name": one.staff.name,
                "role": one.staff.role,
                "dealer": one.staff.dealer,
                "since": local(one.since, zone),
                "password_since": local(one.password_since, zone),
            }
            for one in Staffing(store).all()
            if dealer in ("", one.staff.dealer)
        ]
    if output is Format.JSON:
        emit({"staff": lines})
        return
    for line in lines:
        if output is Format.JSONL:
            emit(line)
        else:
            since = str(line["since"])[:10]
            typer.echo(f"{line['name']:<24} {line['role']:<13} {line['dealer'] or '-':<12} since {since}")
    if output is Format.TEXT and not lines:
        tell("nobody may log in; milepost staff add names somebody")


@app.command(cls=VerbCommand)
def password(
    context: typer.Context,
    name: NameArgument,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Sets a new password, as `add` does, and ends the person's sessions and the wait after wrong guesses."""
    named_project(context, project)
    with looked_into(load_settings()) as store:
        Staffing(store).set_password(name, _password())
    if output is not Format.TEXT:
        emit({"name": name})
        return
    typer.echo(f"{name} has a new password")


@app.command(cls=VerbCommand)
def remove(
    context: typer.Context,
    name: NameArgument,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Ends a login, at once. What the person looked up stays in the trail."""
    named_project(context, project)
    with looked_into(load_settings()) as store:
        Staffing(store).remove(name)
    if output is not Format.TEXT:
        emit({"removed": name})
        return
    typer.echo(f"{name} cannot log in any more")


def _password() -> str:
    """Typed twice by a person, else a line of stdin; looked at before anything is done."""
    if sys.stdin.isatty():
        given: str = typer.prompt(
            f"Password ({LEAST_PASSWORD} characters or more)",
            hide_input=True,
            confirmation_prompt=True,
            err=True,
        )
    else:
        given = sys.stdin.readline().rstrip("\r\n")
        if not given:
            raise UsageError("There is no password on stdin.", "Give it there as a line, or use a terminal.")
    refuse_weak(given)
    return given


def _for(role: Role, dealer: str | None) -> str:
    return f"as {role} of dealer {dealer}" if dealer else "for all dealers"

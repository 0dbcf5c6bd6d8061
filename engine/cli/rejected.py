"""`milepost rejected`: what was refused, why; sends it in again after mending."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from msgspec.structs import replace

from engine.cli.context import Format, FormatOption, ProjectOption, emit, project_of, stderr, verb_app
from engine.intake.parse import Parser, joined
from engine.model.errors import MilepostError, UsageError
from engine.model.events import Event
from engine.ports import RejectionRow, Store
from engine.wiring.assembly import advance_for, rejection_row, stored
from engine.wiring.projects import load_runnable
from engine.wiring.settings import load_settings

app = verb_app(help="What was refused and why; sends it in again.", no_args_is_help=True)


@app.command("list")
def list_rejections(
    status: Annotated[str, typer.Option(help="open, retried, dismissed")] = "open",
    output: FormatOption = Format.TEXT,
) -> None:
    """Lists what was refused."""
    with stored(load_settings()) as store:
        rows = list(store.rejections(status))
    told = [
        {
            "id": one.id,
            "file": one.file,
            "line": one.line,
            "field": one.field,
            "reason": one.reason,
            "at": one.at,
        }
        for one in rows
    ]
    if output is Format.JSON:
        emit({"rejections": told})
        return
    for one, line in zip(rows, told, strict=True):
        if output is Format.JSONL:
            emit(line)
        else:
            typer.echo(f"{one.id[:12]}  {one.file}:{one.line}  {one.reason}")
    if output is Format.TEXT:
        stderr.print(f"{len(rows)} {status}")


@app.command("show")
def show(rejection: Annotated[str, typer.Argument(metavar="ID", help="its id, or how it begins")]) -> None:
    """Prints a refused input as it came, for mending."""
    with stored(load_settings()) as store:
        row = _one(store, rejection)
    stderr.print(f"{row.file}:{row.line}: {row.reason}", markup=False)
    sys.stdout.buffer.write(row.raw + b"\n")


@app.command("retry")
def retry(
    context: typer.Context,
    rejection: Annotated[
        str, typer.Argument(metavar="ID", help="its id, or how it begins; all, if left out")
    ] = "",
    mended: Annotated[typer.FileBinaryRead | None, typer.Option(help="the mended input; - for stdin")] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Sends refused inputs in again: mended, or as they are after the rules have changed."""
    if mended is not None and not rejection:
        raise UsageError("--mended goes with the id of what it mends.")
    settings = load_settings()
    program = load_runnable(project_of(context, project), drafts=False)
    parser = Parser(program.event_types, program.policy.country)
    with stored(settings) as store:
        rows = [_one(store, rejection)] if rejection else list(store.rejections())
        advance = advance_for(program, store, settings)
        still = []
        accepted = 0
        for row in rows:
            raw = mended.read().strip() if mended else row.raw
            parsed = parser.parse(raw, row.file, row.line)
            if isinstance(parsed, Event):
                taken = advance.take([parsed], [replace(row, status="retried")])
                accepted += taken.accepted
            else:
                still.append(rejection_row(joined(parsed), datetime.now(UTC)))
    result = {"retried": len(rows), "accepted": accepted, "rejected": len(still)}
    if output is Format.TEXT:
        typer.echo(f"{len(rows)} tried, {accepted} accepted, {len(still)} refused again")
        for one in still:
            stderr.print(f"  {one.file}:{one.line}: {one.reason}", markup=False)
    else:
        emit(result)
    if still:
        raise typer.Exit(1)


def _one(store: Store, beginning: str) -> RejectionRow:
    found = [one for one in store.rejections() if one.id.startswith(beginning)]
    if len(found) != 1:
        raise MilepostError(
            f"{len(found)} open rejections have an id that begins with {beginning!r}.",
            "milepost rejected list shows the ids.",
        )
    return found[0]

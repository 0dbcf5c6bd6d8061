"""`milepost rejected`: what was refused, and why."""

import sys
from base64 import b64encode
from datetime import UTC
from typing import Annotated, Any

import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    named_project,
    printable,
    tell,
    verb_app,
)
from engine.cli.rejected_retry import one_of, retry
from engine.ports import RejectionRow, RejectionStatus
from engine.wiring.assembly import looked_into
from engine.wiring.settings import load_settings

app = verb_app(no_args_is_help=True)


@app.callback()
def rejected(context: typer.Context, project: ProjectOption = None) -> None:
    """Shows what was refused and why; sends it in again once mended."""
    context.obj = {"project": named_project(context, project)}


@app.command("list", cls=VerbCommand)
def list_rejections(
    context: typer.Context,
    status: Annotated[
        RejectionStatus, typer.Option(metavar="STATUS", help=", ".join(RejectionStatus))
    ] = RejectionStatus.OPEN,
    dealer: Annotated[
        str | None, typer.Option(metavar="ID", help="those of this dealer alone; '' for nobody's")
    ] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Lists what was refused.

    No project is needed for it.
    """
    named_project(context, project)
    with looked_into(load_settings()) as store:
        rows = (one for one in store.rejections(status) if dealer in (None, one.dealer))
        told = [_told(one) for one in rows]
    if output is Format.JSON:
        emit({"rejections": told})
        return
    for one in told:
        if output is Format.JSONL:
            emit(one)
        else:
            text = f"{one['id'][:12]}  {one['file']}:{one['line']}  {one['reason']}"
            sys.stdout.write(printable(text) + "\n")
    if output is Format.TEXT:
        sys.stdout.flush()
        tell(f"{len(told)} {status}")


@app.command("show", cls=VerbCommand)
def show(
    context: typer.Context,
    rejection: Annotated[str, typer.Argument(metavar="ID", help="its id, or how it begins")],
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Prints a refused input as it came, for mending.

    No project is needed for it.
    """
    named_project(context, project)
    with looked_into(load_settings()) as store:
        row = one_of(store, rejection, *RejectionStatus)
    if output is not Format.TEXT:
        emit({**_told(row), "status": row.status, **_raw(row.raw)})
        return
    tell(f"{row.file}:{row.line}: {row.reason}")
    sys.stdout.buffer.write(row.raw + b"\n")


app.command("retry", cls=VerbCommand)(retry)


def _told(row: RejectionRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "file": row.file,
        "line": row.line,
        "field": row.field,
        "reason": row.reason,
        "at": row.at.astimezone(UTC),
        "dealer": row.dealer,
    }


def _raw(raw: bytes) -> dict[str, str]:
    """The input as JSON can hold it: its text, or in base64 where it is none."""
    try:
        return {"raw": raw.decode("utf-8"), "encoding": "utf-8"}
    except UnicodeDecodeError:
        return {"raw": b64encode(raw).decode("ascii"), "encoding": "base64"}

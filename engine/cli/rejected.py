"""`milepost rejected`: what was refused, why; sends it in again after mending."""

import sys
from base64 import b64encode
from datetime import UTC
from enum import StrEnum
from typing import Annotated, Any

import typer
from msgspec.structs import replace

from engine.cli.commands import VerbCommand
from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    named_project,
    printable,
    project_of,
    tell,
    verb_app,
    whoever_reads,
)
from engine.cli.inputs import MOST_TOLD, Refused
from engine.intake.parse import Parser, joined
from engine.model.errors import MilepostError, UsageError
from engine.model.events import Event
from engine.ports import RejectionRow, Store
from engine.wiring.assembly import advance_for, looked_into
from engine.wiring.projects import load_runnable
from engine.wiring.settings import load_settings


class RejectionStatus(StrEnum):
    OPEN = "open"
    RETRIED = "retried"
    DISMISSED = "dismissed"


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
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Lists what was refused.

    No project is needed for it.
    """
    named_project(context, project)
    with looked_into(load_settings(with_broker=True)) as store:
        told = [_told(one) for one in store.rejections(status)]
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
    with looked_into(load_settings(with_broker=True)) as store:
        row = _one(store, rejection, *RejectionStatus)
    if output is not Format.TEXT:
        emit({**_told(row), "status": row.status, **_raw(row.raw)})
        return
    tell(f"{row.file}:{row.line}: {row.reason}")
    sys.stdout.buffer.write(row.raw + b"\n")


@app.command("retry", cls=VerbCommand)
def retry(
    context: typer.Context,
    rejection: Annotated[
        str, typer.Argument(metavar="ID", help="its id, or how it begins; all, if left out")
    ] = "",
    mended: Annotated[
        typer.FileBinaryRead | None, typer.Option(metavar="FILE", help="the mended input; - for stdin")
    ] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Sends refused inputs in again, mended or as they are.

    As they are: after the rules have changed. What is accepted, or was there already, leaves the list; what is
    refused again stays in it as it came.
    """
    if mended is not None and not rejection:
        raise UsageError(
            "--mended goes with the id of what it mends.", "milepost rejected list shows the ids."
        )
    settings = load_settings()
    program = load_runnable(project_of(context, project), drafts=False)
    parser = Parser(program.event_types, program.policy.country)
    still: list[Refused] = []
    accepted = duplicates = 0
    with looked_into(settings) as store:
        rows = [_one(store, rejection, RejectionStatus.OPEN)] if rejection else list(store.rejections())
        advance = advance_for(program, store, settings)
        advance.adopt()
        for row in rows:
            parsed = parser.parse(mended.read().strip() if mended else row.raw, row.file, row.line)
            if isinstance(parsed, Event):
                taken = advance.take([parsed], [replace(row, status=RejectionStatus.RETRIED)])
                accepted += taken.accepted
                duplicates += taken.duplicates
            else:
                still.append(Refused.of(joined(parsed)))
    with whoever_reads():
        _tell(len(rows), accepted, duplicates, still, output)
    if still:
        raise typer.Exit(1)


def _tell(tried: int, accepted: int, duplicates: int, still: list[Refused], output: Format) -> None:
    if output is not Format.TEXT:
        emit(
            {
                "retried": tried,
                "accepted": accepted,
                "duplicates": duplicates,
                "rejected": len(still),
                "rejections": still,
            }
        )
        return
    typer.echo(f"{tried} tried, {accepted} accepted, {duplicates} duplicate, {len(still)} refused again")
    for one in still[:MOST_TOLD]:
        tell(f"  {one.file}:{one.line}: {one.reason}")
    if len(still) > MOST_TOLD:
        tell(f"  … and {len(still) - MOST_TOLD} more; see `milepost rejected list`")


def _told(row: RejectionRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "file": row.file,
        "line": row.line,
        "field": row.field,
        "reason": row.reason,
        "at": row.at.astimezone(UTC),
    }


def _raw(raw: bytes) -> dict[str, str]:
    """The input as JSON can hold it: its text, or in base64 where it is none."""
    try:
        return {"raw": raw.decode("utf-8"), "encoding": "utf-8"}
    except UnicodeDecodeError:
        return {"raw": b64encode(raw).decode("ascii"), "encoding": "base64"}


def _one(store: Store, beginning: str, *statuses: RejectionStatus) -> RejectionRow:
    rows = (one for status in statuses for one in store.rejections(status))
    found = [one for one in rows if one.id.startswith(beginning)]
    if len(found) != 1:
        what = f"{len(found)} {statuses[0]} rejections" if len(statuses) == 1 else f"{len(found)} rejections"
        raise MilepostError(
            f"{what} have an id that begins with {beginning!r}.", "milepost rejected list shows the ids."
        )
    return found[0]

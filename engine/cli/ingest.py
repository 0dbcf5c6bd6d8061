"""`milepost ingest`: events into the store, durably, each at most once."""

import shlex
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    project_of,
    spare_collector,
    tell,
    verb_app,
    whoever_reads,
)
from engine.cli.ingest_receipts import ingest_receipts
from engine.cli.ingest_sheets import ingest_sheets
from engine.cli.inputs import MOST_TOLD, Refused, opened
from engine.intake.files import EVENTS, file_format
from engine.intake.parse import Parser
from engine.intake.reader import Reader
from engine.intake.sheets import KINDS
from engine.model.diagnostics import Rejection
from engine.model.errors import UsageError
from engine.wiring.assembly import advance_for, stored
from engine.wiring.deployed import Projects
from engine.wiring.feeding import Feed
from engine.wiring.receipts import FORMATS
from engine.wiring.settings import load_settings, refuse_broker

app = verb_app()


@app.command(cls=VerbCommand)
def ingest(  # noqa: PLR0917 - a command's options
    context: typer.Context,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE", help="events (.jsonl, - for stdin), or rows (.csv, .xlsx)")
    ],
    as_format: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="FORMAT", help=f"what the files hold: {', '.join((EVENTS, *KINDS, *FORMATS))}"
        ),
    ] = None,
    dealer: Annotated[
        str | None, typer.Option(metavar="ID", help="whose cards or prospects they are, such as d001")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(metavar="FILE", help="what a dealer's own columns mean (YAML)")
    ] = None,
    annotate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="writes a copy (.xlsx) with the faulty cells marked")
    ] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Reads events into the store and decides what follows from them; `run` then does what is due.

    The same file again changes nothing. What is refused is kept: see `milepost rejected`. Registration cards and
    prospects (.csv, .xlsx) and files in which a provider tells what became of messages are named as such, by --as.
    """
    if as_format in KINDS:
        folder = project_of(context, project)
        code = ingest_sheets(
            files, as_format, folder, output, dealer=dealer, mapping=mapping, annotate=annotate
        )
        raise typer.Exit(code)
    if dealer is not None or mapping is not None or annotate is not None:
        raise UsageError(
            "--dealer, --mapping and --annotate go with rows.",
            f"Say what they are: --as {' or '.join(KINDS)}.",
        )
    if as_format is not None and as_format in FORMATS:
        raise typer.Exit(ingest_receipts(files, as_format, project_of(context, project), output))
    for path in files:
        file_format(path, as_format)
    folder = project_of(context, project)
    settings = load_settings()
    refuse_broker(settings, f"milepost send {shlex.join(files)}")
    told: list[Refused] = []
    spare_collector()
    with opened(files, "ingesting") as sources, stored(settings) as store:
        projects = Projects(store, settings, folder)
        program = projects.present.program
        advance = advance_for(program, store, settings, projects.renew)
        advance.adopt()
        feed = Feed(advance)

        def reject(one: Rejection) -> None:
            feed.rejection(one)
            if output is not Format.TEXT or len(told) < MOST_TOLD:
                told.append(Refused.of(msgspec.structs.replace(one, file=Path(one.file).name)))

        reader = Reader(Parser(program.event_types, program.policy.country), reject)
        for event in reader.merged(sources):
            feed.event(event)
        feed.flush()
    with whoever_reads():
        _tell(reader, feed, told, output)
    if reader.read and reader.rejected == reader.read:
        raise typer.Exit(1)


def _tell(reader: Reader, feed: Feed, told: list[Refused], output: Format) -> None:
    taken = feed.taken
    if output is not Format.TEXT:
        emit(
            {
                "read": reader.read,
                "accepted": taken.accepted,
                "duplicates": taken.duplicates,
                "rejected": reader.rejected,
                "rejections": told,
                "notes": taken.notes,
            }
        )
        return
    typer.echo(
        f"{reader.read} read, {taken.accepted} accepted, {taken.duplicates} duplicate, "
        f"{reader.rejected} rejected"
    )
    for one in told:
        tell(f"  {one.file}:{one.line}: {one.reason}")
    if reader.rejected:
        more = reader.rejected - len(told)
        tell((f"  … and {more} more; " if more else "  ") + "kept; see `milepost rejected list`")
    for note, n in sorted(taken.notes.items()):
        tell(f"  {n:>7} noted: {note}")

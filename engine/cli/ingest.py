"""`milepost ingest`: events into the store, durably, each at most once."""

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    project_of,
    spare_collector,
    stderr,
    verb_app,
)
from engine.cli.inputs import Reader, Refused, opened
from engine.intake.files import file_format
from engine.intake.parse import Parser
from engine.model.diagnostics import Rejection
from engine.model.events import Event
from engine.runtime.advance import CHUNK, Advance, Taken
from engine.wiring.assembly import advance_for, rejection_row, stored
from engine.wiring.projects import load_runnable
from engine.wiring.settings import load_settings

app = verb_app()


@app.command()
def ingest(
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="event files (.jsonl), - for stdin")],
    as_format: Annotated[
        str | None, typer.Option("--as", metavar="FORMAT", help="what the files hold: events")
    ] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Reads events into the store and decides what follows from them; `run` then does what is due.

    The same file again changes nothing. What is refused is kept: see `milepost rejected`.
    """
    for path in files:
        file_format(path, as_format)
    folder = project_of(context, project)
    settings = load_settings()
    program = load_runnable(folder, drafts=False)
    spare_collector()
    with stored(settings) as store:
        advance = advance_for(program, store, settings)
        advance.adopt()
        result = _Intake(advance, Parser(program.event_types, program.policy.country))
        with opened(files, "ingesting") as sources:
            for event in result.reader.merged(sources):
                result.add(event)
            result.flush()
    result.tell(output)
    if result.reader.read and result.reader.rejected == result.reader.read:
        raise typer.Exit(1)


class _Intake:
    """Hands events on in batches, together with the inputs refused meanwhile."""

    def __init__(self, advance: Advance, parser: Parser) -> None:
        self._advance = advance
        self.reader = Reader(parser, self._reject)
        self._events: list[Event] = []
        self._refused: list[Rejection] = []
        self._taken = Taken()
        self._told: list[Refused] = []

    def add(self, event: Event) -> None:
        self._events.append(event)
        if len(self._events) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        now = self._advance.now()
        rows = [rejection_row(one, now) for one in self._refused]
        self._taken.add(self._advance.take(self._events, rows))
        self._events, self._refused = [], []

    def _reject(self, one: Rejection) -> None:
        self._refused.append(one)
        self._told.append(Refused(Path(one.file).name, one.line, one.field, one.reason))

    def tell(self, output: Format) -> None:
        result = {
            "read": self.reader.read,
            "accepted": self._taken.accepted,
            "duplicates": self._taken.duplicates,
            "rejected": self.reader.rejected,
            "rejections": self._told,
            "notes": self._taken.notes,
        }
        if output is not Format.TEXT:
            emit(result)
            return
        typer.echo(
            f"{result['read']} read, {result['accepted']} accepted, {result['duplicates']} duplicate, "
            f"{result['rejected']} rejected"
        )
        for one in self._told[:20]:
            stderr.print(f"  {one.file}:{one.line}: {one.reason}", markup=False)
        if self._told:
            stderr.print("  kept; see `milepost rejected list`")
        for note, n in sorted(self._taken.notes.items()):
            stderr.print(f"  {n:>7} noted: {note}", markup=False)

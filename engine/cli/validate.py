"""`milepost validate`: every fault of a project, in one go."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    named_project,
    printable,
    stderr,
    verb_app,
    whoever_reads,
)
from engine.cli.places import folder_and_paths
from engine.language import frame
from engine.model.diagnostics import Diagnostic
from engine.wiring.batching import Reason, one_by_one
from engine.wiring.projects import load

CHECKED = ("journeys", "templates")
"""The folders of a project that are looked into."""

app = verb_app()


@app.command(cls=VerbCommand)
def validate(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="files or folders of a project, or a project; all, if left out"),
    ] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Checks journeys, their tests, policy and templates; tells every fault with its place and what to do.

    Without --project, it is the project in which the paths lie.
    """
    folder, only = folder_and_paths(named_project(context, project), paths or [], CHECKED)
    loaded = load(folder, only=only or None, tests=True)
    errors = sum(one.is_error for one in loaded.diagnostics)
    notes = [] if errors else one_by_one(folder, loaded, only)
    with whoever_reads():
        _write(folder, loaded.diagnostics, notes, errors, output)
    if errors:
        raise typer.Exit(1)


def _write(
    folder: Path, diagnostics: list[Diagnostic], notes: list[Reason], errors: int, output: Format
) -> None:
    if output is Format.JSON:
        emit({"diagnostics": diagnostics, "notes": notes})
    elif output is Format.JSONL:
        for one in diagnostics:
            emit(one)
    else:
        write_frames(folder, diagnostics)
        sys.stdout.flush()
        for note in notes:
            place = printable(f"{note.file}:{note.line}")
            stderr.print(
                f"{place}: not sent in batches: {printable(note.message)}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
        stderr.print(_verdict(errors, len(diagnostics) - errors))


def write_frames(folder: Path, diagnostics: list[Diagnostic]) -> None:
    """Writes diagnostics to stdout as people read them."""
    sources: dict[str, str] = {}
    for one in diagnostics:
        if one.file not in sources:
            path = folder / one.file
            sources[one.file] = path.read_text("utf-8", "replace") if path.is_file() else ""
        sys.stdout.write(printable(frame(one, sources[one.file])) + "\n\n")


def _verdict(errors: int, warnings: int) -> str:
    if not errors and not warnings:
        return "[green]no faults[/]"
    parts = []
    if errors:
        parts.append(f"[red]{errors} error{'s' * (errors != 1)}[/]")
    if warnings:
        parts.append(f"[yellow]{warnings} warning{'s' * (warnings != 1)}[/]")
    return ", ".join(parts)

"""`milepost validate`: every fault of a project, in one go."""

import sys
from collections.abc import Sequence
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
from engine.language import frame
from engine.model.diagnostics import Diagnostic
from engine.model.errors import UsageError
from engine.wiring.projects import is_project, load

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
    """Checks journeys, policy and templates; tells every fault with its place and what to do.

    Without --project, it is the project in which the paths lie.
    """
    folder, only = _folder_and_paths(named_project(context, project), paths or [])
    diagnostics = load(folder, only=only or None).diagnostics
    errors = sum(one.is_error for one in diagnostics)
    with whoever_reads():
        _write(folder, diagnostics, errors, output)
    if errors:
        raise typer.Exit(1)


def _folder_and_paths(named: Path | None, paths: Sequence[Path]) -> tuple[Path, list[Path]]:
    """The project, and those of its files and folders that are meant; none for all."""
    if not paths:
        return named or Path(), []
    places = [_place(one, named) for one in paths]
    roots = {named or _root(one) for one in places}
    if len(roots) > 1:
        raise UsageError("The paths lie in several projects.", "Check one project at a time.")
    root = roots.pop()
    for path, place in zip(paths, places, strict=True):
        inside = [place.resolve().is_relative_to((root / one).resolve()) for one in CHECKED]
        if place.resolve() != root.resolve() and not any(inside):
            raise UsageError(
                f"{path} is none of the files that are checked.",
                f"They lie in {root / 'journeys'} and {root / 'templates'}.",
            )
    whole = any(place.resolve() == root.resolve() for place in places)
    return root, [] if whole else places


def _place(path: Path, project: Path | None) -> Path:
    """Where `path` is: it may be meant from the current folder or from the project."""
    for place in (path, project / path if project else path):
        if place.exists():
            return place
    raise UsageError(f"There is no file or folder {path}.", "Paths are meant from here, or from the project.")


def _root(place: Path) -> Path:
    """The project in which `place` lies."""
    whole = place.resolve()
    for folder in (whole, *whole.parents):
        if is_project(folder):
            return Path() if folder == Path.cwd() else folder
    raise UsageError(
        f"{place} lies in no project.",
        "A project is a folder with journeys/ and templates/; name it by --project DIR.",
    )


def _write(folder: Path, diagnostics: list[Diagnostic], errors: int, output: Format) -> None:
    if output is Format.JSON:
        emit({"diagnostics": diagnostics})
    elif output is Format.JSONL:
        for one in diagnostics:
            emit(one)
    else:
        _frames(folder, diagnostics)
        sys.stdout.flush()
        stderr.print(_verdict(errors, len(diagnostics) - errors))


def _frames(folder: Path, diagnostics: list[Diagnostic]) -> None:
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

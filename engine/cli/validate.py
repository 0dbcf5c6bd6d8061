"""`milepost validate`: every fault of a project, in one go."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    project_of,
    stderr,
    verb_app,
)
from engine.language import frame
from engine.model.diagnostics import Diagnostic
from engine.wiring.projects import load

app = verb_app()


@app.command()
def validate(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]…", help="files or folders; all, if left out")
    ] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Checks journeys, policy and templates; tells every fault with its place and what to do."""
    folder, only = _folder_and_paths(context, project, paths or [])
    diagnostics = load(folder, only=only or None).diagnostics
    errors = sum(one.is_error for one in diagnostics)
    if output is Format.JSON:
        emit({"diagnostics": diagnostics})
    elif output is Format.JSONL:
        for one in diagnostics:
            emit(one)
    else:
        _frames(folder, diagnostics)
        stderr.print(_verdict(errors, len(diagnostics) - errors))
    if errors:
        raise typer.Exit(1)


def _folder_and_paths(
    context: typer.Context, project: Path | None, paths: list[Path]
) -> tuple[Path, list[Path]]:
    """A single path that is a project itself is taken for one."""
    named = project or (context.obj or {}).get("project")
    if named is None and len(paths) == 1 and (paths[0] / "journeys").is_dir():
        return paths[0], []
    return project_of(context, project), paths


def _frames(folder: Path, diagnostics: list[Diagnostic]) -> None:
    sources: dict[str, str] = {}
    for one in diagnostics:
        if one.file not in sources:
            path = folder / one.file
            sources[one.file] = path.read_text("utf-8", "replace") if path.is_file() else ""
        sys.stdout.write(frame(one, sources[one.file]) + "\n\n")


def _verdict(errors: int, warnings: int) -> str:
    if not errors and not warnings:
        return "[green]no faults[/]"
    parts = []
    if errors:
        parts.append(f"[red]{errors} error{'s' * (errors != 1)}[/]")
    if warnings:
        parts.append(f"[yellow]{warnings} warning{'s' * (warnings != 1)}[/]")
    return ", ".join(parts)

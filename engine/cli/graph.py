"""`milepost graph`: a journey as a picture."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import ProjectOption, emit, project_of, tell, verb_app
from engine.language.nearest import nearest
from engine.language.report import Report
from engine.language.source import read_yaml_file
from engine.model.errors import UsageError
from engine.render.graph import mermaid, picture_of, svg
from engine.wiring.projects import load, runnable


class GraphFormat(StrEnum):
    SVG = "svg"
    MERMAID = "mermaid"
    JSON = "json"
    JSONL = "jsonl"


app = verb_app()


@app.command(cls=VerbCommand)
def graph(
    context: typer.Context,
    journey: Annotated[str, typer.Argument(metavar="JOURNEY", help="the journey's id")],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="the file to write; .mmd and .md mean Mermaid")
    ] = None,
    project: ProjectOption = None,
    output: Annotated[
        GraphFormat | None,
        typer.Option("--format", metavar="FORMAT", help="svg (when left out), mermaid, or json with both"),
    ] = None,
) -> None:
    """Draws a journey: its steps as they are called in the file, waits and channels, branches side by side."""
    folder = project_of(context, project)
    program = runnable(load(folder), folder, drafts=True)
    if journey not in program.journeys:
        like = nearest(journey, program.journeys)
        meant = f"Did you mean {like!r}? " if like else ""
        raise UsageError(
            f"There is no journey {journey!r}.", f"{meant}There are: {', '.join(program.journeys)}."
        )
    file = program.journeys[journey].file
    node = read_yaml_file(folder / file, file, Report())
    assert node is not None  # it has been read before
    picture = picture_of(node)
    if output in (GraphFormat.JSON, GraphFormat.JSONL):
        emit({"journey": journey, "svg": svg(picture), "mermaid": mermaid(picture)})
        return
    as_mermaid = output is GraphFormat.MERMAID or (
        output is None and out is not None and out.suffix in (".mmd", ".md")
    )
    text = mermaid(picture) if as_mermaid else svg(picture)
    if out is None:
        sys.stdout.write(text)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(f"```mermaid\n{text}```\n" if out.suffix == ".md" else text, "utf-8")
    tell(f"written to {out}")

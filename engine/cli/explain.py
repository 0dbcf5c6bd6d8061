"""`milepost explain CODE`: what a diagnostic means."""

import sys
from typing import Annotated

import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import Format, FormatOption, ProjectOption, emit, named_project, printable, verb_app
from engine.language import codes
from engine.language.nearest import nearest
from engine.model.errors import UsageError
from engine.wiring.explaining import explanation

app = verb_app()


@app.command(cls=VerbCommand)
def explain(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="a diagnostic's code, such as unknown-key")],
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Says what a diagnostic means, what is said of a wrong example, and a right one."""
    named_project(context, project)
    found = explanation(code)
    if found is None:
        like = nearest(code, codes())
        hint = f"Did you mean {like!r}?" if like else f"There are: {', '.join(sorted(codes()))}."
        raise UsageError(f"There is no diagnostic {code!r}.", hint)
    if output is Format.TEXT:
        sys.stdout.write(printable(found.text) + "\n")
        return
    emit(
        {
            "code": code,
            "explanation": found.text,
            "title": found.title,
            "meaning": found.explanation,
            "wrong": {"file": found.wrong.file, "text": found.wrong.text},
            "told": found.told,
            "right": {"file": found.right.file, "text": found.right.text},
            "page": found.page,
        }
    )

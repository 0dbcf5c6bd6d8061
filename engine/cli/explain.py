"""`milepost explain CODE`: what a diagnostic means."""

import sys
from typing import Annotated

import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import Format, FormatOption, ProjectOption, emit, named_project, verb_app
from engine.language import codes
from engine.language import explain as explanation
from engine.language.nearest import nearest
from engine.model.errors import UsageError

app = verb_app()


@app.command(cls=VerbCommand)
def explain(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="a diagnostic's code, such as unknown-key")],
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Says what a diagnostic means, with a wrong and a right example."""
    named_project(context, project)
    text = explanation(code)
    if text is None:
        like = nearest(code, codes())
        hint = f"Did you mean {like!r}?" if like else f"There are: {', '.join(sorted(codes()))}."
        raise UsageError(f"There is no diagnostic {code!r}.", hint)
    if output is Format.TEXT:
        sys.stdout.write(text.rstrip() + "\n")
    else:
        emit({"code": code, "explanation": text})

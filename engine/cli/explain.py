"""`milepost explain CODE`: what a diagnostic means."""

import sys
from typing import Annotated

import typer

from engine.cli.context import (
    Format,
    FormatOption,
    emit,
    verb_app,
)
from engine.language import codes
from engine.language import explain as explanation
from engine.model.errors import UsageError

app = verb_app()


@app.command()
def explain(
    code: Annotated[str, typer.Argument(help="a diagnostic's code, such as unknown-key")],
    output: FormatOption = Format.TEXT,
) -> None:
    """Says what a diagnostic means, with a wrong and a right example."""
    text = explanation(code)
    if text is None:
        raise UsageError(
            f"There is no diagnostic {code!r}.", "There are: " + ", ".join(sorted(codes())) + "."
        )
    if output is Format.TEXT:
        sys.stdout.write(text.rstrip() + "\n")
    else:
        emit({"code": code, "explanation": text})

"""`milepost demo`: the main job on sample data, in about a minute, with nothing else installed."""

from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Annotated, Self

import typer
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

from engine.cli.commands import VerbCommand
from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    named_project,
    on_terminal,
    progress,
    tell,
    verb_app,
)
from engine.demo import DemoResult, make_demo

app = verb_app()


@app.command(cls=VerbCommand)
def demo(
    context: typer.Context,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="where to: a new folder, or an earlier demo's")
    ] = Path("demo-output"),
    events: Annotated[
        Path | None,
        typer.Option("--events", metavar="FILE", help="other data than the shipped sample (.jsonl)"),
    ] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Shows the main job on sample data: a dealer network's year in, letters, emails and SMS out.

    Makes DIR/index.html to look at, beside letters/, emails/, sms/ and the database. It uses the shipped care
    plan, or the project that --project names; nothing is sent to anybody.
    """
    folder = named_project(context, project)
    with _Progress() as watch:
        result = make_demo(out, watch, project=folder, sample=events)
    if output is Format.TEXT:
        _tell(result)
    else:
        emit(result)


def _tell(result: DemoResult) -> None:
    typer.echo(
        f"{result.read} lines read: {result.accepted} accepted, {result.duplicates} duplicate, "
        f"{result.rejected} rejected"
    )
    typer.echo(
        f"{result.decided} messages decided: {result.sent} sent into {result.out}, {result.skipped} skipped"
    )
    typer.echo(f"Now open {result.index}")


class _Progress:
    """On a terminal a bar with the data's calendar; in a pipe a line now and then."""

    def __init__(self) -> None:
        self._terminal = on_terminal()
        self._told = 0
        self._bar = progress(
            TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
        )
        self._task = self._bar.add_task("beginning …", total=1.0)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def week(self, day: date, share: float, read: int, sent: int) -> None:
        text = f"{day:%d %b %Y}  {read:>5} lines read  {sent:>5} messages sent"
        self._bar.update(self._task, description=text, completed=share)
        quarter = int(share * 4)
        if not self._terminal and self._told < quarter < 4:
            self._told = quarter
            tell(text)

    def page(self, share: float) -> None:
        if not self._terminal and not share:
            tell("making the page …")
        self._bar.update(self._task, description="making the page …", completed=share)

"""`milepost demo`: the main job on sample data, in about a minute, with nothing else installed."""

from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Annotated, Self

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    on_terminal,
    stderr,
    verb_app,
)
from engine.demo import DemoResult, make_demo
from engine.model.errors import UsageError

app = verb_app()


@app.command()
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
    folder = project or (context.obj or {}).get("project")
    if folder is not None and not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", "--project names a folder with journeys/ in it.")
    with _Progress() as progress:
        result = make_demo(out, progress, project=folder, sample=events)
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
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=stderr,
            transient=True,
            disable=not self._terminal,
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
            stderr.print(text, highlight=False)

    def page(self, share: float) -> None:
        if not self._terminal and not share:
            stderr.print("making the page …")
        self._bar.update(self._task, description="making the page …", completed=share)

"""`milepost`: the verbs in the order in which a newcomer needs them. Each is imported when it is called, so
that a look-up does not wait for what only rendering needs."""

import sys
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from engine import __version__
from engine.cli.context import stderr
from engine.model.errors import MilepostError

VERBS = {
    "demo": "engine.cli.demo",
    "validate": "engine.cli.validate",
    "explain": "engine.cli.explain",
    "schema": "engine.cli.schema",
    "simulate": "engine.cli.simulate",
    "ingest": "engine.cli.ingest",
    "send": "engine.cli.send",
    "rejected": "engine.cli.rejected",
    "run": "engine.cli.run",
    "lookup": "engine.cli.lookup",
    "messages": "engine.cli.messages",
}
"""Where each verb lies: its module has an `app`."""


class Verbs(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        del ctx
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        del ctx
        return verb(cmd_name) if cmd_name in VERBS else None


def verb(name: str) -> Any:
    """The command of that name."""
    command = typer.main.get_command(import_module(VERBS[name]).app)
    command.name = name
    return command


app = typer.Typer(
    name="milepost",
    cls=Verbs,
    help="Customer care by time and by kilometres: journeys as code, sent as letters, email and SMS.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"milepost {__version__}\n")
        raise typer.Exit


@app.callback()
def _common(
    context: typer.Context,
    project: Annotated[
        Path | None,
        typer.Option("--project", metavar="DIR", help="Folder with journeys/ and templates/ [default: .]"),
    ] = None,
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Says which version this is.")
    ] = False,
) -> None:
    context.obj = {"project": project}


def run() -> None:
    """The console script: errors become a word on stderr and an exit code, never a traceback."""
    _write_utf8()
    try:
        app()
    except MilepostError as error:
        stderr.print(f"error: {error}", style="bold red", markup=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        stderr.print("stopped")
        sys.exit(130)
    except BrokenPipeError:  # `milepost … | head`
        sys.stderr.close()
        sys.exit(0)


def _write_utf8() -> None:
    """Output is UTF-8 whatever the locale says, so that programs can rely on it and names come through."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


if __name__ == "__main__":
    run()

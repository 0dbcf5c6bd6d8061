"""`milepost`: the verbs in the order in which a newcomer needs them. Each is imported when it is called, so
that neither help nor a look-up waits for what only rendering needs."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from engine import __version__
from engine.cli.context import close_output, tell, whoever_reads
from engine.model.errors import MilepostError

STOPPED = 130
"""The exit code after Ctrl-C, as shells have it: 128 + SIGINT."""
UNUSABLE = 3
"""The exit code where files and disks cannot be used."""


class Verb(NamedTuple):
    """Where a verb lies (its module has an `app`), and what `milepost --help` says of it."""

    module: str
    about: str


VERBS = {
    "demo": Verb("engine.cli.demo", "Shows the main job, on sample data, on one page"),
    "validate": Verb("engine.cli.validate", "Tells every fault of journeys, policy and templates"),
    "explain": Verb("engine.cli.explain", "Says what a diagnostic means, by example"),
    "schema": Verb("engine.cli.schema", "Prints JSON Schemas, for editors that check as one types"),
    "test": Verb("engine.cli.test", "Runs the journey tests; shows expected beside actual"),
    "preview": Verb("engine.cli.preview", "Renders a message as it would be, with sample or real data"),
    "graph": Verb("engine.cli.graph", "Draws a journey, as SVG or Mermaid"),
    "simulate": Verb("engine.cli.simulate", "Replays events on a virtual clock; sends nothing"),
    "plan": Verb("engine.cli.plan", "Shows what a deployment would change, before it does"),
    "deploy": Verb("engine.cli.deploy", "Puts journeys, policy and templates in force"),
    "ingest": Verb("engine.cli.ingest", "Reads events into the store and decides what follows"),
    "send": Verb("engine.cli.send", "Sends event files to the broker, as a dealer's software does"),
    "rejected": Verb("engine.cli.rejected", "Shows what was refused; sends it in again once mended"),
    "run": Verb("engine.cli.run", "Works: does what is due, sends what is decided"),
    "broadcast": Verb("engine.cli.broadcast", "Sends a journey to its audience; counts, pauses, resumes"),
    "gateway": Verb("engine.cli.gateway", "Serves unsubscribe and preference pages, providers' posts"),
    "keys": Verb("engine.cli.keys", "Makes, lists, rotates and revokes dealers' keys"),
    "staff": Verb("engine.cli.staff", "Names who may log in at the gateway, for which dealer"),
    "migrate": Verb("engine.cli.migrate", "Brings the database's tables up to date"),
    "topics": Verb("engine.cli.topics", "Makes and checks the broker's topics"),
    "lookup": Verb("engine.cli.lookup", "Shows all about one customer, and what comes next"),
    "lookups": Verb("engine.cli.lookups", "Shows who looked up whom at the reception"),
    "why": Verb("engine.cli.why", "Tells why a customer did, did not, or will get a message"),
    "messages": Verb("engine.cli.messages", "Shows the ledger: every message and what became of it"),
    "letters": Verb("engine.cli.letters", "Shows print runs of letters; closes them, hands them over"),
    "identities": Verb(
        "engine.cli.identities", "Shows customers who may be one; takes a person's word on it"
    ),
    "export": Verb("engine.cli.export", "Hands over all that is held of one person"),
    "suppressions": Verb("engine.cli.suppressions", "Shows and changes where nothing is sent any more"),
    "tasks": Verb("engine.cli.tasks", "Shows the tasks that journeys have given to persons"),
    "effect": Verb("engine.cli.effect", "Shows how often goals are reached, with messages and without"),
    "doctor": Verb("engine.cli.doctor", "Checks settings, database, broker, channels; says what to do"),
}


class Verbs(TyperGroup):
    """For help and hints the verbs' names and lines are enough; the one that is called is imported."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = {name: TyperCommand(name, help=one.about) for name, one in VERBS.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, _line, rest = super().resolve_command(ctx, args)
        return name, None if name is None else verb(name), rest

    def make_context(self, *args: Any, **options: Any) -> Any:
        with _ending():
            return super().make_context(*args, **options)

    def invoke(self, ctx: Any) -> Any:
        with _ending():
            done = super().invoke(ctx)
            sys.stdout.flush()
            return done


@contextmanager
def _ending() -> Iterator[None]:
    """The ends that are nobody's fault: whoever read has enough (`milepost … | head`), or it was stopped. And a
    value that cannot be is told in plain words."""
    try:
        yield
    except BrokenPipeError:
        close_output()
        raise typer.Exit(0) from None
    except typer.BadParameter as error:
        error.message = error.message.removeprefix("Value error, ")  # pydantic's words, not ours
        raise
    except KeyboardInterrupt:
        tell("stopped")
        raise typer.Exit(STOPPED) from None


def verb(name: str) -> Any:
    """The command of that name."""
    command = typer.main.get_command(import_module(VERBS[name].module).app)
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
        tell(f"error: {error}", style="bold red")
        sys.exit(error.exit_code)
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        tell(f"error: {error.strerror or error}{where}", style="bold red")
        close_output()
        sys.exit(UNUSABLE)
    finally:
        with whoever_reads():
            pass  # what is still to be written must not change the exit code


def _write_utf8() -> None:
    """Output is UTF-8 whatever the locale says, so that programs can rely on it and names come through."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


if __name__ == "__main__":
    run()

"""`milepost doctor`: which settings are in force, and whether everything is as it should be."""

import logging
import sys
from collections.abc import Sequence
from typing import Any

import typer

from engine import __version__
from engine.cli.commands import VerbCommand
from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    printable,
    project_of,
    tell,
    verb_app,
)
from engine.wiring.checkup import (
    LIMIT_S,
    Check,
    Finding,
    Outcome,
    Shown,
    about_settings,
    broker,
    channels,
    database,
    examine,
    gateway,
    hooks,
    letters,
    printing,
    project,
    registered_texts,
    shown,
)
from engine.wiring.projects import load
from engine.wiring.settings import look_at_settings

app = verb_app()


@app.command(cls=VerbCommand)
def doctor(
    context: typer.Context,
    project_folder: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Shows the settings in force, secrets hidden, and checks the project, the database, the broker and its topics, the
    channels, the fonts of letters, the gateway, and whether what providers post there is heard. Says of each what is so
    and, where that is not well, what to do.

    It changes nothing and sends nothing, and ends within seconds whatever does not answer. Where something must be
    mended, the exit code is that of the gravest error: 3 for what cannot be reached or used, 2 for settings that cannot
    work, 1 for the rest. Warnings leave it 0.
    """
    folder = project_of(context, project_folder)
    settings, wrong = look_at_settings()
    logging.getLogger("kafka").addHandler(logging.NullHandler())  # what there is to tell is told here
    loaded = load(folder)
    checks: dict[str, Check] = {
        "settings": lambda: about_settings(settings, wrong),
        "project": lambda: project(loaded, folder),
        "database": lambda: database(settings),
        "broker": lambda: broker(settings),
        "channels": lambda: channels(loaded.policy, settings),
        "letters": letters,
        "gateway": lambda: gateway(settings),
        "hooks": lambda: hooks(settings),
        "printing": lambda: printing(settings),
        "texts": lambda: registered_texts(loaded, settings),
    }
    findings = examine(checks, LIMIT_S)
    _tell(shown(settings), findings, output)
    raise typer.Exit(max(one.exit_code for one in findings))


def _tell(settings: Sequence[Shown], findings: Sequence[Finding], output: Format) -> None:
    told = [_told(one) for one in findings]
    if output is Format.JSON:
        emit({"version": __version__, "settings": settings, "checks": told})
        return
    if output is Format.JSONL:
        for one in told:
            emit(one)
        return
    width = max(len(one.name) for one in settings)
    listed = [_setting(one, width) for one in settings]
    lines = [f"Milepost {__version__}", "", *listed, "", *map(_line, findings)]
    sys.stdout.write("".join(f"{printable(line)}\n" for line in lines))
    sys.stdout.flush()
    tell(_summary(findings))


def _told(one: Finding) -> dict[str, Any]:
    return {"check": one.check, "outcome": one.outcome, "message": one.message, "hint": one.hint}


def _setting(one: Shown, width: int) -> str:
    source = "" if one.source == "default" else f"  (by {one.source})"
    return f"{one.name:<{width}}  {one.value}{source}".rstrip()


def _line(one: Finding) -> str:
    line = f"{one.outcome:<7}  {one.check:<8}  {one.message}"
    hints = "".join(f"\n{'':19}{hint.strip()}" for hint in one.hint.splitlines())
    return line + hints


def _summary(findings: Sequence[Finding]) -> str:
    outcomes = [one.outcome for one in findings]
    errors, warnings = outcomes.count(Outcome.ERROR), outcomes.count(Outcome.WARNING)
    return f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}"

"""`milepost effect`: how often journeys reach their goals, beside the runs that were held out."""

import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    named_project,
    printable,
    tell,
    verb_app,
)
from engine.model.goals import effects_of
from engine.wiring.assembly import looked_into
from engine.wiring.settings import load_settings

app = verb_app()


@app.command(cls=VerbCommand)
def effect(
    context: typer.Context,
    journey: Annotated[str, typer.Option(metavar="ID", help="only this journey's")] = "",
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Shows how often each journey with a goal reaches it: of the runs whose messages are sent, and of those held out.

    The effect is the difference, with the range in which it lies in 95 of 100 cases. Runs that may still reach the goal
    are told apart, and count as not having reached it.
    """
    named_project(context, project)
    with looked_into(load_settings()) as store:
        counts = [one for one in store.count_goals(datetime.now(UTC)) if journey in ("", one.journey)]
    lines = effects_of(counts)
    if output is Format.JSON:
        emit({"journeys": lines})
        return
    for line in lines:
        if output is Format.JSONL:
            emit(line)
        else:
            sys.stdout.write(goal_line(line) + "\n")
    if output is Format.TEXT:
        sys.stdout.flush()
        tell(f"{len(lines)} journey{'s' * (len(lines) != 1)} with a goal")


def goal_line(line: dict[str, Any]) -> str:
    """One journey's goal in a line for people."""
    parts = [f"{line['journey']:<26}"]
    for name, words in (("sent", "sent"), ("held_out", "held out")):
        side = line[name]
        if side is not None:
            parts.append(
                f"{words}: {side['reached']} of {side['runs']} ({side['share']:.1%}, {side['open']} open)"
            )
    if line["effect"] is not None:
        parts.append(
            f"effect: {line['effect']:+.1%} ({line['effect_from']:+.1%} to {line['effect_to']:+.1%})"
        )
    return printable("  ".join(parts))

"""`milepost effect`: how often journeys reach their goals, beside the runs that were held out."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from math import sqrt
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
from engine.model.goals import GoalCount
from engine.wiring.assembly import looked_into
from engine.wiring.settings import load_settings

app = verb_app()

_WITHIN = 1.96
"""Standard deviations to either side that hold 95 of 100 (normal distribution)."""


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
    lines = [line_of(name, counts) for name in dict.fromkeys(one.journey for one in counts)]
    if output is Format.JSON:
        emit({"journeys": lines})
        return
    for line in lines:
        if output is Format.JSONL:
            emit(line)
        else:
            _print(line)
    if output is Format.TEXT:
        sys.stdout.flush()
        tell(f"{len(lines)} journey{'s' * (len(lines) != 1)} with a goal")


def line_of(journey: str, counts: Iterable[GoalCount]) -> dict[str, Any]:
    """One journey's two sides and their difference; what there is none of is None."""
    sides = {one.held_out: one for one in counts if one.journey == journey}
    sent, held_out = _side(sides.get(False)), _side(sides.get(True))
    return {
        "journey": journey,
        "sent": sent,
        "held_out": held_out,
        **_effect(sides.get(False), sides.get(True)),
    }


def _side(one: GoalCount | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "runs": one.runs,
        "reached": one.reached,
        "open": one.open,
        "share": round(one.reached / one.runs, 4),
    }


def _effect(sent: GoalCount | None, held_out: GoalCount | None) -> dict[str, Any]:
    if sent is None or held_out is None:
        return {"effect": None, "effect_from": None, "effect_to": None}
    shares = [(one.reached / one.runs, one.runs) for one in (sent, held_out)]
    difference = shares[0][0] - shares[1][0]
    spread = _WITHIN * sqrt(sum(share * (1 - share) / runs for share, runs in shares))
    return {
        "effect": round(difference, 4),
        "effect_from": round(difference - spread, 4),
        "effect_to": round(difference + spread, 4),
    }


def _print(line: dict[str, Any]) -> None:
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
    sys.stdout.write(printable("  ".join(parts)) + "\n")

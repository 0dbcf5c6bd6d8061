"""What follows what in journeys, without the rest: enough to tell where a run goes whose step is gone.

An outline has, by journey and step, the step that follows (empty at the end of the journey). One may stand for many
programs, one after the other: of a step that is gone it has what followed it the last time it was there.
"""

from collections.abc import Mapping

from engine.model.journeys import END, Journey
from engine.model.program import Program

Outline = Mapping[str, Mapping[str, str]]
Moves = Mapping[str, Mapping[str, str]]
"""By journey, for each step that is gone the one that is left to go on with; empty where none is."""


def outline_of(program: Program) -> Outline:
    """What follows what in the program."""
    return {one.id: _followers(one) for one in program.journeys.values()}


def continued(former: Outline, program: Program) -> Outline:
    """`former`, gone on with by `program`."""
    present = outline_of(program)
    return {id_: {**former.get(id_, {}), **present.get(id_, {})} for id_ in (former.keys() | present.keys())}


def moves(former: Outline, program: Program) -> Moves:
    """Where runs go that stand at steps which `program` has no more."""
    found: dict[str, dict[str, str]] = {}
    for journey in program.journeys.values():
        followers = former.get(journey.id, {})
        for step in followers.keys() - journey.position.keys():
            found.setdefault(journey.id, {})[step] = _left(step, followers, journey)
    return found


def _followers(journey: Journey) -> dict[str, str]:
    steps = journey.steps
    return {one.id: "" if one.next == END else steps[one.next].id for one in steps}


def _left(step: str, followers: Mapping[str, str], journey: Journey) -> str:
    """The first step after `step` that the journey still has. What follows led out of every repeat, so it ends."""
    for _ in followers:
        step = followers.get(step, "")
        if not step or step in journey.position:
            return step
    return ""

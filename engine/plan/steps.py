"""The steps of a journey as they are written, each for itself."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.model.journeys import Journey

_BLOCKS = ("then", "else", "otherwise", "do")
_BRANCHES = ("choose", "split")


def steps_of(journey: Journey, document: Mapping[str, Any]) -> dict[str, Any]:
    """What each step says, without the steps inside of it, by its id; in the order of the file."""
    written = list(_walk(document.get("steps")))
    return {step.id: _alone(one) for step, one in zip(journey.steps, written, strict=True)}


def _walk(block: Any) -> Iterator[dict[str, Any]]:
    """Steps in the order of their indexes: each, then those inside of it."""
    for step in block if isinstance(block, list) else [block]:
        if not isinstance(step, dict):
            continue
        yield step
        inside = {**step, **(step["repeat"] if isinstance(step.get("repeat"), dict) else {})}
        for name in _BLOCKS:
            if name in inside:
                yield from _walk(inside[name])
        for name in _BRANCHES:
            for branch in step.get(name) or ():
                yield from _walk(branch.get("do", branch.get("else")))


def _alone(step: Mapping[str, Any]) -> dict[str, Any]:
    alone = {name: value for name, value in step.items() if name not in _BLOCKS}
    if isinstance(alone.get("repeat"), dict):
        alone["repeat"] = {name: value for name, value in alone["repeat"].items() if name != "do"}
    for name in _BRANCHES:
        if name in alone:
            alone[name] = [
                {key: one for key, one in branch.items() if key not in _BLOCKS} for branch in alone[name]
            ]
    return alone

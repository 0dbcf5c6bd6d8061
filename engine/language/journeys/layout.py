"""Ids and indexes: nested blocks become one flat table in the order of the file.

0 wait          next 1
1 if            next 4    then 2, else 3
2   send        next 4    (the last of its block: behind the `if`)
3   send        next 4
4 repeat        next END  body 5
5   send        next 4    (the last of its block: back to the `repeat`)
"""

from collections import Counter
from itertools import zip_longest

from engine.language.journeys.drafts import BlockDraft, StepDraft
from engine.language.journeys.outline import walk
from engine.language.journeys.steps import VERBS
from engine.language.journeys.steps.verb import ID
from engine.language.report import Report
from engine.model.journeys import END


def lay_out(block: BlockDraft, report: Report) -> list[StepDraft]:
    """Gives every step its id, index and follower. The steps in the order of their indexes."""
    steps = list(walk(block))
    _name(steps, report)
    _number(block, 0, END)
    return steps


def _number(block: BlockDraft, first: int, after: int) -> int:
    """Numbers the steps of a block from `first` on; `after` follows its last one. The next free index."""
    index = first
    for step, following in zip_longest(block.steps, block.steps[1:]):
        step.index = index
        follower = index + _size(step)
        step.next = after if following is None else follower
        inner = index + 1
        for nested in step.blocks:
            step.starts.append(inner if nested.steps else step.next)
            inner = _number(nested, inner, index if nested.loops else step.next)
        index = follower
    return index


def _size(step: StepDraft) -> int:
    return 1 + sum(_size(inner) for block in step.blocks for inner in block.steps)


def _name(steps: list[StepDraft], report: Report) -> None:
    """Own ids first; the others by verb or value, equal ones numbered `-2`, `-3` in order."""
    taken: set[str] = set()
    for step in steps:
        own = step.fields.get(ID)
        if own is None:
            continue
        if own in taken:
            report.error(
                "duplicate-id", step.fields.span(ID), f"another step has the id '{own}'", "choose another"
            )
        taken.add(own)
        step.id = own
    numbers: Counter[str] = Counter()
    for step in steps:
        base = VERBS[step.verb].default_id(step.fields)
        while not step.id:
            numbers[base] += 1
            named = base if numbers[base] == 1 else f"{base}-{numbers[base]}"
            if named not in taken:
                taken.add(named)
                step.id = named

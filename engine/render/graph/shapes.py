"""From a journey's file to shapes: what stands in each, and which way it goes on."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from engine.language.journeys.drafts import BlockDraft, StepDraft
from engine.language.journeys.layout import lay_out
from engine.language.journeys.outline import outline
from engine.language.report import Report
from engine.language.source import MappingNode, plain

Said = Mapping[str, Any]


class Look(StrEnum):
    """What a shape looks like."""

    WAIT = "wait"
    SEND = "send"
    CHOICE = "choice"
    REPEAT = "repeat"
    WORK = "work"
    END = "end"


class Way(msgspec.Struct, frozen=True):
    """One way on from a shape: what it is called, and its steps."""

    label: str
    steps: tuple["Shape", ...]


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """One step. `head` is what it does, `lines` what belongs to it, `channels` in order of preference. The `ways` of a
    choice meet again behind it; that of a repeat leads back to it."""

    id: str
    look: Look
    head: str
    lines: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A journey. `start` and `stops` tell what begins and what ends a run."""

    id: str
    title: str
    start: tuple[str, ...]
    stops: tuple[str, ...]
    steps: tuple[Shape, ...]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a verb shows: its look, its head, its lines, the labels of its ways, and whether each has steps of its
    own."""

    look: Look
    head: Callable[[Said], str]
    lines: Callable[[Said], Sequence[str]] = lambda _said: ()
    ways: Callable[[Said], Sequence[tuple[str, bool]]] = lambda _said: ()


def picture_of(node: MappingNode) -> Picture:
    """The picture of a journey whose file has been found without errors."""
    said = plain(node)
    report = Report()
    steps = node.get("steps")
    assert steps is not None
    block = outline(steps.value, report)
    lay_out(block, report)
    return Picture(
        id=said["journey"],
        title=said.get("title") or said["journey"],
        start=tuple(_start(said.get("start") or {})),
        stops=tuple(_with(f"stops on {one.get('on')}", one, "when") for one in said.get("stop") or ()),
        steps=_shapes(block),
    )


def _start(start: Said) -> list[str]:
    if "on" in start:
        lines = [f"on {start['on']}"]
    elif "schedule" in start:
        lines = [_text(start["schedule"]) + (f" at {start['at']}" if "at" in start else "")]
    else:
        lines = [f"{one} {start[one]}" for one in ("before", "after") if one in start]
        lines = [" ".join([*lines, str(start.get("date", ""))]).strip()]
        lines += ["every year"] if start.get("yearly") == "true" else []
    lines += [f"{one} {start[one]}" for one in ("when", "audience", "per", "again") if one in start]
    return lines


def _shapes(block: BlockDraft) -> tuple[Shape, ...]:
    return tuple(_shape(step) for step in block.steps)


def _shape(step: StepDraft) -> Shape:
    said = plain(step.fields.node)
    if not isinstance(said, dict):
        said = {step.verb: ""}
    told = TOLD.get(step.verb) or Told(look=Look.WORK, head=_named(step.verb))
    blocks = iter(step.blocks)
    ways = [Way(label, _shapes(next(blocks)) if has else ()) for label, has in told.ways(said)]
    by = said.get("by") or ()
    lines = [told.head(said)] if said.get("title") else []
    lines += [one for one in told.lines(said) if one]
    if "when" in said and step.verb != "wait_for":
        lines.append(f"only when {said['when']}")
    return Shape(
        id=step.id,
        look=told.look,
        head=said.get("title") or told.head(said),
        lines=tuple(lines),
        channels=(by,) if isinstance(by, str) else tuple(by),
        ways=tuple(ways),
    )


def _with(head: str, said: Said, *names: str) -> str:
    """`head`, with what is said under those names."""
    return " ".join([head, *(f"{name} {_text(said[name])}" for name in names if name in said)])


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(inner)}" for name, inner in value.items())
    return ", ".join(map(_text, value)) if isinstance(value, list) else str(value)


def _named(verb: str) -> Callable[[Said], str]:
    words = verb.replace("_", " ")
    return lambda said: f"{words} {_text(said.get(verb) or '')}".strip()


def _beside(*names: str) -> Callable[[Said], Sequence[str]]:
    return lambda said: [f"{name} {_text(said[name])}" for name in names if said.get(name)]


def _either(yes: str, no: str) -> Callable[[Said], Sequence[tuple[str, bool]]]:
    return lambda said: [(yes, yes in said), (no, no in said)]


def _waited(said: Said) -> Sequence[tuple[str, bool]]:
    ways = [("then", "then" in said)]
    return [*ways, ("otherwise", "otherwise" in said)] if "within" in said else ways


def _chosen(said: Said) -> Sequence[tuple[str, bool]]:
    ways = [
        ("else", True) if "else" in one else (f"when {one.get('when')}", "do" in one)
        for one in said["choose"]
    ]
    return ways if ways and ways[-1][0] == "else" else [*ways, ("else", False)]


def _lots(said: Said) -> Sequence[tuple[str, bool]]:
    return [(f"{one['share']} {one.get('name', '')}".strip(), "do" in one) for one in said["split"]]


def _set(said: Said) -> str:
    return f"set {', '.join(said['set'])}"


def _set_lines(said: Said) -> Sequence[str]:
    return [f"{path.removeprefix('customer.')}: {_text(value)}" for path, value in said["set"].items()]


def _every(said: Said) -> str:
    inside = said["repeat"]
    times = f", {inside['times']} times" if "times" in inside else ""
    return f"every {inside['every']}{times}"


def _every_lines(said: Said) -> Sequence[str]:
    return _beside("at", "days")(said["repeat"])


TOLD: Mapping[str, Told] = {
    "wait": Told(look=Look.WAIT, head=_named("wait"), lines=_beside("at", "days", "since")),
    "wait_for": Told(look=Look.WAIT, head=_named("wait_for"), lines=_beside("when", "within"), ways=_waited),
    "send": Told(look=Look.SEND, head=_named("send"), lines=_beside("brand", "locale")),
    "if": Told(look=Look.CHOICE, head=_named("if"), ways=_either("then", "else")),
    "choose": Told(look=Look.CHOICE, head=lambda _said: "choose", ways=_chosen),
    "split": Told(look=Look.CHOICE, head=lambda _said: "split by lot", ways=_lots),
    "repeat": Told(
        look=Look.REPEAT, head=_every, lines=_every_lines, ways=lambda _said: [("each time", True)]
    ),
    "task": Told(look=Look.WORK, head=_named("task"), lines=_beside("for", "due")),
    "set": Told(look=Look.WORK, head=_set, lines=_set_lines),
    "tag": Told(look=Look.WORK, head=_named("tag")),
    "untag": Told(look=Look.WORK, head=_named("untag")),
    "emit": Told(look=Look.WORK, head=_named("emit"), lines=_beside("with")),
    "end": Told(look=Look.END, head=lambda _said: "end"),
}
"""By verb. One that is not here is shown by its name and value."""

"""`wait`: a duration, a distance, or until a date."""

import re
from datetime import time

from msgspec.structs import replace

from engine.language import words
from engine.language.dates import always, is_like_a_date, parse_moment
from engine.language.expressions import compile_expression
from engine.language.expressions.operators import dated
from engine.language.expressions.types import is_moment, is_open
from engine.language.expressions.vocabulary import Driven
from engine.language.journeys.asked import tell_missing
from engine.language.journeys.drafts import StepDraft
from engine.language.journeys.scene import Scene
from engine.language.journeys.steps.verb import Verb
from engine.language.keys import Fields, Key, Placed, choice
from engine.language.keys.kinds import report_fault
from engine.language.report import Fault, Span
from engine.language.source import Node, ScalarNode
from engine.language.units import parse_length
from engine.model.journeys import Expression, Wait
from engine.model.times import Duration

WAIT: Key[Node] = Key(
    name="wait",
    kind=words.WAITING,
    about="a duration, a distance driven by the run's vehicle, or `until` and a date or time",
    required=True,
    example="3 days",
)
AT: Key[time] = Key(
    name="at", kind=words.CLOCK, about="the local time of day at which it ends", example='"10:00"'
)
DAYS: Key[tuple[Placed[frozenset[int]], ...]] = Key(
    name="days",
    kind=words.DAYS,
    about="it goes on until one of these days of the week",
    example="weekdays",
)
SINCE: Key[bool] = Key(
    name="since",
    kind=choice("`start`", {"start": True}),
    about="`start` counts from the run's start, not from the step's",
    example="start",
)

_UNTIL = re.compile(r"\s*until\b\s*")
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")


class WaitVerb(Verb):
    name = "wait"
    about = "Waits."
    keys = (WAIT, AT, DAYS, SINCE)

    def build(self, step: StepDraft, scene: Scene) -> Wait | None:
        common = self.common(step, scene)
        fields = step.fields
        node = fields.get(WAIT)
        if not isinstance(node, ScalarNode):
            return None
        until, duration, distance_km = None, None, None
        begun = _UNTIL.match(node.text)
        if begun:
            until = _until(node, begun.end(), step, scene)
        else:
            length = parse_length(node.text)
            if isinstance(length, Fault):
                report_fault(length, node, scene.report)
            elif isinstance(length, Duration):
                duration = length
            elif needs_vehicle(node.span, scene):
                distance_km = length
        if until is None and duration is None and distance_km is None:
            return None
        return Wait(
            **common,
            duration=duration,
            distance_km=distance_km,
            until=until,
            at=fields.get(AT),
            days=days_of(fields, DAYS),
            since_start=fields.get(SINCE) is True,
        )


def _until(node: ScalarNode, start: int, step: StepDraft, scene: Scene) -> Expression | None:
    fields = step.fields
    if fields.has(SINCE):
        message = "'since' means nothing beside `wait: until`, which ends at a date"
        scene.report.error("misplaced-key", fields.key_span(SINCE), message, "take it out")
    if not node.text[start:].strip():
        hint = "write `wait: until vehicle.inspection_due`"
        scene.report.error("empty-value", node.span, "'until' needs a date or time", hint)
        return None
    written = _written(node.text[start:].strip())
    if written is not None:
        moment = parse_moment(written)
        if isinstance(moment, Fault):
            report_fault(replace(moment, offset=start, length=len(node.text) - start), node, scene.report)
            return None
        return always(moment)
    compiled = compile_expression(node, scene.vocabulary, scene.report, start)
    if compiled is None:
        return None
    if not (is_moment(compiled.type) or is_open(compiled.type)):
        message = f"'until' needs a date or time, not {compiled.type.words}"
        hint = "a date that is always the same stands alone: `until 2025-12-24`"
        scene.report.error("wrong-type", node.place(start, len(node.text) - start), message, hint)
        return None
    then = "the run waits here until it is known, perhaps for ever"
    hint = "ask for it first: `- if: PATH`, with the wait under `then`; or let it begin the run, `start: {date: PATH}`"
    tell_missing(compiled, node, step.asked, then, hint, scene.report)
    return dated(compiled.get) if is_open(compiled.type) else compiled.get


def _written(text: str) -> str | None:
    """The date or moment that is written out, in quotes or without; None for an expression."""
    quoted = _QUOTED.fullmatch(text)
    if quoted:
        return quoted[1] if quoted[1] is not None else quoted[2]
    return text if is_like_a_date(text) else None


def needs_vehicle(span: Span, scene: Scene) -> bool:
    """Whether the runs have a vehicle whose kilometres can be counted; reports if not, or not always."""
    driven = scene.reach.driven
    if driven is Driven.YES:
        return True
    if driven is Driven.PERHAPS:
        message = f"a run that begins with a {scene.reach.event_type} event without a car waits here for ever"
        hint = "`per: vehicle` under `start` begins runs for cars only"
        scene.report.warning("no-vehicle", span, message, hint)
        return True
    message = "a distance is driven by the run's vehicle, and the runs of this journey have none"
    hint = "begin it by an event that carries a vehicle, with `per: vehicle`"
    scene.report.error("no-vehicle", span, message, hint)
    return False


def days_of(fields: Fields, key: Key[tuple[Placed[frozenset[int]], ...]]) -> frozenset[int] | None:
    """The days of the week under `key`, Monday is 0."""
    given = fields.get(key)
    return frozenset().union(*(one.value for one in given)) if given else None

"""One journey, from the mapping of its file to the compiled struct."""

from collections.abc import Iterable
from pathlib import PurePosixPath

import msgspec

from engine.language.journeys import keys
from engine.language.journeys.asked import asked_at_start, mark_asked
from engine.language.journeys.context import Context
from engine.language.journeys.drafts import BlockDraft, StepDraft
from engine.language.journeys.layout import lay_out
from engine.language.journeys.outline import outline, walk
from engine.language.journeys.scene import Scene
from engine.language.journeys.start import reach_of, read_goal, read_start, read_stops
from engine.language.journeys.steps import VERBS
from engine.language.keys import Fields
from engine.language.nearest import did_you_mean
from engine.language.source import MappingNode, canonical
from engine.model.ids import derive
from engine.model.journeys import Journey, Status, Step


def read_journey(node: MappingNode, file: str, context: Context) -> Journey | None:
    """The journey in `file`; None where it has an error. All its faults are reported."""
    errors_before = context.report.error_count
    fields = keys.JOURNEY.read(node, context.report)
    if fields is None:
        return None
    name = PurePosixPath(file).stem
    _check_id(fields, name, context)
    brands = _brands(fields, context)
    purpose = _purpose(fields, context)
    start_fields = fields.get(keys.START_KEY)
    reach = reach_of(start_fields, context)
    start = None if start_fields is None else read_start(start_fields, reach, context)
    stops = read_stops(fields, reach, context)
    goal = read_goal(fields, reach, context)
    scene = Scene(
        context=context,
        journey=name,
        reach=reach,
        vocabulary=context.lexicon.in_steps(reach),
        brands=tuple(sorted(brands)) or context.brands,
    )
    steps = _steps(fields, scene, asked_at_start(start_fields))
    if context.report.error_count > errors_before or start is None:
        return None
    return Journey(
        id=name,
        version=derive("journey", msgspec.json.encode(canonical(node), order="deterministic").decode()),
        title=fields.get(keys.TITLE) or name,
        about=fields.get(keys.ABOUT) or "",
        purpose=purpose or "",
        start=start,
        steps=steps,
        position={step.id: step.index for step in steps},
        status=fields.get(keys.STATUS) or Status.LIVE,
        brands=brands,
        stop=stops,
        goal=goal,
        holdout=fields.get(keys.HOLDOUT) or 0.0,
        pace=fields.get(keys.PACE),
        grace=fields.get(keys.GRACE) or context.policy.policy.grace,
        file=file,
    )


def _check_id(fields: Fields, name: str, context: Context) -> None:
    given = fields.get(keys.ID)
    if given is not None and given != name:
        message = f"the journey is called '{given}', its file '{name}.yaml'"
        hint = f"write `journey: {name}`, or rename the file to {given}.yaml"
        context.report.error("wrong-file-name", fields.span(keys.ID), message, hint)


def _purpose(fields: Fields, context: Context) -> str | None:
    purpose = fields.get(keys.PURPOSE)
    reading = context.policy
    if purpose is None or "purposes" not in reading.knows or purpose in reading.policy.purposes:
        return purpose
    hint = did_you_mean(purpose, reading.policy.purposes)
    span = fields.span(keys.PURPOSE)
    context.report.error("unknown-purpose", span, f"the policy has no purpose '{purpose}'", hint)
    return None


def _brands(fields: Fields, context: Context) -> frozenset[str]:
    brands = set()
    for one in fields.get(keys.BRAND) or ():
        if one.value in context.brands:
            brands.add(one.value)
            continue
        hint = did_you_mean(one.value, context.brands)
        message = f"there is no brand '{one.value}' in templates/brands"
        context.report.error("unknown-brand", one.span, message, hint)
    return frozenset(brands)


def _steps(fields: Fields, scene: Scene, asked: frozenset[str]) -> tuple[Step, ...]:
    """The flat table; shorter than the file's where steps are faulty."""
    node = fields.get(keys.STEPS)
    if node is None:
        return ()
    block = outline(node, scene.report)
    mark_asked(block, asked)
    drafts = lay_out(block, scene.report)
    inside = {id(step) for step in _in_loops(block)}
    looping = scene.in_loop() if inside else scene
    built = [VERBS[one.verb].build(one, looping if id(one) in inside else scene) for one in drafts]
    return tuple(step for step in built if step is not None)


def _in_loops(block: BlockDraft) -> Iterable[StepDraft]:
    """The steps that are inside a repeat."""
    for step in block.steps:
        for nested in step.blocks:
            yield from walk(nested) if nested.loops else _in_loops(nested)

"""`emit`: an event of the project's own."""

from engine.language import words
from engine.language.expressions import Compiled, compile_value
from engine.language.expressions.records import type_of
from engine.language.expressions.types import Record, Type, comparable, is_open
from engine.language.journeys.asked import tell_missing
from engine.language.journeys.drafts import StepDraft
from engine.language.journeys.scene import Scene
from engine.language.journeys.steps.verb import Verb
from engine.language.keys import Fields, Key
from engine.language.nearest import an, did_you_mean
from engine.language.source import Entry, MappingNode, Node
from engine.model.event_types import EventType, Kind, Subject
from engine.model.journeys import Emit, Expression

EMIT: Key[str] = Key(
    name="emit",
    kind=words.EVENT,
    about="the type of the event: of the project's own, or one that is about a customer",
    required=True,
    example="promotion.entered",
)
WITH: Key[Node] = Key(
    name="with", kind=words.VALUES, about="the members of its data", example="{promotion: spring-draw}"
)

_GIVEN = frozenset({"customer", "vehicle"})
_ABOUT_A_PERSON = frozenset({Subject.CUSTOMER, Subject.VEHICLE})


class EmitVerb(Verb):
    name = "emit"
    about = "Makes an event about the customer, for other journeys and other systems."
    keys = (EMIT, WITH)

    def build(self, step: StepDraft, scene: Scene) -> Emit | None:
        common = self.common(step, scene)
        fields = step.fields
        name = fields.get(EMIT)
        if name is None or not scene.context.knows_event(name, fields.span(EMIT)):
            return None
        event_type = scene.context.lexicon.event_types[name]
        if event_type.subject not in _ABOUT_A_PERSON or _needs_more_of_the_car(event_type):
            message = f"{an(name)} event tells what a journey cannot know, so no journey can make one"
            scene.report.error(
                "not-to-emit", fields.span(EMIT), message, "make one of your own in journeys/events.yaml"
            )
            return None
        if not _has_car(event_type, scene):
            message = f"{an(name)} event is about a car, and the runs of this journey have none"
            hint = "begin it by an event that carries a vehicle, with `per: vehicle`"
            scene.report.error("no-vehicle", fields.span(EMIT), message, hint)
            return None
        values = _values(step, event_type, scene)
        members = event_type.data.members
        needed = frozenset(one for one, member in members.items() if member.required) - _GIVEN
        _tell_missing(needed, fields, event_type, scene)
        return Emit(
            **common,
            event=name,
            values=values,
            needed=needed,
            with_vehicle="vehicle" in members,
            needs_vehicle="vehicle" in members and members["vehicle"].required,
        )


def _needs_more_of_the_car(event_type: EventType) -> bool:
    """Whether its car needs a member, such as a reading."""
    vehicle = event_type.data.members.get("vehicle")
    return vehicle is not None and any(one.required for one in vehicle.members.values())


def _has_car(event_type: EventType, scene: Scene) -> bool:
    vehicle = event_type.data.members.get("vehicle")
    return vehicle is None or not vehicle.required or scene.reach.vehicle


def _values(step: StepDraft, event_type: EventType, scene: Scene) -> tuple[tuple[str, Kind, Expression], ...]:
    node = step.fields.get(WITH)
    entries = node.entries if isinstance(node, MappingNode) else ()
    return tuple(found for one in entries if (found := _value(one, event_type, step, scene)) is not None)


def _value(
    entry: Entry, event_type: EventType, step: StepDraft, scene: Scene
) -> tuple[str, Kind, Expression] | None:
    name, span, report = entry.key.text, entry.key.span, scene.report
    if name in _GIVEN:
        message = f"'{name}' is written into the event by itself: it is the run's"
        report.error("reserved-name", span, message, "take it out")
        return None
    compiled = compile_value(entry.value, scene.vocabulary, report)
    member = event_type.data.members.get(name)
    if member is None:
        known = [one for one in event_type.data.members if one not in _GIVEN]
        report.error(
            "unknown-name",
            span,
            f"{an(event_type.name)} event has no member '{name}'",
            did_you_mean(name, known),
        )
        return None
    if compiled is None:
        return None
    kind = type_of(member, f"event.{name}")
    if not _fits(kind, compiled):
        message = f"'{name}' is {kind.words}, not {compiled.type.words}"
        report.error("wrong-type", entry.value.span, message)
        return None
    if member.required:
        then = f"without '{name}' no event can be made"
        tell_missing(
            compiled, entry.value, step.asked, then, "ask for it first, such as `when: PATH`", report
        )
    return name, member.kind, compiled.get


def _fits(kind: Type, compiled: Compiled) -> bool:
    if isinstance(kind, Record):
        return is_open(compiled.type) or isinstance(compiled.type, Record)
    return comparable(kind, compiled.type)


def _tell_missing(needed: frozenset[str], fields: Fields, event_type: EventType, scene: Scene) -> None:
    node = fields.get(WITH)
    given = {entry.key.text for entry in node.entries} if isinstance(node, MappingNode) else set()
    for name in sorted(needed - given):
        about = event_type.data.members[name].about
        message = f"{an(event_type.name)} event needs '{name}'" + (f": {about}" if about else "")
        scene.report.error("missing-key", fields.key_span(EMIT), message, f"add `with: {{{name}: …}}`")

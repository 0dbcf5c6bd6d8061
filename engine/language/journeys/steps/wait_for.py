"""`wait_for`: until something happens, or for so long at most."""

from engine.language import words
from engine.language.expressions import compile_condition
from engine.language.journeys.drafts import Nest, StepDraft
from engine.language.journeys.scene import Scene
from engine.language.journeys.steps.verb import ID, TITLE, Verb
from engine.language.keys import Fields, Key
from engine.language.source import Node
from engine.model.journeys import WaitFor
from engine.model.times import Duration

WAIT_FOR: Key[str] = Key(
    name="wait_for",
    kind=words.EVENT,
    about="the type of the event; one counts that happened since the run came here",
    required=True,
    example="complaint.resolved",
)
WHEN: Key[Node] = Key(
    name="when",
    kind=words.EXPRESSION,
    about="a condition on the event: `event` is the one looked at, `run.event` the one that started the run",
    example="event.complaint_id == run.key",
)
WITHIN: Key[Duration] = Key(
    name="within",
    kind=words.DURATION,
    about="how long at most; when left out, until the event comes or the run is stopped",
    example="3 days",
)
THEN: Key[Node] = Key(
    name="then", kind=words.STEPS, about="the steps once it has come, counted from its time", example="[…]"
)
OTHERWISE: Key[Node] = Key(
    name="otherwise", kind=words.STEPS, about="the steps where it did not come in time", example="[…]"
)


class WaitForVerb(Verb):
    name = "wait_for"
    about = "Waits for an event. A `when` beside it is about that event: the step itself is never skipped."
    keys = (WAIT_FOR, WHEN, WITHIN, THEN, OTHERWISE)
    common_keys = (ID, TITLE)

    def nests(self, fields: Fields) -> tuple[Nest, ...]:
        given = (fields.get(THEN), fields.get(OTHERWISE))
        return tuple(Nest(node) for node in given if node is not None)

    def ends(self, step: StepDraft) -> bool:
        ways = 2 if step.fields.has(WITHIN) else 1
        return len(step.blocks) == ways and all(block.ends for block in step.blocks)

    def build(self, step: StepDraft, scene: Scene) -> WaitFor | None:
        fields = step.fields
        on = fields.get(WAIT_FOR)
        if fields.has(OTHERWISE) and not fields.has(WITHIN):
            message = "'otherwise' needs 'within': without it the run waits for as long as it takes"
            scene.report.error("missing-key", fields.key_span(OTHERWISE), message, "add `within: 3 days`")
            return None
        if on is None or not scene.context.knows_event(on, fields.span(WAIT_FOR)):
            return None
        when = fields.get(WHEN)
        vocabulary = scene.context.lexicon.at_wait(scene.reach, on)
        if_event = None if when is None else compile_condition(when, vocabulary, scene.report)
        starts = iter(step.starts)
        then = next(starts, step.next) if fields.get(THEN) is not None else step.next
        otherwise = next(starts, step.next) if fields.get(OTHERWISE) is not None else step.next
        return WaitFor(
            **self.common(step, scene),
            on=on,
            then=then,
            otherwise=otherwise,
            if_event=if_event,
            within=fields.get(WITHIN),
        )

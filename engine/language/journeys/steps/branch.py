"""`if`: one way or the other."""

from engine.language import words
from engine.language.journeys.drafts import Nest, StepDraft
from engine.language.journeys.scene import Scene
from engine.language.journeys.steps.verb import Verb
from engine.language.keys import Fields, Key
from engine.language.source import Node
from engine.model.journeys import If

IF: Key[Node] = Key(
    name="if", kind=words.EXPRESSION, about="the condition", required=True, example="customer.email"
)
THEN: Key[Node] = Key(
    name="then", kind=words.STEPS, about="the steps where it holds", required=True, example="[…]"
)
ELSE: Key[Node] = Key(name="else", kind=words.STEPS, about="the steps where it does not")


class IfVerb(Verb):
    name = "if"
    about = "Takes one way or the other."
    keys = (IF, THEN, ELSE)

    def nests(self, fields: Fields) -> tuple[Nest, ...]:
        given = (fields.get(THEN), fields.get(ELSE))
        return tuple(Nest(node) for node in given if node is not None)

    def ends(self, step: StepDraft) -> bool:
        both = len(step.blocks) == 2 and not step.fields.has_named("when")
        return both and all(block.ends for block in step.blocks)

    def build(self, step: StepDraft, scene: Scene) -> If | None:
        common = self.common(step, scene)
        test = scene.condition(step.fields, IF)
        if test is None:
            return None
        starts = iter(step.starts)
        then = next(starts, step.next) if step.fields.get(THEN) is not None else step.next
        orelse = next(starts, step.next) if step.fields.get(ELSE) is not None else step.next
        return If(**common, test=test, then=then, orelse=orelse)

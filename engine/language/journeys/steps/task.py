"""`task`: a piece of work for a person."""

from datetime import date
from typing import Any

from engine.language import words
from engine.language.dates import always, is_like_a_date, parse_moment
from engine.language.expressions import Compiled, compile_value
from engine.language.expressions.types import is_moment, is_open, is_text
from engine.language.journeys.drafts import StepDraft
from engine.language.journeys.scene import Scene
from engine.language.journeys.steps.verb import Verb
from engine.language.keys import Fields, Key, choice
from engine.language.report import Fault
from engine.language.source import Node
from engine.language.units import parse_duration
from engine.model.journeys import Expression, TaskStep
from engine.model.scope import Scope
from engine.model.tasks import Assignee

TASK: Key[str] = Key(
    name="task", kind=words.TEXT, about="what is to be done", required=True, example="call-back"
)
FOR: Key[Assignee] = Key(
    name="for",
    kind=choice("dealer or headquarters", {one.value: one for one in Assignee}),
    about="on whose list it is: that of the run's dealer, or of headquarters",
    required=True,
    example="dealer",
)
DUE: Key[Node] = Key(
    name="due",
    kind=words.VALUE,
    about="until when it should be done: a duration from now on, or a date",
    example="1 day",
)
SCRIPT: Key[Node] = Key(
    name="script",
    kind=words.VALUE,
    about="what the person may say",
    example='"Ask {{ customer.name }} how the new tyres run."',
)


class TaskVerb(Verb):
    name = "task"
    about = "Gives a person a piece of work."
    keys = (TASK, FOR, DUE, SCRIPT)

    def default_id(self, fields: Fields) -> str:
        return fields.get(TASK) or self.name

    def build(self, step: StepDraft, scene: Scene) -> TaskStep | None:
        common = self.common(step, scene)
        fields = step.fields
        name, assignee = fields.get(TASK), fields.get(FOR)
        due = _due(fields, scene)
        script = _compiled(fields, SCRIPT, scene)
        if name is None or assignee is None:
            return None
        return TaskStep(
            **common, name=name, assignee=assignee, due=due, script=None if script is None else script.get
        )


def _compiled(fields: Fields, key: Key[Node], scene: Scene) -> Compiled | None:
    node = fields.get(key)
    return None if node is None else compile_value(node, scene.vocabulary, scene.report)


def _due(fields: Fields, scene: Scene) -> Expression | None:
    compiled = _compiled(fields, DUE, scene)
    if compiled is None:
        return None
    if compiled.literal is not None:
        due = _read(compiled.literal)
        if isinstance(due, Fault):
            scene.report.fault(due, fields.span(DUE))
            return None
        return always(due) if isinstance(due, date) else lambda _scope: due
    if not (is_text(compiled.type) or is_moment(compiled.type) or is_open(compiled.type)):
        message = f"'due' needs a duration or a date, not {compiled.type.words}"
        scene.report.error("wrong-type", fields.span(DUE), message, "write `due: 1 day`")
        return None
    get = compiled.get

    def due_of(scope: Scope) -> Any:
        value = get(scope)
        if not isinstance(value, str):
            return value
        read = _read(value)
        if isinstance(read, Fault):
            return None
        return always(read)(scope) if isinstance(read, date) else read

    return due_of


def _read(text: str) -> Any:
    """A duration, a date or a moment, or a fault."""
    return parse_moment(text) if is_like_a_date(text) else parse_duration(text)

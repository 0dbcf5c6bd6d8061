"""What every verb has."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, TypedDict

from engine.language import words
from engine.language.journeys.drafts import Nest, StepDraft
from engine.language.journeys.scene import Scene
from engine.language.keys import Fields, Key, Table
from engine.language.source import Node
from engine.model.journeys import Expression, Step

ID: Key[str] = Key(
    name="id", kind=words.STEP_ID, about="the step's id, kept through edits: a run under way stays at it"
)
TITLE: Key[str] = Key(name="title", kind=words.TEXT, about="what people call the step")
WHEN: Key[Node] = Key(
    name="when",
    kind=words.EXPRESSION,
    about="the step is skipped where this does not hold",
    example="customer.email",
)
COMMON: tuple[Key[Any], ...] = (ID, TITLE, WHEN)

_ELSEWHERE = {
    "at": "`at` belongs beside `wait`, inside `repeat`, or beside `schedule`",
    "days": "`days` belongs beside `wait` or inside `repeat`",
    "since": "`since` belongs beside `wait`",
    "every": "put it inside `repeat: {every: …, do: […]}`",
    "times": "put it inside `repeat: {every: …, times: …, do: […]}`",
    "do": "`do` belongs inside `repeat`, and to the branches of `choose` and `split`",
    "by": "`by` belongs beside `send`",
    "with": "`with` belongs beside `send` and `emit`",
    "for": "`for` belongs beside `task`",
    "due": "`due` belongs beside `task`",
    "script": "`script` belongs beside `task`",
    "then": "`then` belongs beside `if` and `wait_for`",
    "else": "`else` belongs beside `if`, and inside `choose`",
    "otherwise": "`otherwise` belongs beside `wait_for`",
    "within": "`within` belongs beside `wait_for`",
    "share": "put it inside `split: [{share: 50%, do: […]}, …]`",
    "on": "`on` belongs under `start` or `stop`",
    "purpose": "`purpose` is the whole journey's",
    "brand": "`brand` belongs beside `send`, or to the whole journey",
}


_MEANT = {
    **dict.fromkeys(("channel", "channels", "via", "through"), "by"),
    **dict.fromkeys(("values", "data", "context", "variables", "vars", "params"), "with"),
    **dict.fromkeys(("language", "lang"), "locale"),
    **dict.fromkeys(("timeout", "max"), "within"),
    **dict.fromkeys(("name", "label"), "title"),
    **dict.fromkeys(("condition", "if"), "when"),
    **dict.fromkeys(("assignee", "to"), "for"),
    **dict.fromkeys(("deadline",), "due"),
    **dict.fromkeys(("time",), "at"),
    **dict.fromkeys(("elif", "elseif"), "else"),
    "weekdays": "days",
}
"""Which key is meant by words from elsewhere."""


class Common(TypedDict):
    """The members that every step has, ready to be given to its struct."""

    id: str
    index: int
    next: int
    when: Expression | None
    title: str
    line: int


class Verb(ABC):
    """A verb: its name, the keys beside it, and how a step of it is built. `about` is a phrase for people."""

    name: str
    about: str
    keys: tuple[Key[Any], ...]
    common_keys: tuple[Key[Any], ...] = COMMON
    meant: Mapping[str, str] = _MEANT

    @property
    def table(self) -> Table:
        elsewhere = {
            name: hint for name, hint in _ELSEWHERE.items() if name not in {k.name for k in self.keys}
        }
        return Table(
            title=f"{'an' if self.name[0] in 'aeiou' else 'a'} `{self.name}` step",
            about=self.about,
            keys=(*self.keys, *self.common_keys),
            elsewhere=elsewhere,
            meant=self.meant,
        )

    def nests(self, fields: Fields) -> tuple[Nest, ...]:
        """The blocks of steps inside, in the order of their indexes in `StepDraft.starts`."""
        del fields
        return ()

    def default_id(self, fields: Fields) -> str:
        """The id of a step without one of its own, before numbering."""
        del fields
        return self.name

    def ends(self, step: StepDraft) -> bool:
        """Whether nothing behind the step is ever reached."""
        del step
        return False

    @abstractmethod
    def build(self, step: StepDraft, scene: Scene) -> Step | None:
        """The step; None, and reported, where it is faulty."""

    def common(self, step: StepDraft, scene: Scene) -> Common:
        return Common(
            id=step.id,
            index=step.index,
            next=step.next,
            when=scene.condition(step.fields, WHEN) if WHEN in self.common_keys else None,
            title=step.fields.get(TITLE) or "",
            line=step.span.line,
        )

"""Steps on their way from nodes to the flat table."""

from dataclasses import dataclass, field

from engine.language.keys import Fields
from engine.language.report import Span
from engine.language.source import Node
from engine.model.journeys import END


@dataclass(slots=True)
class Nest:
    """A block of steps inside a step, as its verb sees it. `loops` where it is walked again and again."""

    node: Node
    loops: bool = False


@dataclass(slots=True)
class StepDraft:
    """A step with its verb's name, its keys, its nested blocks; `id`, `index` and `next` come with the
    layout. `starts` are the indexes of the blocks' first steps; `asked` the members that conditions around the step, or
    its own, name."""

    verb: str
    fields: Fields
    span: Span
    blocks: list["BlockDraft"] = field(default_factory=list)
    id: str = ""
    index: int = 0
    next: int = END
    starts: list[int] = field(default_factory=list)
    asked: frozenset[str] = frozenset()


@dataclass(slots=True)
class BlockDraft:
    """Steps in a row. `whole` is false where one of them could not be read at all; `ends` is true where
    nothing behind the block is ever reached."""

    steps: list[StepDraft]
    loops: bool = False
    whole: bool = True
    ends: bool = False

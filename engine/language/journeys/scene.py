"""Where a step is built: the journey it belongs to, and what its expressions know."""

import msgspec

from engine.language.expressions import Vocabulary, compile_condition
from engine.language.expressions.vocabulary import Reach
from engine.language.journeys.context import Context
from engine.language.keys import Fields, Key
from engine.language.report import Report
from engine.language.source import Node
from engine.model.journeys import Expression


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """`reach` is the journey's; `vocabulary` that of the place, with `loop` inside a repeat."""

    context: Context
    journey: str
    reach: Reach
    vocabulary: Vocabulary
    brands: tuple[str, ...]

    @property
    def report(self) -> Report:
        return self.context.report

    def condition(self, fields: Fields, key: Key[Node]) -> Expression | None:
        """The condition under `key`; None where there is none, or a faulty one."""
        node = fields.get(key)
        return None if node is None else compile_condition(node, self.vocabulary, self.report)

    def in_loop(self) -> "Scene":
        """The same place inside a repeat."""
        reach = msgspec.structs.replace(self.reach, loop=True)
        vocabulary = self.context.lexicon.in_steps(reach)
        return msgspec.structs.replace(self, reach=reach, vocabulary=vocabulary)

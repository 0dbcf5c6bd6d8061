"""Which members the conditions around a step have asked for: those are not missing there, or the author knows."""

from collections.abc import Iterable, Iterator

from engine.language.expressions import Compiled
from engine.language.expressions.absence import is_asked_for, paths_in
from engine.language.expressions.parse import parse_expression
from engine.language.journeys import keys
from engine.language.journeys.drafts import BlockDraft, StepDraft
from engine.language.keys import Fields
from engine.language.report import Fault, Report
from engine.language.source import MappingNode, Node, ScalarNode, SequenceNode

_CONDITIONS = frozenset({"if", "when"})
_BRANCHES = "choose"


def asked_at_start(fields: Fields | None) -> frozenset[str]:
    """What the conditions of a start ask for."""
    if fields is None:
        return frozenset()
    return _paths(fields.get(key) for key in (keys.WHEN, keys.AUDIENCE, keys.DATE))


def mark_asked(block: BlockDraft, asked: frozenset[str]) -> None:
    """Writes into every step of a block, and of those inside it, what was asked for before."""
    for step in block.steps:
        here = asked | _paths(_conditions(step))
        step.asked = here
        for inner in step.blocks:
            mark_asked(inner, here)
        if any(inner.ends for inner in step.blocks):
            asked = here  # those for whom it is missing may have ended there


def tell_missing(
    compiled: Compiled, node: Node, asked: frozenset[str], then: str, hint: str, report: Report
) -> None:
    """Warns of what may be missing in an expression, and was not asked for; `then` is what comes of it."""
    for one in compiled.leaks:
        if not is_asked_for(one.path, asked):
            span = node.place(one.offset, one.length) if isinstance(node, ScalarNode) else node.span
            message = f"'{one.path}' may be missing: {then}"
            report.warning("may-be-missing", span, message, hint.replace("PATH", one.path))


def _conditions(step: StepDraft) -> Iterator[Node | None]:
    for entry in step.fields.node.entries:
        if entry.key.text in _CONDITIONS:
            yield entry.value
        elif entry.key.text == _BRANCHES and isinstance(entry.value, SequenceNode):
            for branch in entry.value.items:
                found = branch.get("when") if isinstance(branch, MappingNode) else None
                yield None if found is None else found.value


def _paths(conditions: Iterable[Node | None]) -> frozenset[str]:
    found: set[str] = set()
    for node in conditions:
        tree = parse_expression(node.text) if isinstance(node, ScalarNode) else None
        if tree is not None and not isinstance(tree, Fault):
            found.update(paths_in(tree))
    return frozenset(found)

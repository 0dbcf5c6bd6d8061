"""Expressions that tell what they saw, for `milepost why`.

A project that is read with a `Watch` has these in place of its plain closures: each is asked in the same way, gives
the value of the plain one, and tells the watch. What its parts saw is reckoned beside it, when somebody wants to know.
So watching changes no decision; and where nobody watches there is none of this.
"""

from collections.abc import Iterator
from typing import Any

from jinja2 import nodes

from engine.language.expressions.translate import Translator
from engine.language.expressions.unparse import unparse
from engine.language.expressions.vocabulary import Vocabulary
from engine.model.journeys import Expression
from engine.model.scope import Scope
from engine.model.watching import Part, Watch


class WatchedExpression:
    """`plain` is the same expression, unwatched."""

    def __init__(self, tree: nodes.Node, plain: Expression, vocabulary: Vocabulary, watch: Watch) -> None:
        self.text = unparse(tree)
        self._tree = tree
        self._plain = plain
        self._vocabulary = vocabulary
        self._watch = watch
        self._known: dict[str, Expression] = {}

    def __call__(self, scope: Scope, /) -> Any:
        value = self._plain(scope)
        self._watch(self, scope, value)
        return value

    def parts(self, scope: Scope) -> tuple[Part, ...]:
        return tuple(self._parts(self._tree, scope))

    def _parts(self, node: nodes.Node, scope: Scope) -> Iterator[Part]:
        """Of what is joined by `and` and `or`, as much as was asked."""
        if isinstance(node, nodes.And | nodes.Or):
            yield from self._parts(node.left, scope)
            if bool(self._value(node.left, scope)) is isinstance(node, nodes.And):
                yield from self._parts(node.right, scope)
            return
        values = tuple(
            (unparse(one), self._value(one, scope)) for one in _looked_at(node) if one is not node
        ) or ((unparse(node), self._value(node, scope)),)
        yield Part(unparse(node), bool(self._value(node, scope)), values)

    def _value(self, node: nodes.Node, scope: Scope) -> Any:
        text = unparse(node)
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = Translator(self._vocabulary, text).translate(node).whole
        return known(scope)


def _looked_at(node: nodes.Node) -> Iterator[nodes.Node]:
    """What a condition looks at: both sides of a comparison, what is negated; not what is written out."""
    match node:
        case nodes.Const() | nodes.List() | nodes.Tuple():
            return
        case nodes.Compare():
            for one in (node.expr, *(operand.expr for operand in node.ops)):
                yield from _looked_at(one)
        case nodes.Not() | nodes.Test():
            yield from _looked_at(node.node)
        case nodes.And() | nodes.Or():
            yield from _looked_at(node.left)
            yield from _looked_at(node.right)
        case _:
            yield node

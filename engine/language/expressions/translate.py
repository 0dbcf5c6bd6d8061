"""From Jinja2's tree to a checked closure: the whitelist.

One method for each kind of node that the language has; a node of another kind is refused. After a fault the
walk goes on with a value of no known type, so that one look finds all faults of an expression.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from jinja2 import nodes

from engine.language.expressions import operators as op
from engine.language.expressions.calls import call_of
from engine.language.expressions.comparisons import Side, check_comparison, check_membership, check_ordering
from engine.language.expressions.filters import FILTERS, Filter
from engine.language.expressions.names import Naming, resolve_member, resolve_name
from engine.language.expressions.parse import end_of, offset_of, start_of
from engine.language.expressions.typed import Typed, item
from engine.language.expressions.types import (
    ANY,
    BOOLEAN,
    DATE,
    NOTHING,
    NUMBER,
    TEXT,
    ListOf,
    Type,
    common,
    is_moment,
    is_number,
    is_open,
    is_text,
)
from engine.language.expressions.vocabulary import Vocabulary
from engine.language.nearest import did_you_mean
from engine.language.report import Fault
from engine.model.journeys import Expression
from engine.model.scope import Scope

MOST_LEVELS = 60
UNKNOWN = Typed(ANY, op.constant(None))

N = TypeVar("N", bound=nodes.Node)

TESTS = ("none", "defined", "undefined")


class Translator:
    """Translates one expression; what is wrong with it is in `faults`."""

    def __init__(self, vocabulary: Vocabulary, text: str) -> None:
        self.faults: list[Fault] = []
        self._naming = Naming(vocabulary, text, self.faults)
        self._level = 0

    def translate(self, node: nodes.Node) -> Typed:
        method = _METHODS.get(type(node))
        if method is None:
            return self._refuse(node, f"{_what(node)} is not part of the language")
        if self._level >= MOST_LEVELS:
            if not any(fault.code == "too-complex" for fault in self.faults):
                message = f"this is nested more than {MOST_LEVELS} levels deep"
                self.faults.append(Fault("too-complex", message, "", offset_of(node), 1))
            return UNKNOWN
        self._level += 1
        typed: Typed = method(self, node)
        self._level -= 1
        return typed

    def _refuse(self, node: nodes.Node, message: str, hint: str = "") -> Typed:
        return self._fault("not-allowed", node, message, hint)

    def _fault(self, code: str, node: nodes.Node, message: str, hint: str = "", length: int = 1) -> Typed:
        self.faults.append(Fault(code, message, hint, offset_of(node), length))
        return UNKNOWN

    # Names and literals

    def name(self, node: nodes.Name) -> Typed:
        return resolve_name(self._naming, node.name, offset_of(node)) or UNKNOWN

    def getattr(self, node: nodes.Getattr) -> Typed:
        base = self.translate(node.node)
        return resolve_member(self._naming, base, node.attr, offset_of(node)) or UNKNOWN

    def getitem(self, node: nodes.Getitem) -> Typed:
        base = self.translate(node.node)
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return resolve_member(self._naming, base, node.arg.value, offset_of(node)) or UNKNOWN
        index = _integer(node.arg)
        if index is None:
            return self._refuse(node, "only a name in quotes or a whole number can stand in brackets")
        if isinstance(base.type, ListOf):
            return item(base, index, base.type.item)
        if is_open(base.type):
            return item(base, index, ANY)
        return self._fault("wrong-type", node, f"{base.type.words} has no items")

    def const(self, node: nodes.Const) -> Typed:
        value = node.value
        kind: Type = ANY
        if value is None:
            kind = NOTHING
        elif isinstance(value, bool):
            kind = BOOLEAN
        elif isinstance(value, int | float):
            kind = NUMBER
            if abs(value) > 1e15:
                return self._fault("too-complex", node, "this number is too large")
        elif isinstance(value, str):
            kind = TEXT
        return Typed(kind, op.constant(value), literal=True, value=value)

    def list(self, node: nodes.List | nodes.Tuple) -> Typed:
        items = [self.translate(one) for one in node.items]
        kind = items[0].type if items else ANY
        for one in items[1:]:
            kind = common(kind, one.type)
        if items and all(one.literal for one in items):
            value = [one.value for one in items]
            return Typed(ListOf(kind), op.constant(value), literal=True, value=value)
        return Typed(ListOf(kind), op.listing([one.whole for one in items]))

    # Logic

    def conjunction(self, node: nodes.And) -> Typed:
        return self._logic(node, nodes.And, op.conjunction)

    def disjunction(self, node: nodes.Or) -> Typed:
        return self._logic(node, nodes.Or, op.disjunction)

    def _logic(
        self,
        node: nodes.BinExpr,
        kind: type[nodes.BinExpr],
        join: Callable[[Sequence[Expression]], Expression],
    ) -> Typed:
        parts = [self.translate(one) for one in _flattened(node, kind)]
        result = parts[0].type
        for part in parts[1:]:
            result = common(result, part.type)
        return Typed(result, join([part.whole for part in parts]))

    def negation(self, node: nodes.Not) -> Typed:
        return Typed(BOOLEAN, op.negation(self.translate(node.node).whole))

    def either(self, node: nodes.CondExpr) -> Typed:
        test, then = self.translate(node.test), self.translate(node.expr1)
        otherwise = Typed(NOTHING, op.constant(None)) if node.expr2 is None else self.translate(node.expr2)
        result = common(then.type, otherwise.type)
        return Typed(result, op.either(test.whole, then.whole, otherwise.whole))

    # Comparisons

    def compare(self, node: nodes.Compare) -> Typed:
        sides = [self._side(one) for one in (node.expr, *(operand.expr for operand in node.ops))]
        tests = [
            self._comparison(operand.op, left, right)
            for operand, left, right in zip(node.ops, sides, sides[1:], strict=False)
        ]
        return Typed(BOOLEAN, tests[0] if len(tests) == 1 else op.conjunction(tests))

    def _side(self, node: nodes.Expr) -> Side:
        return Side(self.translate(node), start_of(node), end_of(node, self._naming.text))

    def _comparison(self, operator: str, left: Side, right: Side) -> Expression:
        if operator in op.ORDERINGS:
            pair = check_ordering(left, right, self.faults)
            test = op.ORDERINGS[operator]
            if pair.right.literal and pair.right.value is not None:
                return op.ordering_with(test, pair.left.whole, pair.right.value)
            return op.ordering(test, pair.left.whole, pair.right.whole)
        negated = operator in ("ne", "notin")
        if operator in ("in", "notin"):
            check_membership(left, right, self.faults)
            return op.membership(left.typed.whole, right.typed.whole, negated=negated)
        pair = check_comparison(left, right, self.faults)
        if pair.right.literal:
            return op.equality_with(pair.left.whole, pair.right.value, negated=negated)
        return op.equality(pair.left.whole, pair.right.whole, negated=negated)

    def test(self, node: nodes.Test) -> Typed:
        inner = self.translate(node.node)
        if node.name not in TESTS:
            hint = did_you_mean(node.name, TESTS, "compare with ==, or ask 'is none', 'is not none'")
            return self._fault("unknown-test", node, f"unknown test '{node.name}'", hint)
        return Typed(BOOLEAN, op.equality_with(inner.whole, None, negated=node.name == "defined"))

    # Computing

    def concat(self, node: nodes.Concat) -> Typed:
        return Typed(TEXT, op.concatenation([self.translate(one).whole for one in node.nodes]))

    def arithmetic(self, node: nodes.BinExpr) -> Typed:
        left, right = self.translate(node.left), self.translate(node.right)
        result = result_type(node.operator, left.type, right.type)
        if is_open(left.type) and node.operator in "+-":
            get = op.dated(left.whole)
            left = Typed(left.type, op.local_day(get) if right.type == DATE else get)
        elif is_open(right.type) and is_moment(left.type):
            get = op.dated(right.whole)
            right = Typed(right.type, op.local_day(get) if left.type == DATE else get)
        if is_moment(left.type) and is_moment(right.type) and left.type != right.type:
            left, right = Typed(DATE, op.local_day(left.get)), Typed(DATE, op.local_day(right.get))
        if result is None:
            message = f"{left.type.words} and {right.type.words} do not go together with '{node.operator}'"
            hint = "join texts by '~'" if TEXT in (left.type, right.type) else ""
            start = start_of(node)
            length = end_of(node, self._naming.text) - start
            self.faults.append(Fault("wrong-type", message, hint, start, length))
            return UNKNOWN
        return Typed(result, op.arithmetic(op.ARITHMETIC[node.operator], left.whole, right.whole))

    def signed(self, node: nodes.Neg | nodes.Pos) -> Typed:
        inner = self.translate(node.node)
        negative = isinstance(node, nodes.Neg)
        if not (is_number(inner.type) or is_open(inner.type)):
            return self._fault("wrong-type", node, f"{inner.type.words} has no sign")
        if inner.literal and isinstance(inner.value, int | float):
            value = -inner.value if negative else inner.value
            return Typed(NUMBER, op.constant(value), literal=True, value=value)
        return Typed(NUMBER, op.signed(inner.whole, negative=negative))

    def filter(self, node: nodes.Filter) -> Typed:
        if node.node is None:
            return self._refuse(node, "a filter needs a value before it")
        value = self.translate(node.node)
        found = FILTERS.get(node.name)
        if found is None:
            hint = did_you_mean(node.name, FILTERS)
            if node.name in ("date", "money", "km", "number"):
                hint = f"'{node.name}' is for templates, where the customer's locale is known"
            return self._fault("unknown-filter", node, f"unknown filter '{node.name}'", hint, len(node.name))
        arguments = [self.translate(one) for one in node.args]
        if node.kwargs or node.dyn_args or node.dyn_kwargs:
            return self._refuse(node, "arguments have no names here")
        if not found.least_arguments <= len(arguments) <= found.most_arguments:
            message = f"'{node.name}' takes {_count(found)}, not {len(arguments)}"
            return self._fault("wrong-type", node, message, "", len(node.name))
        if found.takes is not None and not found.takes(value.type):
            message = f"'{node.name}' takes {found.expects}, not {value.type.words}"
            return self._fault("wrong-type", node, message, "", len(node.name))
        argument = arguments[0].type if arguments else NOTHING
        return Typed(found.gives(value.type, argument), _filtered(found, value, arguments))

    def call(self, node: nodes.Call) -> Typed:
        called = call_of(self._naming, node)
        if isinstance(called, Fault):
            self.faults.append(called)
            return UNKNOWN
        return called


def _filtered(found: Filter, value: Typed, arguments: Sequence[Typed]) -> Expression:
    function, get = found.function, value.whole
    getters = [argument.whole for argument in arguments]
    takes_none = found.name == "default"

    def filtered(scope: Scope) -> Any:
        given = get(scope)
        if given is None and not takes_none:
            return None
        try:
            return function(scope, given, [argument(scope) for argument in getters])
        except (TypeError, ValueError, ArithmeticError):
            return None

    return filtered


def _count(found: Filter) -> str:
    least, most = found.least_arguments, found.most_arguments
    if most == 0:
        return "no argument"
    number = str(most) if least == most else f"{least} to {most}"
    return f"{number} argument{'s' if most > 1 else ''}"


def result_type(operator: str, left: Type, right: Type) -> Type | None:
    """The type of a computation; None where it is impossible."""
    if is_open(left) or is_open(right):
        other = right if is_open(left) else left
        if is_open(other) or is_number(other):
            return ANY if operator in "+-" else NUMBER
        return ANY if operator in "+-" and (is_moment(other) or is_text(other)) else None
    if is_number(left) and is_number(right):
        return NUMBER
    if operator == "+" and is_text(left) and is_text(right):
        return TEXT
    if operator in "+-" and is_moment(left) and is_number(right):
        return left
    if operator == "+" and is_number(left) and is_moment(right):
        return right
    return NUMBER if operator == "-" and is_moment(left) and is_moment(right) else None


def _flattened(node: nodes.BinExpr, kind: type[nodes.BinExpr]) -> list[nodes.Node]:
    """`a and b and c`, which Jinja2 nests to the left, as one row."""
    row: list[nodes.Node] = []
    inner: nodes.Node = node
    while isinstance(inner, kind):
        row.append(inner.right)
        inner = inner.left
    return [inner, *reversed(row)]


def _integer(node: nodes.Node) -> int | None:
    sign = 1
    if isinstance(node, nodes.Neg):
        node, sign = node.node, -1
    if isinstance(node, nodes.Const) and type(node.value) is int:
        return sign * node.value
    return None


_WHATS: dict[type[nodes.Node], str] = {
    nodes.Pow: "'**'",
    nodes.Dict: "a dictionary",
    nodes.Slice: "a slice",
    nodes.TemplateData: "text outside quotes",
}


def _what(node: nodes.Node) -> str:
    return _WHATS.get(type(node), f"this ({type(node).__name__.lower()})")


_METHODS: dict[type[nodes.Node], Callable[[Translator, Any], Typed]] = {
    nodes.Name: Translator.name,
    nodes.Getattr: Translator.getattr,
    nodes.Getitem: Translator.getitem,
    nodes.Const: Translator.const,
    nodes.List: Translator.list,
    nodes.Tuple: Translator.list,
    nodes.And: Translator.conjunction,
    nodes.Or: Translator.disjunction,
    nodes.Not: Translator.negation,
    nodes.CondExpr: Translator.either,
    nodes.Compare: Translator.compare,
    nodes.Test: Translator.test,
    nodes.Concat: Translator.concat,
    nodes.Add: Translator.arithmetic,
    nodes.Sub: Translator.arithmetic,
    nodes.Mul: Translator.arithmetic,
    nodes.Div: Translator.arithmetic,
    nodes.FloorDiv: Translator.arithmetic,
    nodes.Mod: Translator.arithmetic,
    nodes.Neg: Translator.signed,
    nodes.Pos: Translator.signed,
    nodes.Filter: Translator.filter,
    nodes.Call: Translator.call,
}

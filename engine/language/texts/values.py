"""Expressions in texts: names and members checked, used paths noted.

Templates may do more than journeys (dictionaries, slices, Jinja2's filters), because they run in a sandbox;
what can be known of types is checked by the same functions as in journeys.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from jinja2 import nodes

from engine.language.expressions import operators as op
from engine.language.expressions.calls import call_of
from engine.language.expressions.comparisons import Side, check_comparison, check_membership, check_ordering
from engine.language.expressions.names import Naming, resolve_member, resolve_name
from engine.language.expressions.parse import end_of, offset_of, start_of
from engine.language.expressions.translate import result_type
from engine.language.expressions.typed import Typed, member
from engine.language.expressions.types import (
    ANY,
    BOOLEAN,
    NOTHING,
    NUMBER,
    TEXT,
    ListOf,
    Record,
    Scalar,
    Type,
    common,
    is_moment,
    is_open,
)
from engine.language.expressions.vocabulary import Vocabulary
from engine.language.nearest import did_you_mean
from engine.language.report import Fault
from engine.language.template_files import FILTERS
from engine.language.texts.brandnames import BRAND, MESSAGE, BrandPart, BrandUse
from engine.language.texts.pieces import Piece
from engine.language.texts.scopes import UNKNOWN, Callable_, Module, Scopes

TESTS = frozenset(
    {
        *("defined", "undefined", "none", "true", "false", "boolean", "number", "integer", "float", "string"),
        *("even", "odd", "divisibleby", "iterable", "sequence", "mapping", "lower", "upper", "sameas"),
        *("eq", "ne", "lt", "le", "gt", "ge", "in"),
    }
)


class Knowledge(msgspec.Struct, frozen=True, kw_only=True):
    """What a text can name, as one `send` sends it: the language, the values of `with`, and the names that
    other sends of the same template give."""

    vocabulary: Vocabulary
    values: dict[str, Type]
    sometimes: frozenset[str]


class Findings(msgspec.Struct, frozen=True):
    """What a walk found: the paths used with their types, and the members of `brand`."""

    used: dict[str, Typed] = msgspec.field(default_factory=dict)
    brand_uses: list[BrandUse] = msgspec.field(default_factory=list)


class Values:
    """Looks at the expressions of one piece. Its faults have offsets in the piece."""

    def __init__(self, piece: Piece, knowledge: Knowledge, findings: Findings, scopes: Scopes) -> None:
        self.faults: list[Fault] = []
        self.scopes = scopes
        self._piece = piece
        self._knowledge = knowledge
        self._findings = findings
        self._naming = Naming(knowledge.vocabulary, piece.text, self.faults, self._other_names)

    def _other_names(self) -> list[str]:
        return [*self.scopes.names(), *self._knowledge.values, "brand", "message"]

    def use(self, node: nodes.Node) -> Typed:
        """Looks at `node` as a value that is needed."""
        typed = self.infer(node)
        self.note(typed)
        return typed

    def note(self, typed: Typed) -> None:
        """Notes that the value is used; of a record all its members."""
        if not typed.path:
            return
        if isinstance(typed.type, Record):
            for name in typed.type.members:
                inner = member(typed, name)
                if inner is not None:
                    self.note(inner)
        else:
            self._findings.used[typed.path] = typed

    def ask(self, node: nodes.Node) -> None:
        """Looks at `node` as a condition: of an event, all that is needed is whether there is one."""
        if isinstance(node, nodes.Not):
            self.ask(node.node)
            return
        typed = self.infer(node)
        if isinstance(typed.type, Record) and typed.type.sign:
            typed = member(typed, typed.type.sign) or typed
        self.note(typed)

    def infer(self, node: nodes.Node) -> Typed:
        """The type, and the path, of `node`; what it consists of is noted, itself it is not."""
        method = _METHODS.get(type(node))
        if method is None:
            for child in node.iter_child_nodes():
                self.use(child)
            return UNKNOWN
        typed: Typed = method(self, node)
        return typed

    def _fault(self, code: str, node: nodes.Node, message: str, hint: str = "", length: int = 0) -> Typed:
        start = offset_of(node) if length else start_of(node)
        length = length or end_of(node, self._piece.text) - start
        self.faults.append(Fault(code, message, hint, start, length))
        return UNKNOWN

    def name(self, node: nodes.Name) -> Typed:
        name = node.name
        local = self.scopes.find(name)
        if local is not None:
            return local
        if name in self._knowledge.values:
            return Typed(self._knowledge.values[name], op.constant(None))
        if name in ("brand", "message"):
            return BRAND if name == "brand" else MESSAGE
        if name in ("super", "caller", "self"):
            return Typed(Module() if name == "self" else Callable_(), op.constant(None))
        if name in self._knowledge.sometimes:
            if self.scopes.is_guarded(name):
                return UNKNOWN
            hint = f"give it by `with`, or ask first: {{% if {name} is defined %}}"
            message = f"'{name}' is given to this template by some sends only"
            return self._fault("unknown-name", node, message, hint, len(name))
        return resolve_name(self._naming, name, offset_of(node)) or UNKNOWN

    def getattr(self, node: nodes.Getattr) -> Typed:
        return self._member(self.infer(node.node), node.attr, node)

    def getitem(self, node: nodes.Getitem) -> Typed:
        base = self.infer(node.node)
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return self._member(base, node.arg.value, node)
        self.note(base)
        self.use(node.arg)
        kind = base.type.item if isinstance(base.type, ListOf) else ANY
        return Typed(kind, op.constant(None))

    def _member(self, base: Typed, name: str, node: nodes.Node) -> Typed:
        if isinstance(base.type, BrandPart):
            keys = (*base.type.keys, name)
            self._findings.brand_uses.append(BrandUse(keys, self._piece, offset_of(node)))
            return Typed(BrandPart(keys), op.constant(None))
        if isinstance(base.type, Module):
            return Typed(Callable_(), op.constant(None))
        found = resolve_member(self._naming, base, name, offset_of(node))
        return UNKNOWN if found is None else found

    def call(self, node: nodes.Call) -> Typed:
        for argument in (*node.args, *(one.value for one in node.kwargs)):
            self.use(argument)
        for many in (node.dyn_args, node.dyn_kwargs):
            if many is not None:
                self.use(many)
        function = node.node
        of_customer = (
            isinstance(function, nodes.Getattr)
            and isinstance(function.node, nodes.Name)
            and function.node.name == "customer"
            and self.scopes.find("customer") is None
        )
        if not of_customer:
            found = len(self.faults)
            if isinstance(self.infer(function).type, Callable_) or len(self.faults) > found:
                return UNKNOWN
        called = call_of(self._naming, node)
        if isinstance(called, Fault):
            self.faults.append(called)
            return UNKNOWN
        return called

    def filter(self, node: nodes.Filter) -> Typed:
        arguments = [self.use(one) for one in node.args]
        for keyword in node.kwargs:
            self.use(keyword.value)
        value = UNKNOWN if node.node is None else self._filtered(node, node.node)
        if node.name not in FILTERS:
            hint = did_you_mean(node.name, FILTERS)
            self._fault("unknown-filter", node, f"unknown filter '{node.name}'", hint, len(node.name))
            return UNKNOWN
        if node.name in ("date", "money", "km", "number"):
            self._check_people_filter(node, value.type)
        attribute = _attribute_of(node)
        if attribute is not None and isinstance(value.type, Scalar):
            message = f"'{node.name}' goes through a list, not through {value.type.words}"
            self._fault("wrong-type", node, message, "", len(node.name))
            return UNKNOWN
        if attribute is not None and isinstance(value.type, ListOf):
            item = Typed(value.type.item, op.constant(None))
            inner = self._member(item, attribute.partition(".")[0], node)
            if node.name == "map":
                return Typed(ListOf(inner.type), op.constant(None))
        first = arguments[0].type if arguments else NOTHING
        return Typed(_filter_result(node.name, value.type, first), op.constant(None))

    def _filtered(self, node: nodes.Filter, inner: nodes.Node) -> Typed:
        """What a filter is put behind. A name that is sometimes given may stand before `default`."""
        if node.name in ("default", "d") and isinstance(inner, nodes.Name):
            self.scopes.guard(frozenset({inner.name}))
            typed = self.use(inner)
            self.scopes.unguard()
            return typed
        return self.use(inner)

    def _check_people_filter(self, node: nodes.Filter, kind: Type) -> None:
        if node.name == "date":
            fits = is_open(kind) or is_moment(kind) or kind == TEXT
        else:
            fits = is_open(kind) or kind in (NUMBER, TEXT)
        if not fits:
            wanted = "a date" if node.name == "date" else "a number"
            message = f"'{node.name}' takes {wanted}, not {kind.words}"
            self._fault("wrong-type", node, message, "", len(node.name))

    def test(self, node: nodes.Test) -> Typed:
        for argument in node.args or ():
            self.use(argument)
        if node.name not in TESTS:
            hint = did_you_mean(node.name, TESTS)
            return self._fault("unknown-test", node, f"unknown test '{node.name}'", hint, len(node.name))
        if isinstance(node.node, nodes.Name) and node.name in ("defined", "undefined"):
            self.scopes.guard(frozenset({node.node.name}))
            self.ask(node.node)
            self.scopes.unguard()
        else:
            self.ask(node.node)
        return Typed(BOOLEAN, op.constant(None))

    def compare(self, node: nodes.Compare) -> Typed:
        sides = [self._side(one) for one in (node.expr, *(operand.expr for operand in node.ops))]
        for operand, left, right in zip(node.ops, sides, sides[1:], strict=False):
            if operand.op in ("in", "notin"):
                check_membership(left, right, self.faults)
            elif operand.op in ("eq", "ne"):
                check_comparison(left, right, self.faults)
            else:
                check_ordering(left, right, self.faults)
        return Typed(BOOLEAN, op.constant(None))

    def _side(self, node: nodes.Expr) -> Side:
        return Side(self.use(node), start_of(node), end_of(node, self._piece.text))

    def const(self, node: nodes.Const) -> Typed:
        value = node.value
        kind: Type = {str: TEXT, bool: BOOLEAN, int: NUMBER, float: NUMBER}.get(type(value), NOTHING)
        return Typed(kind, op.constant(value), literal=True, value=value)

    def list(self, node: nodes.List | nodes.Tuple) -> Typed:
        items = [self.use(one) for one in node.items]
        kind: Type = items[0].type if items else ANY
        for one in items[1:]:
            kind = common(kind, one.type)
        if items and all(one.literal for one in items):
            return Typed(ListOf(kind), op.constant(None), literal=True, value=[one.value for one in items])
        return Typed(ListOf(kind), op.constant(None))

    def either(self, node: nodes.CondExpr) -> Typed:
        self.ask(node.test)
        self.scopes.guard(defined_in(node.test))
        then = self.use(node.expr1)
        self.scopes.unguard()
        otherwise = NOTHING if node.expr2 is None else self.use(node.expr2).type
        return Typed(common(then.type, otherwise), op.constant(None))

    def logic(self, node: nodes.BinExpr) -> Typed:
        left = self.use(node.left)
        self.scopes.guard(defined_in(node.left) if isinstance(node, nodes.And) else frozenset())
        right = self.use(node.right)
        self.scopes.unguard()
        return Typed(common(left.type, right.type), op.constant(None))

    def arithmetic(self, node: nodes.BinExpr) -> Typed:
        left, right = self.use(node.left), self.use(node.right)
        result = result_type(node.operator, left.type, right.type)
        if is_moment(left.type) or is_moment(right.type):
            hint = "compute it in the journey, and give it by `with`"
            return self._fault("not-allowed", node, "templates do not compute with dates", hint)
        if result is None:
            message = f"{left.type.words} and {right.type.words} do not go together with '{node.operator}'"
            return self._fault("wrong-type", node, message, "join texts by '~'")
        return Typed(result, op.constant(None))

    def concat(self, node: nodes.Concat) -> Typed:
        for one in node.nodes:
            self.use(one)
        return Typed(TEXT, op.constant(None))


def defined_in(test: nodes.Node) -> frozenset[str]:
    """The names of which a condition says that they are defined."""
    if isinstance(test, nodes.And):
        return defined_in(test.left) | defined_in(test.right)
    if isinstance(test, nodes.Test) and test.name == "defined" and isinstance(test.node, nodes.Name):
        return frozenset({test.node.name})
    return frozenset()


def _attribute_of(node: nodes.Filter) -> str | None:
    """The member that `map(attribute='brand')` and its like name."""
    for keyword in node.kwargs:
        if keyword.key == "attribute" and isinstance(keyword.value, nodes.Const):
            return keyword.value.value if isinstance(keyword.value.value, str) else None
    if node.name in ("selectattr", "rejectattr") and node.args and isinstance(node.args[0], nodes.Const):
        return str(node.args[0].value)
    return None


_SAME = frozenset({"sort", "reverse", "unique", "list", "select", "reject", "selectattr", "rejectattr"})
_TEXTS = frozenset(
    {
        *("date", "money", "km", "number", "upper", "lower", "capitalize", "title", "trim", "replace"),
        *("truncate", "striptags", "escape", "e", "safe", "urlencode", "string", "join"),
    }
)
_NUMBERS = frozenset({"length", "count", "int", "float", "round", "abs", "sum"})


def _filter_result(name: str, value: Type, argument: Type) -> Type:
    if name in _TEXTS:
        return TEXT
    if name in _NUMBERS:
        return NUMBER
    if name in _SAME:
        return value
    if name in ("first", "last", "min", "max") and isinstance(value, ListOf):
        return value.item
    return common(value, argument) if name in ("default", "d") else ANY


_METHODS: dict[type[nodes.Node], Callable[[Values, Any], Typed]] = {
    nodes.Name: Values.name,
    nodes.Getattr: Values.getattr,
    nodes.Getitem: Values.getitem,
    nodes.Call: Values.call,
    nodes.Filter: Values.filter,
    nodes.Test: Values.test,
    nodes.Compare: Values.compare,
    nodes.Const: Values.const,
    nodes.List: Values.list,
    nodes.Tuple: Values.list,
    nodes.CondExpr: Values.either,
    nodes.And: Values.logic,
    nodes.Or: Values.logic,
    nodes.Concat: Values.concat,
    nodes.Add: Values.arithmetic,
    nodes.Sub: Values.arithmetic,
    nodes.Mul: Values.arithmetic,
    nodes.Div: Values.arithmetic,
    nodes.FloorDiv: Values.arithmetic,
    nodes.Mod: Values.arithmetic,
}

"""Statements in texts: what they make names of, what they bring in."""

from collections.abc import Callable
from typing import Any

import msgspec
from jinja2 import nodes

from engine.language.expressions import operators as op
from engine.language.expressions.parse import end_of, offset_of, start_of
from engine.language.expressions.typed import Typed
from engine.language.expressions.types import ANY, TEXT, ListOf, Record, is_open
from engine.language.report import Fault
from engine.language.texts.brandnames import BrandPart
from engine.language.texts.pieces import Piece
from engine.language.texts.scopes import LOOP, MACRO, MODULE, UNKNOWN, Scopes
from engine.language.texts.values import Findings, Knowledge, Values, defined_in


class Reference(msgspec.Struct, frozen=True):
    """Another file that a text needs: by `name`, or by a member of `brand` (`layout`). `how` is the word of
    the statement: extends, include, import."""

    how: str
    offset: int
    length: int
    name: str = ""
    layout: str = ""
    optional: bool = False
    names: dict[str, Typed] = {}


class Walk:
    """Walks one piece. `references` are the files it brings in, `values.faults` what is wrong."""

    def __init__(self, piece: Piece, knowledge: Knowledge, findings: Findings, scopes: Scopes) -> None:
        self.values = Values(piece, knowledge, findings, scopes)
        self.references: list[Reference] = []
        self._piece = piece
        self._scopes = scopes

    def run(self) -> None:
        try:
            self.body(self._piece.tree.body)
            self.references = [self._at_the_end(one) for one in self.references]
        except RecursionError:
            self.values.faults.append(Fault("too-complex", "this template is too deeply nested"))

    def _at_the_end(self, reference: Reference) -> Reference:
        """A layout is rendered last: it sees all names that the text makes at its top."""
        if reference.how != "extends":
            return reference
        return msgspec.structs.replace(reference, names=dict(self._scopes.top))

    def body(self, statements: list[nodes.Node]) -> None:
        for statement in statements:
            self.statement(statement)

    def statement(self, node: nodes.Node) -> None:
        method = _METHODS.get(type(node))
        if method is not None:
            method(self, node)
            return
        for child in node.iter_child_nodes():
            if isinstance(child, nodes.Expr):
                self.values.use(child)
            else:
                self.statement(child)

    def scoped(self, statements: list[nodes.Node], names: dict[str, Typed] | None = None) -> None:
        self._scopes.push(names)
        self.body(statements)
        self._scopes.pop()

    def output(self, node: nodes.Output) -> None:
        for part in node.nodes:
            if isinstance(part, nodes.TemplateData):
                continue
            typed = self.values.use(part)
            if isinstance(typed.type, Record):
                start = start_of(part)
                length = end_of(part, self._piece.text) - start
                message = f"{typed.type.words} cannot be printed"
                few = ", ".join(list(typed.type.members)[:6])
                hint = f"name a member: {few}, …" if few else ""
                self.values.faults.append(Fault("wrong-type", message, hint, start, length))

    def loop(self, node: nodes.For) -> None:
        iterated = self.values.use(node.iter)
        kind = iterated.type.item if isinstance(iterated.type, ListOf) else ANY
        if not (isinstance(iterated.type, ListOf) or is_open(iterated.type)):
            start = start_of(node.iter)
            length = end_of(node.iter, self._piece.text) - start
            message = f"'for' goes through a list, not through {iterated.type.words}"
            self.values.faults.append(Fault("wrong-type", message, "", start, length))
        self._scopes.push({"loop": LOOP})
        self._bind(node.target, Typed(kind, op.constant(None)))
        if node.test is not None:
            self.values.use(node.test)
        self.body(node.body)
        self._scopes.pop()
        self.scoped(node.else_)

    def branch(self, node: nodes.If) -> None:
        self.values.ask(node.test)
        self._scopes.guard(defined_in(node.test))
        self.body(node.body)
        self._scopes.unguard()
        for other in node.elif_:
            self.branch(other)
        self.body(node.else_)

    def assign(self, node: nodes.Assign) -> None:
        self._bind(node.target, self.values.infer(node.node))

    def assign_block(self, node: nodes.AssignBlock) -> None:
        self.scoped(node.body)
        if node.filter is not None:
            self.values.use(node.filter)
        self._bind(node.target, Typed(TEXT, op.constant(None)))

    def with_(self, node: nodes.With) -> None:
        given = [self.values.infer(value) for value in node.values]
        self._scopes.push()
        for target, typed in zip(node.targets, given, strict=True):
            self._bind(target, typed)
        self.body(node.body)
        self._scopes.pop()

    def macro(self, node: nodes.Macro) -> None:
        self._scopes.bind(node.name, MACRO)
        self._with_arguments(node)

    def call_block(self, node: nodes.CallBlock) -> None:
        self.values.use(node.call)
        self._with_arguments(node)

    def _with_arguments(self, node: nodes.Macro | nodes.CallBlock) -> None:
        for default in node.defaults:
            self.values.use(default)
        names = {argument.name: UNKNOWN for argument in node.args}
        self.scoped(node.body, {**names, "varargs": UNKNOWN, "kwargs": UNKNOWN})

    def block(self, node: nodes.Block) -> None:
        self.scoped(node.body)

    def filter_block(self, node: nodes.FilterBlock) -> None:
        self.values.use(node.filter)
        self.scoped(node.body)

    def extends(self, node: nodes.Extends) -> None:
        self._refer("extends", node.template)

    def include(self, node: nodes.Include) -> None:
        self._refer("include", node.template, optional=node.ignore_missing)

    def import_(self, node: nodes.Import) -> None:
        self._refer("import", node.template)
        self._scopes.bind(node.target, MODULE)

    def from_import(self, node: nodes.FromImport) -> None:
        self._refer("import", node.template)
        for name in node.names:
            self._scopes.bind(name[1] if isinstance(name, tuple) else name, MACRO)

    def _refer(self, how: str, template: nodes.Expr, *, optional: bool = False) -> None:
        start = start_of(template)
        length = end_of(template, self._piece.text) - start
        names = {**self._scopes.top}
        if isinstance(template, nodes.Const) and isinstance(template.value, str):
            self.references.append(
                Reference(how, start, length, name=template.value, optional=optional, names=names)
            )
            return
        typed = self.values.infer(template)
        if isinstance(typed.type, BrandPart) and len(typed.type.keys) == 1:
            (layout,) = typed.type.keys
            self.references.append(
                Reference(how, start, length, layout=layout, optional=optional, names=names)
            )
            return
        message = f"'{how}' needs a file's name in quotes, or a layout such as brand.letter"
        self.values.faults.append(Fault("not-allowed", message, "", offset_of(template), 1))

    def _bind(self, target: nodes.Node, typed: Typed) -> None:
        if isinstance(target, nodes.Name):
            self._scopes.bind(target.name, typed)
        elif isinstance(target, nodes.Tuple):
            for one in target.items:
                self._bind(one, UNKNOWN)


_METHODS: dict[type[nodes.Node], Callable[[Walk, Any], None]] = {
    nodes.Output: Walk.output,
    nodes.For: Walk.loop,
    nodes.If: Walk.branch,
    nodes.Assign: Walk.assign,
    nodes.AssignBlock: Walk.assign_block,
    nodes.With: Walk.with_,
    nodes.Macro: Walk.macro,
    nodes.CallBlock: Walk.call_block,
    nodes.Block: Walk.block,
    nodes.FilterBlock: Walk.filter_block,
    nodes.Extends: Walk.extends,
    nodes.Include: Walk.include,
    nodes.Import: Walk.import_,
    nodes.FromImport: Walk.from_import,
}

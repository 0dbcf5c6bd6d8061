"""Expressions of a journey, from the text under a key to a closure."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from jinja2 import nodes

from engine.language.expressions import operators as op
from engine.language.expressions.absence import Leak, leaks_of, turned_round
from engine.language.expressions.parse import parse_expression, parse_text
from engine.language.expressions.translate import Translator
from engine.language.expressions.typed import Typed
from engine.language.expressions.types import (
    ANY,
    BOOLEAN,
    NOTHING,
    NUMBER,
    TEXT,
    ListOf,
    Type,
    common,
)
from engine.language.expressions.vocabulary import Vocabulary
from engine.language.expressions.watched import WatchedExpression
from engine.language.keys.kinds import report_fault, wrong_shape
from engine.language.report import Fault, Report
from engine.language.source import MappingNode, Node, ScalarNode, SequenceNode
from engine.model.journeys import Expression
from engine.model.scope import Scope

_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{0,5}[1-9])?")
_ALONE = re.compile(r"\s*\{\{(?P<inner>(?:(?!\}\}|\{\{).)*)\}\}\s*", re.DOTALL)


class Compiled(msgspec.Struct, frozen=True):
    """An expression ready to run. `literal` is its value where it is a constant text, else None. `leaks` are members
    that may be missing, and leave it without a value; offsets count in the text that was compiled."""

    get: Expression
    type: Type
    literal: str | None = None
    leaks: tuple[Leak, ...] = ()
    turned_round: tuple[Leak, ...] = ()


def compile_expression(node: Node, vocabulary: Vocabulary, report: Report, start: int = 0) -> Compiled | None:
    """The expression that stands in `node` from character `start` on, without braces; None, and reported, if
    anything is wrong."""
    if not isinstance(node, ScalarNode):
        wrong_shape(node, "an expression, such as `event.tyre_count >= 1`", report)
        return None
    alone = _ALONE.fullmatch(node.text)
    if alone:
        hint = f"write it without: {alone['inner'].strip()}"
        report.error(
            "needless-braces", node.place(node.text.index("{"), 2), "no braces are needed here", hint
        )
        return None
    return _compile(node, node.text[start:], start, vocabulary, report)


def compile_condition(node: Node, vocabulary: Vocabulary, report: Report) -> Expression | None:
    """The same, for its truth only."""
    compiled = compile_expression(node, vocabulary, report)
    if compiled is None:
        return None
    assert isinstance(node, ScalarNode)  # or it had been refused
    for one in compiled.turned_round:
        message = f"'{one.path}' may be missing, and then `not` makes the comparison true"
        hint = f"ask for it too: `{one.path} and not …`, or write the comparison the other way round"
        report.warning("may-be-missing", node.place(one.offset, one.length), message, hint)
    return compiled.get


def compile_value(node: Node, vocabulary: Vocabulary, report: Report) -> Compiled | None:
    """A value under `with`: a text, perhaps with expressions in `{{ … }}`; an expression alone keeps its
    type; a plain number, true, false, null are what they look like. Lists and keys hold such values."""
    if isinstance(node, SequenceNode):
        return _list(node, vocabulary, report)
    if isinstance(node, MappingNode):
        return _mapping(node, vocabulary, report)
    if not isinstance(node, ScalarNode):
        return None
    alone = _ALONE.fullmatch(node.text)
    if alone:
        return _compile(node, alone["inner"], alone.start("inner"), vocabulary, report)
    if "{{" in node.text or "{%" in node.text:
        return _mixed(node, vocabulary, report)
    return _plain(node)


def _compile(
    node: ScalarNode, text: str, shift: int, vocabulary: Vocabulary, report: Report
) -> Compiled | None:
    tree = parse_expression(text)
    if isinstance(tree, Fault):
        report_fault(_shifted(tree, shift), node, report)
        return None
    typed = _translated(tree, node, text, shift, vocabulary, report)
    if typed is None:
        return None
    literal = typed.value if typed.literal and isinstance(typed.value, str) else None
    get: Expression = typed.whole
    if vocabulary.watch is not None:
        get = WatchedExpression(tree, get, vocabulary, vocabulary.watch)
    leaks, turned = (
        tuple(one._replace(offset=one.offset + shift) for one in found)
        for found in (leaks_of(tree, vocabulary, text), turned_round(tree, vocabulary, text))
    )
    return Compiled(get, typed.type, literal, leaks, turned)


def _translated(
    tree: nodes.Node, node: ScalarNode, text: str, shift: int, vocabulary: Vocabulary, report: Report
) -> Typed | None:
    translator = Translator(vocabulary, text)
    typed = translator.translate(tree)
    for fault in translator.faults:
        report_fault(_shifted(fault, shift), node, report)
    return typed if all(fault.is_warning for fault in translator.faults) else None


def _shifted(fault: Fault, by: int) -> Fault:
    length = fault.length or (1 if by else 0)
    return msgspec.structs.replace(fault, offset=fault.offset + by, length=length)


def _mixed(node: ScalarNode, vocabulary: Vocabulary, report: Report) -> Compiled | None:
    """Text and expressions: a text."""
    tree = parse_text(node.text)
    if isinstance(tree, Fault):
        report_fault(msgspec.structs.replace(tree, code="expression-syntax"), node, report)
        return None
    parts: list[Expression] = []
    leaks: list[Leak] = []
    faulty = False
    for statement in tree.body:
        if not isinstance(statement, nodes.Output):
            report.error("not-allowed", node.span, "only {{ … }} can stand in a value, no {% … %}")
            return None
        for part in statement.nodes:
            if isinstance(part, nodes.TemplateData):
                parts.append(op.constant(part.data))
                continue
            typed = _translated(part, node, node.text, 0, vocabulary, report)
            faulty = faulty or typed is None
            parts.append(op.constant("") if typed is None else typed.whole)
            leaks += leaks_of(part, vocabulary, node.text)
    return None if faulty else Compiled(op.concatenation(parts), TEXT, leaks=tuple(leaks))


def _plain(node: ScalarNode) -> Compiled:
    if node.is_empty:
        return Compiled(op.constant(None), NOTHING)
    if node.plain and node.text in ("true", "false"):
        return Compiled(op.constant(node.text == "true"), BOOLEAN)
    if node.plain and _NUMBER.fullmatch(node.text):
        number = float(node.text) if "." in node.text else int(node.text)
        return Compiled(op.constant(number), NUMBER)
    return Compiled(op.constant(node.text), TEXT, node.text)


def _list(node: SequenceNode, vocabulary: Vocabulary, report: Report) -> Compiled | None:
    items = [compile_value(one, vocabulary, report) for one in node.items]
    whole = [one for one in items if one is not None]
    if len(whole) < len(items):
        return None
    kind: Type = whole[0].type if whole else ANY
    for one in whole[1:]:
        kind = common(kind, one.type)
    return Compiled(op.listing([one.get for one in whole]), ListOf(kind))


def _mapping(node: MappingNode, vocabulary: Vocabulary, report: Report) -> Compiled | None:
    members = {entry.key.text: compile_value(entry.value, vocabulary, report) for entry in node.entries}
    getters: list[tuple[str, Callable[[Scope], Any]]] = [
        (name, one.get) for name, one in members.items() if one is not None
    ]
    if len(getters) < len(members):
        return None
    return Compiled(_keyed(getters), ANY)


def _keyed(getters: Sequence[tuple[str, Expression]]) -> Expression:
    return lambda scope: {name: get(scope) for name, get in getters}

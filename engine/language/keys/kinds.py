"""How values are written: each kind reads a node into a value, and can describe itself as JSON Schema."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from engine.language.nearest import did_you_mean
from engine.language.report import Fault, Report, Span
from engine.language.source import FaultyNode, MappingNode, Node, ScalarNode, SequenceNode

T = TypeVar("T")
Schema = dict[str, Any]


class Placed(msgspec.Struct, Generic[T], frozen=True):
    """A value and the node it was read from."""

    value: T
    node: Node

    @property
    def span(self) -> Span:
        return self.node.span


class Kind(ABC, Generic[T]):
    """`words` says what is expected: 'a duration, such as `3 days`'."""

    words: str

    @abstractmethod
    def read(self, node: Node, report: Report) -> T | None:
        """The value; None, and reported, where it is wrong."""

    @abstractmethod
    def schema(self) -> Schema: ...


def shape_of(node: Node) -> str:
    """What a node is, for messages."""
    return {MappingNode: "keys", SequenceNode: "a list"}.get(type(node), "a text")


def wrong_shape(node: Node, words: str, report: Report, expected: type[Node] | None = None) -> None:
    """Reports that `node` is not `words`, unless it was reported already. `expected` is the shape that it should have,
    where dashes make the difference."""
    if isinstance(node, FaultyNode):
        return
    if isinstance(node, ScalarNode) and node.is_empty:
        report.error("empty-value", node.span, "nothing is written here", f"write {words}")
    else:
        message = f"{shape_of(node)} cannot stand here"
        report.error("wrong-shape", node.span, message, _dashes(node, expected) or f"write {words}")


def _dashes(node: Node, expected: type[Node] | None) -> str:
    """What to do about dashes, where they are what is wrong."""
    if expected is SequenceNode and isinstance(node, MappingNode) and node.entries:
        return f"begin each with a dash: `- {node.entries[0].key.text}: …`"
    if expected is MappingNode and isinstance(node, SequenceNode):
        first = node.items[0] if node.items else None
        if not isinstance(first, MappingNode):
            return ""
        return "take the dashes out: keys stand here, one below the other"
    return ""


def scalar_text(node: Node, words: str, report: Report) -> ScalarNode | None:
    """`node` if it is a text with something in it; else None, and reported."""
    if isinstance(node, ScalarNode) and not node.is_empty:
        return node
    wrong_shape(node, words, report)
    return None


def report_fault(fault: Fault, node: ScalarNode, report: Report) -> None:
    """Reports what is wrong with a text, at the part of it that is wrong."""
    span = node.place(fault.offset, fault.length) if fault.length else node.span
    report.fault(fault, span)


class TextKind(Kind[T]):
    """A single text, read by `parse`."""

    def __init__(self, words: str, parse: Callable[[str], T | Fault], schema: Schema) -> None:
        self.words = words
        self._parse = parse
        self._schema = schema

    def read(self, node: Node, report: Report) -> T | None:
        scalar = scalar_text(node, self.words, report)
        if scalar is None:
            return None
        value = self._parse(scalar.text)
        if isinstance(value, Fault):
            report_fault(value, scalar, report)
            return None
        return value

    def schema(self) -> Schema:
        return self._schema


def choice(
    words: str, values: Mapping[str, T], code: str = "bad-choice", schema: Schema | None = None
) -> TextKind[T]:
    """One of a few words; `schema` where an editor reads them as something else."""

    def parse(text: str) -> T | Fault:
        value = values.get(text.strip())
        if value is not None:
            return value
        hint = "a list has ordinary commas: [a, b]" if "，" in text else did_you_mean(text.strip(), values)
        return Fault(code, f"'{text}' is not {words}", hint)

    return TextKind(words, parse, schema or {"enum": list(values)})


class ListKind(Kind[tuple[Placed[T], ...]]):
    """A list; where `or_one`, a single item may stand in its place, where `or_none`, it may be empty."""

    def __init__(self, words: str, item: Kind[T], *, or_one: bool = False, or_none: bool = False) -> None:
        self.words = words
        self._item = item
        self._or_one = or_one
        self._or_none = or_none

    def read(self, node: Node, report: Report) -> tuple[Placed[T], ...] | None:
        nodes: Sequence[Node]
        if isinstance(node, SequenceNode):
            nodes = node.items
            if not nodes and self._or_none:
                return ()
            if not nodes:
                report.error("empty-value", node.span, "the list is empty", f"write {self.words}")
                return None
        elif self._or_one and isinstance(node, ScalarNode) and not node.is_empty:
            nodes = (node,)
        else:
            wrong_shape(node, self.words, report, None if self._or_one else SequenceNode)
            return None
        read = [(self._item.read(one, report), one) for one in nodes]
        values = tuple(Placed(value, one) for value, one in read if value is not None)
        return values or None

    def schema(self) -> Schema:
        many: Schema = {"type": "array", "items": self._item.schema()}
        if not self._or_none:
            many["minItems"] = 1
        return {"anyOf": [self._item.schema(), many]} if self._or_one else many


class Named(Kind[dict[str, Placed[T]]]):
    """Keys that the author names, each with a value of one kind."""

    def __init__(self, words: str, value: Kind[T], name: Callable[[str], str | Fault]) -> None:
        self.words = words
        self._value = value
        self._name = name

    def read(self, node: Node, report: Report) -> dict[str, Placed[T]] | None:
        if not isinstance(node, MappingNode):
            wrong_shape(node, self.words, report)
            return None
        values: dict[str, Placed[T]] = {}
        for entry in node.entries:
            name = self._name(entry.key.text)
            if isinstance(name, Fault):
                report_fault(name, entry.key, report)
                continue
            value = self._value.read(entry.value, report)
            if value is not None:
                values[name] = Placed(value, entry.key)
        return values

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": self._value.schema()}


class NodeKind(Kind[Node]):
    """A value that is read later, when more is known (an expression, steps); only its shape is looked at."""

    def __init__(self, words: str, shapes: tuple[type[Node], ...], schema: Schema) -> None:
        self.words = words
        self._shapes = shapes
        self._schema = schema

    def read(self, node: Node, report: Report) -> Node | None:
        if isinstance(node, ScalarNode) and node.is_empty and ScalarNode in self._shapes:
            wrong_shape(node, self.words, report)
            return None
        if isinstance(node, self._shapes):
            return node
        wrong_shape(node, self.words, report, self._shapes[0])
        return None

    def schema(self) -> Schema:
        return self._schema

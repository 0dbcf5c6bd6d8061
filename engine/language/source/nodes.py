"""What a YAML file is made of, with places."""

from bisect import bisect_right
from functools import cached_property
from itertools import accumulate
from typing import Any

import msgspec

from engine.language.report import Span
from engine.language.source.places import offsets_of

EMPTY_TEXTS = frozenset({"", "~", "null", "Null", "NULL"})


class Source(msgspec.Struct, frozen=True, dict=True):
    """A file's text. `file` is relative to the project."""

    file: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate((len(line) + 1 for line in self.lines), initial=0))

    def place(self, index: int) -> tuple[int, int]:
        """Line and column, from 1, of a character of the text."""
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Line `number`, from 1; empty past the end."""
        return self.lines[number - 1].rstrip("\r") if 0 < number <= len(self.lines) else ""


class Node(msgspec.Struct, frozen=True):
    """`span` is what a diagnostic about the whole node points at."""

    span: Span


class FaultyNode(Node, frozen=True):
    """Stands where something was refused and reported already; whoever reads it says nothing more."""


class ScalarNode(Node, frozen=True):
    """A text. `plain` is true without quotes; `start` and `end` are indexes into the source's text."""

    text: str
    plain: bool
    source: Source
    start: int
    end: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written: `key:` alone, or `null`."""
        return self.plain and self.text in EMPTY_TEXTS

    def place(self, offset: int, length: int = 1) -> Span:
        """Where `length` characters of `text` from `offset` on stand in the file; no further than the
        line."""
        offsets = offsets_of(self.source.text[self.start : self.end], self.text)
        if offset >= len(offsets):
            return self._span_at(self.end, 1) if self.text else self.span
        start = self.start + offsets[offset]
        last = offsets[min(offset + max(length, 1), len(offsets)) - 1]
        return self._span_at(start, self.start + last + 1 - start)

    def _span_at(self, start: int, length: int) -> Span:
        line, column = self.source.place(start)
        line_end = start + len(self.source.line(line)) - (column - 1)
        end = min(start + length, line_end)
        return Span(self.span.file, line, column, max(column + end - start, column + 1))


class Entry(msgspec.Struct, frozen=True):
    key: ScalarNode
    value: Node


class MappingNode(Node, frozen=True):
    """Keys and values in the order of the file, each key once."""

    entries: tuple[Entry, ...]

    def get(self, name: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.key.text == name), None)


class SequenceNode(Node, frozen=True):
    items: tuple[Node, ...]


def canonical(node: Node) -> Any:
    """What the file says, apart from comments, layout and the order of keys: equal for files that mean the
    same. A quoted `"3"` and a plain `3` differ."""
    match node:
        case ScalarNode():
            return node.text if node.plain else ["quoted", node.text]
        case MappingNode():
            return {entry.key.text: canonical(entry.value) for entry in node.entries}
        case SequenceNode():
            return [canonical(item) for item in node.items]
    return None


def plain(node: Node) -> Any:
    """What the file says as dicts, lists and texts, without places."""
    match node:
        case ScalarNode():
            return node.text
        case MappingNode():
            return {entry.key.text: plain(entry.value) for entry in node.entries}
        case SequenceNode():
            return [plain(item) for item in node.items]
    return None

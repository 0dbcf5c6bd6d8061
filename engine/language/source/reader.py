"""From a file to nodes: PyYAML's parser (libyaml's where it is there) gives events with places, read here.

Events rather than PyYAML's own nodes, because aliases are resolved in those without a trace, and because they
are made by recursion in C, which a deeply nested file overflows.
"""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import yaml

from engine.language.report import Report, Span
from engine.language.source.nodes import (
    Entry,
    FaultyNode,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    Source,
)
from engine.language.source.slips import strange_blank
from engine.language.source.wording import syntax_fault

MOST_BYTES = 1_000_000
MOST_LEVELS = 40
_HOPELESS = 1_000  # levels: libyaml's time grows by their square, to an hour for what fits into a file

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_BRACES_HINT = 'put quotes around it: "{{ … }}"'


def read_yaml_file(path: Path, file: str, report: Report) -> MappingNode | None:
    """The mapping that the file at `path` holds; None, and reported, if it holds none. `file` is its name in
    diagnostics."""
    try:
        if not path.resolve().is_relative_to(path.parent.resolve()):
            report.error(
                "unreadable-file",
                Span(file),
                "the file is a link that leads out of its folder",
                "copy it here",
            )
            return None
        with path.open("rb") as opened:
            raw = opened.read(MOST_BYTES + 1)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "it leads round in a circle"
        report.error("unreadable-file", Span(file), f"the file cannot be read: {reason}")
        return None
    if len(raw) > MOST_BYTES:
        report.error("unreadable-file", Span(file), "the file is larger than a megabyte", "split it")
        return None
    if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        report.error("unreadable-file", Span(file), "the file is UTF-16", "save it as UTF-8")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        report.error(
            "unreadable-file",
            Span(file, line, 1, 2),
            "the file is not UTF-8: this line holds bytes that mean nothing in it",
            "save it as UTF-8; texts saved by older programs are often GB18030 (Chinese) or Windows-1252",
        )
        return None
    return read_yaml(text, file, report)


def read_yaml(text: str, file: str, report: Report) -> MappingNode | None:
    """The mapping that `text` holds; None, and reported, if it holds none."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    reader = _Reader(Source(file, text), report)
    node = reader.read()
    if node is None or isinstance(node, FaultyNode):
        return None
    if isinstance(node, MappingNode):
        return node
    if isinstance(node, ScalarNode) and node.is_empty:
        report.error("empty-file", Span(file), "the file is empty", "write keys into it, or delete it")
        return None
    what = "a list" if isinstance(node, SequenceNode) else "a text"
    report.error(
        "wrong-shape",
        node.span,
        f"the file holds {what} where keys are expected",
        "a file is made of lines such as `key: value`",
    )
    return None


class _Mark(Protocol):
    index: int
    line: int
    column: int


class _Reader:
    def __init__(self, source: Source, report: Report) -> None:
        self._source = source
        self._report = report
        self._level = 0
        self._has_bare_braces = False

    def read(self) -> Node | None:
        strange = strange_blank(self._source)
        if strange is not None:
            fault, span = strange
            self._report.fault(fault, span)
            return None
        events = self._events()
        try:
            return self._document(events)
        except _HopelessError:
            return None
        except yaml.YAMLError as error:
            if self._has_bare_braces:
                return None  # that is why
            fault, span = syntax_fault(error, self._source)
            self._report.error(fault.code, span, fault.message, fault.hint)
            return None

    def _events(self) -> Iterator[yaml.Event]:
        yield from yaml.parse(self._source.text, Loader=_LOADER)

    def _document(self, events: Iterator[yaml.Event]) -> Node | None:
        node: Node | None = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    message = "a second document begins here: a file holds one"
                    self._refuse("yaml-feature", event, message, "take the line `---` out, or make two files")
                    return FaultyNode(Span(self._source.file))  # what is missing may stand in the other one
            elif isinstance(event, yaml.NodeEvent):
                node = self._node(event, events)
        if node is None:
            self._report.error(
                "empty-file", Span(self._source.file), "the file is empty", "write keys into it, or delete it"
            )
        return node

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event]) -> Node:
        feature = self._feature(event)
        if self._level >= MOST_LEVELS and isinstance(event, yaml.CollectionStartEvent):
            self._refuse("too-complex", event, f"this is nested more than {MOST_LEVELS} levels deep")
            _pass_over(events)
            return FaultyNode(self._span(event))
        self._level += 1
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = self._scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(event, events)
        elif isinstance(event, yaml.MappingStartEvent):
            node = self._mapping(event, events)
        else:
            node = FaultyNode(self._span(event))
        self._level -= 1
        return FaultyNode(node.span) if feature else node

    def _feature(self, event: yaml.Event) -> bool:
        """Whether the node uses what is refused; reports it."""
        if isinstance(event, yaml.AliasEvent):
            message = f"`*{event.anchor}` is an alias of YAML, which journeys do not have"
            self._refuse("yaml-feature", event, message, "write the value out; put a text with * in quotes")
            return True
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            message = f"`&{anchor}` is an anchor of YAML, which journeys do not have"
            self._refuse(
                "yaml-feature", event, message, "take it out; put a text that begins with & in quotes"
            )
            return True
        if getattr(event, "tag", None) is not None:
            message = f"`{self._tag(event)}` is a tag of YAML, which journeys do not have"
            self._refuse(
                "yaml-feature", event, message, "take it out; put a text that begins with ! in quotes"
            )
            return True
        return False

    def _tag(self, event: yaml.Event) -> str:
        text = self._source.text[_start(event).index :]
        return text.split(None, 1)[0][:40] if text.strip() else "!"

    def _scalar(self, event: yaml.ScalarEvent) -> ScalarNode:
        plain = event.style in (None, "")
        start, end = _start(event).index, _end(event).index
        return ScalarNode(self._span(event), event.value, plain, self._source, start, end)

    def _sequence(self, event: yaml.Event, events: Iterator[yaml.Event]) -> Node:
        items: list[Node] = []
        for inner in events:
            if isinstance(inner, yaml.SequenceEndEvent):
                return SequenceNode(self._collection_span(event, inner, items), tuple(items))
            items.append(self._node(inner, events))
        raise AssertionError("the parser ends every sequence")

    def _mapping(self, event: yaml.Event, events: Iterator[yaml.Event]) -> Node:
        entries: dict[str, Entry] = {}
        faulty = False
        for inner in events:
            if isinstance(inner, yaml.MappingEndEvent):
                keys: list[Node] = [entry.key for entry in entries.values()]
                span = self._collection_span(event, inner, keys)
                return FaultyNode(span) if faulty else MappingNode(span, tuple(entries.values()))
            key = self._key(inner, events)
            value = self._node(next(events), events)
            if key is None:
                faulty = True
            elif key.text in entries:
                first = entries[key.text].key.span.line
                self._report.error(
                    "duplicate-key",
                    key.span,
                    f"'{key.text}' is given twice",
                    f"keep one of them; the first is in line {first}",
                )
            else:
                entries[key.text] = Entry(key, value)
        raise AssertionError("the parser ends every mapping")

    def _key(self, event: yaml.Event, events: Iterator[yaml.Event]) -> ScalarNode | None:
        if isinstance(event, yaml.MappingStartEvent) and event.flow_style:
            before = self._source.text[: _start(event).index]
            if before.endswith("{"):
                span = self._span_at(_start(event).line, _start(event).column - 1, 2)
                self._report.error("unquoted-braces", span, "braces need quotes in YAML", _BRACES_HINT)
                self._has_bare_braces = True
                _pass_over(events)
                return None
        node = self._node(event, events)
        if isinstance(node, ScalarNode):
            return node
        if not isinstance(node, FaultyNode):
            self._report.error("wrong-shape", node.span, "a key must be a single word or text")
        return None

    def _refuse(self, code: str, event: yaml.Event, message: str, hint: str = "") -> None:
        self._report.error(code, self._span(event), message, hint)

    def _span(self, event: yaml.Event) -> Span:
        start, end = _start(event), _end(event)
        length = end.column - start.column if end.line == start.line else 0
        return self._span_at(start.line, start.column, length)

    def _span_at(self, line0: int, column0: int, length: int) -> Span:
        """`length` 0: to the end of the line."""
        if not length:
            length = len(self._source.line(line0 + 1).rstrip()) - column0
        return Span(self._source.file, line0 + 1, column0 + 1, column0 + 1 + max(length, 1))

    def _collection_span(self, start: yaml.Event, end: yaml.Event, inside: list[Node]) -> Span:
        """A collection in brackets from bracket to bracket; one in block style by its first line."""
        if not getattr(start, "flow_style", False):
            return inside[0].span if inside else self._span(start)
        first, last = _start(start), _end(end)
        same_line = first.line == last.line
        return self._span_at(first.line, first.column, last.column - first.column if same_line else 0)


class _HopelessError(Exception):
    """What stands behind is not worth the time to read it; the fault has been reported."""


def _pass_over(events: Iterator[yaml.Event]) -> None:
    """Skips to the end of the collection that has just begun."""
    level = 1
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            level += 1
            if level > _HOPELESS:
                raise _HopelessError
        elif isinstance(event, yaml.CollectionEndEvent):
            level -= 1
        if not level:
            return


def _start(event: yaml.Event) -> _Mark:
    assert event.start_mark is not None  # libyaml marks every event
    return event.start_mark


def _end(event: yaml.Event) -> _Mark:
    assert event.end_mark is not None
    return event.end_mark

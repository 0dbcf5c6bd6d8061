"""Tables of keys, and the reading of a mapping by a table."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from engine.language.keys.kinds import Kind, Schema, wrong_shape
from engine.language.nearest import nearest
from engine.language.report import Report, Span
from engine.language.source import Entry, MappingNode, Node

T = TypeVar("T")
_FEW = 50


class Key(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One key."""

    name: str
    kind: Kind[T]
    about: str
    required: bool = False
    example: str = ""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of one kind of mapping. `title` names it in messages: 'a journey'. `elsewhere` tells of keys
    that belong somewhere else where that is, `meant` which key is meant by a word that people bring from elsewhere.
    `such_as` is an example for whoever wrote something else than keys."""

    title: str
    about: str
    keys: tuple[Key[Any], ...]
    elsewhere: dict[str, str] = {}
    meant: Mapping[str, str] = {}
    such_as: str = ""

    def read(self, node: Node, report: Report) -> "Fields | None":
        """The fields of `node`; None, and reported, if it is no mapping."""
        if not isinstance(node, MappingNode):
            keys = f"keys: {', '.join(key.name for key in self.keys)}"
            wrong_shape(
                node, f"keys, such as `{self.such_as}`" if self.such_as else keys, report, MappingNode
            )
            return None
        known = {key.name: key for key in self.keys}
        fields = Fields(node, report)
        for entry in node.entries:
            key = known.get(entry.key.text)
            if key is None:
                self._unknown(entry, fields, report)
            else:
                fields.take(key, entry)
        for key in self.keys:
            if key.required and key.name not in fields.written:
                self._missing(key, fields, report)
        return fields

    def _unknown(self, entry: Entry, fields: "Fields", report: Report) -> None:
        name = entry.key.text
        fields.unknown.append(entry)
        if name in self.elsewhere:
            message = f"'{name}' does not belong to {self.title}"
            report.error("misplaced-key", entry.key.span, message, self.elsewhere[name])
            return
        keys = [key.name for key in self.keys]
        near = self._near(name, {key.name for key in self.keys} - fields.written)
        hint = f"did you mean '{near}'?" if near else f"there are {', '.join(keys)}"
        report.error("unknown-key", entry.key.span, f"unknown key '{name}' in {self.title}", hint)

    def _near(self, name: str, keys: Iterable[str]) -> str | None:
        """The key among `keys` that is meant by `name`."""
        meant = self.meant.get(name.lower())
        known = list(keys)
        return meant if meant in known else nearest(name, known)

    def _missing(self, key: Key[Any], fields: "Fields", report: Report) -> None:
        if any(self._near(entry.key.text, [key.name]) for entry in fields.unknown[:_FEW]):
            return  # a misspelt one stands there, and was reported
        message = f"{self.title} needs '{key.name}': {key.about}"
        hint = f"add `{key.name}: {key.example}`" if key.example else ""
        report.error("missing-key", fields.node.span, message, hint)

    def schema(self) -> Schema:
        """A JSON Schema of the mapping, of the keys that are supported."""
        keys = self.keys
        properties = {}
        for key in keys:
            example = f", such as `{key.example}`" if key.example else ""
            properties[key.name] = {**key.kind.schema(), "description": f"{key.about}{example}"}
        schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
        required = [key.name for key in keys if key.required]
        return {**schema, "required": required} if required else schema


class Fields:
    """What a mapping holds, by key. A key that is absent or faulty has no value."""

    def __init__(self, node: MappingNode, report: Report) -> None:
        self.node = node
        self.written = frozenset(entry.key.text for entry in node.entries)
        self.unknown: list[Entry] = []
        self._report = report
        self._entries: dict[str, Entry] = {}
        self._values: dict[str, Any] = {}

    def take(self, key: Key[Any], entry: Entry) -> None:
        self._entries[key.name] = entry
        self._values[key.name] = key.kind.read(entry.value, self._report)

    def get(self, key: Key[T]) -> T | None:
        value: T | None = self._values.get(key.name)
        return value

    def has(self, key: Key[Any]) -> bool:
        """Whether the key is written, rightly or wrongly."""
        return key.name in self._entries

    def has_named(self, name: str) -> bool:
        """The same, by the key's name."""
        return name in self._entries

    def node_of(self, key: Key[Any]) -> Node:
        """The node of the key's value; the mapping itself where the key is absent."""
        entry = self._entries.get(key.name)
        return self.node if entry is None else entry.value

    def span(self, key: Key[Any]) -> Span:
        """The place of the key's value."""
        return self.node_of(key).span

    def key_span(self, key: Key[Any]) -> Span:
        """The place of the key itself."""
        entry = self._entries.get(key.name)
        return self.node.span if entry is None else entry.key.span

    def only_one_of(self, keys: Sequence[Key[Any]]) -> bool:
        """Whether at most one of `keys` is written; reports the second."""
        written = [key for key in keys if self.has(key)]
        if len(written) < 2:
            return True
        names = " and ".join(f"'{key.name}'" for key in written[:2])
        second = max(written[:2], key=lambda key: (self.key_span(key).line, self.key_span(key).column))
        self._report.error(
            "conflicting-keys", self.key_span(second), f"{names} cannot stand together", "keep one of them"
        )
        return False


class MappingKind(Kind[Fields]):
    """A mapping with keys of its own."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.words = f"keys: {', '.join(key.name for key in table.keys)}"

    def read(self, node: Node, report: Report) -> Fields | None:
        return self.table.read(node, report)

    def schema(self) -> Schema:
        return self.table.schema()

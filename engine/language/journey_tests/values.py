"""From nodes to the values that events carry. What kind a member is says how its text is meant: a postcode stays
a text, a quantity becomes a number. What cannot be read as that stays the text that it is, and intake refuses it.
"""

import re
from typing import Any

import msgspec

from engine.language.nearest import nearest
from engine.language.report import Report
from engine.language.source import MappingNode, Node, ScalarNode, SequenceNode
from engine.model.event_types import Kind, Member

_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,9})?")
_WORDS: dict[str, Any] = {"true": True, "false": False, "yes": True, "no": False}
_JSON: dict[str, Any] = {"true": True, "false": False}
_TEXTS = frozenset({Kind.TEXT, Kind.DATE, Kind.TIME})


def value_of(node: Node, member: Member | None, title: str, report: Report) -> Any:
    """What `node` says, as JSON has it; None where nothing is written. `member` None: anything may stand here.
    `title` names what the node belongs to, for the warning of members that nobody reads."""
    match node:
        case ScalarNode():
            return _scalar(node, member)
        case SequenceNode():
            item = None if member is None else member.item
            return [value_of(one, item, title, report) for one in node.items]
        case MappingNode():
            return _object(node, member, title, report)
    return None


def _object(node: MappingNode, member: Member | None, title: str, report: Report) -> dict[str, Any]:
    known = None if member is None else member.members
    found = {}
    for entry in node.entries:
        name = entry.key.text
        inner = known.get(name) if known else None
        if known and inner is None:
            near = nearest(name, known)
            hint = f"did you mean '{near}'?" if near else f"there are {', '.join(known)}"
            report.warning(
                "unread-member", entry.key.span, f"{title} has no '{name}': nothing reads it", hint
            )
        found[name] = value_of(entry.value, inner, f"'{name}'", report)
    return found


def _scalar(node: ScalarNode, member: Member | None) -> Any:
    text = node.text
    if node.is_empty:
        return None
    kind = Kind.ANY if member is None else member.kind
    if kind in _TEXTS or not node.plain:
        return text
    if kind is Kind.BOOLEAN:
        return _WORDS.get(text, text)
    if _NUMBER.fullmatch(text):
        return msgspec.json.decode(text)
    return _JSON.get(text, text)

"""`set`, `tag` and `untag`: what is remembered on the customer."""

import re

from engine.language import words
from engine.language.expressions import Compiled, Vocabulary, compile_expression, compile_value
from engine.language.expressions.types import Record, Type, comparable, is_open, is_text
from engine.language.journeys.drafts import StepDraft
from engine.language.journeys.scene import Scene
from engine.language.journeys.steps.verb import Verb
from engine.language.keys import Key
from engine.language.nearest import did_you_mean, nearest
from engine.language.source import Entry, MappingNode, Node, SequenceNode
from engine.model.event_types import CUSTOMER_MEMBERS, Kind, Member
from engine.model.journeys import Expression, SetFacts, Tag

SET: Key[Node] = Key(
    name="set",
    kind=words.VALUES,
    about="fields of the customer, each with an expression: one that events have, or one of your own",
    required=True,
    example="{customer.preferred_channel: \"'sms'\"}",
)
TAG: Key[Node] = Key(
    name="tag",
    kind=words.VALUE,
    about="the tag; it is in `customer.tags` then",
    required=True,
    example="promoter",
)
UNTAG: Key[Node] = Key(
    name="untag", kind=words.VALUE, about="the tag to take off", required=True, example="promoter"
)

_PATH = re.compile(r"customer\.(?P<path>[A-Za-z_]\w*(\.[A-Za-z_]\w*)?)")
_NOT_SET = {
    "consent": "consent is given and withdrawn by events only",
    "tags": "write `tag: NAME`, or `untag: NAME`",
}


def own_fields(node: Node) -> set[str]:
    """The fields of its own that a journey sets, as far as they can be read: `set: {customer.FIELD: …}`."""
    found: set[str] = set()
    if isinstance(node, SequenceNode):
        for item in node.items:
            found |= own_fields(item)
    elif isinstance(node, MappingNode):
        for entry in node.entries:
            if entry.key.text == SET.name and isinstance(entry.value, MappingNode):
                names = (_PATH.fullmatch(one.key.text) for one in entry.value.entries)
                found |= {one["path"] for one in names if one is not None and _is_own(one["path"])}
            else:
                found |= own_fields(entry.value)
    return found


def _is_own(path: str) -> bool:
    return "." not in path and path not in CUSTOMER_MEMBERS and path not in _NOT_SET


class SetVerb(Verb):
    name = "set"
    about = "Remembers values on the customer."
    keys = (SET,)

    def build(self, step: StepDraft, scene: Scene) -> SetFacts | None:
        common = self.common(step, scene)
        node = step.fields.get(SET)
        if not isinstance(node, MappingNode):
            return None
        if not node.entries:
            hint = "write `{customer.preferred_channel: \"'sms'\"}`"
            scene.report.error("empty-value", node.span, "nothing is set here", hint)
            return None
        values = [_value(entry, scene) for entry in node.entries]
        return SetFacts(**common, values=tuple(one for one in values if one is not None))


def _value(entry: Entry, scene: Scene) -> tuple[str, Kind, Expression] | None:
    path = _path(entry, scene)
    compiled = compile_expression(entry.value, scene.vocabulary, scene.report)
    if path is None or compiled is None:
        return None
    member = _member(path)
    if member is None:
        if isinstance(compiled.type, Record):
            message = f"a field holds a value, not {compiled.type.words}"
            scene.report.error("wrong-type", entry.value.span, message, "name one of its members")
            return None
        return path, Kind.ANY, compiled.get
    return (path, member.kind, compiled.get) if _fits(path, entry, compiled, scene) else None


def _fits(path: str, entry: Entry, compiled: Compiled, scene: Scene) -> bool:
    kind = _type_of(path, scene.vocabulary)
    if kind is None or comparable(kind, compiled.type):
        return True
    message = f"'customer.{path}' is {kind.words}, not {compiled.type.words}"
    scene.report.error("wrong-type", entry.value.span, message)
    return False


def _type_of(path: str, vocabulary: Vocabulary) -> Type | None:
    kind: Type = vocabulary.roots["customer"].type
    for name in path.split("."):
        if not isinstance(kind, Record) or name not in kind.members:
            return None
        kind = kind.members[name].type
    return kind


def _path(entry: Entry, scene: Scene) -> str | None:
    """The field; None, and reported, for what cannot be set."""
    name, span, report = entry.key.text, entry.key.span, scene.report
    match = _PATH.fullmatch(name)
    if match is None:
        hint = f"write `customer.{name}`" if name.isidentifier() else "write `customer.FIELD`"
        report.error("bad-field", span, f"'{name}' is no field of the customer", hint)
        return None
    path = match["path"]
    first = path.split(".")[0]
    if first in _NOT_SET:
        report.error("bad-field", span, f"'{name}' cannot be set", _NOT_SET[first])
        return None
    member = _member(path)
    if member is not None and member.identifies:
        message = f"'{name}' says who the customer is, and cannot be set"
        report.error("bad-field", span, message, "it is learned from events only")
        return None
    if member is not None and member.members:
        inner = ", ".join(f"customer.{path}.{one}" for one in member.members)
        report.error("bad-field", span, f"'{name}' has members of its own", f"set one of them: {inner}")
        return None
    if member is None and "." in path:
        known = CUSTOMER_MEMBERS[first].members if first in CUSTOMER_MEMBERS else {}
        hint = did_you_mean(path.split(".")[1], known, "a field of your own has one name: customer.NAME")
        report.error("bad-field", span, f"'{name}' is no field of the customer", hint)
        return None
    if member is None and (near := nearest(path, CUSTOMER_MEMBERS)) is not None:
        message = f"'{name}' is a field of your own, though it is much like 'customer.{near}'"
        report.warning("own-field", span, message, f"if you mean the other: customer.{near}")
    return path


def _member(path: str) -> Member | None:
    """What events know of a field; None for one of the project's own."""
    first, _, rest = path.partition(".")
    member = CUSTOMER_MEMBERS.get(first)
    return member if member is None or not rest else member.members.get(rest)


class TagVerb(Verb):
    name = "tag"
    about = "Tags the customer."
    keys = (TAG,)

    def build(self, step: StepDraft, scene: Scene) -> Tag | None:
        return _tag(self, step, scene, TAG, off=False)


class UntagVerb(Verb):
    name = "untag"
    about = "Takes a tag off the customer."
    keys = (UNTAG,)

    def build(self, step: StepDraft, scene: Scene) -> Tag | None:
        return _tag(self, step, scene, UNTAG, off=True)


def _tag(verb: Verb, step: StepDraft, scene: Scene, key: Key[Node], *, off: bool) -> Tag | None:
    common = verb.common(step, scene)
    node = step.fields.get(key)
    compiled = None if node is None else compile_value(node, scene.vocabulary, scene.report)
    if compiled is None:
        return None
    if not (is_text(compiled.type) or is_open(compiled.type)):
        message = f"a tag is a text, not {compiled.type.words}"
        scene.report.error("wrong-type", step.fields.span(key), message, "put it in quotes")
        return None
    return Tag(**common, name=compiled.get, off=off)

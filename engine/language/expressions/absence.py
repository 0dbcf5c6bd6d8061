"""Values that may be missing where it matters.

A missing value is none, which is quite right in a condition (it does not hold). It matters where something is made of
it: a date to wait for, a value for a template, a member that an event needs; and where a comparison by order is turned
round, because `not (none > 5)` holds. There it is told, unless something has asked for it before.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jinja2 import nodes

from engine.language.expressions.parse import end_of, start_of
from engine.language.expressions.types import Record, Type
from engine.language.expressions.vocabulary import Vocabulary

_ORDERINGS = frozenset({"lt", "lteq", "gt", "gteq"})


class Leak(NamedTuple):
    """A member, by its path, that may be missing, and so makes the whole value none; and where its text stands."""

    path: str
    offset: int
    length: int


def leaks_of(node: nodes.Node, vocabulary: Vocabulary, text: str) -> tuple[Leak, ...]:
    """What in an expression may be missing, so that it has no value."""
    return tuple(dict.fromkeys(_leaks(node, vocabulary, text)))


def _leaks(node: nodes.Node | None, vocabulary: Vocabulary, text: str) -> Iterator[Leak]:
    match node:
        case nodes.Name() | nodes.Getattr() | nodes.Getitem():
            path = path_of(node)
            if path and _may_be_missing(path, vocabulary):
                start = start_of(node)
                name = path[-1]
                found = text.find(name, start)
                end = found + len(name) if found >= 0 else end_of(node, text)
                yield Leak(".".join(path), start, max(end - start, 1))
        case nodes.Neg() | nodes.Pos():
            yield from _leaks(node.node, vocabulary, text)
        case nodes.Filter() if node.name != "default":
            yield from _leaks(node.node, vocabulary, text)
        case nodes.CondExpr():
            inner = [*_leaks(node.expr1, vocabulary, text), *_leaks(node.expr2, vocabulary, text)]
            yield from _unasked(inner, node.test)
        case nodes.Or():
            yield from _leaks(node.right, vocabulary, text)
        case nodes.And():
            yield from _unasked(_leaks(node.right, vocabulary, text), node.left)
        case nodes.Compare() | nodes.Test() | nodes.Not() | nodes.Concat():
            return
        case nodes.BinExpr():
            yield from _leaks(node.left, vocabulary, text)
            yield from _leaks(node.right, vocabulary, text)


def turned_round(node: nodes.Node, vocabulary: Vocabulary, text: str) -> tuple[Leak, ...]:
    """What may be missing in a comparison by order that stands behind `not`, and nothing beside it asks for."""
    found: list[Leak] = []
    for one in (node, *node.find_all(nodes.Not)):
        compared = one.node if isinstance(one, nodes.Not) else None
        if isinstance(compared, nodes.Compare) and all(each.op in _ORDERINGS for each in compared.ops):
            for side in (compared.expr, *(each.expr for each in compared.ops)):
                found += _unasked(_leaks(side, vocabulary, text), node, twice=True)
    return tuple(dict.fromkeys(found))


def path_of(node: nodes.Node | None) -> tuple[str, ...]:
    """The names that lead to a member; empty for what is no plain path."""
    match node:
        case nodes.Name():
            return (node.name,)
        case nodes.Getattr():
            inner = path_of(node.node)
            return (*inner, node.attr) if inner else ()
        case nodes.Getitem(arg=nodes.Const(value=str() as name)):
            inner = path_of(node.node)
            return (*inner, name) if inner else ()
        case nodes.Call(
            node=nodes.Getattr(node=nodes.Name(name="customer"), attr="last"),
            args=[nodes.Const(value=str() as name)],
        ):
            return ("customer", f"last('{name}')")
    return ()


def paths_in(node: nodes.Node) -> Iterator[str]:
    """All paths that an expression names."""
    for kind in (nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Call):
        for one in (node, *node.find_all(kind)):
            path = path_of(one)
            if path:
                yield ".".join(path)


def is_asked_for(path: str, asked: Iterable[str]) -> bool:
    """Whether `path`, or a member of it, is among what was asked for."""
    return any(one == path or one.startswith(f"{path}.") for one in asked)


def _unasked(leaks: Iterable[Leak], test: nodes.Node, *, twice: bool = False) -> list[Leak]:
    """Those that `test` does not name; with `twice`, that it names once at most."""
    asked = list(_paths_once(test))
    return [one for one in leaks if asked.count(one.path) < 1 + twice]


def _paths_once(node: nodes.Node) -> Iterator[str]:
    """The paths that an expression names, each as often as it is written."""
    path = path_of(node)
    if path:
        yield ".".join(path)
        return
    for inner in node.iter_child_nodes():
        yield from _paths_once(inner)


def _may_be_missing(path: tuple[str, ...], vocabulary: Vocabulary) -> bool:
    root = vocabulary.roots.get(path[0])
    if root is None:
        return False
    kind: Type = root.type
    rest = path[1:]
    missing = path[0] == "dealer"
    if rest and rest[0].startswith("last("):
        event = vocabulary.events(rest[0].split("'")[1])
        missing, rest = True, rest[1:]
        if event is None:
            return False
        kind = event
    for name in rest:
        if not isinstance(kind, Record) or name not in kind.members:
            return True  # of data of no known shape
        attribute = kind.members[name]
        missing = missing or not (attribute.sure or isinstance(attribute.type, Record))
        kind = attribute.type
    return missing and bool(path[1:])

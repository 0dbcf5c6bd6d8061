"""Emails that say what stands where and no more: outputs of plain names, and branches on whether something is there, or
is this word or that. What values such a message has, and which branches are taken, can be told without running its
templates.

Law: the values are those that a run of the templates gathers; messages of the same turns have the same marked texts, if
they are of one brand, locale and day. The first message of each turns is held against a run.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from jinja2 import nodes

from engine.render.forms.code import is_shared, path_of
from engine.render.forms.marking import PLAIN_TYPES

Known = Mapping[str, Any]
Names = Mapping[str, Any]
_Look = Callable[[Known, Names], Any]


class Told(NamedTuple):
    """A message's values in the order in which they are met, and its turns: of each output whether there is anything to
    say, of each branch whether it is taken."""

    values: list[str]
    turns: tuple[bool, ...]


class _Output(NamedTuple):
    """`path` is empty for one that is another value each time."""

    look: _Look
    path: str


class _Branch(NamedTuple):
    test: _Look
    taken: tuple["_Output | _Branch", ...]
    otherwise: tuple["_Output | _Branch", ...]


_Part = _Output | _Branch


class _NotStraightError(Exception):
    pass


class Straight:
    """An email's texts, in the order in which they are run."""

    def __init__(self, parts: tuple[_Part, ...]) -> None:
        self._parts = parts

    def told(self, known: Known, names: Names) -> Told | None:
        """None where only a run can tell."""
        values: list[str] = []
        turns: list[bool] = []
        try:
            _follow(self._parts, known, names, values, turns, set())
        except Exception:  # whatever it is, a run will tell
            return None
        return Told(values, tuple(turns))


def straight(sources: Iterable[nodes.Template]) -> Straight | None:
    """None where one of the texts says more."""
    try:
        return Straight(tuple(part for one in sources for part in _parts(one.body)))
    except _NotStraightError:
        return None


def _follow(
    parts: tuple[_Part, ...],
    known: Known,
    names: Names,
    values: list[str],
    turns: list[bool],
    said: set[str],
) -> None:
    for one in parts:
        if isinstance(one, _Branch):
            taken = bool(one.test(known, names))
            turns.append(taken)
            _follow(one.taken if taken else one.otherwise, known, names, values, turns, said)
        elif one.path not in said:
            text = _text(one.look(known, names))
            turns.append(bool(text))
            if text:
                values.append(text)
                if one.path:
                    said.add(one.path)


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    if value is None:
        return ""
    if type(value) in PLAIN_TYPES:
        return str(value)
    raise _NotStraightError


def _parts(body: Iterable[nodes.Node]) -> Iterator[_Part]:
    for node in body:
        if isinstance(node, nodes.Output):
            for one in node.nodes:
                if not isinstance(one, nodes.TemplateData) and not is_shared(one):
                    yield _Output(_look(one), path_of(one))
        elif isinstance(node, nodes.If):
            yield _branch(node.test, node.body, node.elif_, node.else_)
        else:
            raise _NotStraightError


def _branch(
    test: nodes.Node, body: list[nodes.Node], others: list[nodes.If], last: list[nodes.Node]
) -> _Branch:
    if others:
        first, *rest = others
        otherwise: tuple[_Part, ...] = (_branch(first.test, first.body, rest, last),)
    else:
        otherwise = tuple(_parts(last))
    return _Branch(_test(test), tuple(_parts(body)), otherwise)


def _look(node: nodes.Node) -> _Look:
    if isinstance(node, nodes.Name):
        name = node.name
        return lambda _, names: names[name]
    path = path_of(node) if isinstance(node, nodes.Getattr) else ""
    if not path:
        raise _NotStraightError
    return lambda known, _: known[path]


def _test(node: nodes.Node) -> _Look:
    if isinstance(node, nodes.Not):
        inner = _test(node.node)
        return lambda known, names: not inner(known, names)
    if isinstance(node, (nodes.And, nodes.Or)):
        left, right = _test(node.left), _test(node.right)
        if isinstance(node, nodes.And):
            return lambda known, names: left(known, names) and right(known, names)
        return lambda known, names: left(known, names) or right(known, names)
    if isinstance(node, nodes.Compare):
        return _comparison(node)
    return _look(node)


def _comparison(node: nodes.Compare) -> _Look:
    """With a word."""
    [first, *more] = node.ops
    word = first.expr
    if (
        more
        or first.op not in ("eq", "ne")
        or not (isinstance(word, nodes.Const) and type(word.value) is str)
    ):
        raise _NotStraightError
    look, text, is_same = _look(node.expr), word.value, first.op == "eq"
    return lambda known, names: (look(known, names) == text) is is_same

"""What a template sees of a message's values: names with members, as in the language.

A message carries for each root name (`customer`, `event`, …) a flat mapping from the rest of the path to the
value (`address.city`, `last('service.visited')`). A `View` gives it members again: an exact key is its value,
the beginning of a key is a view of what is below it, everything else is none. An object inside a value (one
line of `event.tyres`, an earlier event) is a `Record`, by the same rule.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from engine.render.moments import MOMENTS, moment
from engine.render.sandbox import Function, Members

ROOTS = ("event", "run", "customer", "vehicle", "dealer", "loop")
SCALARS = ("now", "today")
_NOTHING = object()
_ASKED = ("last", "count")


class View(Members):
    """A flat mapping, or a part of it, with members. It has no attribute of its own that a template
    could see."""

    __slots__ = ("_prefix", "_values", "_zone")

    def __init__(self, values: Mapping[str, Any], zone: ZoneInfo, prefix: str = "") -> None:
        self._values = values
        self._zone = zone
        self._prefix = prefix

    def __getitem__(self, name: str) -> Any:
        path = self._prefix + name if self._prefix else name
        value = self._values.get(path, _NOTHING)
        if value is not _NOTHING:
            if type(value) is str and name not in MOMENTS:
                return value
            return wrap(name, value, self._zone)
        if not self._prefix and name in _ASKED:
            return Asked(name, self._values, self._zone)
        below = f"{path}."
        if any(key.startswith(below) for key in self._values):
            return View(self._values, self._zone, below)
        return None

    def __bool__(self) -> bool:
        return any(value is not None for key, value in self._values.items() if key.startswith(self._prefix))


class Record(Members):
    """An object inside a value, with members."""

    __slots__ = ("_members", "_zone")

    def __init__(self, members: Mapping[str, Any], zone: ZoneInfo) -> None:
        self._members = members
        self._zone = zone

    def __getitem__(self, name: str) -> Any:
        return wrap(name, self._members.get(name), self._zone)

    def __bool__(self) -> bool:
        return bool(self._members)


class Asked(Function):
    """`customer.last('service.visited')` and `customer.count('…')`: looked up by what they were asked for."""

    __slots__ = ("_name", "_values", "_zone")

    def __init__(self, name: str, values: Mapping[str, Any], zone: ZoneInfo) -> None:
        self._name = name
        self._values = values
        self._zone = zone

    def __call__(self, event_type: str) -> Any:
        path = f"{self._name}('{event_type}')"
        if path not in self._values:
            below = View(self._values, self._zone, f"{path}.")
            return below or None
        return wrap("", self._values[path], self._zone)


def wrap(name: str, value: Any, zone: ZoneInfo) -> Any:
    """A value of the member `name` as a template sees it."""
    if isinstance(value, str):
        return moment(name, value, zone)
    if isinstance(value, Mapping):
        return Record(value, zone)
    if isinstance(value, (list, tuple)):
        return [wrap(name, one, zone) for one in value]
    return value


class Paths:
    """The paths that a template asks for, such as `customer.address.city`, as they come to be known: those that may
    lead to texts are looked up at once for each message that follows."""

    def __init__(self) -> None:
        self._learned: set[str] = set()
        self._texts: dict[str, list[tuple[str, str]]] = {}
        self._inside: dict[str, set[str]] = {}

    def learn(self, path: str) -> None:
        if path in self._learned:
            return
        self._learned.add(path)
        root, _, key = path.partition(".")
        names = key.split(".")
        if root in ROOTS and names[0] not in _ASKED and names[-1] not in MOMENTS:
            self._texts.setdefault(root, []).append((path, key))
            self._inside.setdefault(root, set()).update(".".join(names[:end]) for end in range(1, len(names)))

    def texts(self, names: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Those that lead to a text of no other meaning among a message's names, and the texts."""
        for root, paths in self._texts.items():
            values = names[root]._values
            if self._inside[root].isdisjoint(
                values
            ):  # of what is a value itself, no path leads on to another
                for path, key in paths:
                    value = values.get(key)
                    if type(value) is str:
                        yield path, value


class Known(dict[str, Any]):
    """What paths lead to from the names of a message. What is not known at first is found by a `step` from name to name
    when it is asked for."""

    __slots__ = ("_names", "_paths", "_step")

    def __init__(self, names: Mapping[str, Any], paths: Paths, step: Callable[[Any, str], Any]) -> None:
        super().__init__(paths.texts(names))
        self._names = names
        self._paths = paths
        self._step = step

    def __missing__(self, path: str) -> Any:
        root, *members = path.split(".")
        value = self._names[root]
        for name in members:
            value = self._step(value, name)
        self[path] = value
        if type(value) is str:
            self._paths.learn(path)
        return value


def names_of(values: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """All top-level names that a message's values give: the roots of the language, and those of `with`."""
    names: dict[str, Any] = dict.fromkeys(ROOTS, View({}, zone))
    for root in ROOTS:
        if of_it := values.get(root):
            names[root] = View(of_it, zone)
    for scalar in SCALARS:
        names[scalar] = wrap(scalar, values.get(scalar), zone)
    for name, value in (values.get("with") or {}).items():
        names[name] = wrap(name, value, zone)
    return names

"""What a template sees of a message's values: names with members, as in the language.

A message carries for each root name (`customer`, `event`, …) a flat mapping from the rest of the path to the
value (`address.city`, `last('service.visited')`). A `View` gives it members again: an exact key is its value,
the beginning of a key is a view of what is below it, everything else is none. An object inside a value (one
line of `event.tyres`, an earlier event) is a `Record`, by the same rule.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple
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

    def at(self, path: "Path") -> str | None:
        """What the names of `path` lead to, where that is a text of no other meaning, which can be told at once; else
        nothing is said of it."""
        values = self._values
        value = values.get(path.key)
        if type(value) is str and path.is_of_text and values.keys().isdisjoint(path.before):
            return value
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


class Path(NamedTuple):
    """`customer.address.city`: its names, the `key` of such a value among the customer's, and those of the values of
    which it would be a member (`address`). `is_of_text` is whether a text of that key stands for nothing else."""

    root: str
    members: tuple[str, ...]
    key: str
    before: tuple[str, ...]
    is_of_text: bool

    @classmethod
    def of(cls, text: str) -> "Path":
        root, *members = text.split(".")
        before = tuple(".".join(members[:end]) for end in range(1, len(members)))
        is_of_text = members[-1] not in MOMENTS and members[0] not in _ASKED
        return cls(root, tuple(members), ".".join(members), before, is_of_text)


_path = lru_cache(4096)(Path.of)


class Known(dict[str, Any]):
    """What paths lead to from the names of a message, each looked up when it is first asked for: in one step where it
    is a text, as it mostly is, else by a `step` from name to name."""

    __slots__ = ("_names", "_step")

    def __init__(self, names: Mapping[str, Any], step: Callable[[Any, str], Any]) -> None:
        self._names = names
        self._step = step

    def __missing__(self, text: str) -> Any:
        path = _path(text)
        value = self._names[path.root]
        told = value.at(path) if type(value) is View else None
        if told is None:
            for name in path.members:
                value = self._step(value, name)
            told = value
        self[text] = told
        return told


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

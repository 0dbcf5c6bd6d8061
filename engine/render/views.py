"""What a template sees of a message's values: names with members, as in the language.

A message carries for each root name (`customer`, `event`, …) a flat mapping from the rest of the path to the
value (`address.city`, `last('service.visited')`). A `View` gives it members again: an exact key is its value,
the beginning of a key is a view of what is below it, everything else is none. An object inside a value (one
line of `event.tyres`, an earlier event) is a `Record`, by the same rule.
"""

from collections.abc import Mapping
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


def names_of(values: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """All top-level names that a message's values give: the roots of the language, and those of `with`."""
    names: dict[str, Any] = {root: View(values.get(root) or {}, zone) for root in ROOTS}
    for scalar in SCALARS:
        names[scalar] = wrap(scalar, values.get(scalar), zone)
    for name, value in (values.get("with") or {}).items():
        names[name] = wrap(name, value, zone)
    return names

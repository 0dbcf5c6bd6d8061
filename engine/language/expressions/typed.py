"""A part of an expression, checked: its type and what gives its value. And how members are reached."""

from typing import Any

import msgspec

from engine.language.expressions.types import Anything, Nothing, Record, Type
from engine.model.journeys import Expression
from engine.model.scope import Scope


class Typed(msgspec.Struct, frozen=True):
    """`get` gives the value; of a record, its base. `path` is how the value is called, where it is a name or
    a member of one (`customer.address.city`). `literal` is true of a constant, with its `value`."""

    type: Type
    get: Expression
    path: str = ""
    literal: bool = False
    value: Any = None

    @property
    def whole(self) -> Expression:
        """The value as it is used: a record as all that it holds."""
        if not isinstance(self.type, Record):
            return self.get
        get, whole = self.get, self.type.whole
        return lambda scope: whole(get(scope))


def member(base: Typed, name: str) -> Typed | None:
    """The member of a record, or of something that is not known before it runs; None if it has none such."""
    path = f"{base.path}.{name}" if base.path else ""
    if isinstance(base.type, Record):
        attribute = base.type.members.get(name)
        if attribute is None:
            return None
        return Typed(attribute.type, _through(base.get, attribute.get), path)
    if isinstance(base.type, Anything | Nothing):
        return Typed(Anything(), _through(base.get, lambda value: _of_data(value, name)), path)
    return None


def item(base: Typed, index: int, item_type: Type) -> Typed:
    """The item of a list at `index`; none past its ends."""

    def at(value: Any) -> Any:
        inside = isinstance(value, list | tuple) and -len(value) <= index < len(value)
        return value[index] if inside else None

    return Typed(item_type, _through(base.get, at))


def _through(get: Expression, inner: Any) -> Expression:
    """A member of none is none."""

    def reached(scope: Scope) -> Any:
        base = get(scope)
        return None if base is None else inner(base)

    return reached


def _of_data(value: Any, name: str) -> Any:
    """A member of data of no known shape: only of JSON objects, never of Python's."""
    return value.get(name) if value.__class__ is dict else None

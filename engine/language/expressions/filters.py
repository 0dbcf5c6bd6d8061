"""The filters of expressions: pure, quick, and bounded. Templates have these and more (see `texts`)."""

from collections.abc import Callable, Sequence
from math import floor
from typing import Any

import msgspec

from engine.language.expressions.types import (
    ANY,
    NUMBER,
    TEXT,
    ListOf,
    Type,
    common,
    is_number,
    is_open,
    is_text,
)
from engine.language.expressions.values import to_text
from engine.model.scope import Scope

Function = Callable[[Scope, Any, Sequence[Any]], Any]
"""Takes the scope, the value (never None, but for `default`), and the arguments."""


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """`takes` says which types it can be put behind, None for all; `gives` the type of its result for the
    types of the value and of the first argument."""

    name: str
    about: str
    function: Function
    gives: Callable[[Type, Type], Type]
    takes: Callable[[Type], bool] | None = None
    expects: str = ""
    most_arguments: int = 0
    least_arguments: int = 0


def _default(_scope: Scope, value: Any, arguments: Sequence[Any]) -> Any:
    fallback = arguments[0]
    if len(arguments) > 1 and arguments[1]:
        return value or fallback
    return fallback if value is None else value


def _length(_scope: Scope, value: Any, _arguments: Sequence[Any]) -> Any:
    return len(value) if isinstance(value, str | list | tuple | dict) else None


def _text(change: Callable[[str], str]) -> Function:
    def changed(scope: Scope, value: Any, _arguments: Sequence[Any]) -> str:
        return change(to_text(value, scope.zone))

    return changed


def _round(_scope: Scope, value: Any, arguments: Sequence[Any]) -> Any:
    """Half away from zero, as people do it; without digits a whole number."""
    if not isinstance(value, int | float):
        return None
    digits = arguments[0] if arguments else 0
    if not isinstance(digits, int) or not 0 <= digits <= 9:
        return None
    scale = 10**digits
    rounded = floor(abs(value) * scale + 0.5) / scale
    signed = -rounded if value < 0 else rounded
    return signed if digits else int(signed)


def _int(_scope: Scope, value: Any, arguments: Sequence[Any]) -> Any:
    try:
        return int(float(value))
    except (TypeError, ValueError, ArithmeticError):
        return arguments[0] if arguments else None


def _join(scope: Scope, value: Any, arguments: Sequence[Any]) -> Any:
    if not isinstance(value, list | tuple):
        return None
    between = arguments[0] if arguments else ", "
    return str(between).join(to_text(one, scope.zone) for one in value)


def _end(index: int) -> Function:
    def end(_scope: Scope, value: Any, _arguments: Sequence[Any]) -> Any:
        return value[index] if isinstance(value, list | tuple | str) and value else None

    return end


def _item(value: Type, _argument: Type) -> Type:
    if isinstance(value, ListOf):
        return value.item
    return TEXT if is_text(value) else ANY


def _is_list(given: Type) -> bool:
    return is_open(given) or isinstance(given, ListOf)


def _is_sized(given: Type) -> bool:
    return _is_list(given) or is_text(given)


def _is_number(given: Type) -> bool:
    return is_open(given) or is_number(given)


def _always(result: Type) -> Callable[[Type, Type], Type]:
    return lambda _value, _argument: result


_TEXT_ABOUTS: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    ("lower", "in lower case", str.lower),
    ("upper", "in upper case", str.upper),
    ("title", "with each word's first letter in upper case", str.title),
    ("trim", "without blanks around it", str.strip),
)

_SIZED = "a text or a list"

FILTERS: dict[str, Filter] = {
    one.name: one
    for one in (
        Filter(
            name="default",
            about="the value, or the argument where the value is none",
            function=_default,
            gives=common,
            most_arguments=2,
            least_arguments=1,
        ),
        Filter(
            name="length",
            about="how many items a list has, or characters a text",
            function=_length,
            gives=_always(NUMBER),
            takes=_is_sized,
            expects=_SIZED,
        ),
        Filter(
            name="round",
            about="a number rounded, half away from zero, to so many digits (0 when left out)",
            function=_round,
            gives=_always(NUMBER),
            takes=_is_number,
            expects="a number",
            most_arguments=1,
        ),
        Filter(
            name="int",
            about="the whole part of a number, or of a text that is one",
            function=_int,
            gives=_always(NUMBER),
            most_arguments=1,
        ),
        Filter(
            name="join",
            about="a list as one text, with the argument (a comma when left out) between the items",
            function=_join,
            gives=_always(TEXT),
            takes=_is_list,
            expects="a list",
            most_arguments=1,
        ),
        Filter(
            name="first",
            about="the first item of a list",
            function=_end(0),
            gives=_item,
            takes=_is_sized,
            expects=_SIZED,
        ),
        Filter(
            name="last",
            about="the last item of a list",
            function=_end(-1),
            gives=_item,
            takes=_is_sized,
            expects=_SIZED,
        ),
        *(
            Filter(name=name, about=f"a text {about}", function=_text(change), gives=_always(TEXT))
            for name, about, change in _TEXT_ABOUTS
        ),
    )
}

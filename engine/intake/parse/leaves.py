"""The checks of single values, and the words in which they refuse.

Each check takes a value as JSON has it and gives it back, or raises pydantic's custom error with the reason.
Reasons say what was expected and what kind of thing came, not what it was: that may be personal.
"""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, NoReturn

from pydantic_core import PydanticCustomError

from engine.intake.parse.blanks import BLANKS
from engine.intake.parse.envelope import has_controls, is_json
from engine.intake.parse.moments import is_day, moment
from engine.model.event_types import Kind, Member

Check = Callable[[Any], Any]

_MOST_SHOWN = 60


def refuse(reason: str) -> NoReturn:
    raise PydanticCustomError("refused", "{reason}", {"reason": reason})


def called(value: object) -> str:
    """What kind of thing a JSON value is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    for kind, name in ((str, "a text"), (list, "a list"), (dict, "an object")):
        if isinstance(value, kind):
            return name
    return "something else"


def a_text(value: Any) -> Any:
    if type(value) is not str:
        refuse(f"must be a text, is {called(value)}")
    if not value.strip(BLANKS):
        refuse("must not be blank")
    return value


def a_number(value: Any) -> Any:
    if type(value) is not int and type(value) is not float:
        refuse(f"must be a number, is {called(value)}")
    return value


def a_whole_number(value: Any) -> Any:
    if type(value) is float and value.is_integer():
        return int(value)
    if type(value) is not int:
        refuse(f"must be a whole number, is {'a fraction' if type(value) is float else called(value)}")
    return value


def true_or_false(value: Any) -> Any:
    if type(value) is not bool:
        refuse(f"must be true or false, is {called(value)}")
    return value


def a_day(value: Any) -> Any:
    if not is_day(a_text(value)):
        refuse("is no date (written YYYY-MM-DD)")
    return value


def a_moment(value: Any) -> Any:
    try:
        moment(a_text(value))
    except ValueError as error:
        refuse(str(error))
    return value


def a_list(value: Any) -> Any:
    if type(value) is not list:
        refuse(f"must be a list, is {called(value)}")
    return value


def an_object(value: Any) -> Any:
    if type(value) is not dict:
        refuse(f"must be an object, is {called(value)}")
    return value


def a_name(value: Any) -> Any:
    """`id` and `source`: what ids are made of."""
    if has_controls(a_text(value)):
        refuse("must not hold control characters")
    return value


def a_json_type(value: Any) -> Any:
    if not is_json(a_text(value)):
        refuse("must be application/json")
    return value


def one_of(choices: tuple[str, ...]) -> Check:
    def check(value: Any) -> Any:
        if a_text(value) not in choices:
            refuse(f"must be one of {', '.join(choices)}{meant(value, choices)}")
        return value

    return check


def a_known_type(types: tuple[str, ...]) -> Check:
    def check(value: Any) -> Any:
        if a_name(value) not in types:
            shown = value if len(value) <= _MOST_SHOWN else value[:_MOST_SHOWN] + "…"
            refuse(f"is no type of event that is known: {shown}{meant(value, types)}")
        return value

    return check


def meant(value: str, choices: tuple[str, ...]) -> str:
    near = get_close_matches(value[:_MOST_SHOWN], choices, n=1)
    return f"; did you mean {near[0]}?" if near else ""


_BY_KIND: dict[Kind, Check] = {
    Kind.TEXT: a_text,
    Kind.NUMBER: a_number,
    Kind.INTEGER: a_whole_number,
    Kind.BOOLEAN: true_or_false,
    Kind.DATE: a_day,
    Kind.TIME: a_moment,
    Kind.LIST: a_list,
    Kind.OBJECT: an_object,
}


def at_least(least: int, check: Check) -> Check:
    """The same check, and that the number is not less."""

    def checked(value: Any) -> Any:
        number = check(value)
        if number < least:
            refuse(f"must be at least {least}")
        return number

    return checked


def check_of(member: Member) -> Check | None:
    """The check of `member`'s value itself, not of what is inside it; None where anything goes."""
    if member.kind is Kind.TEXT and member.choices:
        return one_of(member.choices)
    check = _BY_KIND.get(member.kind)
    return check if check is None or member.least is None else at_least(member.least, check)

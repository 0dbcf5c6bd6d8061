"""What kinds of values there are, and which of them can be compared, ordered, computed with."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from engine.model.event_types import Kind


class Type(msgspec.Struct, frozen=True):
    """Base of all types."""

    @property
    def words(self) -> str:
        """What a value of it is, for messages."""
        return "a value"


class Anything(Type, frozen=True):
    """Not known before it runs."""


class Nothing(Type, frozen=True):
    """The literal none."""

    @property
    def words(self) -> str:
        return "none"


class Scalar(Type, frozen=True):
    """A single value. `choices` are the texts that it can be, empty where it is free; where `is_closed`, no
    event with another is accepted."""

    kind: Kind
    choices: tuple[str, ...] = ()
    is_closed: bool = True

    @property
    def words(self) -> str:
        return _WORDS[self.kind]


_WORDS = {
    Kind.TEXT: "a text",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "true or false",
    Kind.DATE: "a date",
    Kind.TIME: "a time",
}


class ListOf(Type, frozen=True):
    item: Type

    @property
    def words(self) -> str:
        return "a list"


class Attribute(msgspec.Struct, frozen=True):
    """A member of a record: its type, and how it is got from the record's base, which is never None. A `sure` one is
    there whenever the record is."""

    type: Type
    get: Callable[[Any], Any]
    about: str = ""
    sure: bool = False


class Record(Type, frozen=True):
    """Something with members. What a record's value is at run time (its base) is known to the attributes
    only; `whole` makes of it what a person would call its value, None where there is none; `sign` is a member
    that is there whenever the record is."""

    name: str
    members: Mapping[str, Attribute]
    whole: Callable[[Any], Any]
    sign: str = ""

    @property
    def words(self) -> str:
        return f"all of {self.name}"


ANY = Anything()
NOTHING = Nothing()
TEXT = Scalar(Kind.TEXT)
NUMBER = Scalar(Kind.NUMBER)
BOOLEAN = Scalar(Kind.BOOLEAN)
DATE = Scalar(Kind.DATE)
TIME = Scalar(Kind.TIME)


def is_open(given: Type) -> bool:
    """Whether nothing can be said of it before it runs."""
    return isinstance(given, Anything | Nothing)


def is_text(given: Type) -> bool:
    return isinstance(given, Scalar) and given.kind is Kind.TEXT


def is_number(given: Type) -> bool:
    return given == NUMBER


def is_moment(given: Type) -> bool:
    return given in (DATE, TIME)


def comparable(left: Type, right: Type) -> bool:
    """Whether `==` between them can ever be true of two values."""
    if is_open(left) or is_open(right):
        return True
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return left.kind is right.kind or (is_moment(left) and is_moment(right))
    return isinstance(left, ListOf) and isinstance(right, ListOf)


def orderable(left: Type, right: Type) -> bool:
    """Whether `<` between them means something."""
    if is_open(left) or is_open(right):
        other = right if is_open(left) else left
        return is_open(other) or (isinstance(other, Scalar) and other.kind is not Kind.BOOLEAN)
    return comparable(left, right) and isinstance(left, Scalar) and left.kind is not Kind.BOOLEAN


def common(left: Type, right: Type) -> Type:
    """The type of a value that is one or the other."""
    if left == right:
        return left
    if isinstance(left, Nothing):
        return right
    if isinstance(right, Nothing):
        return left
    return TEXT if is_text(left) and is_text(right) else ANY

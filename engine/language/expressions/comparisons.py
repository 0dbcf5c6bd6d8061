"""Comparisons checked: what can never be true, or means nothing, is an error."""

from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from engine.language.dates import always, is_like_a_date, parse_moment
from engine.language.expressions import operators as op
from engine.language.expressions.typed import Typed
from engine.language.expressions.types import (
    DATE,
    TIME,
    ListOf,
    Scalar,
    comparable,
    is_moment,
    is_number,
    is_open,
    is_text,
    orderable,
)
from engine.language.nearest import did_you_mean
from engine.language.report import Fault


class Side(NamedTuple):
    """One side of a comparison, and where its text begins and ends."""

    typed: Typed
    start: int
    end: int


class Pair(NamedTuple):
    """Two sides, made alike."""

    left: Typed
    right: Typed


def check_comparison(left: Side, right: Side, faults: list[Fault]) -> Pair:
    """For `==` and `!=`."""
    pair = _alike(left.typed, right.typed)
    if not _with_none(pair) and not comparable(pair.left.type, pair.right.type):
        faults.append(_impossible(pair, left, right))
    else:
        _check_choice(pair.left, pair.right, right, faults)
        _check_choice(pair.right, pair.left, left, faults)
    return pair


def check_ordering(left: Side, right: Side, faults: list[Fault]) -> Pair:
    """For `<`, `<=`, `>`, `>=`."""
    pair = _alike(left.typed, right.typed)
    if not orderable(pair.left.type, pair.right.type):
        faults.append(_impossible(pair, left, right))
    return pair


def check_membership(item: Side, container: Side, faults: list[Fault]) -> None:
    """For `in` and `not in`."""
    inside = container.typed.type
    if is_open(inside):
        return
    if isinstance(inside, ListOf):
        if not comparable(item.typed.type, inside.item):
            message = f"a list of {_many(inside)} never holds {item.typed.type.words}"
            faults.append(Fault("impossible-comparison", message, "", item.start, item.end - item.start))
        elif container.typed.literal:
            for value in container.typed.value:
                one = Typed(inside.item, op.constant(value), literal=True, value=value)
                _check_choice(item.typed, one, container, faults)
    elif is_text(inside):
        if not (is_text(item.typed.type) or is_open(item.typed.type)):
            message = f"a text never holds {item.typed.type.words}"
            faults.append(Fault("impossible-comparison", message, "", item.start, item.end - item.start))
    else:
        message = f"'in' looks into a list or a text, not into {inside.words}"
        faults.append(Fault("wrong-type", message, "", container.start, container.end - container.start))


def _many(kind: ListOf) -> str:
    words = kind.item.words
    return f"{words.removeprefix('a ')}s" if words.startswith("a ") else "values"


def _with_none(pair: Pair) -> bool:
    return any(one.literal and one.value is None for one in pair)


def _alike(left: Typed, right: Typed) -> Pair:
    """A date or moment written as a text becomes one; a moment compared with a date counts by its day."""
    if is_moment(left.type) and is_text(right.type):
        right = _as_moment(right)
    elif is_moment(right.type) and is_text(left.type):
        left = _as_moment(left)
    elif is_moment(left.type) and is_open(right.type):
        left, right = _days(left, right)
    elif is_moment(right.type) and is_open(left.type):
        right, left = _days(right, left)
    if left.type == TIME and right.type == DATE:
        left = Typed(DATE, op.local_day(left.get))
    elif left.type == DATE and right.type == TIME:
        right = Typed(DATE, op.local_day(right.get))
    return Pair(left, right)


def _days(moment: Typed, unknown: Typed) -> Pair:
    """Beside a date what is of no known type counts by its day; beside a moment as what it is."""
    get = op.dated(unknown.get)
    return Pair(moment, replace(unknown, get=op.local_day(get) if moment.type == DATE else get))


def _as_moment(typed: Typed) -> Typed:
    moment = parse_moment(typed.value) if typed.literal else None
    if moment is None or isinstance(moment, Fault):
        return typed
    if not isinstance(moment, datetime):
        return replace(typed, type=DATE, get=always(moment), value=moment)
    if moment.tzinfo is None:
        return Typed(TIME, always(moment))  # not the same in every zone
    return replace(typed, type=TIME, get=always(moment), value=moment)


def _impossible(pair: Pair, left: Side, right: Side) -> Fault:
    a, b = pair
    message = f"{a.type.words} cannot be compared with {b.type.words}"
    hint = ""
    for one, other, side in ((a, b, right), (b, a, left)):
        if is_number(one.type) and is_text(other.type) and other.literal:
            number = _is_numeric(other.value)
            hint = f"a number has no quotes: {other.value}" if number else "write a number, without quotes"
        elif is_moment(one.type) and is_text(other.type) and other.literal:
            if is_like_a_date(other.value) and isinstance(fault := parse_moment(other.value), Fault):
                return replace(fault, offset=side.start, length=side.end - side.start)
            hint = "write a date as '2025-03-08'"
        elif isinstance(one.type, ListOf):
            hint = "ask with 'in', or for its '| length'"
    return Fault("impossible-comparison", message, hint, left.start, right.end - left.start)


def _is_numeric(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _check_choice(member: Typed, literal: Typed, place: Side, faults: list[Fault]) -> None:
    """A text that the member never is."""
    kind = member.type
    if not (isinstance(kind, Scalar) and kind.choices and literal.literal):
        return
    if isinstance(literal.value, str) and literal.value not in kind.choices:
        often = "never" if kind.is_closed else "not known to be"
        message = f"{member.path or 'this'} is {often} '{literal.value}'"
        hint = did_you_mean(literal.value, kind.choices)
        length = place.end - place.start
        faults.append(
            Fault("unknown-choice", message, hint, place.start, length, is_warning=not kind.is_closed)
        )

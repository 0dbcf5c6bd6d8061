"""What the operators do at run time. Each takes the operands' expressions and gives the expression of the
result; none of them raises, whatever the data holds."""

import operator
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any

from engine.language.expressions.values import to_dated, to_text
from engine.model.journeys import Expression
from engine.model.scope import Scope

Binary = Callable[[Any, Any], Any]

ORDERINGS: dict[str, Binary] = {
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
}

LONGEST_TEXT = 100_000


def constant(value: Any) -> Expression:
    return lambda _scope: value


def ordering(test: Binary, left: Expression, right: Expression) -> Expression:
    """False where either side is none, or where they cannot be ordered."""

    def compare(scope: Scope) -> bool:
        a, b = left(scope), right(scope)
        if a is None or b is None:
            return False
        try:
            return bool(test(a, b))
        except TypeError:
            return False

    return compare


def ordering_with(test: Binary, left: Expression, b: Any) -> Expression:
    """The same, with a constant right side: the commonest condition, and the quickest."""

    def compare(scope: Scope) -> bool:
        a = left(scope)
        if a is None:
            return False
        try:
            return bool(test(a, b))
        except TypeError:
            return False

    return compare


def equality(left: Expression, right: Expression, *, negated: bool) -> Expression:
    if negated:
        return lambda scope: left(scope) != right(scope)
    return lambda scope: left(scope) == right(scope)


def equality_with(left: Expression, b: Any, *, negated: bool) -> Expression:
    if negated:
        return lambda scope: left(scope) != b
    return lambda scope: left(scope) == b


def membership(item: Expression, container: Expression, *, negated: bool) -> Expression:
    """Whether a list holds an item, a text a part. None holds nothing."""

    def is_in(scope: Scope) -> bool:
        inside = container(scope)
        try:
            found = inside is not None and item(scope) in inside
        except TypeError:
            found = False
        return found is not negated

    return is_in


def conjunction(parts: Sequence[Expression]) -> Expression:
    """The first part that is false, else the last."""
    if len(parts) == 2:
        first, second = parts
        return lambda scope: first(scope) and second(scope)

    def every(scope: Scope) -> Any:
        value: Any = True
        for part in parts:
            value = part(scope)
            if not value:
                return value
        return value

    return every


def disjunction(parts: Sequence[Expression]) -> Expression:
    """The first part that is true, else the last."""
    if len(parts) == 2:
        first, second = parts
        return lambda scope: first(scope) or second(scope)

    def some(scope: Scope) -> Any:
        value: Any = False
        for part in parts:
            value = part(scope)
            if value:
                return value
        return value

    return some


def negation(inner: Expression) -> Expression:
    return lambda scope: not inner(scope)


def either(test: Expression, then: Expression, otherwise: Expression) -> Expression:
    return lambda scope: then(scope) if test(scope) else otherwise(scope)


def concatenation(parts: Sequence[Expression]) -> Expression:
    """The parts as people read them, one after the other."""

    def joined(scope: Scope) -> str:
        return "".join(to_text(part(scope), scope.zone) for part in parts)[:LONGEST_TEXT]

    return joined


def listing(items: Sequence[Expression]) -> Expression:
    return lambda scope: [item(scope) for item in items]


def arithmetic(compute: Binary, left: Expression, right: Expression) -> Expression:
    """None where either side is none, where the operands do not go together, and where there is no result (a
    division by zero, a number too large)."""

    def computed(scope: Scope) -> Any:
        a, b = left(scope), right(scope)
        if a is None or b is None:
            return None
        try:
            result = compute(a, b)
        except (TypeError, ArithmeticError, ValueError):
            return None
        return None if isinstance(result, float) and not isfinite(result) else result

    return computed


def signed(inner: Expression, *, negative: bool) -> Expression:
    def value(scope: Scope) -> Any:
        number = inner(scope)
        if not isinstance(number, int | float):
            return None
        return -number if negative else +number

    return value


def local_day(inner: Expression) -> Expression:
    """The day, on the policy's clock, of a moment; a date stays what it is."""

    def day(scope: Scope) -> Any:
        value = inner(scope)
        return value.astimezone(scope.zone).date() if isinstance(value, datetime) else value

    return day


def dated(inner: Expression) -> Expression:
    """A text of unknown meaning as the date or moment that it names, if it names one."""
    return lambda scope: to_dated(inner(scope))


def _of_numbers(compute: Binary) -> Binary:
    """Only numbers: text and lists know `*` and `%` too, and can be made huge by them."""

    def checked(a: Any, b: Any) -> Any:
        if isinstance(a, int | float) and isinstance(b, int | float):
            return compute(a, b)
        return None

    return checked


def add(a: Any, b: Any) -> Any:
    """Numbers; texts; a date or moment and a number of days."""
    if isinstance(a, int | float) and isinstance(b, int | float):
        return a + b
    if isinstance(a, str) and isinstance(b, str):
        return (a + b)[:LONGEST_TEXT]
    if isinstance(a, date) and isinstance(b, int | float):
        return a + timedelta(days=b)
    if isinstance(a, int | float) and isinstance(b, date):
        return b + timedelta(days=a)
    return None


def subtract(a: Any, b: Any) -> Any:
    """Numbers; a number of days from a date or moment; the days between two dates, or two moments."""
    if isinstance(a, int | float) and isinstance(b, int | float):
        return a - b
    if isinstance(a, date) and isinstance(b, int | float):
        return a - timedelta(days=b)
    if isinstance(a, datetime) and isinstance(b, datetime):
        return (a - b) / timedelta(days=1)
    if isinstance(a, datetime) or isinstance(b, datetime):
        return None
    return (a - b).days if isinstance(a, date) and isinstance(b, date) else None


ARITHMETIC: dict[str, Binary] = {
    "+": add,
    "-": subtract,
    "*": _of_numbers(operator.mul),
    "/": _of_numbers(operator.truediv),
    "//": _of_numbers(operator.floordiv),
    "%": _of_numbers(operator.mod),
}

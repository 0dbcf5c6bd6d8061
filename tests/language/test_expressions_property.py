"""Compiled expressions against a slow and obvious evaluator, over random expressions and data."""

from collections.abc import Callable
from math import isfinite
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.language.scopes import asked, event, scope

Data = dict[str, Any]


class Tree(NamedTuple):
    """An expression as text, and what it means."""

    text: str
    value: Callable[[Data], Any]


def _both(operator: str, compute: Callable[[Any, Any], Any]) -> Callable[[tuple[Tree, Tree]], Tree]:
    def join(pair: tuple[Tree, Tree]) -> Tree:
        left, right = pair

        def value(data: Data) -> Any:
            a, b = left.value(data), right.value(data)
            if a is None or b is None:
                return None
            try:
                result = compute(a, b)
            except ArithmeticError:
                return None
            return None if isinstance(result, float) and not isfinite(result) else result

        return Tree(f"({left.text} {operator} {right.text})", value)

    return join


def _ordering(operator: str, test: Callable[[Any, Any], bool]) -> Callable[[tuple[Tree, Tree]], Tree]:
    def join(pair: tuple[Tree, Tree]) -> Tree:
        left, right = pair

        def value(data: Data) -> bool:
            a, b = left.value(data), right.value(data)
            return a is not None and b is not None and test(a, b)

        return Tree(f"({left.text} {operator} {right.text})", value)

    return join


def _plain(operator: str, compute: Callable[[Any, Any], Any]) -> Callable[[tuple[Tree, Tree]], Tree]:
    def join(pair: tuple[Tree, Tree]) -> Tree:
        left, right = pair
        return Tree(
            f"({left.text} {operator} {right.text})",
            lambda data: compute(left.value(data), right.value(data)),
        )

    return join


def _either(parts: tuple[Tree, Tree, Tree]) -> Tree:
    then, test, other = parts
    return Tree(
        f"({then.text} if {test.text} else {other.text})",
        lambda data: then.value(data) if test.value(data) else other.value(data),
    )


def _upper(one: Tree) -> Tree:
    def value(data: Data) -> Any:
        text = one.value(data)
        return None if text is None else text.upper()

    return Tree(f"({one.text} | upper)", value)


def _length(one: Tree) -> Tree:
    def value(data: Data) -> Any:
        text = one.value(data)
        return None if text is None else len(text)

    return Tree(f"({one.text} | length)", value)


def _joined(pair: tuple[Tree, Tree]) -> Tree:
    left, right = pair
    return Tree(
        f"({left.text} ~ {right.text})", lambda data: (left.value(data) or "") + (right.value(data) or "")
    )


_NUMBERS = st.one_of(
    st.integers(0, 999).map(lambda n: Tree(str(n), lambda _: n)),
    st.integers(0, 99).map(lambda n: Tree(f"{n}.5", lambda _: n + 0.5)),
    st.just(Tree("event.amount", lambda data: data["amount"])),
    st.just(Tree("event.tyre_count", lambda data: sum(one["quantity"] for one in data["tyres"]))),
)
_TEXTS = st.one_of(
    st.sampled_from(["", "worn", "破", "it is"]).map(lambda text: Tree(f"'{text}'", lambda _: text)),
    st.just(Tree("event.reason", lambda data: data["reason"])),
    st.just(Tree("event.dealer", lambda data: data["dealer"])),
)


def _pairs(
    one: st.SearchStrategy[Tree], other: st.SearchStrategy[Tree]
) -> st.SearchStrategy[tuple[Tree, Tree]]:
    return st.tuples(one, other)


def _conditions(numbers: st.SearchStrategy[Tree], texts: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    base = st.one_of(
        _pairs(numbers, numbers).map(_ordering("<", lambda a, b: a < b)),
        _pairs(numbers, numbers).map(_ordering(">=", lambda a, b: a >= b)),
        _pairs(texts, texts).map(_ordering("<=", lambda a, b: a <= b)),
        _pairs(numbers, numbers).map(_plain("==", lambda a, b: a == b)),
        _pairs(texts, texts).map(_plain("!=", lambda a, b: a != b)),
        _pairs(texts, texts).map(_plain("in", lambda a, b: a is not None and b is not None and a in b)),
        numbers.map(lambda one: Tree(f"({one.text} is none)", lambda data: one.value(data) is None)),
    )
    return st.recursive(
        base,
        lambda inner: st.one_of(
            _pairs(inner, inner).map(_plain("and", lambda a, b: a and b)),
            _pairs(inner, inner).map(_plain("or", lambda a, b: a or b)),
            inner.map(lambda one: Tree(f"(not {one.text})", lambda data: not one.value(data))),
        ),
        max_leaves=6,
    )


def _more_numbers(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    return st.one_of(
        _pairs(inner, inner).map(_both("+", lambda a, b: a + b)),
        _pairs(inner, inner).map(_both("-", lambda a, b: a - b)),
        _pairs(inner, inner).map(_both("*", lambda a, b: a * b)),
        _pairs(inner, inner).map(_both("/", lambda a, b: a / b)),
        _pairs(inner, inner).map(_both("//", lambda a, b: a // b)),
        _pairs(inner, inner).map(_both("%", lambda a, b: a % b)),
        _TEXTS.map(_length),
        st.tuples(inner, _conditions(_NUMBERS, _TEXTS), inner).map(_either),
    )


def _more_texts(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    return st.one_of(
        _pairs(inner, inner).map(_joined),
        inner.map(_upper),
        st.tuples(inner, _conditions(_NUMBERS, _TEXTS), inner).map(_either),
    )


NUMBERS = st.recursive(_NUMBERS, _more_numbers, max_leaves=8)
TEXTS = st.recursive(_TEXTS, _more_texts, max_leaves=6)
TREES = st.one_of(NUMBERS, TEXTS, _conditions(NUMBERS, TEXTS))
DATA = st.fixed_dictionaries(
    {
        "amount": st.one_of(st.none(), st.integers(-5, 10**12), st.floats(-1e9, 1e9)),
        "tyres": st.lists(st.fixed_dictionaries({"quantity": st.integers(0, 4)}), max_size=2),
        "reason": st.one_of(st.none(), st.sampled_from(["worn", "", "破"])),
        "dealer": st.one_of(st.none(), st.just("d001")),
    }
)


@settings(max_examples=300, deadline=None)
@given(TREES, DATA)
def test_a_compiled_expression_is_what_it_says(tree: Tree, data: Data) -> None:
    found = asked(tree.text, scope(start=event(data)))
    expected = tree.value(data)
    assert found == expected
    assert type(found) is type(expected)

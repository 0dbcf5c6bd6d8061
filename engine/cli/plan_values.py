"""What is written in a project, and how it differs, in a line for people."""

from collections.abc import Iterator
from itertools import takewhile
from typing import Any

_LONGEST = 60
"""How many characters of a value are shown."""
_KEPT = 12
"""How much of what two long values begin with alike is shown before they differ."""


def brief(value: Any) -> str:
    """`wait: 1 month, at: 10:00`, as one would write it in a line."""
    text = _written(value)
    return _cut(text[1:-1] if isinstance(value, dict) else text)


def differences(before: Any, after: Any) -> str:
    """`within: 7 days → 1 day`: of values that hold others, only those that differ."""
    return ", ".join(_differences(before, after, ""))


def _differences(before: Any, after: Any, path: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys([*before, *after]):
            inner = f"{path}.{name}" if path else str(name)
            if name not in after:
                yield f"{inner} left out: {_cut(_written(before[name]))}"
            elif name not in before:
                yield f"{inner} added: {_cut(_written(after[name]))}"
            elif before[name] != after[name]:
                yield from _differences(before[name], after[name], inner)
    elif _are_alike(before, after):
        for number, (one, other) in enumerate(zip(before, after, strict=True), 1):
            if one != other:
                yield from _differences(one, other, f"{path}[{number}]")
    else:
        old, new = _written(before), _written(after)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
        if _cut(old) == _cut(new):
            start = max(same - _KEPT, 0)
            old, new = f"…{old[start:]}", f"…{new[start:]}"
        yield f"{path}{': ' if path else ''}{_cut(old)} → {_cut(new)}"


def _are_alike(before: Any, after: Any) -> bool:
    """Lists of as many things, each of which holds others."""
    both = isinstance(before, list) and isinstance(after, list)
    return both and len(before) == len(after) and all(isinstance(one, dict) for one in [*before, *after])


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_written(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return "none" if value is None else " ".join(str(value).split())


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

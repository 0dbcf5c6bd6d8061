"""What somebody who watches decisions is told of expressions. Nobody is told anything unless a project was read for
being watched: see `engine.language.expressions.watched`."""

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from engine.model.scope import Scope


class Part(msgspec.Struct, frozen=True):
    """A condition, or one that a longer one is joined of: its text, whether it holds, and what it looked at, each with
    the value it saw."""

    text: str
    holds: bool
    values: tuple[tuple[str, Any], ...] = ()


class Watched(Protocol):
    """An expression that tells when it is asked. Its value is that of the same expression unwatched."""

    text: str

    def __call__(self, scope: Scope, /) -> Any: ...

    def parts(self, scope: Scope) -> tuple[Part, ...]:
        """The conditions that it is joined of, in order, as far as they were asked: up to the one that decided."""
        ...


Watch = Callable[[Watched, Scope, Any], None]
"""Is told each expression that was asked, in which scope, and its value."""

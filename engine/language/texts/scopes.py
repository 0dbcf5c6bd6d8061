"""The names that a text makes itself: by set, for, macro, with, import."""

from engine.language.expressions import operators as op
from engine.language.expressions.typed import Typed
from engine.language.expressions.types import ANY, BOOLEAN, NUMBER, Anything, Attribute, Record


class Callable_(Anything, frozen=True):  # noqa: N801 - a type of the language, not of Python
    """A macro, or another thing that may be called."""


class Module(Anything, frozen=True):
    """What `import … as` gives: its members may be called."""


UNKNOWN = Typed(ANY, op.constant(None))
MACRO = Typed(Callable_(), op.constant(None))
MODULE = Typed(Module(), op.constant(None))

_LOOP_MEMBERS = {
    **dict.fromkeys(("index", "index0", "revindex", "revindex0", "length", "depth", "depth0"), NUMBER),
    **dict.fromkeys(("first", "last"), BOOLEAN),
    **dict.fromkeys(("previtem", "nextitem"), ANY),
    **dict.fromkeys(("cycle", "changed"), Callable_()),
}
LOOP = Typed(
    Record(
        "loop",
        {name: Attribute(kind, lambda _: None) for name, kind in _LOOP_MEMBERS.items()},
        lambda _: None,
    ),
    op.constant(None),
)
"""`loop` inside a `for` of a template, which hides that of the journey."""


class Scopes:
    """Names by nesting, the innermost first; and names that a test has found to be there."""

    def __init__(self, outer: dict[str, Typed] | None = None) -> None:
        self._stack: list[dict[str, Typed]] = [dict(outer or {})]
        self._guarded: list[frozenset[str]] = []

    @property
    def top(self) -> dict[str, Typed]:
        """The names made at the top of the text, which layouts see too."""
        return self._stack[0]

    def push(self, names: dict[str, Typed] | None = None) -> None:
        self._stack.append(dict(names or {}))

    def pop(self) -> None:
        self._stack.pop()

    def bind(self, name: str, typed: Typed) -> None:
        self._stack[-1][name] = typed

    def find(self, name: str) -> Typed | None:
        return next((scope[name] for scope in reversed(self._stack) if name in scope), None)

    def names(self) -> list[str]:
        """All names that the text has made here."""
        return [name for scope in self._stack for name in scope]

    def guard(self, names: frozenset[str]) -> None:
        self._guarded.append(names)

    def unguard(self) -> None:
        self._guarded.pop()

    def is_guarded(self, name: str) -> bool:
        return any(name in names for names in self._guarded)

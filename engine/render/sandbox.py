"""Where templates run: Jinja2's immutable sandbox, made to mean what the journey language means, and bounded.

What differs from plain Jinja2
- None prints as nothing; a member of none is none; `<`, `>`, `<=`, `>=` with none are false; arithmetic with
  none is none. A name that is not there is an error (`StrictUndefined`).
- Nothing can be called but the language's functions, macros, blocks and `loop`; there are no globals.
- A rendering has a budget of steps (rounds of loops, calls, filters, comparisons, files; long texts cost more) and
  of characters, integers are bounded, and filters that could blow a text up look before they do. A template
  written to do harm stops with an error.
"""

import operator
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from datetime import date, datetime
from itertools import islice
from typing import Any

from jinja2 import StrictUndefined, Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.loaders import BaseLoader
from jinja2.runtime import BlockReference, LoopContext, Macro, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from markupsafe import Markup, escape

MOST_STEPS = 20_000
MOST_CHARACTERS = 1_000_000
MOST_TEXT = 200_000
MOST_ITEMS = 20_000
MOST_BITS = 128
STEPS_OF_A_FILE = 100
PIECE = 250
FEW = 50
"""So many characters, or items of a list, that are gone through count as one step: sorting asks Python about each."""
AT_A_TIME = 40
"""So many pieces of a text are joined before its length is looked at."""
_BOUND = "bound_steps"

_steps_left: ContextVar[int] = ContextVar("steps_left", default=MOST_STEPS)


class budget:  # noqa: N801 - used like a function; one written with `yield` takes three times as long
    """Gives what is rendered inside a fresh budget of steps."""

    __slots__ = ("_steps", "_token")

    def __init__(self, steps: int = MOST_STEPS) -> None:
        self._steps = steps

    def __enter__(self) -> None:
        self._token = _steps_left.set(self._steps)

    def __exit__(self, *_: object) -> None:
        _steps_left.reset(self._token)


def spend(steps: int = 1) -> None:
    """Takes from the budget; raises `SecurityError` when it is used up."""
    left = _steps_left.get() - steps
    if left < 0:
        raise SecurityError("the template loops too long")
    _steps_left.set(left)


def spend_on(*values: Any) -> None:
    """Takes one step, and more for long texts and lists: going through them takes time."""
    characters = items = 0
    for one in values:
        if isinstance(one, str):
            characters += len(one)
        elif isinstance(one, (list, tuple)):
            items += len(one)
    spend(1 + characters // PIECE + items // FEW)


def bounded(size: int) -> None:
    """Refuses a text of more than `MOST_TEXT` characters before it is made."""
    if size > MOST_TEXT:
        raise SecurityError("the template makes too long a text")


class Missing(StrictUndefined):
    """A name that is not there, said as an author of templates understands it."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return self._undefined_hint
        if self._undefined_obj is missing:
            return f"there is no '{self._undefined_name}'"
        of = type(self._undefined_obj).__name__.removesuffix("View").lower()
        return f"there is no '{self._undefined_name}' in this {of}"


class Function:
    """What a template may call. Subclasses implement `__call__`."""

    __slots__ = ()


class Members:
    """What has members for templates and nothing else: `x.name` is `x["name"]`. Subclasses implement
    `__getitem__`; a `KeyError` is a name that is not there."""

    __slots__ = ()

    def __getitem__(self, name: str) -> Any:
        raise KeyError(name)

    def __str__(self) -> str:
        return ""


class Code(CodeGenerator):
    """Sends comparisons and `~` through the environment, which knows what none means."""

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:  # noqa: N802 - Jinja2's naming
        self.write("environment.compare(")
        self.visit(node.expr, frame)
        for operand in node.ops:
            self.write(f", {operand.op!r}, ")
            self.visit(operand.expr, frame)
        self.write(")")

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - Jinja2's naming
        self.write("environment.concatenate(")
        for one in node.nodes:
            self.visit(one, frame)
            self.write(", ")
        self.write(")")

    def visit_List(self, node: nodes.List, frame: Frame) -> None:  # noqa: N802 - Jinja2's naming
        self.write("environment.weighed(")
        super().visit_List(node, frame)
        self.write(")")

    def visit_Tuple(self, node: nodes.Tuple, frame: Frame) -> None:  # noqa: N802 - Jinja2's naming
        if node.ctx != "load":
            super().visit_Tuple(node, frame)
            return
        self.write("environment.weighed(")
        super().visit_Tuple(node, frame)
        self.write(")")

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:  # noqa: N802 - Jinja2's naming
        self.write("environment.weighed(")
        super().visit_Dict(node, frame)
        self.write(")")


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of all templates of a project."""

    code_generator_class: type[CodeGenerator] = Code
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})
    intercepted_unops = frozenset({"+", "-"})

    @staticmethod
    def concat(pieces: Iterable[str]) -> str:
        """Joins what a rendering, a block or a macro yields, within the bound."""
        rest = iter(pieces)
        taken: list[str] = []
        size = 0
        while some := list(islice(rest, AT_A_TIME)):
            taken.append("".join(some))
            size += len(taken[-1])
            if size > MOST_CHARACTERS:
                raise SecurityError("the template makes too long a text")
        return "".join(taken)

    def __init__(self, loader: BaseLoader, filters: dict[str, Callable[..., Any]]) -> None:
        super().__init__(
            loader=loader,
            undefined=Missing,
            autoescape=lambda name: bool(name and name.endswith(".html")),
            finalize=_nothing_for_none,
            auto_reload=False,
            cache_size=-1,
            keep_trailing_newline=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.globals.clear()
        self.filters.clear()
        self.filters.update(filters)
        self.filters[_BOUND] = _count_rounds

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        for loop in source.find_all(nodes.For):
            wrapped = nodes.Filter(loop.iter, _BOUND, [], [], None, None, lineno=loop.lineno)
            wrapped.set_environment(self)
            loop.iter = wrapped
        return super()._generate(source, name, filename, defer_init)

    def made(self, source: str, name: str, filename: str = "inlined") -> Template:
        """A template of a source that is no file's; `filename` is what errors in it are told with."""
        code = self.compile(source, name=name, filename=filename)
        return Template.from_code(self, code, {}, None)

    def _load_template(self, name: str, globals: Any) -> Template:  # noqa: A002 - Jinja2's naming
        spend(STEPS_OF_A_FILE)
        return super()._load_template(name, globals)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Members):
            try:
                return obj[attribute]
            except KeyError:
                return self.undefined(obj=obj, name=attribute)
        return None if obj is None else super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if obj is None:
            return None
        if isinstance(obj, Members):
            return self._member(obj, str(argument))
        if isinstance(obj, (list, tuple)) and isinstance(argument, int):
            return obj[argument] if -len(obj) <= argument < len(obj) else None
        return super().getitem(obj, argument)

    def _member(self, obj: Members, name: str) -> Any:
        try:
            return obj[name]
        except KeyError:
            return self.undefined(obj=obj, name=name)

    def is_safe_callable(self, obj: Any) -> bool:
        if isinstance(getattr(obj, "__self__", None), LoopContext):
            return True
        return isinstance(obj, (Function, Macro, LoopContext, BlockReference, Undefined))

    def call(__self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - Jinja2's
        spend()
        return super().call(__context, __obj, *args, **kwargs)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002 - Jinja2's
        if left is None or right is None:
            return None
        if operator == "%" and not isinstance(left, (int, float)):
            raise SecurityError("'%' is for numbers only")
        for one in (left, right):
            if isinstance(one, int) and one.bit_length() > MOST_BITS:
                raise SecurityError("the template makes too big a number")
        if operator == "**" and not (isinstance(right, (int, float)) and abs(right) <= MOST_BITS):
            raise SecurityError("the template makes too big a number")
        spend_on(left, right)
        if operator in "*+":
            bounded(_size(left, right, operator))
        result = self.binop_table[operator](left, right)
        return self.weighed(result) if isinstance(result, list) else result

    def call_unop(self, context: Any, operator: str, arg: Any) -> Any:  # noqa: ARG002 - Jinja2's
        return None if arg is None else self.unop_table[operator](arg)

    def weighed(self, made: Any) -> Any:
        """A list or mapping made in a template, with all that is in it, within the bound: one that holds
        another twice doubles at each step."""
        _weigh(made, 0)
        return made

    def compare(self, left: Any, *ops: Any) -> bool:
        """`a < b < c` as `compare(a, 'lt', b, 'lt', c)`."""
        for at in range(0, len(ops), 2):
            name, right = ops[at], ops[at + 1]
            spend_on(left, right)
            if not _holds(left, name, right):
                return False
            left = right
        return True

    def concatenate(self, *parts: Any) -> str:
        """`a ~ b`, none as nothing; a text that is markup escapes the others."""
        spend_on(*parts)
        if any(isinstance(part, Markup) for part in parts):
            texts: list[str] = [escape("" if part is None else part) for part in parts]
            bounded(sum(map(len, texts)))
            return Markup("").join(texts)
        texts = ["" if part is None else str(part) for part in parts]
        bounded(sum(map(len, texts)))
        return "".join(texts)


_ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
}


def _holds(left: Any, name: str, right: Any) -> bool:
    if name == "eq" and type(left) is type(right) is str:
        return bool(left == right)
    if name in ("in", "notin"):
        try:
            inside = right is not None and left in right
        except TypeError:
            inside = False
        return inside is (name == "in")
    left, right = _alike(left, right), _alike(right, left)
    if name in ("eq", "ne"):
        return bool(left == right) is (name == "eq")
    if left is None or right is None:
        return False
    try:
        return bool(_ORDER[name](left, right))
    except TypeError:
        if isinstance(left, Undefined) or isinstance(right, Undefined):
            raise
        return False


def _alike(one: Any, other: Any) -> Any:
    """A moment that is held against a day counts as its day."""
    if isinstance(one, datetime) and isinstance(other, date) and not isinstance(other, datetime):
        return one.date()
    return one


def _size(left: Any, right: Any, operator: str) -> int:
    """About how long the outcome of `*` or `+` is, in characters or items; 0 for numbers."""
    lengths = [len(one) if isinstance(one, (str, list, tuple)) else None for one in (left, right)]
    if lengths == [None, None]:
        return 0
    if operator == "+":
        return sum(length or 0 for length in lengths)
    length = next(one for one in lengths if one is not None)
    times = right if lengths[1] is None else left
    return length * times if isinstance(times, int) else 0


def _weigh(made: Any, before: int) -> int:
    """How many items are in a list or mapping and all that it holds, and `before`."""
    weight = before + 1
    if isinstance(made, (list, tuple, dict)):
        for one in made.values() if isinstance(made, dict) else made:
            weight = _weigh(one, weight)
            if weight > MOST_ITEMS:
                raise SecurityError("the template makes too long a list")
    return weight


def _nothing_for_none(value: Any) -> Any:
    return "" if value is None else value


def _count_rounds(iterable: Any) -> Iterator[Any] | list[Any]:
    """Takes one step of the budget for each round of a loop; none is an empty list."""
    if iterable is None:
        return []
    if isinstance(iterable, Undefined):
        return iter(iterable)
    if isinstance(iterable, (list, tuple, str)):
        spend(len(iterable))
        return iterable if isinstance(iterable, list) else list(iterable)
    return _counted(iterable)


def _counted(iterable: Iterable[Any]) -> Iterator[Any]:
    for one in iterable:
        spend()
        yield one

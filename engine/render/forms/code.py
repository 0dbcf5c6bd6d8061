"""Templates compiled so that they give marks in place of values."""

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.loaders import BaseLoader
from jinja2.runtime import BlockReference, LoopContext, Macro

from engine.language.template_files import TEMPLATES
from engine.render.forms.marking import CLOSE, OPEN, Captured, Gathered, NotAFormError
from engine.render.sandbox import Code, Sandbox
from engine.render.views import ROOTS, SCALARS, Known, Paths

_CAPTURE = "captured_text"
_OF_THE_FORM = frozenset({"date", "locale", "channel"})
"""Members of `message` that are the same for many messages."""
_OF_THE_LOOP = frozenset(
    {"index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0"}
)


_ROOTS = frozenset({*ROOTS, *SCALARS, "brand", "message"}) - {"loop"}
"""Names that mean the same wherever they stand; a template that gives one another meaning is no form."""


_WITHOUT_CONTEXT = (nodes.Import, nodes.FromImport)
_ALL = (*_WITHOUT_CONTEXT, nodes.Include, nodes.Extends)
_EQUALITY = {"eq": "==", "ne": "!="}
_PURE_FILTERS = frozenset(
    {
        "date",
        "money",
        "km",
        "number",
        "default",
        "d",
        "upper",
        "lower",
        "capitalize",
        "title",
        "trim",
        "replace",
    }
    | {"truncate", "int", "float", "round", "abs", "string", "length", "count", "join"}
)
"""Those that give no generator, which could be gone through once only."""


class _Marking(Code):
    """An output gives a mark, and leaves its value with what is gathered; one that is the same for all of a brand, a
    locale and a day, or that the number of rounds tells, gives itself.

    What a message's own names lead to is looked up once for each message (`FormSandbox.known`), what depends on brand,
    locale and day only once for all (`.alike`); not so in files that are imported, where those names are not there."""

    environment: "FormSandbox"

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja2's
        self._own_names = (
            f"{TEMPLATES}/{(self.name or '').removeprefix(f'{TEMPLATES}/')}" not in self.environment.apart
        )
        self._fixed = fixed_names(node)
        super().visit_Template(node, frame)

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - Jinja2's naming
        if self._shared(node, frame, super().visit_Getattr):
            return
        path = path_of(node) if self._own_names else ""
        if path:
            self.write(f"environment.known[{path!r}]")
        else:
            super().visit_Getattr(node, frame)

    def visit_Filter(self, node: nodes.Filter, frame: Frame) -> None:  # noqa: N802 - Jinja2's naming
        if not self._shared(node, frame, super().visit_Filter):
            super().visit_Filter(node, frame)

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:  # noqa: N802 - Jinja2's naming
        if self._shared(node, frame, super().visit_Compare):
            return
        operand = node.ops[0]
        if len(node.ops) > 1 or operand.op not in _EQUALITY or not _is_text(operand.expr):
            super().visit_Compare(node, frame)
            return
        self.write("(")  # against a text nothing but itself is equal
        self.visit(node.expr, frame)
        self.write(f" {_EQUALITY[operand.op]} ")
        self.visit(operand.expr, frame)
        self.write(")")

    def visit_CallBlock(self, node: nodes.CallBlock, frame: Frame) -> None:  # noqa: N802 - Jinja2's naming
        call_frame, macro = self.macro_body(node, frame)
        self.writeline("caller = ")
        self.macro_def(macro, call_frame)
        self.start_write(frame, node)
        self.write(f"environment.constant({self._escaped(frame)}, ")
        self.visit_Call(node.call, frame, forward_caller=True)
        self.write(")")
        self.end_write(frame)

    def _shared(self, node: nodes.Expr, frame: Frame, visit: Callable[[Any, Frame], None]) -> bool:
        if not self._own_names or not is_shared(node):
            return False
        number = self.environment.number(f"shared {node!r}")
        shared = f"environment.alike[{number}] if {number} in environment.alike"
        self.write(f"({shared} else environment.share({number}, ")
        visit(node, frame)
        self.write("))")
        return True

    def _output_const_repr(self, group: Any) -> str:
        said = super()._output_const_repr(group)
        if repr(OPEN)[1:-1] in said or repr(CLOSE)[1:-1] in said:
            raise NotAFormError
        return said

    def _output_child_pre(
        self,
        node: nodes.Expr,
        frame: Frame,
        finalize: CodeGenerator._FinalizeInfo,  # noqa: ARG002
    ) -> None:
        if is_fixed(node, self._fixed):
            self.write(f"environment.constant({self._escaped(frame)}, ")
        else:
            self.write(f"environment.mark({self._number(node)}, {self._escaped(frame)}, ")

    def _output_child_post(
        self,
        node: nodes.Expr,  # noqa: ARG002
        frame: Frame,  # noqa: ARG002
        finalize: CodeGenerator._FinalizeInfo,  # noqa: ARG002
    ) -> None:
        self.write(")")

    def _escaped(self, frame: Frame) -> str:
        if frame.eval_ctx.volatile:
            return "context.eval_ctx.autoescape"
        return str(bool(frame.eval_ctx.autoescape))

    def _number(self, node: nodes.Expr) -> int:
        """The same for the same expression over names that are a message's own wherever they stand."""
        names = {one.name for one in _names(node)}
        if not self._own_names or not names <= _ROOTS:
            return -1
        return self.environment.number(repr(node))


class FormSandbox(Sandbox):
    """The environment in which templates give marks: those of one message at a time, which `begin` names."""

    code_generator_class: type[CodeGenerator] = _Marking

    mark: Callable[[int, bool, Any], str]
    constant: Callable[[bool, Any], str]

    def __init__(self, loader: BaseLoader, filters: dict[str, Callable[..., Any]]) -> None:
        super().__init__(loader, filters)
        self.apart: set[str | None] = set()
        """Files whose names are their own: those that are imported."""
        self.known = Known({}, Paths(), self.getattr)
        self.alike: dict[int, Any] = {}
        self._numbers: dict[str, int] = {}
        self._compiled: set[str] = set()
        self.filters[_CAPTURE] = lambda shown: Captured(shown, self._given)
        tests: dict[str, Any] = dict(self.tests)
        self.tests = {name: _unless_captured(test) for name, test in tests.items()}
        self.begin(Gathered(), self.known, self.alike)

    def known_of(self, names: Mapping[str, Any], paths: Paths) -> Known:
        """What is known of a message with these names; `paths` are those of its template."""
        return Known(names, paths, self.getattr)

    def begin(self, given: Gathered, known: Known, alike: dict[int, Any]) -> None:
        """Gathers in `given` from now on, of the message of which that is `known`; `alike` holds what is the same for
        all of its brand, locale and day."""
        self._given = given
        self.mark = given.mark
        self.constant = given.constant
        self.known = known
        self.alike = alike

    def share(self, number: int, value: Any) -> Any:
        self.alike[number] = value
        return value

    def number(self, expression: str) -> int:
        return self._numbers.setdefault(expression, len(self._numbers))

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        if any(True for _ in looked_at(source)) or any(True for _ in renamed(source)):
            raise NotAFormError
        place = _path_in_project(name or "")
        kinds = _ALL if place in self.apart else _WITHOUT_CONTEXT
        apart = set(referred(source, kinds)) - self.apart
        if None in apart or apart & self._compiled:
            raise NotAFormError
        self.apart |= apart
        self._compiled.add(place)
        _capture(source)
        return super()._generate(source, name, filename, defer_init)

    def call(__self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - Jinja2's
        given = super().call(__context, __obj, *args, **kwargs)
        if isinstance(__obj, (Macro, BlockReference, LoopContext)):
            return Captured(given, __self._given)
        return given

    def compare(self, left: Any, *ops: Any) -> bool:
        if type(left) is Captured or Captured in map(type, ops):
            raise NotAFormError
        return super().compare(left, *ops)


def looked_at(source: nodes.Template) -> Iterator[tuple[nodes.Node, str]]:
    """What in a template looks at a text with values in it, and why that keeps it from being a form."""
    for block in source.find_all(nodes.FilterBlock):
        yield block, "a filter is applied to a whole text"
    for capture in source.find_all(nodes.AssignBlock):
        if capture.filter is not None:
            yield capture, "a filter is applied to a whole text"
        elif not isinstance(capture.target, nodes.Name):
            yield capture, "a text is kept under another name than a simple one"


def path_of(node: nodes.Expr) -> str:
    """`customer.address.city` of an expression that is just that, of a message's own names; else empty."""
    names: list[str] = []
    while isinstance(node, nodes.Getattr):
        names.append(node.attr)
        node = node.node
    return ".".join([node.name, *names[::-1]]) if isinstance(node, nodes.Name) and node.name in _ROOTS else ""


def is_shared(node: nodes.Node, names: frozenset[str] = frozenset()) -> bool:
    """Whether an expression is certain to give the same for all messages of a brand, a locale and a day, if `names`
    do."""
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name == "message":
        return node.attr in _OF_THE_FORM
    if isinstance(node, nodes.Name):
        return node.name == "brand" or node.name in names
    if isinstance(node, nodes.Filter) and node.name not in _PURE_FILTERS:
        return False
    if not isinstance(node, (nodes.Getattr, nodes.Filter, nodes.Compare, nodes.Operand, nodes.Literal)):
        return False
    return all(is_shared(child, names) for child in node.iter_child_nodes())


def is_shared_text(source: nodes.Template) -> bool:
    """The same of a whole text: plain names, branches and outputs."""
    names: frozenset[str] = frozenset()
    for node in source.body:
        if isinstance(node, nodes.Assign) and isinstance(node.target, nodes.Name):
            if not is_shared(node.node, names):
                return False
            names |= {node.target.name}
        elif not _is_shared_part(node, names):
            return False
    return not names & _ROOTS


def _is_shared_part(node: nodes.Node, names: frozenset[str]) -> bool:
    if isinstance(node, nodes.TemplateData):
        return True
    if isinstance(node, (nodes.Output, nodes.If)):
        return all(_is_shared_part(child, names) for child in node.iter_child_nodes())
    return isinstance(node, nodes.Expr) and is_shared(node, names)


def is_fixed(node: nodes.Node, names: frozenset[str]) -> bool:
    """Whether an expression depends on nothing that differs between messages of a brand, a locale and a day; `names`
    are those of the template that do not either. It may err: then there are more forms, or more values."""
    if any(True for _ in node.find_all(nodes.Call)) or isinstance(node, nodes.Call):
        return False
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        if node.node.name == "message":
            return node.attr in _OF_THE_FORM
        if node.node.name == "loop":
            return node.attr in _OF_THE_LOOP
    if isinstance(node, nodes.Name):
        return node.name in names
    return all(is_fixed(child, names) for child in node.iter_child_nodes())


def fixed_names(template: nodes.Template) -> frozenset[str]:
    assigned: dict[str, list[nodes.Node]] = {}
    for assign in template.find_all(nodes.Assign):
        for target in _names(assign.target):
            assigned.setdefault(target.name, []).append(assign.node)
    others = {one.name for one in template.find_all(nodes.Name) if one.ctx in ("store", "param")} - set(
        assigned
    )
    others |= {one.name for loop in template.find_all(nodes.For) for one in _names(loop.target)}
    fixed = frozenset({"brand", *(_imported(template))}) - others
    while more := {
        name
        for name, values in assigned.items()
        if name not in fixed | others and all(is_fixed(value, fixed) for value in values)
    }:
        fixed |= more
    return fixed


def _is_text(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.Const) and isinstance(node.value, str)


def renamed(template: nodes.Template) -> Iterator[tuple[str, int]]:
    """The names that mean the same everywhere, and that this template gives another meaning, with the line."""
    for one in template.find_all(nodes.Name):
        if one.name in _ROOTS and one.ctx in ("store", "param"):
            yield one.name, one.lineno
    for macro in template.find_all(nodes.Macro):
        if macro.name in _ROOTS:
            yield macro.name, macro.lineno
    for given in template.find_all((nodes.Import, nodes.FromImport)):
        yield from ((name, given.lineno) for name in _imported(given) if name in _ROOTS)


def referred(template: nodes.Template, kinds: tuple[type[nodes.Node], ...] = _ALL) -> Iterator[str | None]:
    """The files that a template brings in, in these ways; None for one of which only a rendering tells."""
    for node in template.find_all(kinds):
        given: nodes.Expr = node.template  # type: ignore[attr-defined]
        if isinstance(given, nodes.Const) and isinstance(given.value, str):
            yield _path_in_project(given.value)
        else:
            yield None


def _path_in_project(name: str) -> str:
    return f"{TEMPLATES}/{name.removeprefix(f'{TEMPLATES}/')}"


def _imported(node: nodes.Node) -> Iterator[str]:
    for one in (node, *node.find_all((nodes.Import, nodes.FromImport))):
        if isinstance(one, nodes.Import):
            yield one.target
        elif isinstance(one, nodes.FromImport):
            yield from (name if isinstance(name, str) else name[1] for name in one.names)


def _names(node: nodes.Node) -> Iterator[nodes.Name]:
    if isinstance(node, nodes.Name):
        yield node
    yield from node.find_all(nodes.Name)


def _capture(source: nodes.Node) -> None:
    """After each block of `set`, lets the name stand for something that only printing sees through."""
    for _, value in list(source.iter_fields()):
        if not isinstance(value, list):
            if isinstance(value, nodes.Node):
                _capture(value)
            continue
        for place in range(len(value) - 1, -1, -1):
            node = value[place]
            if isinstance(node, nodes.Node):
                _capture(node)
            if isinstance(node, nodes.AssignBlock) and isinstance(node.target, nodes.Name):
                value.insert(place + 1, _recaptured(node, node.target.name))


def _recaptured(node: nodes.AssignBlock, name: str) -> nodes.Assign:
    line = node.lineno
    shown = nodes.Filter(nodes.Name(name, "load", lineno=line), _CAPTURE, [], [], None, None, lineno=line)
    again = nodes.Assign(nodes.Name(name, "store", lineno=line), shown, lineno=line)
    assert node.environment is not None
    again.set_environment(node.environment)
    return again


def _unless_captured(test: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if Captured in map(type, args):
            raise NotAFormError
        return test(*args, **kwargs)

    return wraps(test)(guarded)

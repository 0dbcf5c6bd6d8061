"""An expression's text, from its tree: written in one way, however it was written."""

from collections.abc import Callable
from typing import Any

from jinja2 import nodes

_COMPARISONS = {
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "lteq": "<=",
    "gt": ">",
    "gteq": ">=",
    "in": "in",
    "notin": "not in",
}


def unparse(node: nodes.Node) -> str:
    """The text of a tree that the language has accepted."""
    for kind, text in _TEXTS:
        if isinstance(node, kind):
            return text(node)
    return "…"


def _inner(node: nodes.Node) -> str:
    """Inside of another one: in parentheses, where it would fall apart."""
    loose = isinstance(node, nodes.Not | nodes.CondExpr | nodes.Compare | nodes.BinExpr | nodes.Concat)
    return f"({unparse(node)})" if loose else unparse(node)


def _joined(node: nodes.BinExpr) -> str:
    """`a and b and c` is nested to the left; comparisons bind closer than `and` and `or`."""
    plain = isinstance(node, nodes.And | nodes.Or)
    left, right = (
        unparse(one) if plain and isinstance(one, type(node) | nodes.Compare | nodes.Not) else _inner(one)
        for one in (node.left, node.right)
    )
    return f"{left} {node.operator} {right}"


def _compared(node: nodes.Compare) -> str:
    return " ".join([_inner(node.expr), *(f"{_COMPARISONS[one.op]} {_inner(one.expr)}" for one in node.ops)])


def _either(node: nodes.CondExpr) -> str:
    otherwise = "" if node.expr2 is None else f" else {_inner(node.expr2)}"
    return f"{_inner(node.expr1)} if {_inner(node.test)}{otherwise}"


def _filtered(node: nodes.Filter) -> str:
    value = "" if node.node is None else _inner(node.node)
    return f"{value} | {node.name}" + (f"({_listed(node.args)})" if node.args else "")


def _const(node: nodes.Const) -> str:
    value = node.value
    return str(value).lower() if value is None or isinstance(value, bool) else repr(value)


def _listed(several: list[nodes.Expr]) -> str:
    return ", ".join(map(unparse, several))


_TEXTS: tuple[tuple[type[nodes.Node], Callable[[Any], str]], ...] = (
    (nodes.Name, lambda node: str(node.name)),
    (nodes.Const, _const),
    (nodes.Getattr, lambda node: f"{_inner(node.node)}.{node.attr}"),
    (nodes.Getitem, lambda node: f"{_inner(node.node)}[{unparse(node.arg)}]"),
    (nodes.Call, lambda node: f"{_inner(node.node)}({_listed(node.args)})"),
    (nodes.Filter, _filtered),
    (nodes.Test, lambda node: f"{_inner(node.node)} is {node.name}"),
    (nodes.Compare, _compared),
    (nodes.Not, lambda node: f"not {_inner(node.node)}"),
    (nodes.Neg, lambda node: f"-{_inner(node.node)}"),
    (nodes.Pos, lambda node: f"+{_inner(node.node)}"),
    (nodes.BinExpr, _joined),
    (nodes.Concat, lambda node: " ~ ".join(map(_inner, node.nodes))),
    (nodes.CondExpr, _either),
    (nodes.List, lambda node: f"[{_listed(node.items)}]"),
    (nodes.Tuple, lambda node: f"[{_listed(node.items)}]"),
)

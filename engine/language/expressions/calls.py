"""The two functions of the language: `customer.last('TYPE')` and `customer.count('TYPE')`."""

from typing import Any

from jinja2 import nodes

from engine.language.expressions.filters import FILTERS
from engine.language.expressions.names import FUNCTIONS, Naming
from engine.language.expressions.parse import end_of, start_of
from engine.language.expressions.typed import Typed
from engine.language.expressions.types import NUMBER
from engine.language.nearest import did_you_mean
from engine.language.report import Fault
from engine.model.events import kept_event
from engine.model.journeys import Expression
from engine.model.scope import Scope


def call_of(naming: Naming, node: nodes.Call) -> Typed | Fault:
    """What a call gives, or what is wrong with it."""
    function = _function(node.node)
    if function is None or "customer" not in naming.vocabulary.roots:
        message = "nothing can be called but customer.last and customer.count"
        name = getattr(node.node, "attr", "")
        hint = f"there is a filter: '| {name}'" if name in FILTERS else ""
        start = start_of(node)
        return Fault("not-allowed", message, hint, start, end_of(node.node, naming.text) - start)
    if function not in FUNCTIONS:
        hint = did_you_mean(function, FUNCTIONS, "there are customer.last and customer.count")
        return Fault("not-allowed", f"customer has no function '{function}'", hint, start_of(node), 1)
    name = _only_text(node)
    if name is None:
        hint = f"write customer.{function}('purchase.recorded')"
        return Fault("not-allowed", f"'{function}' takes one event type, in quotes", hint, start_of(node), 1)
    event = naming.vocabulary.events(name)
    if event is None:
        offset = naming.text.find(name, start_of(node))
        hint = did_you_mean(name, naming.vocabulary.event_names)
        return Fault("unknown-event", f"unknown event type '{name}'", hint, offset, len(name))
    path = f"customer.{function}('{name}')"
    if function == "count":
        return Typed(NUMBER, _count(name), path)
    naming.vocabulary.asked(name)
    return Typed(event, _last(name), path)


def _function(node: nodes.Node) -> str | None:
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name == "customer":
        return str(node.attr)
    return None


def _only_text(node: nodes.Call) -> str | None:
    if node.kwargs or node.dyn_args or node.dyn_kwargs or len(node.args) != 1:
        return None
    argument = node.args[0]
    return argument.value if isinstance(argument, nodes.Const) and isinstance(argument.value, str) else None


def _last(name: str) -> Expression:
    def last(scope: Scope) -> Any:
        customer = scope.customer
        key = None if customer is None else customer.last.get(name)
        return None if customer is None or key is None else kept_event(customer.kept[key])

    return last


def _count(name: str) -> Expression:
    return lambda scope: 0 if scope.customer is None else scope.customer.counts.get(name, 0)

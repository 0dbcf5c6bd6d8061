"""Expressions: what journeys ask of events, customers, vehicles, and what templates may name.

Laws
1. One language: Jinja2's own parser reads it, here and in templates; but nothing of Jinja2 evaluates it. A
   whitelist turns the tree into one Python closure over `engine.model.scope.Scope`.
2. What is not on the whitelist is refused, with a place: no attribute of a Python object is ever looked up by
   a name from a file, nothing is called but `customer.last` and `customer.count`.
3. Every name and comparison is checked against the vocabulary before anything runs; at run time no data makes
   an expression raise: what cannot be computed is none.
4. None: `==` and `!=` compare it, the orderings are false with it, it is false as a condition, its members
   and whatever is computed with it are none.

`types` and `vocabulary` say what there is, `parse` reads, `translate` checks and compiles, `operators` and
`filters` hold what runs.
"""

from engine.language.expressions.compile import (
    Compiled,
    compile_condition,
    compile_expression,
    compile_value,
)
from engine.language.expressions.types import Type
from engine.language.expressions.vocabulary import Lexicon, Vocabulary

__all__ = [
    "Compiled",
    "Lexicon",
    "Type",
    "Vocabulary",
    "compile_condition",
    "compile_expression",
    "compile_value",
]

"""Names and members looked up in the vocabulary, with what to say where they are not there."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from engine.language.expressions.filters import FILTERS
from engine.language.expressions.typed import Typed, member
from engine.language.expressions.types import ListOf, Record, is_moment
from engine.language.expressions.vocabulary import Vocabulary
from engine.language.nearest import did_you_mean, nearest
from engine.language.report import Fault

FUNCTIONS = ("last", "count")


class Naming(NamedTuple):
    """What names are looked up in; `text` is the expression's, for places; faults go to `faults`. `others`
    are further names that a misspelt one may have been meant to be."""

    vocabulary: Vocabulary
    text: str
    faults: list[Fault]
    others: Callable[[], Iterable[str]] = tuple


def resolve_name(naming: Naming, name: str, offset: int) -> Typed | None:
    """What `name` stands for; None, with a fault, for an unknown one."""
    vocabulary = naming.vocabulary
    root = vocabulary.roots.get(name)
    if root is not None:
        return Typed(root.type, root.get, name)
    absence = vocabulary.absent.get(name)
    if absence is not None:
        naming.faults.append(Fault(absence.code, absence.message, absence.hint, offset, len(name)))
        return None
    owners = [key for key, one in vocabulary.roots.items() if _has(one.type, name)]
    known = [*naming.others(), *vocabulary.roots]
    if owners and nearest(name, known) is None:
        hint = f"did you mean '{owners[0]}.{name}'?"
    else:
        hint = did_you_mean(name, known, f"the names here are {', '.join(known)}; a text needs quotes")
    naming.faults.append(Fault("unknown-name", f"unknown name '{name}'", hint, offset, len(name)))
    return None


def _has(kind: object, name: str) -> bool:
    return isinstance(kind, Record) and name in kind.members


def resolve_member(naming: Naming, base: Typed, name: str, dot: int) -> Typed | None:
    """The member `name` of `base`; `dot` is the offset of what stands before the name."""
    found = member(base, name)
    if found is not None:
        return found
    offset = _after(naming.text, dot, name)
    naming.faults.append(_missing(base, name, offset))
    return None


def _missing(base: Typed, name: str, offset: int) -> Fault:
    if isinstance(base.type, Record):
        if base.type.name == "customer" and name in FUNCTIONS:
            hint = f"write customer.{name}('purchase.recorded')"
            return Fault("unknown-name", f"'{name}' needs an event type", hint, offset, len(name))
        message = f"unknown member '{name}' of {base.type.name}"
        members = base.type.members
        few = f"there are {', '.join(members)}" if len(members) <= 16 else ""
        return Fault("unknown-name", message, did_you_mean(name, members, few), offset, len(name))
    if isinstance(base.type, ListOf):
        hint = "name one of its items, such as [0] or `| first`"
        return Fault("wrong-type", f"a list has no member '{name}'", hint, offset, len(name))
    hint = "subtract dates to get days: today - event.time" if is_moment(base.type) else ""
    if name in FILTERS:
        hint = f"write '| {name}' behind it"
    return Fault("wrong-type", f"{base.type.words} has no member '{name}'", hint, offset, len(name))


def _after(text: str, offset: int, name: str) -> int:
    """Where `name` stands, from `offset` on."""
    found = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)").search(text, offset)
    return found.start() if found else offset

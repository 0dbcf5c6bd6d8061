"""A member that is null or a blank text is not stated: dealers' software writes both for 'nothing'."""

from collections.abc import Mapping
from typing import Any

from engine.model.event_types import Kind, Member

BLANKS = " \u3000"
"""What a blank text consists of, if of anything: blanks, Latin and ideographic."""


def drop_blanks(value: dict[str, Any], members: Mapping[str, Member]) -> bool:
    """Takes the known members that state nothing out of `value`, in place, and tells whether there were any.
    Unknown members stay as they came."""
    dropped = False
    for name in [name for name in value if name in members]:
        inner = value[name]
        if inner is None or (isinstance(inner, str) and not inner.strip(BLANKS)):
            del value[name]
            dropped = True
        elif isinstance(inner, dict | list):
            dropped |= _drop_inside(inner, members[name])
    return dropped


def _drop_inside(value: dict[str, Any] | list[Any], member: Member) -> bool:
    if isinstance(value, dict):
        return member.kind is Kind.OBJECT and drop_blanks(value, member.members)
    item = member.item
    if item is None:
        return False
    dropped = False
    for one in value:
        if isinstance(one, dict | list):
            dropped |= _drop_inside(one, item)
    return dropped

"""A fault on its way to becoming a rejection."""

from collections.abc import Iterable
from typing import NamedTuple


class Fault(NamedTuple):
    """`field` is the member's path (`data.tyres[0].quantity`), empty for the line as a whole."""

    field: str
    reason: str


def path(parts: Iterable[str | int]) -> str:
    """`("data", "tyres", 0, "quantity")` as people write it."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text

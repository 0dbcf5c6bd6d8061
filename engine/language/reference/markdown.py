"""Markdown that pages of the reference share."""

from collections.abc import Iterable

GENERATED = "<!-- Generated from the code; a test keeps it current. -->"


def rows(heads: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> str:
    """A table."""
    cells = [heads, tuple("---" for _ in heads), *lines]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in cells)

"""The diagnostics: what each code means, with a wrong and a right example.

Laws
1. Every code that the language reports is here, and every one here is reported by something.
2. The examples are run by a test: the wrong one gives exactly its code, the right one gives nothing.
3. A code, once published, keeps its meaning.

`codes` and `explain` are what others use; the entries stand in `files`, `keys`, `journeys`, `policy`, `expressions`,
`templates` and `journey_tests`, in the order in which people meet them.
"""

from textwrap import fill

from engine.language.registry import expressions, files, journey_tests, journeys, keys, policy, templates
from engine.language.registry.entries import Code, Example

GROUPS: tuple[tuple[str, tuple[Code, ...]], ...] = (
    ("Files", files.CODES),
    ("Keys and values", keys.CODES),
    ("Journeys", journeys.CODES),
    ("Policy", policy.CODES),
    ("Expressions", expressions.CODES),
    ("Templates and brands", templates.CODES),
    ("Journey tests", journey_tests.CODES),
)
_WIDTH = 88
REGISTRY: dict[str, Code] = {code.name: code for _, group in GROUPS for code in group}


def codes() -> tuple[str, ...]:
    """The codes that there are."""
    return tuple(REGISTRY)


def explain(code: str) -> str | None:
    """What `code` means, for a terminal; None for an unknown one."""
    entry = REGISTRY.get(code)
    if entry is None:
        return None
    parts = [
        f"{entry.name}: {entry.title}",
        fill(entry.explanation, _WIDTH),
        _shown("Wrong", entry.wrong),
        _shown("Right", entry.right),
    ]
    return "\n\n".join(parts)


def _shown(heading: str, example: Example) -> str:
    lines = [f"{heading} ({example.file}):", ""]
    lines += [f"    {line}".rstrip() for line in example.shown.splitlines()]
    return "\n".join(lines)


__all__ = ["GROUPS", "REGISTRY", "Code", "Example", "codes", "explain"]

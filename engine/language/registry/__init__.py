"""The diagnostics: what each code means, with a wrong and a right example.

Laws
1. Every code that the language reports is here, and every one here is reported by something.
2. The examples are run by a test, in a sound project (`examples`): the wrong one gives exactly its code, the right one
   gives nothing. What is said of the wrong one is shown wherever the code is explained, as it is said then.
3. A code, once published, keeps its meaning.

The entries stand in `files`, `keys`, `journeys`, `policy`, `expressions`,
`templates` and `journey_tests`, in the order in which people meet them.
"""

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
REGISTRY: dict[str, Code] = {code.name: code for _, group in GROUPS for code in group}


def codes() -> tuple[str, ...]:
    """The codes that there are."""
    return tuple(REGISTRY)


__all__ = ["GROUPS", "REGISTRY", "Code", "Example", "codes"]

"""Keys as data: which there are, how their values are written, what they are for.

Laws
1. One definition of a key serves the checker, the JSON Schema for editors and the reference.
2. A key that nobody knows is an error, never passed over.
3. Reading goes on after a fault: what is faulty reads as None, and has been reported.
"""

from engine.language.keys.kinds import (
    Kind,
    ListKind,
    Named,
    NodeKind,
    Placed,
    TextKind,
    choice,
    scalar_text,
)
from engine.language.keys.tables import Fields, Key, MappingKind, Table

__all__ = [
    "Fields",
    "Key",
    "Kind",
    "ListKind",
    "MappingKind",
    "Named",
    "NodeKind",
    "Placed",
    "Table",
    "TextKind",
    "choice",
    "scalar_text",
]

"""YAML files as marketers write them, read into nodes that know their places.

Laws
1. Scalars stay the text that was written: `no`, `1.10` and `10:00` mean what the key they stand under says.
2. What YAML has beyond keys, lists and texts (anchors, aliases, tags, several documents) is refused: a file
   means what it shows.
3. Every fault of a file is a diagnostic; nothing is raised, and a file with a fault still gives all the nodes
   that could be read.
"""

from engine.language.source.nodes import (
    Entry,
    FaultyNode,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    Source,
    canonical,
    plain,
)
from engine.language.source.reader import read_yaml, read_yaml_file

__all__ = [
    "Entry",
    "FaultyNode",
    "MappingNode",
    "Node",
    "ScalarNode",
    "SequenceNode",
    "Source",
    "canonical",
    "plain",
    "read_yaml",
    "read_yaml_file",
]

"""Layer 2: the journey language. From a project's files to the `Program` that decisions are made by, or to
the diagnostics that say what is wrong.

Laws
1. Bad input is a value: whatever stands in a file, the answer is a list of diagnostics with places and hints,
   never an exception; all faults of all files are found in one go.
2. Every key is defined once (`keys`, and the tables of `journeys` and `policy`): the checker, the JSON Schema
   and the reference are made from that. Every diagnostic has a code that `registry` explains.
3. Nothing from a file is ever run: expressions become closures made of checked parts only (`expressions`).
4. The same files give the same program and the same diagnostics, in the same order.

From the ground up: `report` (places, the list of faults), `source` (YAML with places), `units`, `dates`,
`schedules`, `keys` and `words` (how values are written), `expressions`, `policy`, `journeys`, `template_files`
and `texts` (templates), `project` (a folder), `registry` (codes), `frames` (for terminals), `schema` and
`reference` (generated for editors and readers).
"""

from engine.language.frames import frame
from engine.language.project import Loaded, load_project
from engine.language.registry import codes

__all__ = ["Loaded", "codes", "frame", "load_project"]

"""Pictures of the architecture, drawn from the code: which layer imports which, and the ways of a message.

In a page, what stands between `<!-- drawn: NAME -->` and `<!-- end -->` is drawn anew.
"""

import re
from collections import Counter

import grimp

from engine.model.messages import TRANSITIONS

_PLACE = re.compile(r"(<!-- drawn: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

LAYERS = (
    ("cli",),
    ("demo",),
    ("wiring",),
    ("sim",),
    ("store", "render", "channels"),
    ("intake", "runtime"),
    ("ports",),
    ("language", "decide", "odometer"),
    ("model",),
)


def redrawn(page: str) -> str:
    return _PLACE.sub(lambda found: f"{found[1]}{_DRAWINGS[found[2]]()}\n{found[3]}", page)


def _imports() -> Counter[tuple[str, str]]:
    """How many imports go from one package of the engine to another."""
    graph = grimp.build_graph("engine", cache_dir=None)
    found: Counter[tuple[str, str]] = Counter()
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            pair = tuple([*name.split("."), "", ""][1] for name in (module, imported))
            if all(pair) and pair[0] != pair[1]:
                found[pair[0], pair[1]] += 1
    return found


def _layers() -> str:
    lines = ["```mermaid", "flowchart TB"]
    for number, layer in enumerate(LAYERS):
        lines.append(f"  subgraph L{number}[ ]")
        lines += [f"    {name}[engine/{name}]" for name in layer]
        lines.append("  end")
    lines += [f"  {above} --> {below}" for above, below in sorted(_imports())]
    return "\n".join([*lines, "```"])


def _states() -> str:
    lines = ["```mermaid", "stateDiagram-v2", "  [*] --> queued", "  [*] --> skipped", "  [*] --> held"]
    for status, following in TRANSITIONS.items():
        lines += [f"  {status} --> {one}" for one in sorted(following)]
        if not following:
            lines.append(f"  {status} --> [*]")
    return "\n".join([*lines, "```"])


_DRAWINGS = {"layers": _layers, "states": _states}

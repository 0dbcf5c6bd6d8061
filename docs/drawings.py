"""Pictures of the architecture, drawn from the code: which layer imports which, the states of a message, the topics on
an event's way and for how long they are kept, and the steps of a batch, which are the numbered ones of the modules that
do them.

In a page, what stands between `<!-- drawn: NAME -->` and `<!-- end -->` is drawn anew.
"""

import re
from collections import Counter
from types import ModuleType

import grimp

from engine.bus.topics import TopicSettings
from engine.model.messages import TRANSITIONS
from engine.runtime import advance, announcer, deliver
from engine.runtime.stages import Topics, inbox

_PLACE = re.compile(r"(<!-- drawn: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

LAYERS = (
    ("cli",),
    ("demo", "report"),
    ("wiring",),
    ("sim",),
    ("store", "render", "channels", "bus", "pages"),
    ("client",),
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


_PATH = """\
```mermaid
flowchart LR
  dealers([dealers]) --> inbox[/"{inbox}"/]
  inbox --> inbox_stage["inbox stage<br>check, whom is it about"]
  inbox_stage --> events[/"{events}"/]
  events --> events_stage["events stage<br>decide"]
  timers([timers, schedules]) --> events_stage
  inbox_stage & events_stage --> rejected[/"{rejected}"/]
  inbox_stage & events_stage <--> store[("PostgreSQL<br>customers · log · ledger")]
  store <--> sender["sender<br>ask again, render, hand over"]
  sender --> letters([letters]) & email([email]) & sms([SMS])
  store <--> announcer["announcer<br>what became of messages"]
  announcer --> messages[/"{messages}"/]
  subgraph worker [" each worker, for the partitions it owns "]
    inbox_stage
    events_stage
    sender
    announcer
  end
```"""


def _path() -> str:
    kept = {
        topic.name: f"{topic.name}<br>kept {int(topic.configs['retention.ms']) // 86_400_000} days"
        for topic in TopicSettings().topics()
    }
    return _PATH.format(**{name: kept[topic] for name, topic in Topics()._asdict().items()})


_STEP = re.compile(r"^(\d)\. ([^.:;(]+)", re.MULTILINE)
_BATCHES = (
    ("inbox", "inbox stage: a batch of records", inbox, "the offset is committed"),
    ("events", "events stage: a batch of events", advance, "the offset is committed"),
    ("sender", "sender: a message", deliver, "sent"),
    ("announcer", "announcer: outcomes", announcer, "told"),
)


def _steps() -> str:
    lines = ["```mermaid", "flowchart TB"]
    for name, title, module, end in reversed(_BATCHES):  # as Mermaid sets them from right to left
        steps = _steps_of(module)
        lines += [f'  subgraph {name} ["{title}"]', "    direction TB"]
        lines += [f'    {name}{number}["{number} · {text}"]' for number, text in steps]
        nodes = [f"{name}{number}" for number, _ in steps]
        lines += [f'    {" --> ".join(nodes)} --> {name}_end(["{end}"])', "  end"]
    return "\n".join([*lines, "```"])


def _steps_of(module: ModuleType) -> list[tuple[str, str]]:
    """The numbers and first clauses of the steps that its docstring tells."""
    return [
        (number, " ".join(text.replace("`", "").split()))
        for number, text in _STEP.findall(module.__doc__ or "")
    ]


_DRAWINGS = {"layers": _layers, "states": _states, "path": _path, "steps": _steps}
